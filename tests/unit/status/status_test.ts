/** What every status promises: the one in the database, and the one of the simulation. */

import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { SyncError } from "../../../lib/model/error.ts";
import { collectionId, cursor, etag, href } from "../../../lib/model/names.ts";
import type { CollectionKey, CollectionStatus } from "../../../lib/model/status.ts";
import type { Subject } from "./harness.ts";
import {
  bytes,
  forget,
  identOf,
  inDatabase,
  inMemory,
  intent,
  item,
  KEY,
  known,
  set,
  text,
  version,
  view,
} from "./harness.ts";

const SUBJECTS = { "in memory": inMemory, "in a database": inDatabase };

function promises(
  sentence: string,
  test: (status: CollectionStatus, subject: Subject) => Promise<void>,
): void {
  for (const [name, make] of Object.entries(SUBJECTS)) {
    Deno.test(`a status ${name} ${sentence}`, async () => {
      const subject = await make();
      try {
        await test(subject.status().collection(KEY), subject);
      } finally {
        await subject.end();
      }
    });
  }
}

/** Looks at a collection in this run and in the next one. */
async function nowAndAgain(
  subject: Subject,
  look: (status: CollectionStatus) => Promise<void>,
): Promise<void> {
  await look(subject.status().collection(KEY));
  await look(await again(subject));
}

/** The same collection in another run. */
async function again(subject: Subject): Promise<CollectionStatus> {
  await subject.reopen();
  return subject.status().collection(KEY);
}

const internal = (error: unknown): boolean =>
  error instanceof SyncError && error.kind === "internal";

promises("knows nothing of a collection at first", async (status, subject) => {
  deepStrictEqual(await subject.status().collections(), []);
  deepStrictEqual(await view(status, ["x"]), {
    size: 0,
    known: { a: [], b: [] },
    base: [],
    bodies: [["x", undefined, undefined]],
    cursors: { a: undefined, b: undefined },
    observations: { a: [], b: [] },
    open: [],
    next: 1,
  });
  deepStrictEqual(await status.known("a", [href("x.ics")]), new Map());
});

promises("keeps what was set, for each side as that side held it", async (status, subject) => {
  const one = item("one", { flags: "$Later \\Seen" });
  const two = {
    ident: identOf("two"),
    sides: { a: version("two", { etag: "1;2" }), b: version("zwei", { digest: "other" }) },
  };
  await status.settle([set(one, { a: bytes("ONE"), b: bytes("one") }), set(two)]);
  await nowAndAgain(subject, async (now) => {
    strictEqual(await now.size(), 2);
    deepStrictEqual(
      await now.known("a"),
      new Map([[one.sides.a.href, known("one", one.sides.a)], [
        two.sides.a.href,
        known("two", two.sides.a),
      ]]),
    );
    deepStrictEqual(
      await now.known("b", [two.sides.b.href, href("nobody")]),
      new Map([[two.sides.b.href, known("two", two.sides.b)]]),
    );
    deepStrictEqual(
      await now.base([identOf("one"), identOf("nobody")]),
      new Map([[one.ident, one]]),
    );
    strictEqual(text(await now.baseBody(one.ident, "a")), "ONE");
    strictEqual(text(await now.baseBody(one.ident, "b")), "one");
    strictEqual(await now.baseBody(two.ident, "a"), undefined);
    deepStrictEqual(await subject.status().collections(), [KEY]);
  });
});

promises("gives back names of every kind unchanged", async (status, subject) => {
  const odd = [
    "/dav/a%20b/%C3%BC.ics?x=1&y=2#z",
    "quote\" 'single' `back` \\ slash",
    "tab\tnewline\nreturn\r",
    "\u00fc \u{1f4c5} \u202e \ufeff \u0001 \u007f",
    "null",
    "0123",
    "1e400",
    "[1,2]",
    "{}",
    "x".repeat(5_000),
  ];
  const items = odd.map((word) => item(word, { href: word, etag: word, digest: word }));
  await status.settle(items.map((it) => set(it)));
  await nowAndAgain(subject, async (now) => {
    deepStrictEqual([...(await now.known("b")).keys()].sort(), [...odd].sort());
    deepStrictEqual(await now.base(odd.map(identOf)), new Map(items.map((it) => [it.ident, it])));
    deepStrictEqual(new Set((await now.known("a", odd.map(href))).keys()), new Set(odd));
  });
});

