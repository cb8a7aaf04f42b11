/**
 * Three flags of 512 mails, so that each is once in every combination of what it was and of what the
 * two sides made of it since.
 */

import assert from "node:assert/strict";
import { mailOf } from "../support/mail_bytes.ts";
import { assertAlike } from "../support/mail_compare.ts";
import { actAsClient, type SeenMail, type Step } from "../support/mail_reader.ts";
import {
  assertStatus,
  type EndKind,
  keptBy,
  type MailWorld,
  newMailWorld,
} from "../support/mail_world.ts";
import { isDovecotInstalled } from "../support/servers/dovecot.ts";

const ignore = !isDovecotInstalled();

const NAMES = ["todo", "\\Flagged", "\\Seen"] as const;
const COUNT = 512;
/** The bits of a mail's number that say whether each of the flags was set, and is on a and on b. */
const WAS = [0, 3, 6];
const A = [1, 4, 7];
const B = [2, 5, 8];

const has = (number: number, bit: number | undefined): boolean =>
  bit !== undefined && (number >> bit & 1) === 1;

const flagsIn = (number: number, bits: readonly number[]): readonly string[] =>
  NAMES.filter((_, at) => has(number, bits[at]));

/** Of each flag: whoever changed it decides. */
const wanted = (number: number): readonly string[] =>
  NAMES.filter((_, at) => {
    const [was, a, b] = [WAS[at], A[at], B[at]].map((bit) => has(number, bit));
    return a === was ? b : a;
  });

const PAIRS: readonly (readonly [EndKind, EndKind])[] = [
  ["maildir", "maildir"],
  ["maildir", "mbox"],
  ["maildir", "imap"],
];

for (const [first, second] of PAIRS) {
  Deno.test({
    name: `${first} and ${second}: flags are merged in all 512 combinations`,
    ignore,
    fn: async () => {
      await using world = await newMailWorld();
      await merged(world, first, second);
    },
  });
}

async function merged(world: MailWorld, first: EndKind, second: EndKind): Promise<void> {
  const [a, b] = [await world.end(first), await world.end(second)];
  const steps = Array.from({ length: COUNT }, (_, number): Step => ({
    do: "append",
    mailbox: "INBOX",
    bytes: mailOf(number, `Mail ${number}`, "x\n"),
    flags: flagsIn(number, WAS),
  }));
  await actAsClient(a.account, steps);
  assertStatus(await world.mirror(a, b), 0);
  assertAlike(await a.see(), await b.see(), keptBy(first, second));

  for (const [end, bits] of [[a, A], [b, B]] as const) {
    const seen = (await end.see()).mailboxes["INBOX"]?.mails ?? [];
    await actAsClient(end.account, setting(seen, bits));
  }
  assertStatus(await world.mirror(a, b), 0);
  const [left, right] = [await a.see(), await b.see()];
  assertAlike(left, right, keptBy(first, second));
  const mails = left.mailboxes["INBOX"]?.mails ?? [];
  assert.deepEqual(
    mails.map((mail) => `${mail.about}: ${mail.flags.join(" ")}`),
    mails.map((mail) => `${mail.about}: ${[...wanted(numberOf(mail))].sort().join(" ")}`),
  );
  assert.equal(mails.length, COUNT);
}

const numberOf = ({ about }: SeenMail): number => Number(about.replace("Mail ", ""));

/** Sets the flags of each mail to those, all that get the same in one step. */
function setting(mails: readonly SeenMail[], bits: readonly number[]): readonly Step[] {
  const uids = Map.groupBy(mails, (mail) => flagsIn(numberOf(mail), bits).join(" "));
  return [...uids].map(([flags, those]) => ({
    do: "store",
    mailbox: "INBOX",
    uids: those.map(({ uid }) => uid),
    how: "",
    flags: flags === "" ? [] : flags.split(" "),
  }));
}
