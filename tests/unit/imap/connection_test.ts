import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { select } from "../../../lib/net/imap/mailbox.ts";
import type { Response } from "../../../lib/net/imap/response.ts";
import { bodyOf } from "../../../lib/model/item.ts";
import { SyncError } from "../../../lib/model/error.ts";
import { fakeConnection } from "./fake_server.ts";

const doing = "to do it";
const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("commands do not wait for each other", async () => {
  const { connection, wire } = fakeConnection((command) =>
    command === "B" ? "d2 OK b\r\nd1 OK a\r\n" : ""
  );
  const all = await Promise.all([
    connection.run(["A"], { doing }),
    connection.run(["B"], { doing }),
  ]);
  deepStrictEqual(all.map(({ text }) => text), ["a", "b"]);
  strictEqual(wire.written(), "d1 A\r\nd2 B\r\n");
  await connection.close();
});

for (const pieces of [1, 2, 3, 7]) {
  Deno.test(`a literal waits for its turn, with answers in pieces of ${pieces}`, async () => {
    const said: string[] = [];
    const { connection, wire } = fakeConnection(
      (command) => {
        said.push(command);
        return "@ OK done\r\n";
      },
      "IMAP4REV1",
      { pieces },
    );
    const streamed = { size: 5, stream: () => bodyOf(bytes("hello")).stream() };
    await connection.run(["APPEND x ", bytes("a\r\nb"), " ", streamed], { doing });
    deepStrictEqual(said, ["APPEND x {4}\r\na\r\nb {5}\r\nhello"]);
    strictEqual(wire.written().includes("+}"), false);
    await connection.close();
  });
}

Deno.test("with LITERAL- only small literals go out without being asked for", async () => {
  const { connection, wire } = fakeConnection(() => "@ OK done\r\n", "LITERAL-");
  await connection.run(["X ", new Uint8Array(4096).fill(97)], { doing });
  await connection.run(["X ", new Uint8Array(4097).fill(97)], { doing });
  match(wire.written(), /\{4096\+\}\r\n/);
  match(wire.written(), /\{4097\}\r\n/);
  await connection.close();
});

Deno.test("a literal that is refused before it is sent is not sent", async () => {
  const { connection, wire } = fakeConnection(() => "@ OK done\r\n", "IMAP4REV1", {
    goesOn: false,
  });
  await rejects(connection.run(["APPEND x ", bytes("secret")], { doing }), { kind: "refused" });
  strictEqual(wire.written().includes("secret"), false);
  strictEqual((await connection.run(["NOOP"], { doing })).status, "OK");
  await connection.close();
});

Deno.test("a stream of another length than was said ends the connection", async () => {
  for (const size of [4, 6]) {
    const { connection } = fakeConnection(() => "@ OK done\r\n");
    const streamed = { size, stream: () => bodyOf(bytes("hello")).stream() };
    await rejects(connection.run(["APPEND x ", streamed], { doing }), {
      kind: "changed",
      retry: true,
    });
    ok(connection.closed);
  }
});

Deno.test("a line break never gets into a command", async () => {
  const { connection, wire } = fakeConnection(() => "@ OK done\r\n");
  await rejects(connection.run(["SELECT x\r\nd9 DELETE y"], { doing }), { kind: "internal" });
  strictEqual(wire.written(), "");
});

Deno.test("who does not answer is given up", async () => {
  const { connection } = fakeConnection(() => "", "IMAP4REV1", { timeout: 50 });
  // The clock alone keeps nothing alive.
  const alive = setInterval(() => {}, 10);
  try {
    await rejects(connection.run(["NOOP"], { doing }), { kind: "unreachable", retry: true });
  } finally {
    clearInterval(alive);
  }
});

Deno.test("a connection that ends fails whatever waits, with what was said", async () => {
  const { connection, wire } = fakeConnection((command) => {
    if (command === "B") wire.say("* BYE going down\r\n");
    return "";
  });
  const first = connection.run(["A"], { doing });
  const second = connection.run(["B"], { doing });
  for (const it of [first, second]) {
    await rejects(it, { kind: "unreachable", retry: true, message: /going down/ });
  }
  await rejects(connection.run(["C"], { doing }), { kind: "unreachable" });
});

