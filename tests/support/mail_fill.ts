/** Puts the corpus somewhere: by a client, or as files that no server has seen yet. */

import type { Corpus, CorpusMail, CorpusMailbox } from "./mail_corpus.ts";
import type { Step } from "./mail_reader.ts";

/** How often a mail is put in between, and taken out again, so that the UIDs have gaps. */
const GAP_EVERY = 7;

/** What a client does to have all this; UIDs begin at 1 in each mailbox. */
export function stepsFor({ mailboxes, absent }: Corpus): readonly Step[] {
  return [
    ...mailboxes.flatMap(({ name, mails, subscribed }): readonly Step[] => [
      ...name === "INBOX" ? [] : [{ do: "create", mailbox: name } as const],
      ...subscribed === true ? [{ do: "subscribe", mailbox: name } as const] : [],
      ...appended(name, mails.filter((mail) => mail.fileOnly !== true)),
    ]),
    // A server subscribes to what is there; what is deleted afterwards stays subscribed.
    ...absent.flatMap((mailbox) =>
      (["create", "subscribe", "delete"] as const).map((what) => ({ do: what, mailbox }))
    ),
  ];
}

function appended(mailbox: string, mails: readonly CorpusMail[]): readonly Step[] {
  const steps: Step[] = [];
  const fillers: number[] = [];
  let uid = 0;
  const filler = () => {
    const bytes = new TextEncoder().encode(`Subject: filler ${++uid}\n\nx\n`);
    fillers.push(uid);
    steps.push({ do: "append", mailbox, bytes });
  };
  for (const [at, { bytes, flags, received }] of mails.entries()) {
    if (at % GAP_EVERY === 3) filler();
    uid++;
    steps.push({ do: "append", mailbox, bytes, flags, date: imapDate(received) });
  }
  if (mails.length > 0) filler();
  if (fillers.length > 0) steps.push({ do: "expunge", mailbox, uids: fillers });
  return steps;
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** A time as IMAP writes it (RFC 3501, date-time), in UTC. */
export function imapDate(seconds: number): string {
  const date = new Date(seconds * 1000);
  const day = String(date.getUTCDate()).padStart(2, " ");
  const time = date.toISOString().slice(11, 19);
  return `${day}-${MONTHS[date.getUTCMonth()]}-${date.getUTCFullYear()} ${time} +0000`;
}

const LETTERS: Readonly<Record<string, string>> = {
  "\\Draft": "D",
  "\\Flagged": "F",
  "\\Answered": "R",
  "\\Seen": "S",
  "\\Deleted": "T",
};

/**
 * Writes a Maildir++ with these mails as another program than Dovecot leaves it: no UIDs, keywords in
 * the file that Dovecot reads.
 */
export async function writeMaildir(root: string, corpus: Corpus): Promise<void> {
  const { mailboxes, absent } = corpus;
  for (const { name, mails } of mailboxes) {
    const folder = name === "INBOX" ? root : `${root}/.${mutf7(name.replaceAll("/", "."))}`;
    for (const below of ["cur", "new", "tmp"]) {
      await Deno.mkdir(`${folder}/${below}`, { recursive: true });
    }
    if (name !== "INBOX") await Deno.writeTextFile(`${folder}/maildirfolder`, "");
    const keywords = keywordsOf(mails);
    if (keywords.length > 0) {
      const lines = keywords.map((keyword, at) => `${at} ${keyword}\n`);
      await Deno.writeTextFile(`${folder}/dovecot-keywords`, lines.join(""));
    }
    for (const [at, mail] of mails.entries()) await writeMail(folder, at, mail, keywords);
  }
  const subscribed = [...mailboxes.filter((it) => it.subscribed === true).map(nameOf), ...absent];
  const lines = subscribed.map((name) => `${mutf7(name).replaceAll("/", "\t")}\n`);
  await Deno.writeTextFile(`${root}/subscriptions`, `V\t2\n\n${lines.join("")}`);
}

const nameOf = ({ name }: CorpusMailbox): string => name;

const keywordsOf = (mails: readonly CorpusMail[]): readonly string[] =>
  [...new Set(mails.flatMap(({ flags }) => flags))].filter((flag) => !(flag in LETTERS));

async function writeMail(
  folder: string,
  at: number,
  { bytes, flags, received }: CorpusMail,
  keywords: readonly string[],
): Promise<void> {
  const letters = flags.map((flag) =>
    LETTERS[flag] ?? String.fromCharCode("a".charCodeAt(0) + keywords.indexOf(flag))
  );
  // Half of the names tell the size, as those that Dovecot makes do.
  const size = at % 2 === 0 ? "" : `,S=${bytes.length}`;
  const base = `${1_700_000_000 + at}.M${at}P1.host${size}`;
  // What has no flags may lie where it was delivered to.
  const path = letters.length === 0 && at % 3 === 0
    ? `${folder}/new/${base}`
    : `${folder}/cur/${base}:2,${letters.sort().join("")}`;
  await Deno.writeFile(path, bytes);
  await Deno.utime(path, received, received);
}

/** Modified UTF-7 (RFC 3501 section 5.1.3), written for the tests alone. */
export function mutf7(name: string): string {
  return name.replaceAll("&", "&-").replaceAll(/[^\x20-\x7e]+/g, (run) => {
    const bytes = Array.from(
      { length: run.length },
      (_, at) => [run.charCodeAt(at) >> 8, run.charCodeAt(at) & 255],
    );
    const text = new Uint8Array(bytes.flat()).toBase64({ omitPadding: true });
    return `&${text.replaceAll("/", ",")}-`;
  });
}
