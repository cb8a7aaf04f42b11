/**
 * Names that one kind of storage can have and another cannot, and mailboxes that get other names while
 * mail comes into them on the other side.
 */

import assert from "node:assert/strict";
import { assertAlike } from "../support/mail_compare.ts";
import { laterMail } from "../support/mail_edits.ts";
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

const create = (mailbox: string): Step => ({ do: "create", mailbox });
const append = (mailbox: string, number: number): Step => {
  const { bytes } = laterMail(number);
  return { do: "append", mailbox, bytes };
};

/** The mailboxes with the subjects of their mails. */
const contents = ({ mailboxes }: Seen): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    Object.entries(mailboxes).filter(([, { selectable }]) => selectable)
      .map(([name, { mails = [] }]) => [name, mails.map(({ about }) => about).sort()]),
  );

const INBOX: Readonly<Record<string, readonly string[]>> = { INBOX: [] };

Deno.test({
  name: "a point in a name is another character in a Maildir++, by -C the one that was chosen",
  ignore,
  fn: async () => {
    for (const [chosen, args] of [["_", []], ["+", ["-C", "+"]]] as const) {
      await using world = await newMailWorld();
      const [a, b] = [await world.end("fs"), await world.end("maildir")];
      await actAsClient(a.account, [
        create("v1.2/notes"),
        append("v1.2/notes", 1),
        create("plain"),
      ]);
      assertStatus(await world.mirror(a, b, ...args), 0);
      const name = `v1${chosen}2/notes`;
      assert.deepEqual(contents(await b.see()), { ...INBOX, [name]: ["Later 1"], plain: [] });
      // It is the same mailbox from then on.
      await actAsClient(b.account, [append(name, 2)]);
      await actAsClient(a.account, [append("v1.2/notes", 3)]);
      assertStatus(await world.mirror(a, b, ...args), 0);
      const mails = ["Later 1", "Later 2", "Later 3"];
      assert.deepEqual(contents(await a.see()), { ...INBOX, "v1.2/notes": mails, plain: [] });
      assert.deepEqual(contents(await b.see()), { ...INBOX, [name]: mails, plain: [] });
    }
  },
});

const PAIRS: readonly (readonly [EndKind, EndKind])[] = [
  ["maildir", "maildir"],
  ["maildir", "fs"],
  ["imap", "imap"],
  ["maildir", "imap"],
];

/** Both sides hold these mailboxes; then each does its own, and this must come of it. */
interface Scenario {
  readonly name: string;
  readonly before: readonly Step[];
  readonly ours: readonly Step[];
  readonly theirs: readonly Step[];
  readonly after: Readonly<Record<string, readonly string[]>>;
}

const SCENARIOS: readonly Scenario[] = [
  {
    name: "mail that comes into a mailbox while it gets another name is under that name",
    before: [create("old"), append("old", 1)],
    ours: [{ do: "rename", mailbox: "old", to: "fresh/name" }],
    theirs: [append("old", 2)],
    after: { "fresh/name": ["Later 1", "Later 2"] },
  },
  {
    name: "two mailboxes that take each other's names keep their mails",
    before: [create("one"), append("one", 1), create("two"), append("two", 2)],
    ours: [
      { do: "rename", mailbox: "one", to: "between" },
      { do: "rename", mailbox: "two", to: "one" },
      { do: "rename", mailbox: "between", to: "two" },
    ],
    theirs: [append("one", 3)],
    after: { one: ["Later 2"], two: ["Later 1", "Later 3"] },
  },
  {
    // It may be the same one, on a server that has numbered it anew: no mail is deleted for that.
    name: "of a mailbox that was deleted and made anew nothing is held against the one there was",
    before: [create("box"), append("box", 1)],
    ours: [{ do: "delete", mailbox: "box" }, create("box"), append("box", 2)],
    theirs: [],
    after: { box: ["Later 1", "Later 2"] },
  },
  {
    name: "a mailbox and one below it get other names on the two sides",
    before: [create("top/below"), append("top/below", 1), create("other"), append("other", 2)],
    ours: [{ do: "rename", mailbox: "top/below", to: "top/elsewhere" }],
    theirs: [{ do: "rename", mailbox: "other", to: "top/other" }],
    after: { "top/elsewhere": ["Later 1"], "top/other": ["Later 2"] },
  },
];

for (const { name, before, ours, theirs, after } of SCENARIOS) {
  for (const [first, second] of PAIRS) {
    Deno.test({
      name: `${first} and ${second}: ${name}`,
      ignore,
      fn: async () => {
        await using world = await newMailWorld();
        const [a, b] = [await world.end(first), await world.end(second)];
        await actAsClient(a.account, before);
        assertStatus(await world.mirror(a, b), 0);
        await actAsClient(a.account, ours);
        await actAsClient(b.account, theirs);
        assertStatus(await world.mirror(a, b), 0);
        await holds(a, { ...INBOX, ...after });
        assertAlike(await a.see(), await b.see(), { ...keptBy(first, second), folders: false });
      },
    });
  }
}

async function holds(end: End, wanted: Readonly<Record<string, readonly string[]>>): Promise<void> {
  assert.deepEqual(contents(await end.see()), wanted);
}