promises("keeps empty bytes, and bytes of every value", async (status, subject) => {
  const all = Uint8Array.from({ length: 256 }, (_, at) => at);
  await status.settle([set(item("x"), { a: new Uint8Array(), b: all.subarray(1) })]);
  const now = await again(subject);
  deepStrictEqual(await now.baseBody(identOf("x"), "a"), new Uint8Array());
  deepStrictEqual(await now.baseBody(identOf("x"), "b"), all.slice(1));
});

promises("replaces an item, and forgets it", async (status, subject) => {
  await status.settle([set(item("x")), set(item("y"))]);
  await status.settle([set(item("x", { etag: "2", href: "elsewhere" })), forget("y")]);
  await status.settle([forget("nobody")]);
  const now = await again(subject);
  strictEqual(await now.size(), 1);
  deepStrictEqual([...(await now.known("a")).keys()], ["elsewhere"]);
});

promises("makes the moves of one call in their order", async (status) => {
  const [first, second] = [item("x"), item("x", { etag: "2" })];
  await status.settle([set(first), forget("x"), set(second), set(item("y")), forget("y")]);
  deepStrictEqual(await status.base([identOf("x"), identOf("y")]), new Map([["x", second]]));
  strictEqual(await status.size(), 1);
});

promises("makes the moves of overlapping calls in their order", async (status) => {
  await Promise.all([
    status.settle([set(item("x"), { a: bytes("1") })]),
    status.settle([set(item("x", { etag: "2" }))]),
    status.settle([set(item("y"))]),
    status.settle([forget("y")]),
  ]);
  strictEqual((await status.base([identOf("x")])).get(identOf("x"))?.sides.a.etag, "2");
  strictEqual(text(await status.baseBody(identOf("x"), "a")), "1");
  strictEqual(await status.size(), 1);
});

promises("says of two items under one href the one that was set last", async (status, subject) => {
  await status.settle([set(item("y", { href: "same" })), set(item("x", { href: "same" }))]);
  strictEqual((await status.known("a")).get(href("same"))?.ident, "x");
  await status.settle([set(item("y", { href: "same", etag: "2" }))]);
  const now = await again(subject);
  strictEqual((await now.known("a")).get(href("same"))?.ident, "y");
  strictEqual((await now.known("b", [href("same")])).get(href("same"))?.ident, "y");
  strictEqual(await now.size(), 2);
});

promises("keeps the bytes of a version until it says something else", async (status) => {
  const bodiesNow = async () => [
    text(await status.baseBody(identOf("x"), "a")),
    text(await status.baseBody(identOf("x"), "b")),
  ];
  await status.settle([set(item("x"), { a: bytes("a"), b: bytes("b") })]);
  await status.settle([set(item("x", { etag: "2" }))]);
  deepStrictEqual(await bodiesNow(), ["a", "b"]);
  await status.settle([set(item("x", { etag: "3" }), { b: bytes("B") })]);
  deepStrictEqual(await bodiesNow(), ["a", "B"]);
  const changed = {
    ident: identOf("x"),
    sides: { a: version("x"), b: version("x", { digest: "new" }) },
  };
  await status.settle([set(changed)]);
  deepStrictEqual(await bodiesNow(), ["a", undefined]);
  await status.settle([forget("x"), set(item("x"))]);
  deepStrictEqual(await bodiesNow(), [undefined, undefined]);
});

promises("never speaks of another collection", async (status, subject) => {
  await status.settle([set(item("x"))]);
  await status.begin([intent(1, "x")]);
  await status.conclude({ a: { cursor: cursor("c"), observations: [] } });
  const others: CollectionKey[] = [
    { ...KEY, id: collectionId("home") },
    { ...KEY, identities: { ...KEY.identities, a: "/elsewhere" } },
    { ...KEY, identities: { a: KEY.identities.b, b: KEY.identities.a } },
  ];
  for (const other of others) {
    const there = subject.status().collection(other);
    strictEqual(await there.size(), 0);
    strictEqual(await there.cursor("a"), undefined);
    strictEqual(await there.nextIntent(), 1);
    deepStrictEqual(await there.openIntents(), []);
    deepStrictEqual(await there.known("a"), new Map());
    await there.settle([set(item("x", { etag: "there" }))]);
  }
  await subject.reopen();
  strictEqual((await subject.status().collections()).length, 4);
  const now = subject.status().collection(KEY);
  strictEqual((await now.base([identOf("x")])).get(identOf("x"))?.sides.a.etag, '"x-1"');
});

