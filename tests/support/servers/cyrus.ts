import { runCommand, until } from "./process.ts";
import { isInstalled } from "./programs.ts";
import { type Server, type ServerOptions, startServer } from "./server.ts";

/** The DAV half of Cyrus IMAP, and whom it lets in. https://www.cyrusimap.org */
export interface Cyrus extends Server {
  readonly username: string;
  readonly password: string;
  /** The homes of the user's calendars and address books, with a slash at the end. */
  readonly calendars: string;
  readonly contacts: string;
}

const BIN = "/usr/lib/cyrus/bin";
const USERNAME = "user";
const PASSWORD = "pass";

const SASLPASSWD = "/usr/sbin/saslpasswd2";

/** What it needs, and where Debian puts it. */
export const CYRUS_PROGRAMS: readonly string[] = [
  ...["master", "httpd", "lmtpd", "ctl_cyrusdb"].map((name) => `${BIN}/${name}`),
  SASLPASSWD,
  "/usr/lib/*/sasl2/libsasldb.so",
];

/** Whether Cyrus can be started here. */
export function isCyrusInstalled(): boolean {
  return CYRUS_PROGRAMS.every(isInstalled);
}

/** Starts Cyrus with one user, who has an empty calendar and an empty address book. */
export async function startCyrus(options: ServerOptions = {}): Promise<Cyrus> {
  // Its daemons refuse to run as root; Debian's package has a user for them.
  const user = Deno.uid() === 0 ? "cyrus" : undefined;
  const owner = user ?? (await runCommand(["id", "-un"])).trim();
  const server = await startServer({
    program: `${BIN}/master`,
    package: "cyrus-caldav",
    alone: true,
    ...(user === undefined ? {} : { user }),
    prepare: async (folder, port) => {
      await makeFolders(folder);
      await Deno.writeTextFile(`${folder}/imapd.conf`, settings(folder, owner));
      await Deno.writeTextFile(`${folder}/cyrus.conf`, services(folder, port));
      // It does not start without a list of time zones and a file for each, which Debian leaves out.
      await Deno.writeTextFile(`${folder}/zoneinfo/zones.tab`, "Etc/UTC\n");
      await Deno.writeTextFile(`${folder}/zoneinfo/Etc/UTC.ics`, UTC);
      const args = ["-p", "-c", "-u", "localhost", "-f", `${folder}/sasldb2`, USERNAME];
      await runCommand([SASLPASSWD, ...args], { input: PASSWORD });
      const files = ["-C", `${folder}/imapd.conf`, "-M", `${folder}/cyrus.conf`];
      return { args: [...files, "-p", `${folder}/run/master.pid`], env: { HOME: folder } };
    },
  }, options);
  const { url, folder } = server;
  const calendars = `${url}/dav/calendars/user/${USERNAME}/`;
  const contacts = `${url}/dav/addressbooks/user/${USERNAME}/`;
  try {
    // There are no homes before there is a mailbox, which the first mail makes.
    await until(() => deliver(`${folder}/run/lmtp`));
    for (const home of [calendars, contacts]) await visit(home);
  } catch (thrown) {
    await server.stop();
    throw thrown;
  }
  return { ...server, username: USERNAME, password: PASSWORD, calendars, contacts };
}

async function makeFolders(folder: string): Promise<void> {
  const below = ["db", "socket", "proc", "lock", "log", "msg", "ptclient", "quota", "user", "sync"];
  const names = ["spool", "sieve", "run", "zoneinfo/Etc", ...below.map((name) => `conf/${name}`)];
  for (const name of names) await Deno.mkdir(`${folder}/${name}`, { recursive: true });
}

