import { runCommand, type Running, startProcess, until } from "./process.ts";
import { findProgram, isInstalled } from "./programs.ts";
import { type Server, type ServerOptions, startServer } from "./server.ts";

/** DAViCal, and whom it lets in. https://www.davical.org */
export interface Davical extends Server {
  readonly username: string;
  readonly password: string;
  /** The home of the user's calendars and address books, with a slash at the end. */
  readonly home: string;
}

const USERNAME = "user";
const PASSWORD = "pass";
const ROOT = "/usr/share/davical";
const FPM = "/usr/sbin/php-fpm*";
const POSTGRES = "/usr/lib/postgresql/*/bin/postgres";
const NGINX = "/usr/sbin/nginx";

/** What it needs, and where Debian puts it. */
export const DAVICAL_PROGRAMS: readonly string[] = [
  `${ROOT}/htdocs/caldav.php`,
  "/etc/davical/config.php",
  NGINX,
  FPM,
  POSTGRES,
  "/usr/lib/php/*/pgsql.so",
];

/** Whether DAViCal can be started here. */
export function isDavicalInstalled(): boolean {
  return DAVICAL_PROGRAMS.every(isInstalled);
}

/**
 * Starts DAViCal with one user: nginx for it, PHP, and PostgreSQL on a socket of its own. Debian's
 * `/etc/davical/config.php` names no database host, so that the environment decides.
 */
export async function startDavical(options: ServerOptions = {}): Promise<Davical> {
  // PostgreSQL refuses to run as root; Debian's package has a user for it.
  const user = Deno.uid() === 0 ? "postgres" : undefined;
  const server = await startServer({
    program: NGINX,
    package: "davical",
    ...(user === undefined ? {} : { user }),
    prepare: async (folder, port) => {
      const stop = await startBackEnd(folder, user, options.fast ?? true);
      await Deno.writeTextFile(`${folder}/nginx.conf`, nginx(folder, port));
      const log = `${folder}/nginx.log`;
      return { args: ["-p", folder, "-c", `${folder}/nginx.conf`, "-e", log], stop };
    },
  }, options);
  return {
    ...server,
    username: USERNAME,
    password: PASSWORD,
    home: `${server.url}/caldav.php/${USERNAME}/`,
  };
}

/** Starts PostgreSQL with DAViCal's database, and PHP. Gives what ends them. */
async function startBackEnd(
  folder: string,
  user: string | undefined,
  fast: boolean,
): Promise<() => Promise<void>> {
  const running: Running[] = [];
  const stop = async () => {
    // What is left in the database is of no use to anybody.
    for (const process of running.toReversed()) await process.stop("SIGQUIT");
  };
  const bin = (findProgram(POSTGRES) ?? POSTGRES).replace(/\/postgres$/, "");
  const path = `${bin}:${Deno.env.get("PATH") ?? ""}`;
  const env = { HOME: folder, PGHOST: folder, PGUSER: "postgres", PATH: path };
  const as = { env, ...(user === undefined ? {} : { user }) };
  try {
    const locale = ["-E", "UTF8", "--locale=C", "--no-sync"];
    await runCommand([
      `${bin}/initdb`,
      "-D",
      `${folder}/pg`,
      "-A",
      "trust",
      "-U",
      "postgres",
      ...locale,
    ], as);
    const settings = ["listen_addresses=", `fsync=${fast ? "off" : "on"}`, "shared_buffers=32MB"];
    running.push(startProcess([
      ...[`${bin}/postgres`, "-D", `${folder}/pg`, "-k", folder],
      ...settings.flatMap((setting) => ["-c", setting]),
    ], { ...as, folder, name: "postgres" }));
    await until(async () => {
      await runCommand([`${bin}/pg_isready`, "-q"], as);
    });
    const create = `cd '${folder}' && sh ${ROOT}/dba/create-database.sh davical ${PASSWORD}`;
    const dba = { ...env, DBAOPTS: `--dbhost ${folder}` };
    await runCommand(["sh", "-c", create], { ...as, env: dba });
    const psql = [`${bin}/psql`, "-q", "-v", "ON_ERROR_STOP=1", "-U", "davical_dba", "davical"];
    await runCommand([...psql, "-c", USER], as);

    await Deno.writeTextFile(`${folder}/fpm.conf`, fpm(folder));
    const program = findProgram(FPM) ?? FPM;
    running.push(
      startProcess([program, "-y", `${folder}/fpm.conf`, "-F"], { ...as, folder, name: "fpm" }),
    );
    await until(async () => {
      await Deno.stat(`${folder}/fpm.sock`);
    });
    return stop;
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

const USER = `
INSERT INTO usr (user_no, active, email_ok, updated, username, password, fullname, email)
  VALUES (10, TRUE, current_date, current_date, '${USERNAME}', '**${PASSWORD}', 'A User', 'user@localhost');
INSERT INTO principal (principal_id, type_id, user_no, displayname, default_privileges)
  VALUES (10, 1, 10, 'A User', 0::BIT(24));
`;

const fpm = (folder: string): string =>
  `[global]
error_log = ${folder}/php.log
daemonize = no
[www]
listen = ${folder}/fpm.sock
pm = static
pm.max_children = 4
clear_env = no
`;

const nginx = (folder: string, port: number): string =>
  `pid ${folder}/nginx.pid;
daemon off;
error_log ${folder}/nginx.log warn;
worker_processes 1;
events { worker_connections 256; }
http {
  access_log off;
  client_max_body_size 64m;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port};
    root ${ROOT}/htdocs;
    location ~ ^(.+?\\.php)(/.*)?$ {
      fastcgi_pass unix:${folder}/fpm.sock;
      fastcgi_split_path_info ^(.+?\\.php)(/.*)$;
      include /etc/nginx/fastcgi_params;
      fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
      fastcgi_param PATH_INFO $fastcgi_path_info;
    }
  }
}
`;