promises("knows an intent as open until it is settled", async (status, subject) => {
  const intents = [
    intent(1, "x"),
    intent(2, "y", { kind: "update", on: "a", etag: etag("1") }),
    { id: 3, kind: "delete", on: "b", ident: identOf("z"), href: href("z"), etag: etag("2") },
    intent(7, "w", { kind: "setFlags", etag: etag("3") }),
  ] as const;
  await status.begin(intents);
  await nowAndAgain(subject, async (now) => {
    deepStrictEqual(await now.openIntents(), intents);
    strictEqual(await now.nextIntent(), 8);
  });
  const now = subject.status().collection(KEY);
  await now.settle([
    { intent: 1, outcome: "done", move: { kind: "set", item: item("x"), bodies: {} } },
    { intent: 3, outcome: "left", reason: "it changed meanwhile" },
    { intent: 7, outcome: "failed", reason: "no \0 room \ud800" },
  ]);
  deepStrictEqual(await now.openIntents(), [intents[1]]);
  const later = await again(subject);
  deepStrictEqual(await later.openIntents(), [intents[1]]);
  strictEqual(await later.nextIntent(), 8);
  strictEqual(await later.size(), 1);
});

promises("refuses an id that was given before, and writes nothing of that call", async (status) => {
  await status.begin([intent(1, "x")]);
  await rejects(status.begin([intent(2, "y"), intent(1, "z")]), internal);
  await rejects(status.begin([intent(2, "y"), intent(2, "z")]), internal);
  await rejects(status.begin([intent(-1, "y")]), internal);
  await rejects(status.begin([intent(1.5, "y")]), internal);
  await status.settle([{ intent: 1, outcome: "done" }]);
  await rejects(status.begin([intent(1, "x")]), internal);
  deepStrictEqual(await status.openIntents(), []);
  strictEqual(await status.nextIntent(), 2);
});

promises("refuses to settle what is not open, and nobody else suffers", async (status) => {
  await status.begin([intent(1, "x"), intent(2, "y")]);
  const results = await Promise.allSettled([
    status.settle([{
      intent: 1,
      outcome: "done",
      move: { kind: "set", item: item("x"), bodies: {} },
    }]),
    status.settle([{ ...set(item("never")), intent: 9 }]),
    status.settle([set(item("y")), { intent: 1, outcome: "done" }]),
    status.settle([{ intent: 2, outcome: "left" }, { intent: 2, outcome: "done" }]),
    status.settle([set(item("z"))]),
  ]);
  deepStrictEqual(results.map((it) => it.status), [
    "fulfilled",
    "rejected",
    "rejected",
    "rejected",
    "fulfilled",
  ]);
  for (const it of results) if (it.status === "rejected") strictEqual(internal(it.reason), true);
  deepStrictEqual([...(await status.known("a")).values()].map((it) => it.ident).sort(), ["x", "z"]);
  deepStrictEqual((await status.openIntents()).map((it) => it.id), [2]);
});

promises("puts what is overwritten into the attic", async (status, subject) => {
  await status.settle([set(item("x"), { a: bytes("a's"), b: bytes("b's") }), set(item("y"))]);
  await status.begin([
    intent(1, "x", { kind: "update", on: "a", etag: etag("1"), attic: "base" }),
    intent(2, "x", { kind: "delete", on: "b", etag: etag("2"), attic: "base" }),
    intent(3, "y", { kind: "update", etag: etag("3"), attic: bytes("given") }),
    intent(4, "new"),
  ]);
  await status.settle([forget("x"), forget("y")]);
  await status.conclude({ a: { observations: [] }, b: { observations: [] } });
  const kept = { href: "x.ics", ident: "x" };
  const expected = [
    { ...kept, side: "a", etag: "1", why: "update", text: "a's" },
    { ...kept, side: "b", etag: "2", why: "delete", text: "b's" },
    { ident: "y", href: "y.ics", side: "b", etag: "3", why: "update", text: "given" },
  ];
  deepStrictEqual(await subject.attic(), expected);
  await subject.reopen();
  deepStrictEqual(await subject.attic(), expected);
});

promises(
  "refuses to overwrite what it has no bytes of, and writes nothing",
  async (status, subject) => {
    await status.settle([set(item("x"), { a: bytes("a's") })]);
    const overwriting = { kind: "delete", attic: "base" } as const;
    for (const refused of [intent(2, "x", overwriting), intent(2, "nobody", overwriting)]) {
      await rejects(
        status.begin([intent(1, "x", { ...overwriting, on: "a" }), refused]),
        internal,
      );
    }
    deepStrictEqual(await status.openIntents(), []);
    deepStrictEqual(await subject.attic(), []);
    await status.begin([intent(1, "x", { ...overwriting, on: "a" })]);
    strictEqual((await subject.attic()).length, 1);
  },
);