function settings(folder: string, owner: string): string {
  return [
    `configdirectory: ${folder}/conf`,
    `proc_path: ${folder}/run/proc`,
    `mboxname_lockpath: ${folder}/run/lock`,
    "defaultpartition: default",
    `partition-default: ${folder}/spool`,
    `sievedir: ${folder}/sieve`,
    `zoneinfo_dir: ${folder}/zoneinfo`,
    `idlesocket: ${folder}/run/idle`,
    `lmtpsocket: ${folder}/run/lmtp`,
    `notifysocket: ${folder}/run/notify`,
    "servername: localhost",
    `cyrus_user: ${owner}`,
    `cyrus_group: ${owner === "cyrus" ? "mail" : owner}`,
    "altnamespace: yes",
    "unixhierarchysep: yes",
    "virtdomains: off",
    "allowplaintext: yes",
    "sasl_pwcheck_method: auxprop",
    "sasl_auxprop_plugin: sasldb",
    `sasl_sasldb_path: ${folder}/sasldb2`,
    "sasl_mech_list: PLAIN LOGIN",
    "httpmodules: caldav carddav",
    "caldav_create_default: yes",
    "caldav_create_attach: no",
    "caldav_create_sched: no",
    "caldav_allowscheduling: off",
    "autocreate_quota: 0",
    "autocreate_post: yes",
    "maxmessagesize: 0",
    "",
  ].join("\n");
}

function services(folder: string, port: number): string {
  const conf = `-C ${folder}/imapd.conf`;
  return `START {
  recover cmd="${BIN}/ctl_cyrusdb ${conf} -r"
}
SERVICES {
  lmtp cmd="${BIN}/lmtpd ${conf} -a" listen="${folder}/run/lmtp" prefork=0 maxchild=5
  http cmd="${BIN}/httpd ${conf}" listen="127.0.0.1:${port}" proto="tcp4" prefork=2 maxchild=200
}
EVENTS {
}
`;
}

const UTC = [
  "BEGIN:VCALENDAR",
  "PRODID:-//example//test//EN",
  "VERSION:2.0",
  "BEGIN:VTIMEZONE",
  "TZID:Etc/UTC",
  "BEGIN:STANDARD",
  "TZOFFSETFROM:+0000",
  "TZOFFSETTO:+0000",
  "TZNAME:UTC",
  "DTSTART:19700101T000000",
  "END:STANDARD",
  "END:VTIMEZONE",
  "END:VCALENDAR",
  "",
].join("\r\n");

/** Delivers a mail to the user by LMTP (RFC 2033). Throws where that takes longer than a second. */
async function deliver(path: string): Promise<void> {
  using connection = await Deno.connect({ transport: "unix", path });
  const late = AbortSignal.timeout(1_000);
  const lines = connection.readable.pipeThrough(new TextDecoderStream()).getReader();
  const writer = connection.writable.getWriter();
  let rest = "";
  // An answer's last line has a space behind its code.
  const expect = async (code: string) => {
    for (;;) {
      const last = /^(\d{3}) .*\r\n/m.exec(rest);
      if (last !== null) {
        if (last[1] !== code) throw new Error(`Cyrus takes no mail: ${rest}`);
        rest = rest.slice(last.index + last[0].length);
        return;
      }
      const { value, done } = await Promise.race([lines.read(), aborted(late)]);
      if (done) throw new Error(`Cyrus takes no mail: ${rest}`);
      rest += value;
    }
  };
  const say = async (text: string, code: string) => {
    await writer.write(new TextEncoder().encode(`${text}\r\n`));
    await expect(code);
  };
  await expect("220");
  await say("LHLO localhost", "250");
  await say("MAIL FROM:<test@localhost>", "250");
  await say(`RCPT TO:<${USERNAME}>`, "250");
  await say("DATA", "354");
  await say("From: test@localhost\r\nSubject: hello\r\n\r\nhello\r\n.", "250");
  await writer.write(new TextEncoder().encode("QUIT\r\n"));
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** Looks into a home, which makes it. */
async function visit(url: string): Promise<void> {
  const authorization = `Basic ${btoa(`${USERNAME}:${PASSWORD}`)}`;
  const headers = { depth: "1", authorization };
  const response = await fetch(url, { method: "PROPFIND", headers });
  const text = await response.text();
  if (response.status !== 207) throw new Error(`Cyrus has no ${url}: ${response.status} ${text}`);
}
