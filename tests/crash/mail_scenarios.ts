/**
 * What the crash tests of mail run, as a table. A mailbox is written `work: 1:x 2:y+SF`: its name,
 * and its mails with their UIDs, and their flags after a plus (`S` for `\Seen`, `F` for `\Flagged`,
 * `A` for `\Answered`, `D` for `\Draft`, `T` for `\Deleted`, `w` for a keyword). Mailboxes stand apart by `;`. `lists<work:` was called
 * `work` before, `work!:` was deleted and made anew, `work*:` is subscribed to. `=`: as it was.
 */

import type { Ending } from "./every_step.ts";

export interface MailScenario extends Ending {
  /** What both sides hold when they first agree; each by itself where it stands twice. */
  readonly base: string;
  readonly a: string;
  readonly b: string;
}

/** @param after What both hold once it is over, without UIDs. */
const row = (name: string, base: string, a: string, b: string, after: string): MailScenario => ({
  name,
  base,
  a,
  b,
  afterA: after,
  afterB: after,
});

export const MAIL_SCENARIOS: readonly MailScenario[] = [
  row("nothing", "work: 1:x 2:y", "=", "=", "work: x y"),
  row("new on a", "work: 1:x", "work: 1:x 2:y+S", "=", "work: x y+S"),
  row("new on b", "work: 1:x", "=", "work: 1:x 2:y", "work: x y"),
  row("new on both, the same", "work: 1:x", "work: 1:x 2:y", "work: 1:x 2:y", "work: x y"),
  row(
    "new on both, the same, with other flags",
    "work: 1:x",
    "work: 1:x 2:y+S",
    "work: 1:x 2:y+F",
    "work: x y+FS",
  ),
  row("new on both, at one UID", "work: 1:x", "work: 1:x 2:y", "work: 1:x 2:z", "work: x y z"),
  row(
    "many at the same UIDs",
    "",
    "work: 1:a 2:z 3:q",
    "work: 1:m 2:a 3:r 4:q",
    "work: a m q r z",
  ),
  row("many new on a", "work:", "work: 1:p 2:q 3:r 4:s 5:t", "=", "work: p q r s t"),
  row("read on a", "work: 1:x 2:y", "work: 1:x+S 2:y", "=", "work: x+S y"),
  row(
    "a flag on each side",
    "work: 1:x+A 2:y",
    "work: 1:x+AS 2:y",
    "work: 1:x+F 2:y+w",
    "work: x+FS y+w",
  ),
  row("expunged on a", "work: 1:x 2:y", "work: 2:y", "=", "work: y"),
  row("expunged on each", "work: 1:x 2:y 3:z", "work: 2:y 3:z", "work: 1:x 3:z", "work: z"),
  row("expunged on both", "work: 1:x 2:y", "work: 2:y", "work: 2:y", "work: y"),
  row("read on a and expunged on b", "work: 1:x 2:y", "work: 1:x+S 2:y", "work: 2:y", "work: y"),
  row("two copies", "work: 1:x", "work: 1:x 2:y 3:y", "=", "work: x y y"),
  row("one of two copies is expunged", "work: 1:y 2:y 3:x", "work: 2:y 3:x", "=", "work: x y"),
  row(
    "a copy more on each side",
    "work: 1:y",
    "work: 1:y 2:y",
    "work: 1:y 2:x 3:y",
    "work: x y y",
  ),
  row("a mail under another UID", "work: 1:x 2:y", "work: 2:y 3:x", "=", "work: x y"),
  row("one side is empty", "", "work: 3:x 5:y+S", "work:", "work: x y+S"),
  row(
    "a mailbox is not on b",
    "work: 1:x",
    "work: 1:x; lists: 4:y+w 9:z",
    "=",
    "lists: y+w z; work: x",
  ),
  row(
    "a mailbox within another",
    "work: 1:x",
    "work: 1:x; work/old/deep: 1:y",
    "=",
    "work: x; work/old/deep: y",
  ),
  row("a mailbox is deleted", "work: 1:x; lists: 1:y 2:z", "work: 1:x", "=", "work: x"),
  row("an empty mailbox is deleted", "work: 1:x; lists:", "work: 1:x", "=", "work: x"),
  row("a mailbox is called otherwise", "work: 1:x 2:y", "lists<work: 1:x 2:y", "=", "lists: x y"),
  row(
    "a mailbox is called otherwise, and gets mail there",
    "work: 1:x 2:y",
    "lists<work: 1:x+S 2:y",
    "work: 1:x 2:y 3:z",
    "lists: x+S y z",
  ),
  row(
    "two mailboxes take each other's names",
    "work: 1:x; lists: 1:y",
    "lists<work: 1:x; work<lists: 1:y",
    "=",
    "lists: x; work: y",
  ),
  row(
    "a mailbox is moved into another",
    "work: 1:x; lists: 1:y",
    "lists/work<work: 1:x; lists: 1:y 2:z",
    "=",
    "lists: y z; lists/work: x",
  ),
  row("subscribed", "work: 1:x; lists:", "work: 1:x; lists*:", "=", "lists*:; work: x"),
  row(
    "all of it at once",
    "work: 1:p 2:q 3:r 4:s; lists: 1:y",
    "work: 1:p+S 3:r 4:s 5:t; lists: 1:y; new: 1:n",
    "work: 1:p 2:q+F 4:s+w 5:u; lists*: 2:v",
    "lists*: v; new: n; work: p+S s+w t u",
  ),
];

/**
 * Those in which a has to know a mailbox by its GUID. Where it has none, one that is called otherwise
 * is another one: what it held before is held while it has mail that nobody has seen on a, and of
 * two that took each other's names both come to have what either has.
 */
export const BY_GUID: readonly string[] = [
  "a mailbox is called otherwise, and gets mail there",
  "two mailboxes take each other's names",
];