promises(
  "keeps cursors and observations of each side until the next conclusion",
  async (status, subject) => {
    const seen = [
      { state: "present", ...known("x", version("x", { flags: "\\Seen" })) },
      { state: "gone", href: href("y.ics") },
      { state: "unreadable", href: href("z.ics"), etag: etag("1"), reason: "no \u{1f4c5}" },
      { state: "unreadable", href: href("zz.ics"), reason: "" },
    ] as const;
    await status.conclude({
      a: { cursor: cursor("sync-token \u00fc"), observations: seen },
      b: { observations: [] },
    });
    const now = await again(subject);
    strictEqual(await now.cursor("a"), "sync-token \u00fc");
    strictEqual(await now.cursor("b"), undefined);
    deepStrictEqual(await now.observations("a"), seen);
    await now.conclude({ b: { cursor: cursor("2"), observations: seen.slice(1, 2) } });
    strictEqual(await now.cursor("a"), "sync-token \u00fc");
    deepStrictEqual(await now.observations("a"), seen);
    deepStrictEqual(await now.observations("b"), seen.slice(1, 2));
    await now.conclude({ a: { observations: [] } });
    strictEqual(await now.cursor("a"), undefined);
    deepStrictEqual(await now.observations("a"), []);
  },
);

promises("knows a collection that was concluded with nothing in it", async (status, subject) => {
  await status.conclude({ a: { observations: [] }, b: { observations: [] } });
  deepStrictEqual(await subject.status().collections(), [KEY]);
  await subject.reopen();
  deepStrictEqual(await subject.status().collections(), [KEY]);
});

promises("does nothing when it is given nothing", async (status, subject) => {
  await status.begin([]);
  await status.settle([]);
  deepStrictEqual(await subject.status().collections(), []);
});

promises("refuses a base that could not be read back", async (status) => {
  await status.begin([intent(1, "x")]);
  const good = version("x");
  const broken = [
    { ...good, href: href("") },
    { ...good, etag: etag("") },
    { ...good, etag: etag("half \ud83d of a pair") },
    { ...good, href: href("a\0b") },
    { ...good, flags: [""] },
  ];
  for (const bad of broken) {
    for (const sides of [{ a: bad, b: good }, { a: good, b: bad }]) {
      await rejects(
        status.settle([set(item("fine")), {
          intent: 1,
          outcome: "done",
          move: { kind: "set", item: { ident: identOf("x"), sides }, bodies: {} },
        }]),
        internal,
      );
    }
  }
  await rejects(status.settle([set({ ...item("x"), ident: identOf("") })]), internal);
  await rejects(status.begin([intent(2, "x", { href: href("") })]), internal);
  const twice = { state: "gone", href: href("x") } as const;
  await rejects(status.conclude({ a: { observations: [twice, twice] } }), internal);
  await rejects(status.conclude({ b: { cursor: cursor(""), observations: [] } }), internal);
  strictEqual(await status.size(), 0);
  strictEqual((await status.openIntents()).length, 1);
});

promises(
  "keeps everything when two collections come to be called otherwise",
  async (status, subject) => {
    await status.begin([intent(1, "x", { kind: "create" })]);
    await status.settle([{ ...set(item("x")), intent: 1 }]);
    await status.begin([intent(2, "y", { kind: "create" })]);
    const to: CollectionKey = { ...KEY, id: collectionId("another") };
    const inTheWay = subject.status().collection(to);
    await inTheWay.begin([intent(1, "z", { kind: "create" })]);
    await inTheWay.settle([{ ...set(item("z")), intent: 1 }]);
    await subject.status().rename(KEY, to);
    const look = async () => {
      const now = subject.status();
      deepStrictEqual((await now.collections()).map(({ id }) => id), ["another"]);
      strictEqual(await now.collection(KEY).size(), 0);
      strictEqual(await now.collection(to).size(), 1);
      deepStrictEqual([...(await now.collection(to).base([identOf("x")])).keys()], [identOf("x")]);
      deepStrictEqual((await now.collection(to).openIntents()).map(({ id }) => id), [2]);
    };
    await look();
    await subject.reopen();
    await look();
    await subject.status().rename(to, KEY);
    strictEqual(await subject.status().collection(KEY).size(), 1);
  },
);
