/** Dovecot: IMAP and POP3 over any mail_location that its users have. https://doc.dovecot.org/2.3/ */

import { giveTo, readLog, type Running, startProcess, until } from "./process.ts";
import { isInstalled } from "./programs.ts";

const DOVECOT = "/usr/sbin/dovecot";
const LIBEXEC = "/usr/lib/dovecot";

/** What it needs, and where Debian puts it (dovecot-core, dovecot-imapd, dovecot-pop3d). */
export const DOVECOT_PROGRAMS: readonly string[] = [
  DOVECOT,
  "doveadm",
  ...["imap", "pop3"].map((name) => `${LIBEXEC}/${name}`),
];

/** Whether Dovecot can be started here. */
export function isDovecotInstalled(): boolean {
  return DOVECOT_PROGRAMS.every(isInstalled);
}

/** Somebody who may log in by IMAP and POP3. */
export interface MailUser {
  readonly username: string;
  readonly password: string;
  /** The home directory: `~` in the location. */
  readonly home: string;
  /** Where the mail is, as Dovecot's `mail_location` says it. */
  readonly location: string;
}

/** Dovecot's programs with a configuration, without a server. */
export interface DovecotTools {
  readonly configPath: string;
  /** What starts an IMAP server for one mail_location that speaks on stdin and stdout, logged in. */
  imapTunnel(location: string, how?: TunnelOptions): readonly string[];
  /** What starts a POP3 server of that kind. */
  pop3Tunnel(location: string, how?: TunnelOptions): readonly string[];
  /** What starts doveadm; `mail_location` is set before the arguments, and nobody is looked up. */
  doveadm(location: string, ...args: readonly string[]): readonly string[];
  /**
   * Lets Dovecot read and write what we wrote below `path`. That is needed where we are root and
   * may not make a user namespace: Dovecot handles no mail as root.
   */
  adopt(path: string): Promise<void>;
}

export interface TunnelOptions {
  readonly home?: string;
  /** More settings, each `key=value`. */
  readonly settings?: readonly string[];
}

export interface Dovecot extends DovecotTools, AsyncDisposable {
  readonly imapPort: number;
  readonly pop3Port: number;
  readonly pid: number;
  /** Holds everything that it knows. */
  readonly folder: string;
  /**
   * Adds a user, who may log in at once. Default location: `maildir:~/Maildir`. The location must
   * hold no blank.
   */
  addUser(
    username: string,
    options?: { readonly location?: string; readonly home?: string },
  ): Promise<MailUser>;
  /** The end of what it has written to its log. */
  log(): Promise<string>;
  stop(): Promise<void>;
}

export interface DovecotOptions {
  /** More lines of its configuration, such as `imap_capability = IMAP4rev1`. */
  readonly settings?: readonly string[];
  /** Whether it may spare itself the waiting for the disk. Default: true. */
  readonly fast?: boolean;
}

const PASSWORD = "pass";
/** How often other ports are tried, where somebody took the free ones first. */
const TRIES = 5;

/** Starts Dovecot on loopback, and waits until it answers. */
export async function startDovecot(options: DovecotOptions = {}): Promise<Dovecot> {
  for (let tried = 1;; tried++) {
    try {
      return await startOnce(options);
    } catch (thrown) {
      const taken = thrown instanceof Error && /Address already in use/i.test(thrown.message);
      if (!taken || tried === TRIES) throw thrown;
    }
  }
}

