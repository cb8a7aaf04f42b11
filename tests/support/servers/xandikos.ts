import { type Server, type ServerOptions, startServer } from "./server.ts";

/** Xandikos, which asks nobody who he is. https://www.xandikos.org */
export interface Xandikos extends Server {
  /** The user's principal, where discovery begins, with a slash at the end. */
  readonly principal: string;
  /** The home of the calendars, with a slash at the end. It holds one already: `calendar`. */
  readonly calendars: string;
  /** The home of the address books, with a slash at the end. It holds one already: `addressbook`. */
  readonly contacts: string;
}

/** Starts Xandikos (Debian: xandikos) with the defaults that it makes for a user. */
export async function startXandikos(options: ServerOptions = {}): Promise<Xandikos> {
  const server = await startServer({
    program: "xandikos",
    prepare: async (folder, port) => {
      await Deno.mkdir(`${folder}/data`);
      return {
        args: [
          ...["-d", `${folder}/data`, "--defaults", "--autocreate"],
          ...["--current-user-principal", "/user/", "-l", "127.0.0.1", "-p", String(port)],
        ],
        // It keeps everything in git, which wants to know who commits.
        env: {
          HOME: folder,
          GIT_AUTHOR_NAME: "test",
          GIT_AUTHOR_EMAIL: "test@example.org",
          GIT_COMMITTER_NAME: "test",
          GIT_COMMITTER_EMAIL: "test@example.org",
        },
      };
    },
  }, options);
  const principal = `${server.url}/user/`;
  return {
    ...server,
    principal,
    calendars: `${principal}calendars/`,
    contacts: `${principal}contacts/`,
  };
}
