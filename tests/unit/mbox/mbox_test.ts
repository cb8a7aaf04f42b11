import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import {
  apply,
  box,
  contents,
  creation,
  deletion,
  fetchAll,
  flagging,
  list,
  never,
  outcomes,
  world,
} from "./support.ts";

const BASE = "X-IMAPbase: 77 0000000012 one Two\n";
const FROM = "From someone@example.org  Mon Feb 03 04:05:06 2020\n";

Deno.test("a mail is listed with its UID, its flags and its bytes", () =>
  world(async ({ write, box, storage }) => {
    await write(
      "work",
      `${FROM}Subject: a\n${BASE}X-UID: 10\nStatus: RO\nX-Status: AF\nX-Keywords: two one\n\nbody\n\n` +
        `${FROM}Subject: b\nX-UID: 12\nStatus: O\n\nother\n`,
    );
    const work = await box("work");
    deepEqual(work.mailbox, { uidValidity: 77, uidNext: 13, messages: 2 });
    deepEqual(await contents(storage, work), [
      [
        "10",
        "Two \\Answered \\Flagged \\Seen one".split(" ").sort().join(" "),
        "Subject: a\n\nbody\n",
      ],
      ["12", "", "Subject: b\n\nother"],
    ]);
  }));

Deno.test("what is created has the UID that was asked for, and is found as it was", () =>
  world(async ({ storage, open }) => {
    const made = await storage.createCollection(box("a/b"), { subscribed: "yes" }, never);
    const texts = [
      "Subject: x\n\nFrom me to you\nFrom a Mon Feb 03 04:05:06 2020\nx\n",
      "Subject: y\n\nno end",
      "Subject: only a header\n",
      "no line end",
      "",
      "\n",
      "\n\n",
      "a: b\r\n\r\ntext\r\n",
      "a: b\n\ntext\r",
      "a: b\n\nFrom a Mon Feb 03 04:05:06 2020\n",
      "a: b\n\n\n\nFrom a Mon Feb 03 04:05:06 2020\n\n",
    ];
    const results = await apply(
      storage,
      made,
      texts.map((text, index) => creation(10 * (index + 1), text, ["\\Seen", "Key"])),
    );
    deepEqual(new Set(outcomes(results)), new Set(["done"]));
    const other = open();
    const [listed] = await other.collections(never);
    ok(listed);
    equal(listed.properties.subscribed, "yes");
    deepEqual(
      await contents(other, listed),
      texts.map((text, index) => [String(10 * (index + 1)), "Key \\Seen", text]),
    );
    deepEqual((await fetchAll(other, listed))[0]?.mail, {
      received: Date.UTC(2020, 1, 3, 4, 5, 6),
    });
  }));

Deno.test("flags, deletions and a mail that is put back", () =>
  world(async ({ storage }) => {
    const made = await storage.createCollection(box("a"), {}, never);
    await apply(storage, made, [1, 2, 3].map((n) => creation(n, `S: ${n}\n\n${n}\n`)));
    const [one, two, three] = await list(storage, made);
    ok(one && two && three);
    deepEqual(
      outcomes(
        await apply(storage, made, [flagging(one, ["\\Seen", "$Forwarded"]), deletion(two)]),
      ),
      ["done", "done"],
    );
    deepEqual(await contents(storage, made), [["1", "$Forwarded \\Seen", "S: 1\n\n1\n"], [
      "3",
      "",
      "S: 3\n\n3\n",
    ]]);
    deepEqual(
      outcomes(await apply(storage, made, [creation(2, "S: 2\n\n2\n"), creation(3, "x")])),
      ["done", "exists"],
    );
    deepEqual((await contents(storage, made)).map(([uid]) => uid), ["1", "2", "3"]);
    for (const it of await list(storage, made)) await apply(storage, made, [deletion(it)]);
    deepEqual(await list(storage, made), []);
    equal((await storage.collections(never))[0]?.mailbox?.uidNext, 4);
    await storage.deleteCollection(made, never);
    deepEqual(await storage.collections(never), []);
    match("x", /x/);
    await rejects(list(storage, made), { kind: "missing" });
  }));