async function startOnce(options: DovecotOptions): Promise<Dovecot> {
  // The names of its sockets may have no more than some hundred characters.
  const folder = await Deno.makeTempDir({ prefix: "dovecot-" });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const [imapPort, pop3Port] = freePorts();
  const tools = await dovecotTools(folder, { ...options, ports: { imapPort, pop3Port } });
  const users = `${folder}/users`;
  await Deno.mkdir(users);
  await Deno.mkdir(`${folder}/home`);
  await tools.adopt(folder);
  const { owner, group, become } = who();
  const process = startProcess([...become, DOVECOT, "-F", "-c", tools.configPath], {
    folder,
    name: "server",
  });
  stack.defer(() => process.stop());
  const log = async () => {
    const kept = await Promise.all([`${folder}/server.log`, `${folder}/dovecot.log`].map(readLog));
    return kept.join("\n");
  };
  try {
    await until(() => greets(process, imapPort, "* OK"));
    await until(() => greets(process, pop3Port, "+OK"));
  } catch (thrown) {
    throw new Error(`Dovecot did not start. The end of its log:\n${await log()}`, {
      cause: thrown,
    });
  }
  const kept = stack.move();
  return {
    ...tools,
    imapPort,
    pop3Port,
    pid: process.pid,
    folder,
    log,
    async addUser(username, { location = "maildir:~/Maildir", home } = {}) {
      const at = home ?? `${folder}/home/${username}`;
      await Deno.mkdir(at, { recursive: true });
      await tools.adopt(at);
      // Its last field may hold colons.
      const line =
        `${username}:{PLAIN}${PASSWORD}:${owner}:${group}::${at}::userdb_mail=${location}\n`;
      // Of a file that it knows, it would see this only a second later.
      await Deno.writeTextFile(`${users}/${username}`, line);
      await tools.adopt(users);
      return { username, password: PASSWORD, home: at, location };
    },
    stop: () => kept.disposeAsync(),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Writes a configuration into `folder`, and says how to start Dovecot's programs with it. */
export async function dovecotTools(
  folder: string,
  options: DovecotOptions & {
    readonly ports?: { readonly imapPort: number; readonly pop3Port: number };
  } = {},
): Promise<DovecotTools> {
  const configPath = `${folder}/dovecot.conf`;
  const ports = options.ports ?? { imapPort: 0, pop3Port: 0 };
  await Deno.writeTextFile(configPath, configuration(folder, ports, options));
  const clean = (home: string) => [
    ...who().become,
    ...["env", "-i", `PATH=${Deno.env.get("PATH") ?? "/usr/bin"}`, `HOME=${home}`, "USER=user"],
  ];
  const tunnel = (program: string, location: string, how: TunnelOptions = {}) => [
    ...clean(how.home ?? folder),
    `${LIBEXEC}/${program}`,
    ...["-c", configPath, "-o", `mail_location=${location}`],
    // It would be kept from a terminal otherwise.
    ...["-o", `log_path=${folder}/dovecot.log`],
    ...(how.settings ?? []).flatMap((setting) => ["-o", setting]),
  ];
  return {
    configPath,
    imapTunnel: (location, how) => tunnel("imap", location, how),
    pop3Tunnel: (location, how) => tunnel("pop3", location, how),
    doveadm: (location, ...args) => [
      ...clean(folder),
      ...["doveadm", "-c", configPath, "-o", `mail_location=${location}`],
      ...args,
    ],
    adopt: (path) => who().adopts ? giveTo(who().owner, path) : Promise.resolve(),
  };
}

/** As whom Dovecot handles mail. */
interface Who {
  readonly owner: string;
  readonly group: string;
  /** What comes before a command line. */
  readonly become: readonly string[];
  /** Whether what we write has to be given to the owner. */
  readonly adopts: boolean;
}

let known: Who | undefined;

function who(): Who {
  return known ??= findOut();
}

function findOut(): Who {
  if (Deno.uid() !== 0) {
    return { owner: said("id", "-un"), group: said("id", "-gn"), become: [], adopts: false };
  }
  // Dovecot handles no mail as root. In a user namespace root's files are those of Debian's user for
  // mail, so that Dovecot reads and writes what we do, and we what it does.
  const [uid, gid] = [said("id", "-u", "mail"), said("id", "-g", "mail")];
  const unshare = ["unshare", "--user", `--map-user=${uid}`, `--map-group=${gid}`];
  const adopts = !isPossible([...unshare, "true"]);
  const become = adopts
    ? ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--init-groups"]
    : unshare;
  return { owner: "mail", group: "mail", become, adopts };
}

function said(program: string, ...args: readonly string[]): string {
  const { stdout } = new Deno.Command(program, { args: [...args] }).outputSync();
  return new TextDecoder().decode(stdout).trim();
}

function isPossible([program = "", ...args]: readonly string[]): boolean {
  try {
    return new Deno.Command(program, { args, stdout: "null", stderr: "null" }).outputSync().success;
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return false;
    throw thrown;
  }
}

function freePorts(): readonly [number, number] {
  using one = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return [one.addr.port, other.addr.port];
}

async function greets(process: Running, port: number, greeting: string): Promise<void> {
  if (process.ended()) return;
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const bytes = new Uint8Array(greeting.length);
  await connection.read(bytes);
  const said = new TextDecoder().decode(bytes);
  if (said !== greeting) throw new Error(`${port} greets with ${said}`);
}

/** The usual names of special folders say what they are for (RFC 6154); none is made by itself. */
const SPECIAL = ["Drafts", "Junk", "Sent", "Trash"];

function configuration(
  folder: string,
  { imapPort, pop3Port }: { readonly imapPort: number; readonly pop3Port: number },
  { settings = [], fast = true }: DovecotOptions,
): string {
  const { owner, group } = who();
  const special = SPECIAL.map((name) => `  mailbox ${name} {\n    special_use = \\${name}\n  }`);
  return `base_dir = ${folder}/run
state_dir = ${folder}/run
log_path = ${folder}/dovecot.log
protocols = imap pop3
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:~/Maildir
mail_uid = ${owner}
mail_gid = ${group}
first_valid_uid = 1
first_valid_gid = 1
default_login_user = ${owner}
default_internal_user = ${owner}
default_internal_group = ${group}
mail_fsync = ${fast ? "never" : "optimized"}
mail_max_userip_connections = 100
# Otherwise who reads by POP3 marks as seen.
pop3_no_flag_updates = yes
service imap-login {
  chroot =
  inet_listener imap {
    port = ${imapPort}
  }
  inet_listener imaps {
    port = 0
  }
}
service pop3-login {
  chroot =
  inet_listener pop3 {
    port = ${pop3Port}
  }
  inet_listener pop3s {
    port = 0
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
passdb {
  driver = passwd-file
  args = ${folder}/users/%u
}
userdb {
  driver = passwd-file
  args = ${folder}/users/%u
}
namespace inbox {
  inbox = yes
  separator = /
${special.join("\n")}
}
${settings.join("\n")}
`;
}
