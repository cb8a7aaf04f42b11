/**
 * The scenarios of mbsync's own suite, each interrupted after every step and gone on with.
 *
 * Some of them do not apply:
 *
 * - "push flags, pull gone": what is carried over is chosen for the pair, and not by direction.
 * - "no-op, and expunge": expunging is part of a run that keeps flags in step, and not one by itself.
 * - "max messages" with all its variants, and "topping up": there is no limit to how many mails a
 *   mailbox has; `max_age` is a limit that does not change with every new mail.
 * - "max size, and flagging", "max size, pre-1.4 state", "max size with upgrade": a mail that is too large
 *   has no place-holder, and comes as soon as the limit allows it.
 * - "not old", "old", "pull old" and those called "weird": no mail is ever marked as one to be passed over,
 *   so that each run decides by what is there.
 * - "trash" in all its variants: what is deleted goes to the attic first, on whatever side.
 * - "expunge solo": a mail that only one side has is deleted there by whoever has it.
 */

import { ok } from "node:assert/strict";
import { everyFault, everyStep } from "../../crash/every_step.ts";
import { type MailManners, startMail } from "../../crash/mail_play.ts";
import { scenarioOf, type Table, TABLES } from "./mbsync_tables.ts";

const SERVER = { keepsUids: false, modseq: true } as const;

const MANNERS: readonly MailManners[] = [
  { name: "two Maildirs", pace: 0 },
  { name: "a server and a Maildir", pace: 3, a: SERVER },
  // mbsync's "no UIDPLUS": where a mail came to be has to be found out.
  {
    name: "two servers that tell little",
    pace: 7,
    a: { keepsUids: false, listsChanges: false, etagOnWrite: false },
    b: { keepsUids: false, etagOnWrite: false },
  },
];

const with_ = (manners: MailManners, { policy, closed }: Table): MailManners => ({
  ...manners,
  ...(policy === undefined ? {} : { policy }),
  ...(closed === undefined ? {} : { closed }),
});

for (const table of TABLES) {
  for (const manners of MANNERS) {
    Deno.test(`mbsync's scenario "${table.name}" on ${manners.name}, interrupted after every step`, async () => {
      const scenario = scenarioOf(table);
      const points = await everyStep(scenario, await startMail(scenario, with_(manners, table)));
      ok(points > 0, "there was nothing to interrupt");
    });
  }
}

Deno.test("every effect of mbsync's scenarios may fail, and the next run comes to the same end", async () => {
  let accidents = 0;
  for (const table of TABLES) {
    const scenario = scenarioOf(table);
    const [manners = { name: "", pace: 0 }] = MANNERS;
    accidents += await everyFault(scenario, await startMail(scenario, with_(manners, table)));
  }
  ok(accidents > 100, `only ${accidents} accidents`);
});
