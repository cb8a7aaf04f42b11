import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { collectionId, cursor, type Etag, href } from "../../../lib/model/names.ts";
import {
  applied,
  CAPABILITIES,
  creation,
  deletion,
  flagging,
  never,
  scripted,
} from "./scripted.ts";

const none = "()" as Etag;
const without = (...words: readonly string[]) =>
  CAPABILITIES.split(" ").filter((it) => !words.includes(it)).join(" ");

Deno.test("mailboxes are listed with one round trip", async () => {
  const list = '* LIST (\\Subscribed \\Sent) "/" "S&AOk-/x"\r\n* LIST (\\Noselect) "/" parent\r\n' +
    '* LIST (\\NonExistent \\Subscribed) "/" gone\r\n* LIST () "/" inbox\r\n' +
    '* STATUS "S&AOk-/x" (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 9 HIGHESTMODSEQ 1 MAILBOXID (b2))\r\n' +
    "* STATUS Inbox (MESSAGES 2 UIDNEXT 12 UIDVALIDITY 7 HIGHESTMODSEQ 90 MAILBOXID (b1))\r\n@ OK x\r\n";
  await scripted([[/^LIST/, list]], async ({ storage, server }) => {
    const found = await storage.collections(never);
    deepStrictEqual(found.map(({ id, href, properties }) => [id, href, properties]), [
      ["S\u00e9/x", "S&AOk-/x", { subscribed: "yes" }],
      ["INBOX", "INBOX", {}],
    ]);
    deepStrictEqual(found[0]?.mailbox, {
      uidValidity: 9,
      uidNext: 1,
      messages: 0,
      guid: "b2",
      specialUse: "\\Sent",
    });
    ok(found[0]?.identity.endsWith("/;GUID=b2;UIDVALIDITY=9"), found[0]?.identity);
    ok(storage.holds?.(found[0]?.identity ?? ""));
    ok(!storage.holds?.("imap://elsewhere/INBOX;UIDVALIDITY=9"));
    strictEqual(server.commands.filter((it) => /^(?:LIST|STATUS)/.test(it)).length, 1);
  }, { capabilities: `${CAPABILITIES} NAMESPACE` });
});

Deno.test("without LIST-EXTENDED it is asked for subscriptions and counters by themselves", async () => {
  const script = [
    [
      /^LIST "" "\*"$/,
      '* LIST () "." INBOX\r\n* LIST () "." INBOX.Sent\r\n* LIST () "." shared.x\r\n@ OK x\r\n',
    ],
    [/^LSUB/, '* LSUB () "." INBOX.Sent\r\n@ OK x\r\n'],
    [/^NAMESPACE/, '* NAMESPACE (("INBOX." ".")) NIL (("shared." "."))\r\n@ OK x\r\n'],
    [
      /^STATUS "INBOX.Sent"/,
      "* STATUS INBOX.Sent (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 9)\r\n@ OK x\r\n",
    ],
  ] as const;
  await scripted(script, async ({ storage }) => {
    const found = await storage.collections(never);
    deepStrictEqual(found.map(({ id, properties }) => [id, properties]), [
      ["INBOX", {}],
      ["Sent", { subscribed: "yes" }],
    ]);
    strictEqual(storage.localId?.(collectionId("a.b/c")), "a_b/c");
  }, {
    capabilities: without("LIST-EXTENDED", "LIST-STATUS", "OBJECTID", "CONDSTORE", "QRESYNC") +
      " NAMESPACE",
  });
});

Deno.test("a mailbox whose counters cannot be had is there all the same", async () => {
  const script = [
    [/^LIST/, '* LIST () "/" INBOX\r\n* LIST () "/" broken\r\n* LIST () "/" gone\r\n@ OK x\r\n'],
    [/^STATUS "broken"/, "@ NO [CORRUPTION] x\r\n"],
    [/^STATUS "gone"/, "@ NO [NONEXISTENT] x\r\n"],
  ] as const;
  await scripted(script, async ({ storage }) => {
    const found = await storage.collections(never);
    deepStrictEqual(found.map(({ id, mailbox }) => [id, mailbox?.messages]), [
      ["INBOX", 2],
      ["broken", undefined],
    ]);
    const broken = found[1];
    ok(broken !== undefined);
    await rejects(Array.fromAsync(storage.changes(broken, undefined, never)), {
      kind: "changed",
      scope: "collection",
    });
  });
});