Deno.test("a signal ends the connection and cancels what waits", async () => {
  const { connection } = fakeConnection(() => "");
  const stop = new AbortController();
  const running = connection.run(["A"], { doing, signal: stop.signal });
  stop.abort();
  await rejects(running, { kind: "cancelled" });
  ok(connection.closed);
});

Deno.test("what refusals mean", async () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["NO [OVERQUOTA] full", "quota", false],
    ["NO [TOOBIG] no", "too large", false],
    ["NO [LIMIT] no", "too large", false],
    ["NO [NONEXISTENT] no", "missing", false],
    ["NO [ALREADYEXISTS] no", "exists", false],
    ["NO [NOPERM] no", "forbidden", false],
    ["NO [INUSE] no", "refused", true],
    ["NO [UNAVAILABLE] no", "unreachable", true],
    ["NO [THROTTLED] Account exceeded bandwidth limits", "unreachable", true],
    ["NO Request is throttled. Suggested Backoff Time: 299961 milliseconds", "unreachable", true],
    ["NO Mailbox doesn't exist: x", "missing", false],
    ["NO what", "refused", false],
    ["BAD what", "refused", false],
  ];
  for (const [answer, kind, retry] of cases) {
    const { connection } = fakeConnection(() => `@ ${answer}\r\n`);
    await rejects(connection.run(["X"], { doing }), (thrown) => {
      ok(thrown instanceof SyncError);
      deepStrictEqual([thrown.kind, thrown.retry], [kind, retry], answer);
      return true;
    });
    await connection.close();
  }
});

const OPENED = "* FLAGS (\\Seen Work)\r\n* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n" +
  "* OK [UIDNEXT 12] x\r\n* OK [HIGHESTMODSEQ 90] x\r\n* OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n";

Deno.test("a mailbox that is open is followed as it changes", async () => {
  const { connection, wire } = fakeConnection(
    (command) =>
      command === "NOOP"
        ? "* 9 EXISTS\r\n* 2 EXPUNGE\r\n* VANISHED 1:3\r\n* FLAGS (\\Seen Work New)\r\n@ OK x\r\n"
        : `${OPENED}@ OK [READ-WRITE] x\r\n`,
    "IMAP4REV1 CONDSTORE",
  );
  const selected = await select(connection, 'a"b', true, undefined);
  strictEqual(wire.written(), 'd1 SELECT "a\\"b" (CONDSTORE)\r\n');
  deepStrictEqual(
    [
      selected.exists,
      selected.uidValidity,
      selected.uidNext,
      selected.highestModseq,
      selected.writable,
    ],
    [3, 7, 12, 90n, true],
  );
  await connection.run(["NOOP"], { doing });
  strictEqual(connection.selected?.exists, 5);
  strictEqual(connection.selected?.spellings.get("new"), "New");
  await connection.close();
});

Deno.test("a mailbox without UIDVALIDITY or a count of mails is not opened", async () => {
  for (const lacking of [/^.*EXISTS\r\n/m, /^.*UIDVALIDITY.*\r\n/m]) {
    const { connection } = fakeConnection(() => `${OPENED.replace(lacking, "")}@ OK x\r\n`);
    await rejects(select(connection, "x", false, undefined), {
      kind: "malformed",
      scope: "collection",
    });
    ok(connection.closed);
  }
});

Deno.test("a literal goes to whoever takes it as it comes, and waits for them", async () => {
  const { connection } = fakeConnection(
    () => "* 1 FETCH (UID 4 BODY[] {11}\r\nhello world FLAGS ())\r\n@ OK x\r\n",
    "IMAP4REV1",
    { pieces: 4, timeout: 80 },
  );
  let text = "";
  const answers: Response[] = [];
  const alive = setInterval(() => {}, 10);
  await connection.run(["UID FETCH 4 (BODY.PEEK[])"], {
    doing,
    takes: () => async (chunk) => {
      // Longer than the server may take: it is not the server who is slow.
      await new Promise((resolve) => setTimeout(resolve, 100));
      text += new TextDecoder().decode(chunk);
    },
    on: (response) => answers.push(response),
  });
  clearInterval(alive);
  strictEqual(text, "hello world");
  const [fetch] = answers;
  ok(fetch?.type === "fetch");
  deepStrictEqual(fetch.items.get("BODY["), { streamed: 11 });
  await connection.close();
});
