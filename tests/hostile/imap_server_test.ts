/** IMAP servers that lie, stall, or are somebody else. */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { openImap } from "../../adapters/imap/mod.ts";
import { SyncError } from "../../lib/model/error.ts";
import { collectionId, href } from "../../lib/model/names.ts";
import { Secret } from "../../lib/model/secret.ts";
import { responseReader } from "../../lib/net/imap/reader.ts";
import { responseOf } from "../../lib/net/imap/response.ts";
import { latin1Bytes } from "../../lib/net/imap/value.ts";
import { type Answers, fakeServer } from "../unit/imap/fake_server.ts";
import { applied, creation, never, scripted } from "../unit/imap/scripted.ts";

const isSync = (kind: string) => (thrown: unknown) => {
  ok(thrown instanceof SyncError, String(thrown));
  strictEqual(thrown.kind, kind, thrown.message);
  return true;
};

const secret = "hunter2-secret";

/** Logs in over a socket with STARTTLS, and says what the server was told. */
async function withStartTls(
  greeting: string,
  answers: Answers,
  message: RegExp,
): Promise<readonly string[]> {
  await using server = await fakeServer(answers, { greeting });
  const storage = openImap({
    name: "imap",
    place: { kind: "host", host: "localhost", security: "starttls", socket: server.path },
    credentials: { username: "me", password: new Secret(secret) },
    timeout: 1_000,
  });
  await rejects(storage.check(never), { kind: "unreachable", message });
  await storage.close();
  const told = [...server.commands];
  ok(!told.join("\n").includes(secret), "the password was sent in the clear");
  return told;
}

Deno.test("nothing that comes with the answer to STARTTLS is believed", async () => {
  for (const more of ["* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n", "s2 OK in\r\n", " "]) {
    const told = await withStartTls(
      "* OK hello",
      () => `s1 OK begin\r\n${more}`,
      /not be believed/,
    );
    ok(told.length <= 1, told.join("\n"));
  }
});

Deno.test("who is logged in before TLS is not spoken to", async () => {
  deepStrictEqual(
    await withStartTls(
      "* PREAUTH [CAPABILITY IMAP4rev1] hello",
      () => "@ OK x\r\n",
      /not be believed/,
    ),
    [],
  );
});

Deno.test("a server that will not speak TLS is told no password", async () => {
  for (const answer of ["s1 NO not today\r\n", "s1 BAD what\r\n", "* BYE no\r\n"]) {
    await withStartTls("* OK hello", () => answer, /does not speak TLS|closed the connection/);
  }
});

Deno.test("a greeting that is none is told as such", async () => {
  for (
    const greeting of ["HTTP/1.1 400 Bad Request", "220 mail ESMTP", "* 3 EXISTS", "", "+OK POP3"]
  ) {
    await using server = await fakeServer(() => undefined, { greeting });
    const place = {
      kind: "host",
      host: "localhost",
      security: "none",
      socket: server.path,
    } as const;
    const storage = openImap({ name: "imap", place, timeout: 500 });
    await rejects(storage.check(never), isSync("malformed"));
    await storage.close();
  }
});

const fail = (what: string) => new Error(what);

/** Reads from an endless repetition of one text. */
function endless(head: string, text: string) {
  const first = latin1Bytes(head);
  const chunk = latin1Bytes(text.repeat(65_536 / text.length));
  let read = 0;
  const reader = responseReader(() => {
    read += chunk.length;
    return Promise.resolve(read === chunk.length ? first : chunk);
  }, fail);
  return { next: () => reader.next(), read: () => read };
}

Deno.test("a line without an end is given up", async () => {
  for (const text of ["x", "(", '"a" ', "\0"]) {
    const { next, read } = endless("* OK ", text);
    await rejects(next(), /a line of more than/);
    ok(read() < 32 * 1024 * 1024, `${read()} bytes were read`);
  }
});