Deno.test("nothing is listed where the counters are as they were", async () => {
  await scripted([[
    /^UID FETCH/,
    "* 1 FETCH (UID 3 FLAGS ())\r\n* 2 FETCH (UID 11 FLAGS (\\Seen))\r\n@ OK x\r\n",
  ]], async ({ storage, server, inbox }) => {
    const first = await Array.fromAsync(storage.changes(await inbox(), undefined, never));
    const end = first.at(-1);
    ok(end?.type === "end" && end.mode === "complete");
    const before = server.commands.length;
    const second = await Array.fromAsync(storage.changes(await inbox(), end.cursor, never));
    deepStrictEqual(second, [{ type: "end", mode: "since", cursor: end.cursor }]);
    deepStrictEqual(server.commands.slice(before).map((it) => it.split(" ")[0]), ["LIST"]);
  });
});

const OLDER = cursor("imap1 7 10 3 80 keeps \\*");

Deno.test("what changed is listed alone, with what is gone", async () => {
  const answer =
    "* VANISHED (EARLIER) 1:2\r\n* 2 FETCH (UID 11 FLAGS (\\Seen) MODSEQ (85))\r\n@ OK x\r\n";
  await scripted([[/^UID FETCH/, answer]], async ({ storage, server, inbox }) => {
    const parts = await Array.fromAsync(storage.changes(await inbox(), OLDER, never));
    const entries = parts.flatMap((it) => it.type === "entries" ? it.entries : []);
    deepStrictEqual(entries.map(({ state, href }) => [state, href]), [
      ["present", "11"],
      ["gone", "1"],
      ["gone", "2"],
    ]);
    deepStrictEqual(parts.at(-1), {
      type: "end",
      mode: "since",
      cursor: cursor("imap1 7 12 2 90 keeps \\*"),
    });
    ok(server.commands.includes("UID FETCH 1:4294967295 (UID FLAGS) (CHANGEDSINCE 80 VANISHED)"));
  });
});

Deno.test("a server that forgets to tell what is gone is asked for everything", async () => {
  // Three were there, none came, two are there: one is gone, and nothing is said of it.
  const script = [
    [/CHANGEDSINCE/, "* 2 FETCH (UID 9 FLAGS () MODSEQ (85))\r\n@ OK x\r\n"],
    [/^UID FETCH/, "* 1 FETCH (UID 3 FLAGS ())\r\n* 2 FETCH (UID 9 FLAGS ())\r\n@ OK x\r\n"],
  ] as const;
  await scripted(script, async ({ storage, inbox }) => {
    const parts = await Array.fromAsync(storage.changes(await inbox(), OLDER, never));
    const end = parts.at(-1);
    ok(end?.type === "end");
    strictEqual(end.mode, "complete");
  });
});

Deno.test("sizes and dates are listed where they are wanted", async () => {
  const answer =
    '* 1 FETCH (UID 3 FLAGS () RFC822.SIZE 5 INTERNALDATE "17-Jul-1996 02:44:25 -0700")\r\n' +
    '* 2 FETCH (INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 6 FLAGS () UID 4)\r\n@ OK x\r\n';
  await scripted([[/^UID FETCH/, answer]], async ({ storage, inbox }) => {
    const [part] = await Array.fromAsync(storage.changes(await inbox(), undefined, never));
    ok(part?.type === "entries");
    const received = Date.UTC(1996, 6, 17, 9, 44, 25);
    deepStrictEqual(part.entries.map((it) => it.state === "present" ? it.mail : undefined), [
      { size: 5, received },
      { size: 6, received },
    ]);
  }, { facts: true });
});

Deno.test("flags that a mailbox cannot keep are told, and not sent", async () => {
  const selected =
    "* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [PERMANENTFLAGS (\\Seen \\Deleted)] x\r\n@ OK x\r\n";
  const script = [
    [/^(?:SELECT|EXAMINE)/, selected],
    [/^APPEND/, "@ OK [APPENDUID 7 12] x\r\n"],
    [/^UID FETCH/, "* 1 FETCH (UID 3 FLAGS ())\r\n* 2 FETCH (UID 4 FLAGS ())\r\n@ OK x\r\n"],
  ] as const;
  await scripted(script, async (it) => {
    const box = await it.inbox();
    const end = (await Array.fromAsync(it.storage.changes(box, undefined, never))).at(-1);
    ok(end?.type === "end");
    deepStrictEqual(end.keeps, ["\\Deleted", "\\Seen"]);
    const [made] = await applied(it, box, creation(1, "a\nb", ["$x", "\\Seen"]));
    deepStrictEqual(made, { id: 1, outcome: "done", href: "12", etag: "(\\Seen)" });
    ok(it.server.commands.includes('APPEND "INBOX" (\\Seen) {4+}\r\na\r\nb'));
  });
});

