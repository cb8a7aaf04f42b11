/**
 * Two ways between every two kinds of mail storage: what clients see of one they see of the other,
 * and what people did on both sides is on both sides.
 */

import { assertAlike } from "../support/mail_compare.ts";
import { corpusWithout } from "../support/mail_corpus.ts";
import { OUR_EDITS, stepsOf, THEIR_EDITS } from "../support/mail_edits.ts";
import { stepsFor } from "../support/mail_fill.ts";
import { actAsClient } from "../support/mail_reader.ts";
import {
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

for (const [first, second] of PAIRS) {
  Deno.test({
    name: `${first} and ${second}: a mirror brings all there is, then what both sides did`,
    ignore,
    fn: async () => {
      await using world = await newMailWorld();
      await mirrored(world, first, second);
    },
  });
}

async function mirrored(world: MailWorld, first: EndKind, second: EndKind): Promise<void> {
  const [a, b] = [await world.end(first), await world.end(second)];
  const kept = keptBy(first, second);
  const corpus = corpusWithout({ fileOnly: true, notInMbox: kept.lastLineEnd === false });
  await actAsClient(a.account, stepsFor(corpus));
  const before = await a.see();

  assertStatus(await world.mirror(a, b), 0);
  const [a1, b1] = [await a.see(), await b.see()];
  assertAlike(before, a1, sameAsBefore(first), ["a before", "a"]);
  assertAlike(a1, b1, kept);

  // Dovecot itself says what comes of all the edits, one after the other in one place. Into an mbox it
  // puts a few mails with more line ends than they came with.
  const model = await world.end(first === "mbox" ? "mbox" : "maildir");
  await actAsClient(model.account, stepsFor(corpus));
  await actAsClient(a.account, stepsOf(OUR_EDITS, a1));
  await actAsClient(b.account, stepsOf(THEIR_EDITS, b1));
  const seen = await model.see();
  await actAsClient(model.account, stepsOf(withoutSecond(THEIR_EDITS), seen));
  await actAsClient(model.account, stepsOf(OUR_EDITS, seen).filter(isLeft));

  assertStatus(await world.mirror(a, b), 0);
  const [a2, b2] = [await a.see(), await b.see()];
  assertAlike(a2, b2, kept);
  const wanted = await model.see();
  const loosely = { ...kept, uids: false, guids: false };
  assertAlike(wanted, a2, loosely, ["what is wanted", "a"]);

  // The client has left traces of its own in the meantime.
  assertStatus(await world.mirror(a, b), 0);
  const files = [await filesOf(a.user.home), await filesOf(b.user.home)];
  assertStatus(await world.mirror(a, b), 0);
  for (const [at, { user }] of [a, b].entries()) {
    assertUntouched(files[at] ?? new Map(), await filesOf(user.home));
  }
  assertAlike(a2, await a.see(), sameAsBefore(first), ["a before", "a"]);
  assertAlike(b2, await b.see(), sameAsBefore(second), ["b before", "b"]);
}

/** What both sides do is done once in the model. */
const BOTH = { expunged: "Mail 1009", created: "New of both" };

const withoutSecond = (edits: typeof THEIR_EDITS): typeof THEIR_EDITS =>
  edits.map((edit) =>
    edit.do === "expunge"
      ? { ...edit, mails: edit.mails.filter((it) => it !== BOTH.expunged) }
      : edit
  );

const isLeft = (step: { readonly do: string; readonly mailbox: string }): boolean =>
  !(step.do === "create" && step.mailbox === BOTH.created);
