import { type Server, type ServerOptions, startServer } from "./server.ts";

/** Radicale, and whom it lets in. https://radicale.org */
export interface Radicale extends Server {
  readonly username: string;
  readonly password: string;
  /** The home of the user's calendars and address books, with a slash at the end. */
  readonly home: string;
}

const USERNAME = "user";
const PASSWORD = "pass";

/** Starts Radicale (Debian: radicale) with one user, who has nothing yet, and Basic authentication. */
export async function startRadicale(options: ServerOptions = {}): Promise<Radicale> {
  const server = await startServer({
    program: "radicale",
    prepare: async (folder, port) => {
      await Deno.writeTextFile(`${folder}/htpasswd`, `${USERNAME}:${PASSWORD}\n`);
      const config = [
        "[server]",
        `hosts = 127.0.0.1:${port}`,
        "max_connections = 32",
        "timeout = 300",
        "[auth]",
        "type = htpasswd",
        `htpasswd_filename = ${folder}/htpasswd`,
        "htpasswd_encryption = plain",
        // It answers a wrong password late, on purpose.
        "delay = 0",
        "[storage]",
        `filesystem_folder = ${folder}/collections`,
        "[web]",
        "type = none",
        "[logging]",
        "level = warning",
      ];
      await Deno.writeTextFile(`${folder}/config`, config.join("\n") + "\n");
      return { args: ["--config", `${folder}/config`] };
    },
  }, options);
  return {
    ...server,
    username: USERNAME,
    password: PASSWORD,
    home: `${server.url}/${USERNAME}/`,
  };
}