const STATES =
  "* 1 FETCH (UID 3 FLAGS () MODSEQ (50))\r\n* 2 FETCH (UID 4 FLAGS () MODSEQ (60))\r\n@ OK x\r\n";

Deno.test("mails that get the same flags get them with one guarded command", async () => {
  const script = [
    [/^UID FETCH/, STATES],
    [/^UID STORE/, "@ OK [MODIFIED 4] x\r\n"],
  ] as const;
  await scripted(script, async (it) => {
    const box = await it.inbox();
    const results = await applied(
      it,
      box,
      flagging(1, href("3"), none, ["\\Seen"]),
      flagging(2, href("4"), none, ["\\Seen"]),
      flagging(3, href("5"), none, ["\\Seen"]),
      flagging(4, href("3"), "(\\Seen)" as Etag, []),
    );
    deepStrictEqual(results, [
      { id: 1, outcome: "done", etag: "(\\Seen)" },
      { id: 2, outcome: "changed" },
      { id: 3, outcome: "changed" },
      { id: 4, outcome: "changed" },
    ]);
    deepStrictEqual(it.server.commands.filter((it) => it.startsWith("UID STORE")), [
      "UID STORE 3:4 (UNCHANGEDSINCE 60) +FLAGS.SILENT (\\Seen)",
    ]);
  });
});

Deno.test("without CONDSTORE only the bits that differ are named", async () => {
  const selected = "* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n@ OK x\r\n";
  const script = [
    [/^(?:SELECT|EXAMINE)/, selected],
    [/^UID FETCH/, "* 1 FETCH (UID 3 FLAGS (\\Draft kw))\r\n@ OK x\r\n"],
    [/^UID STORE/, "@ OK x\r\n"],
  ] as const;
  await scripted(script, async (it) => {
    const box = await it.inbox();
    const [result] = await applied(
      it,
      box,
      flagging(1, href("3"), "(\\Draft kw)" as Etag, ["\\Seen", "KW"]),
    );
    deepStrictEqual(result, { id: 1, outcome: "done", etag: "(\\Seen kw)" });
    deepStrictEqual(it.server.commands.filter((it) => it.startsWith("UID STORE")), [
      "UID STORE 3 +FLAGS.SILENT (\\Seen)",
      "UID STORE 3 -FLAGS.SILENT (\\Draft)",
    ]);
  }, { capabilities: without("CONDSTORE", "QRESYNC") });
});

Deno.test("only the mails that were meant are deleted", async () => {
  let gone = false;
  const script = [
    [/^UID FETCH/, () => gone ? "* 1 FETCH (UID 4 FLAGS () MODSEQ (61))\r\n@ OK x\r\n" : STATES],
    [/^UID STORE/, "@ OK [MODIFIED 4] x\r\n"],
    [/^UID EXPUNGE/, () => {
      gone = true;
      return "* VANISHED 3\r\n@ OK x\r\n";
    }],
  ] as const;
  await scripted(script, async (it) => {
    const box = await it.inbox();
    const results = await applied(
      it,
      box,
      deletion(1, href("3"), none),
      deletion(2, href("4"), none),
      deletion(3, href("9"), none),
    );
    deepStrictEqual(results.map(({ outcome }) => outcome), ["done", "changed", "done"]);
    deepStrictEqual(it.server.commands.slice(-3), [
      "UID STORE 3:4 (UNCHANGEDSINCE 60) +FLAGS.SILENT (\\Deleted)",
      "UID EXPUNGE 3:4",
      "UID FETCH 3:4 (UID FLAGS MODSEQ)",
    ]);
  });
});

Deno.test("a batch of which one mail is refused goes in one by one", async () => {
  let next = 20;
  const script = [
    [/^APPEND/, (command: string) => {
      if (command.includes("bad")) return "@ NO [TOOBIG] x\r\n";
      return `@ OK [APPENDUID 7 ${next++}] x\r\n`;
    }],
  ] as const;
  await scripted(script, async (it) => {
    const box = await it.inbox();
    const results = await applied(it, box, creation(1, "a"), creation(2, "bad"), creation(3, "c"));
    deepStrictEqual(
      results.map((it) =>
        it.outcome === "done" ? it.href : it.outcome === "failed" ? it.error.kind : ""
      ),
      ["20", "too large", "21"],
    );
  }, { capabilities: `${CAPABILITIES} MULTIAPPEND` });
});

