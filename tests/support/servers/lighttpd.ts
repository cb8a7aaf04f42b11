import { createHash } from "node:crypto";
import { type Server, startServer } from "./server.ts";

export interface LighttpdOptions {
  /** Where the server behind it answers, without a slash at the end. */
  readonly backend: string;
  /** What that one wants to see: a value of Authorization. */
  readonly authorization: string;
  readonly username: string;
  readonly password: string;
  readonly algorithm: "MD5" | "SHA-256";
}

/** lighttpd before another server, with Digest authentication. https://www.lighttpd.net */
export interface Lighttpd extends Server {
  /** The status of every answer so far, in its order. */
  statuses(): Promise<readonly number[]>;
}

export const LIGHTTPD = "/usr/sbin/lighttpd";

/** Starts lighttpd (Debian: lighttpd). nginx has no Digest authentication. */
export async function startLighttpd(options: LighttpdOptions): Promise<Lighttpd> {
  const { backend, authorization, username, password, algorithm } = options;
  const { hostname, port: behind } = new URL(backend);
  const realm = "dovetail";
  const server = await startServer({
    program: LIGHTTPD,
    package: "lighttpd",
    prepare: async (folder, port) => {
      const hash = createHash(algorithm === "MD5" ? "md5" : "sha256")
        .update(`${username}:${realm}:${password}`).digest("hex");
      await Deno.writeTextFile(`${folder}/users`, `${username}:${realm}:${hash}\n`);
      const config = [
        'server.modules = ("mod_auth", "mod_authn_file", "mod_setenv", "mod_proxy", ' +
        '"mod_accesslog")',
        `server.document-root = "${folder}"`,
        'server.bind = "127.0.0.1"',
        `server.port = ${port}`,
        'auth.backend = "htdigest"',
        `auth.backend.htdigest.userfile = "${folder}/users"`,
        `auth.require = ("/" => ("method" => "digest", "realm" => "${realm}", ` +
        `"require" => "valid-user", "algorithm" => "${algorithm}"))`,
        `setenv.set-request-header = ("Authorization" => "${authorization}")`,
        `proxy.server = ("" => (("host" => "${hostname}", "port" => ${behind})))`,
        `accesslog.filename = "${folder}/seen.log"`,
        'accesslog.format = "%s %m %U"',
      ];
      await Deno.writeTextFile(`${folder}/config`, config.join("\n") + "\n");
      return { args: ["-D", "-f", `${folder}/config`] };
    },
  });
  return {
    ...server,
    async statuses() {
      // It writes its log once a second, and when it is told to.
      Deno.kill(server.pid, "SIGHUP");
      await new Promise((resolve) => setTimeout(resolve, 300));
      const text = await Deno.readTextFile(`${server.folder}/seen.log`);
      return text.split("\n").filter((line) => line !== "" && !line.endsWith(" GET /"))
        .map((line) => Number(line.slice(0, 3)));
    },
  };
}