Deno.test("literals that are too large, too many or no numbers are given up at once", async () => {
  for (const size of ["4294967295", "33554433", "99999999999999999999", "18446744073709551616"]) {
    const reader = responseReader(
      () => Promise.resolve(latin1Bytes(`* 1 FETCH (BODY[] {${size}}\r\n`)),
      fail,
    );
    await rejects(reader.next(), /literal/);
  }
  const { next } = endless("* 1 FETCH (X {1}\r\n", "a {1}\r\naaaaaaaaa".slice(0, 8));
  await rejects(next(), /literal/);
});

Deno.test("a literal that is promised and does not come takes no room", async () => {
  const chunks = [latin1Bytes("* 1 FETCH (BODY[] {33000000}\r\n"), latin1Bytes("ab")];
  const before = Deno.memoryUsage().rss;
  const reader = responseReader(() => Promise.resolve(chunks.shift()), fail);
  await rejects(reader.next(), /middle of a literal/);
  ok(Deno.memoryUsage().rss - before < 16 * 1024 * 1024);
});

Deno.test("lists that stand deep in each other are given up", () => {
  const text = `* LIST ${"(".repeat(100_000)}`;
  let thrown: unknown;
  try {
    responseOf({ text, literals: [] }, fail);
  } catch (error) {
    thrown = error;
  }
  ok(thrown instanceof Error && /deep/.test(thrown.message), String(thrown));
});

Deno.test("a listing that is short is no listing", async () => {
  const answers = [
    "* 1 FETCH (UID 3 FLAGS ())\r\n@ OK done\r\n",
    "@ OK done\r\n",
    // The same mail twice is one mail, and one without a UID is none.
    "* 1 FETCH (UID 3 FLAGS ())\r\n* 2 FETCH (UID 3 FLAGS ())\r\n@ OK done\r\n",
    "* 1 FETCH (UID 3 FLAGS ())\r\n* 2 FETCH (FLAGS ())\r\n@ OK done\r\n",
  ];
  for (const answer of answers) {
    await scripted([[/^UID FETCH/, answer]], async ({ storage, inbox }) => {
      await rejects(
        Array.fromAsync(storage.changes(await inbox(), undefined, never)),
        isSync("malformed"),
      );
    });
  }
});

Deno.test("a listing that is refused or breaks off is no listing", async () => {
  for (const end of ["@ NO sorry\r\n", "@ BAD sorry\r\n", "* BYE sorry\r\n", "zz OK done\r\n"]) {
    const answer = `* 1 FETCH (UID 3 FLAGS ())\r\n* 2 FETCH (UID 4 FLAGS ())\r\n${end}`;
    await scripted([[/^UID FETCH/, answer]], async ({ storage, inbox }) => {
      await rejects(
        Array.fromAsync(storage.changes(await inbox(), undefined, never)),
        (thrown) => thrown instanceof SyncError && thrown.kind !== "internal",
      );
    });
  }
});

Deno.test("mails that went while they were listed are not missed", async () => {
  const answer = "* 1 FETCH (UID 3 FLAGS ())\r\n@ OK done\r\n";
  await scripted(
    [[/^UID FETCH/, answer], [/^NOOP/, "* VANISHED 4\r\n@ OK x\r\n"]],
    async ({ storage, inbox }) => {
      const parts = await Array.fromAsync(storage.changes(await inbox(), undefined, never));
      deepStrictEqual(parts.map(({ type }) => type), ["entries", "end"]);
    },
  );
});

