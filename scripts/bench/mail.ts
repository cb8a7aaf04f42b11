/** Measures mailboxes: dovetail against `doveadm sync` and mbsync, in turn, in one run. */

import { mailOf } from "../../tests/support/mail_bytes.ts";
import { dovecotTools } from "../../tests/support/servers/dovecot.ts";
import { DOVECOT, ISYNC, setUpServers } from "../lib/set_up_servers.ts";
import { doveadm, dovetail, type MailPeer, type MailPlaces, mbsync } from "./mail_peers.ts";
import { type Measured, median } from "./measure.ts";

const PHASES = ["first copy", "nothing to do"] as const;
type Phase = (typeof PHASES)[number];
type Times = Readonly<Record<Phase, Measured>>;

const BODY_SIZE = 4096;
/** mbsync looks again at a Maildir that changed within the last second, and waits for that. */
const SETTLE_MS = 1_100;

const BENCHES: readonly {
  readonly title: string;
  readonly from: MailPlaces["from"]["type"];
  readonly peers: Readonly<Record<string, MailPeer>>;
}[] = [
  { title: "Maildir to Maildir", from: "maildir", peers: { dovetail, doveadm, mbsync } },
  { title: "Dovecot's IMAP (tunnel) to Maildir", from: "imap", peers: { dovetail, mbsync } },
];

/** Mails of 4 KiB in one INBOX, copied and then looked at again, so many times. */
export async function benchMail(mails: number, runs: number, alone: boolean): Promise<void> {
  await setUpServers([DOVECOT, ISYNC]);
  const folder = await Deno.makeTempDir({ prefix: "dovetail-bench-" });
  try {
    const full = `${folder}/full`;
    await writeMails(full, mails);
    for (const { title, from, peers } of BENCHES) {
      console.log(`\n${title}, ${mails} mails of 4 KiB, median of ${runs}`);
      const names = Object.keys(peers).filter((name) => !alone || name === "dovetail");
      const rounds: Readonly<Record<string, Times>>[] = [];
      for (let at = 0; at < runs; at++) {
        const round: Record<string, Times> = {};
        for (const name of names) {
          const peer = peers[name];
          if (peer === undefined) continue;
          const work = `${folder}/work`;
          await Deno.mkdir(work);
          round[name] = await measurePeer(peer, full, work, from);
          await Deno.remove(work, { recursive: true });
        }
        rounds.push(round);
      }
      for (const phase of PHASES) console.log(row(phase, names, rounds));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function writeMails(maildir: string, count: number): Promise<void> {
  for (const name of ["cur", "new", "tmp"]) {
    await Deno.mkdir(`${maildir}/${name}`, { recursive: true });
  }
  const line = "Seventy-seven letters of text, and a line end, so that it looks like a mail.\n";
  for (let at = 0; at < count; at++) {
    const text = `${at}\n${line.repeat(Math.ceil(BODY_SIZE / line.length))}`;
    const flags = at % 3 === 0 ? "" : at % 3 === 1 ? "S" : "RS";
    const path = `${maildir}/cur/${1_700_000_000 + at}.M${at}P1.host:2,${flags}`;
    await Deno.writeFile(path, mailOf(at, `Mail ${at}`, text));
  }
}

async function measurePeer(
  peer: MailPeer,
  full: string,
  work: string,
  type: MailPlaces["from"]["type"],
): Promise<Times> {
  const dovecot = await dovecotTools(work, { fast: false });
  const path = `${work}/A`;
  await new Deno.Command("cp", { args: ["-a", full, path] }).output();
  await dovecot.adopt(work);
  const sync = await peer({ from: { type, path }, to: `${work}/B`, work }, dovecot);
  await settled();
  const first = await sync();
  await checkCopied(full, `${work}/B`);
  await settled();
  // Whatever is left to do once is done before.
  await sync();
  await settled();
  return { "first copy": first, "nothing to do": await sync() };
}

/** What the last peer wrote is on the disk, and a second has passed. */
async function settled(): Promise<void> {
  await new Deno.Command("sync").output();
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
}

async function checkCopied(from: string, to: string): Promise<void> {
  const [wanted, found] = [await countMails(from), await countMails(to)];
  if (wanted !== found) throw new Error(`${found} of ${wanted} mails were copied`);
}

async function countMails(maildir: string): Promise<number> {
  let count = 0;
  for (const name of ["cur", "new"]) {
    for await (const _ of Deno.readDir(`${maildir}/${name}`)) count++;
  }
  return count;
}

function row(
  phase: Phase,
  names: readonly string[],
  rounds: readonly Readonly<Record<string, Times>>[],
): string {
  const all = (name: string) => rounds.flatMap((round) => round[name]?.[phase] ?? []);
  const ours = all("dovetail");
  const told = names.map((name) => {
    const theirs = all(name);
    const seconds = median(theirs.map((it) => it.seconds)).toFixed(2);
    const peak = median(theirs.map((it) => it.peakMiB)).toFixed(0);
    const ratios = theirs.flatMap((it, at) => {
      const own = ours[at];
      return own === undefined ? [] : [it.seconds / own.seconds];
    });
    const ratio = name === "dovetail" ? "" : ` (${median(ratios).toFixed(2)}x)`;
    return `${name} ${seconds} s${ratio}, ${peak} MiB`;
  });
  return `${phase.padEnd(14)} ${told.join("   ")}`;
}
