/**
 * One way between every two kinds of mail storage: what clients see of the source they see of the
 * destination, whatever was done there, and the source is as it was.
 */

import { assertAlike, type MailComparison } from "../support/mail_compare.ts";
import { corpusWithout } from "../support/mail_corpus.ts";
import { laterMail, OUR_EDITS, stepsOf, THEIR_EDITS } from "../support/mail_edits.ts";
import { stepsFor } from "../support/mail_fill.ts";
import { actAsClient } from "../support/mail_reader.ts";
import {
  assertKept,
  assertStatus,
  assertUntouched,
  type EndKind,
  filesOf,
  keptBy,
  type MailWorld,
  newMailWorld,
  PAIRS,
  sameAsBefore,
} from "../support/mail_world.ts";
import { isDovecotInstalled } from "../support/servers/dovecot.ts";

const ignore = !isDovecotInstalled();

for (const [from, to] of PAIRS) {
  Deno.test({
    name: `${from} to ${to}: a backup is the same, and discards what was done to it`,
    ignore,
    fn: async () => {
      await using world = await newMailWorld();
      await backedUp(world, from, to);
    },
  });
}

async function backedUp(world: MailWorld, from: EndKind, to: EndKind): Promise<void> {
  const [source, copy] = [await world.end(from), await world.end(to)];
  const kept = keptBy(from, to);
  let alike: MailComparison = { ...kept, emptyNumbers: from !== "mbox" && kept.uids !== false };
  await actAsClient(
    source.account,
    stepsFor(corpusWithout({ fileOnly: true, notInMbox: kept.lastLineEnd === false })),
  );

  /** Fails unless it changes nothing in the source, and makes the copy the same. */
  const holds = async (reversed: boolean): Promise<void> => {
    const before = await source.see();
    const files = await filesOf(source.user.home);
    const outcome = reversed
      ? await world.backup(copy, source, "-R")
      : await world.backup(source, copy);
    assertStatus(outcome, 0);
    assertKept(files, await filesOf(source.user.home));
    assertAlike(before, await source.see(), sameAsBefore(from), [
      "the source before",
      "the source",
    ]);
    assertAlike(before, await copy.see(), alike, ["the source", "the copy"]);
  };

  await holds(false);
  await actAsClient(source.account, stepsOf(OUR_EDITS, await source.see()));
  await holds(true);
  await actAsClient(copy.account, stepsOf(THEIR_STRAYS, await copy.see()));
  // The strays have used up UIDs, and what they replaced comes last where UIDs are not kept.
  alike = { ...alike, uidNextMayGrow: true, order: kept.uids !== false };
  await holds(false);
  // These get UIDs that are lower than the copy's next.
  await actAsClient(source.account, stepsOf(LATER_EDITS, await source.see()));
  await holds(true);
  const files = await filesOf(copy.user.home);
  assertStatus(await world.backup(source, copy), 0);
  assertUntouched(files, await filesOf(copy.user.home));
}

const LATER_EDITS: typeof OUR_EDITS = [
  { do: "append", mailbox: "INBOX", mail: laterMail(21) },
  { do: "append", mailbox: "New of both", mail: laterMail(22, ["\\Seen", "todo"]) },
  { do: "expunge", mailbox: "INBOX", mails: ["Later 2"] },
];

/** What somebody does to the copy, and should not have: some of it to what is renamed meanwhile. */
const THEIR_STRAYS: typeof THEIR_EDITS = [
  ...THEIR_EDITS.filter((edit) => edit.do !== "expunge" && edit.mailbox !== "New of both"),
  { do: "expunge", mailbox: "INBOX", mails: ["Mail 1007", "Later 1"] },
  {
    do: "append",
    mailbox: "New of both",
    mail: { bytes: new Uint8Array([88, 10]), flags: [], received: 0 },
  },
  { do: "flag", mailbox: "200%", mails: ["Mail 270"], how: "+", flags: ["stray"] },
  { do: "unsubscribe", mailbox: "Trash" },
  { do: "delete", mailbox: "Keywords" },
];