Deno.test("a connection that ends while a mail is sent leaves it open what became of the mail", async () => {
  await scripted([[/^APPEND/, "* BYE sorry\r\n"]], async (it) => {
    const box = await it.inbox();
    const [result] = await applied(it, box, creation(1, "a"));
    ok(result?.outcome === "failed");
    deepStrictEqual([result.error.kind, result.error.retry], ["unreachable", true]);
    strictEqual(it.server.commands.filter((it) => it.startsWith("APPEND")).length, 1);
  });
});

Deno.test("reading goes on after a connection was lost", async () => {
  let tries = 0;
  const script = [
    [
      /^UID FETCH/,
      () =>
        tries++ === 0
          ? "* 1 FETCH (UID 3 FLAGS ())\r\n* BYE later\r\n"
          : "* 1 FETCH (UID 3 FLAGS ())\r\n* 2 FETCH (UID 4 FLAGS ())\r\n@ OK x\r\n",
    ],
  ] as const;
  await scripted(script, async ({ storage, inbox }) => {
    const parts = await Array.fromAsync(storage.changes(await inbox(), undefined, never));
    strictEqual(parts.flatMap((it) => it.type === "entries" ? it.entries : []).length, 2);
    strictEqual(tries, 2);
  });
});

for (const pieces of [1, 5]) {
  Deno.test(`mails are fetched from answers that come in pieces of ${pieces}`, async () => {
    const mail = "Subject: x\r\n\r\nbody\r\n";
    const script = [
      [
        /^UID FETCH \S+ \(UID RFC822.SIZE\)/,
        `* 1 FETCH (UID 3 RFC822.SIZE ${mail.length})\r\n@ OK x\r\n`,
      ],
      [
        /^UID FETCH/,
        `* 1 FETCH (FLAGS (\\Seen) BODY[] {${mail.length}}\r\n${mail} RFC822.SIZE ${mail.length} ` +
        "EMAILID (M1) UID 3)\r\n* 2 FETCH (FLAGS (\\Seen))\r\n@ OK x\r\n",
      ],
    ] as const;
    await scripted(script, async ({ storage, inbox }) => {
      const hrefs = [href("3"), href("4"), href("no UID")];
      const batches = await Array.fromAsync(storage.fetch(await inbox(), hrefs, { signal: never }));
      const found = new Map(
        batches.flat().map((it) => [it.state === "present" ? it.item.href : it.href, it]),
      );
      deepStrictEqual([...found].map(([at, { state }]) => [at, state]).sort(), [
        ["3", "present"],
        ["4", "unknown"],
        ["no UID", "unknown"],
      ]);
      const item = found.get(href("3"));
      ok(item?.state === "present");
      strictEqual(new TextDecoder().decode(await item.item.body.bytes()), mail);
      deepStrictEqual([item.item.body.crlf, item.item.mail?.guid], [true, "M1"]);
    }, { pieces });
  });
}

Deno.test("one mail that cannot be read stops no other, and is no absence", async () => {
  const given = "* 1 FETCH (UID 3 FLAGS () RFC822.SIZE 2 BODY[] {2}\r\n\r\n)\r\n" +
    "* 2 FETCH (UID 4 FLAGS () RFC822.SIZE 2 BODY[] NIL)\r\n";
  const ends: readonly (readonly [string, string])[] = [
    ["NO [EXPUNGEISSUED] some are gone", "unknown"],
    ["NO some messages could not be read", "unreadable"],
  ];
  for (const [end, last] of ends) {
    const script = [
      [/RFC822.SIZE\)$/, "* 1 FETCH (UID 3 RFC822.SIZE 2)\r\n@ OK x\r\n"],
      [/^UID FETCH/, `${given}@ ${end}\r\n`],
    ] as const;
    await scripted(script, async ({ storage, inbox }) => {
      const hrefs = ["3", "4", "5"].map(href);
      const batches = await Array.fromAsync(storage.fetch(await inbox(), hrefs, { signal: never }));
      deepStrictEqual(batches.flat().map(({ state }) => state), ["present", "unreadable", last]);
    });
  }
});

Deno.test("mails whose flags are not told are left alone", async () => {
  await scripted([[/^UID FETCH/, "@ NO not now\r\n"]], async (it) => {
    const box = await it.inbox();
    const results = await applied(
      it,
      box,
      deletion(1, href("3"), none),
      flagging(2, href("4"), none, ["\\Seen"]),
    );
    deepStrictEqual(results.map(({ outcome }) => outcome), ["failed", "failed"]);
    ok(!it.server.commands.some((it) => /^UID (?:STORE|EXPUNGE)/.test(it)));
  });
});
