/** The programs that keep mailboxes in step, each with a configuration of its own for the same work. */

import { COMMAND } from "../../tests/support/dovetail.ts";
import type { DovecotTools } from "../../tests/support/servers/dovecot.ts";
import { measure, type Measured } from "./measure.ts";

/** Where the mail comes from, and where it goes: a Maildir, or one behind Dovecot's IMAP server. */
export interface MailPlaces {
  readonly from: { readonly type: "maildir" | "imap"; readonly path: string };
  /** The path of a Maildir, which is not there yet. */
  readonly to: string;
  /** An empty folder for configuration and status. */
  readonly work: string;
}

/** Runs a program between two places; it may be run again and again. */
export type Sync = () => Promise<Measured>;
export type MailPeer = (places: MailPlaces, dovecot: DovecotTools) => Promise<Sync>;

/** dovetail: the binary that DOVETAIL_BIN names, or the sources. */
export async function dovetail(
  { from, to, work }: MailPlaces,
  dovecot: DovecotTools,
): Promise<Sync> {
  const config = `${work}/dovetail.conf`;
  // A place that is not there is taken for a disk that is not mounted.
  await Deno.mkdir(to);
  const lines = from.type === "maildir"
    ? ["type maildir", `path ${from.path}`]
    : ["type imap", `tunnel ${dovecot.imapTunnel(`maildir:${from.path}`).map(quoted).join(" ")}`];
  await Deno.writeTextFile(
    config,
    `status_path ${work}/status
storage from {
  ${lines.join("\n  ")}
}
storage to {
  type maildir
  path ${to}
}
pair bench {
  storage_a from
  storage_b to
  collections all
}
`,
    { mode: 0o600 },
  );
  const [program, ...before] = COMMAND;
  return () => measure(program, [...before, "-c", config, "sync"]);
}

/** Dovecot's own `doveadm sync`; between Maildirs alone. */
export function doveadm({ from, to }: MailPlaces, dovecot: DovecotTools): Promise<Sync> {
  const [program = "", ...args] = dovecot.doveadm(`maildir:${from.path}`, "sync", `maildir:${to}`);
  return Promise.resolve(() => measure(program, args));
}

/** mbsync, from Debian's isync: as durable as the others, and with the dates of the mails. */
export async function mbsync(
  { from, to, work }: MailPlaces,
  dovecot: DovecotTools,
): Promise<Sync> {
  for (const name of ["from", "to"]) await Deno.mkdir(`${work}/${name}`);
  const far = from.type === "maildir"
    ? `MaildirStore from\nPath ${work}/from/\nInbox ${from.path}\n`
    : `IMAPAccount from
Tunnel "${dovecot.imapTunnel(`maildir:${from.path}`).map(quoted).join(" ")}"

IMAPStore from
Account from
`;
  await Deno.writeTextFile(
    `${work}/mbsyncrc`,
    `FSync yes

${far}
MaildirStore to
Path ${work}/to/
Inbox ${to}

Channel bench
Far :from:
Near :to:
Patterns INBOX
Create Near
Expunge Both
CopyArrivalDate yes
SyncState ${work}/state-
`,
  );
  return () => measure("mbsync", ["-c", `${work}/mbsyncrc`, "-q", "bench"]);
}

const quoted = (word: string): string => /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`;