Deno.test("another UIDVALIDITY stops the mailbox, whatever was to be done", async () => {
  const other = "* 2 EXISTS\r\n* OK [UIDVALIDITY 8] x\r\n* OK [UIDNEXT 12] x\r\n@ OK x\r\n";
  await scripted([[/^(?:SELECT|EXAMINE)/, other]], async (it) => {
    const { storage, server } = it;
    const box = await it.inbox();
    const changed = (thrown: unknown) =>
      thrown instanceof SyncError && thrown.kind === "changed" && thrown.scope === "collection";
    await rejects(Array.fromAsync(storage.changes(box, undefined, never)), changed);
    await rejects(Array.fromAsync(storage.fetch(box, [href("3")], { signal: never })), changed);
    const [result] = await applied(it, box, creation(1, "a"));
    ok(result?.outcome === "failed" && changed(result.error));
    ok(!server.commands.some((it) => /^(?:APPEND|UID)/.test(it)));
  });
});

Deno.test("a mailbox that was made anew is not deleted, nor one with mails", async () => {
  const status = (text: string) => `* STATUS INBOX (${text})\r\n@ OK x\r\n`;
  for (
    const text of [
      "MESSAGES 0 UIDNEXT 12 UIDVALIDITY 8 MAILBOXID (b1)",
      "MESSAGES 0 UIDNEXT 12 UIDVALIDITY 7 MAILBOXID (b2)",
      "MESSAGES 1 UIDNEXT 12 UIDVALIDITY 7 MAILBOXID (b1)",
      "MESSAGES 0",
    ]
  ) {
    await scripted([[/^STATUS/, status(text)]], async ({ storage, server, inbox }) => {
      await rejects(
        storage.deleteCollection(await inbox(), never),
        (thrown) => thrown instanceof SyncError && ["changed", "refused"].includes(thrown.kind),
      );
      ok(!server.commands.some((it) => it.startsWith("DELETE")));
    });
  }
});

Deno.test("numbers that mails cannot have got are not believed (CVE-2021-3578)", async () => {
  for (const code of ["7 0", "7 1:4294967295", "7 12:13", "8 12", "7 x", "7 (", "7 99999999999"]) {
    await scripted([[/^APPEND/, `@ OK [APPENDUID ${code}] x\r\n`]], async (it) => {
      const [result] = await applied(it, await it.inbox(), creation(1, "a"));
      ok(result?.outcome === "failed", code);
    });
  }
});

Deno.test("answers that nobody asked for change nothing", async () => {
  const noise =
    '* 1 FETCH (FLAGS (\\Seen))\r\n* 5 EXISTS\r\n* SEARCH 1 2 3\r\n* X-WHAT (a (b)) "c"\r\n' +
    "* OK [APPENDUID 7 99] x\r\n* OK [ALERT] hey\r\n* 77 FETCH (UID 77 FLAGS () BODY[] {1}\r\na RFC822.SIZE 1)\r\n" +
    "* STATUS elsewhere (MESSAGES 3)\r\n* CAPABILITY IMAP4rev1 LITERAL+ UIDPLUS\r\n";
  const script = [
    [/RFC822.SIZE\)$/, `${noise}* 1 FETCH (UID 3 RFC822.SIZE 4)\r\n@ OK x\r\n`],
    [
      /^UID FETCH/,
      `${noise}* 1 FETCH (UID 3 FLAGS () RFC822.SIZE 4 BODY[] {4}\r\n\r\na\n)\r\n${noise}@ OK x\r\n`,
    ],
    [/^APPEND/, `${noise}@ OK [APPENDUID 7 12] x\r\n`],
  ] as const;
  await scripted(script, async (it) => {
    const box = await it.inbox();
    const batches = await Array.fromAsync(it.storage.fetch(box, [href("3")], { signal: never }));
    deepStrictEqual(batches.flat().map((it) => it.state === "present" ? it.item.href : it.state), [
      "3",
    ]);
    const [result] = await applied(it, box, creation(1, "a"));
    ok(result?.outcome === "done" && result.href === "12");
  });
});

