/** What clients see of mail accounts, as an independent program tells it, and what they may do. */

import type { Dovecot, MailUser } from "./servers/dovecot.ts";

/** Debian's own, with nothing but its standard library. */
const PYTHON = "/usr/bin/python3";

/** Who reads, and where. */
export interface MailAccount {
  readonly imapPort: number;
  readonly pop3Port: number;
  readonly username: string;
  readonly password: string;
}

export const accountOf = (
  { imapPort, pop3Port }: Pick<Dovecot, "imapPort" | "pop3Port">,
  { username, password }: Pick<MailUser, "username" | "password">,
): MailAccount => ({ imapPort, pop3Port, username, password });

export interface SeenMail {
  readonly uid: number;
  /** Sorted; without `\Recent`. */
  readonly flags: readonly string[];
  readonly received: string;
  readonly size: number;
  readonly sha256: string;
  /** The same, with a line end where the last line has none. */
  readonly sha256Ended: string;
  readonly guid: string | null;
  /** Its subject, so that a difference can be told in words. */
  readonly about: string;
}

export interface SeenMailbox {
  readonly selectable: boolean;
  readonly specialUse: readonly string[];
  readonly uidValidity?: number;
  readonly uidNext?: number;
  readonly guid?: string | null;
  /** In the order of their numbers. */
  readonly mails?: readonly SeenMail[];
}

/** What POP3 tells of the INBOX, in its order. */
export interface SeenByPop3 {
  readonly uidl: string;
  readonly size: number;
  readonly sha256: string;
}

/** All that clients see of an account. */
export interface Seen {
  readonly mailboxes: Readonly<Record<string, SeenMailbox>>;
  readonly subscribed: readonly string[];
  readonly pop3: readonly SeenByPop3[];
}

/** Reads accounts by IMAP and POP3, without changing a flag. */
export async function readAccounts(accounts: readonly MailAccount[]): Promise<readonly Seen[]> {
  return JSON.parse(await python("mail_reader.py", accounts)) as readonly Seen[];
}

/** What a mail program does; mails are named by their UIDs. */
export type Step =
  | {
    readonly do: "append";
    readonly mailbox: string;
    readonly bytes: Uint8Array;
    readonly flags?: readonly string[];
    /** As IMAP writes it: `17-Jul-1996 02:44:25 -0700`. */
    readonly date?: string;
  }
  | {
    readonly do: "store";
    readonly mailbox: string;
    readonly uids: readonly number[];
    /** Adds, takes away, or sets. */
    readonly how: "+" | "-" | "";
    readonly flags: readonly string[];
  }
  | { readonly do: "expunge"; readonly mailbox: string; readonly uids: readonly number[] }
  | {
    readonly do: "move" | "copy";
    readonly mailbox: string;
    readonly uids: readonly number[];
    readonly to: string;
  }
  | {
    readonly do: "create" | "delete" | "subscribe" | "unsubscribe" | "uids";
    readonly mailbox: string;
  }
  | { readonly do: "rename"; readonly mailbox: string; readonly to: string };

/**
 * Does these things by IMAP, one after the other. Gives the UIDs that each told of: those of what was
 * appended, or of all that are there (`uids`).
 */
export async function actAsClient(
  account: MailAccount,
  steps: readonly Step[],
): Promise<readonly (readonly number[] | null)[]> {
  const told = steps.map((step) =>
    step.do === "append" ? { ...step, bytes: step.bytes.toBase64() } : step
  );
  return JSON.parse(await python("mail_client.py", { account, steps: told }));
}

async function python(script: string, input: unknown): Promise<string> {
  const path = new URL(script, import.meta.url).pathname;
  const child = new Deno.Command(PYTHON, {
    // It is to write no compiled modules beside the sources.
    args: ["-B", path],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [{ success, stdout, stderr }] = await Promise.all([
    child.output(),
    write(child.stdin, JSON.stringify(input)),
  ]);
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${script} failed: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}

async function write(stream: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = stream.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
}
