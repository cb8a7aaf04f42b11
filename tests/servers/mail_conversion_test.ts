/**
 * The conversion of dsync's manual, with mail arriving all the while: mirror; mirror again; the user's
 * mail location is changed; mirror once more. No mail is lost, and none is there twice.
 */

import assert from "node:assert/strict";
import { mailOf } from "../support/mail_bytes.ts";
import { assertAlike } from "../support/mail_compare.ts";
import { laterMail } from "../support/mail_edits.ts";
import { imapDate } from "../support/mail_fill.ts";
import { actAsClient, type Seen, type Step } from "../support/mail_reader.ts";
import {
  assertStatus,
  type End,
  type EndKind,
  keptBy,
  newMailWorld,
} from "../support/mail_world.ts";
import { isDovecotInstalled } from "../support/servers/dovecot.ts";

const ignore = !isDovecotInstalled();

/** How many mails there are to begin with. */
const MAILS = 300;
/** How many are appended at a time, and how often one is delivered into the folder. */
const BATCH = 5;
const DELIVER_MS = 20;

for (const to of ["fs", "mbox", "imap"] as const) {
  Deno.test({
    name: `a user's Maildir is converted to ${to} while mail arrives`,
    ignore,
    fn: () => converted("maildir", to),
  });
}

async function converted(from: EndKind, to: EndKind): Promise<void> {
  await using world = await newMailWorld();
  const [old, fresh] = [await world.end(from), await world.end(to)];
  await actAsClient(
    old.account,
    Array.from({ length: MAILS }, (_, at) => ({
      do: "append",
      mailbox: "INBOX",
      bytes: mailOf(at, `Mail ${at}`, "x\n"),
    })),
  );

  const mail = arriving(old);
  let outcomes;
  try {
    outcomes = [await world.mirror(old, fresh), await world.mirror(old, fresh)];
    await mail.goesTo(fresh);
    outcomes.push(await world.mirror(fresh, old));
  } finally {
    await mail.stop();
  }
  // What changed meanwhile may be left to the next run.
  for (const outcome of outcomes) assert.ok([0, 2].includes(outcome.status), outcome.said);
  assertStatus(await world.mirror(fresh, old), 0);

  const [left, right] = [await old.see(), await fresh.see()];
  assertAlike(left, right, keptBy(from, to), ["the old place", "the new place"]);
  const wanted = [
    ...Array.from({ length: MAILS }, (_, at) => `Mail ${at}`),
    ...mail.subjects(),
  ];
  for (const seen of [left, right]) assert.deepEqual(subjects(seen), wanted.sort());
  assert.ok(wanted.length > MAILS + 2 * BATCH, `only ${wanted.length - MAILS} mails arrived`);
}

const subjects = (seen: Seen): readonly string[] =>
  (seen.mailboxes["INBOX"]?.mails ?? []).map(({ about }) => about).sort();

interface Arriving {
  /** From now on; what is on its way arrives before. */
  goesTo(end: End): Promise<void>;
  stop(): Promise<void>;
  subjects(): readonly string[];
}

/** Mail that comes by IMAP, and into the folder where there is one. */
function arriving(first: End): Arriving {
  let end = first;
  let count = 0;
  let ended = false;
  let paused = false;
  const arrived: string[] = [];
  const next = () => {
    const number = ++count;
    arrived.push(`Later ${number}`);
    return laterMail(number);
  };
  const appending = async () => {
    while (!ended && !paused) {
      const steps = Array.from({ length: BATCH }, (): Step => {
        const { bytes, received } = next();
        return { do: "append", mailbox: "INBOX", bytes, date: imapDate(received) };
      });
      await actAsClient(end.account, steps);
    }
  };
  const delivering = async () => {
    if (end.kind !== "maildir" && end.kind !== "fs") return;
    const root = `${end.user.home}/Maildir`;
    while (!ended && !paused) {
      const { bytes } = next();
      const name = `${Date.now()}.M${count}P2.host`;
      await Deno.writeFile(`${root}/tmp/${name}`, bytes);
      await Deno.rename(`${root}/tmp/${name}`, `${root}/new/${name}`);
      await new Promise((resolve) => setTimeout(resolve, DELIVER_MS));
    }
  };
  const start = () => {
    const both = Promise.all([appending(), delivering()]);
    // It is waited for later.
    both.catch(() => {});
    return both;
  };
  let running = start();
  return {
    goesTo: async (other) => {
      paused = true;
      await running;
      paused = false;
      end = other;
      running = start();
    },
    stop: async () => {
      ended = true;
      await running;
    },
    subjects: () => arrived,
  };
}