Deno.test("a body of another length than was said fails, and is never short", async () => {
  const size = 2 * 1024 * 1024;
  const cases: readonly (readonly [string, string])[] = [
    [`{5}\r\nshort`, "malformed"],
    [`{${size + 1}}\r\n${"x".repeat(size + 1)}`, "malformed"],
    ["NIL", "missing"],
    [`{${size}}\r\nand then`, "unreachable"],
  ];
  for (const [body, kind] of cases) {
    const script = [
      [/RFC822.SIZE\)$/, `* 1 FETCH (UID 3 RFC822.SIZE ${size})\r\n@ OK x\r\n`],
      [
        /HEADER.FIELDS/,
        `* 1 FETCH (UID 3 FLAGS () RFC822.SIZE ${size} BODY[HEADER.FIELDS (DATE)] {2}\r\n\r\n)\r\n@ OK x\r\n`,
      ],
      [
        /BODY.PEEK\[\]/,
        `* 1 FETCH (UID 3 BODY[] ${body}${kind === "unreachable" ? "* BYE x" : ")\r\n@ OK x\r\n"}`,
      ],
    ] as const;
    await scripted(script, async ({ storage, inbox }) => {
      const [batch] = await Array.fromAsync(
        storage.fetch(await inbox(), [href("3")], { signal: never }),
      );
      const [found] = batch ?? [];
      ok(found?.state === "present");
      await rejects(
        found.item.body.bytes(),
        (thrown) => thrown instanceof SyncError && (thrown.kind === kind || kind === "unreachable"),
        body.slice(0, 20),
      );
    });
  }
});

Deno.test("what is said to be gone in endless ranges is looked at as a whole instead", async () => {
  const older = "imap1 7 10 2 80 keeps \\*" as Parameters<
    ReturnType<typeof openImap>["changes"]
  >[1];
  const script = [
    [/CHANGEDSINCE/, "* VANISHED (EARLIER) 1:4294967295\r\n@ OK x\r\n"],
    [/^UID FETCH/, "* 1 FETCH (UID 3 FLAGS ())\r\n* 2 FETCH (UID 4 FLAGS ())\r\n@ OK x\r\n"],
  ] as const;
  await scripted(script, async ({ storage, inbox }) => {
    const parts = await Array.fromAsync(storage.changes(await inbox(), older, never));
    const end = parts.at(-1);
    ok(end?.type === "end" && end.mode === "complete");
  });
});

Deno.test("names from a server are ids and never commands", async () => {
  const names = ["../../etc", 'a\\"b', "x\\r\\ny", "&AAo-", "&-&-", "%2F..%2F", "a//b", "\xff\xfe"];
  const list = names.map((name) => `* LIST () "/" {${name.length}}\r\n${name}\r\n`).join("");
  await scripted(
    [[/^LIST/, `${list}@ OK x\r\n`], [/^STATUS/, "@ NO [NOPERM] x\r\n"]],
    async ({ storage, server }) => {
      const found = await storage.collections(never);
      deepStrictEqual(found.map(({ href }) => String(href)), names);
      strictEqual(new Set(found.map(({ id }) => id)).size, names.length);
      strictEqual(server.commands.filter((it) => it.startsWith("STATUS")).length, names.length);
    },
  );
});

Deno.test("an id cannot end a command", async () => {
  await scripted([[/^CREATE/, "@ NO no\r\n"]], async ({ storage, server }) => {
    for (const id of ['a"b', "a\\", "x".repeat(2_000), "a\r\nd9 DELETE INBOX", "a\0b"]) {
      await rejects(
        storage.createCollection(
          storage.localId?.(collectionId(id)) ?? collectionId(id),
          {},
          never,
        ),
        SyncError,
      );
    }
    ok(!server.commands.some((it) => it.startsWith("DELETE")));
  });
});

Deno.test("a server that stalls is given up", async () => {
  await scripted([[/^UID FETCH/, "* 1 FETCH (UID 3 FLA"]], async ({ storage, inbox }) => {
    const box = await inbox();
    await rejects(Array.fromAsync(storage.changes(box, undefined, never)), isSync("unreachable"));
  }, { timeout: 100 });
});
