import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { type Raw, responseReader } from "../../../lib/net/imap/reader.ts";
import { type Response, responseOf } from "../../../lib/net/imap/response.ts";
import { latin1Bytes } from "../../../lib/net/imap/value.ts";
import { parser } from "../../../lib/net/imap/parse.ts";

const fail = (what: string) => new Error(what);

function sourceOf(chunks: readonly Uint8Array[]): () => Promise<Uint8Array | undefined> {
  const left = [...chunks];
  return () => Promise.resolve(left.shift());
}

async function readAll(chunks: readonly Uint8Array[]): Promise<readonly Response[]> {
  const reader = responseReader(sourceOf(chunks), fail);
  const found: Response[] = [];
  for (let raw = await reader.next(); raw !== undefined; raw = await reader.next()) {
    found.push(responseOf(raw, fail));
  }
  return found;
}

const TRANSCRIPT = [
  "* OK [CAPABILITY IMAP4rev1 LITERAL+] ready {5}",
  '* LIST (\\HasNoChildren \\Sent) "." "Sent &- \\"x\\""',
  "* LIST () NIL {7}\r\nS\xc3\xbc\xdf} (",
  '* 3 FETCH (UID 7 FLAGS (\\Seen $x) BODY[HEADER.FIELDS (DATE "TO")] {4}\r\na\r\nb RFC822.SIZE 9)',
  "* 4 FETCH (UID 8 BODY[] {0}\r\n FLAGS ())",
  '* 5 FETCH (UID 9 BODY[] NIL BINARY[]<0> ~{3}\r\n\0\r\n INTERNALDATE "17-Jul-1996 02:44:25 -0700")',
  "* 12 EXISTS",
  "* VANISHED (EARLIER) 1:3,9",
  "+ idling",
  "d1 NO [MODIFIED 7,9] (no) [way]",
  "d2 OK [APPENDUID 12 3:4] done",
  "d3 BAD [] what",
].join("\r\n") + "\r\n";

Deno.test("answers are the same wherever their bytes are split", async () => {
  const bytes = latin1Bytes(TRANSCRIPT);
  const whole = await readAll([bytes]);
  strictEqual(whole.length, 12);
  for (let at = 1; at < bytes.length; at++) {
    deepStrictEqual(await readAll([bytes.slice(0, at), bytes.slice(at)]), whole);
  }
  deepStrictEqual(await readAll([...bytes].map((byte) => new Uint8Array([byte]))), whole);
});

Deno.test("answers are read as what they are", async () => {
  const [ok1, sent, odd, three, four, five, exists, vanished, plus, no, appended, bad] =
    await readAll([latin1Bytes(TRANSCRIPT)]);
  deepStrictEqual(ok1, {
    type: "status",
    status: "OK",
    code: { name: "CAPABILITY", values: ["IMAP4rev1", "LITERAL+"] },
    text: "ready {5}",
  });
  deepStrictEqual(sent, {
    type: "data",
    name: "LIST",
    values: [["\\HasNoChildren", "\\Sent"], latin1Bytes("."), latin1Bytes('Sent &- "x"')],
  });
  deepStrictEqual(odd, {
    type: "data",
    name: "LIST",
    values: [[], null, latin1Bytes("S\xc3\xbc\xdf} (")],
  });
  ok(three?.type === "fetch" && four?.type === "fetch" && five?.type === "fetch");
  deepStrictEqual([...three.items], [
    ["UID", "7"],
    ["FLAGS", ["\\Seen", "$x"]],
    ["BODY[", latin1Bytes("a\r\nb")],
    ["RFC822.SIZE", "9"],
  ]);
  deepStrictEqual(four.items.get("BODY["), new Uint8Array());
  strictEqual(five.items.get("BODY["), null);
  deepStrictEqual(five.items.get("BINARY["), latin1Bytes("\0\r\n"));
  deepStrictEqual(exists, { type: "count", name: "EXISTS", count: 12 });
  deepStrictEqual(vanished, { type: "data", name: "VANISHED", values: [["EARLIER"], "1:3,9"] });
  deepStrictEqual(plus, { type: "continue", text: "idling" });
  deepStrictEqual(no, {
    type: "status",
    tag: "d1",
    status: "NO",
    code: { name: "MODIFIED", values: ["7,9"] },
    text: "(no) [way]",
  });
  ok(appended?.type === "status");
  deepStrictEqual(appended.code, { name: "APPENDUID", values: ["12", "3:4"] });
  ok(bad?.type === "status" && bad.code === undefined);
});

Deno.test("a name in eight bits comes as its bytes", async () => {
  const [list] = await readAll([latin1Bytes('* LIST () "/" "\xc3\x84\xff"\r\n')]);
  ok(list?.type === "data");
  deepStrictEqual(list.values[2], latin1Bytes("\xc3\x84\xff"));
});

Deno.test("what ends in the middle of an answer is never a shorter answer", async () => {
  const bytes = latin1Bytes(TRANSCRIPT);
  const ends = new Set<number>();
  const reader = responseReader(sourceOf([bytes]), fail);
  const whole = await readAll([bytes]);
  while (await reader.next() !== undefined) ends.add(bytes.length - reader.buffered);
  for (let at = 1; at < bytes.length; at++) {
    if (ends.has(at)) {
      deepStrictEqual(
        await readAll([bytes.slice(0, at)]),
        whole.slice(0, [...ends].indexOf(at) + 1),
      );
    } else await rejects(readAll([bytes.slice(0, at)]), `it was read up to byte ${at}`);
  }
});

Deno.test("a large literal passes by in little memory", async () => {
  const size = 100 * 1024 * 1024;
  const piece = new Uint8Array(65_536).fill(120);
  let left = size;
  let head = true;
  const read = (): Promise<Uint8Array | undefined> => {
    if (head) {
      head = false;
      return Promise.resolve(latin1Bytes(`* 1 FETCH (UID 1 BODY[] {${size}}\r\n`));
    }
    if (left > 0) {
      left -= piece.length;
      return Promise.resolve(piece);
    }
    if (left < 0) return Promise.resolve(undefined);
    left = -1;
    return Promise.resolve(latin1Bytes(" FLAGS ())\r\n"));
  };
  const reader = responseReader(read, fail);
  let got = 0;
  const before = Deno.memoryUsage().rss;
  let most = 0;
  const raw = await reader.next((text, length) => {
    strictEqual(text, `* 1 FETCH (UID 1 BODY[] {${size}}`);
    strictEqual(length, size);
    return (chunk) => {
      got += chunk.length;
      most = Math.max(most, Deno.memoryUsage().rss - before);
    };
  });
  strictEqual(got, size);
  ok(raw !== undefined);
  deepStrictEqual(raw.literals, [{ streamed: size }]);
  ok(most < 32 * 1024 * 1024, `${most} bytes more were used`);
});

Deno.test("strings that we send are read as what they were", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    const quoted = /[\r\n]/.test(text) ? undefined : `"${text.replace(/["\\]/g, "\\$&")}"`;
    const raw: Raw = quoted === undefined
      ? { text: `{${bytes.length}}`, literals: [bytes] }
      : { text: quoted, literals: [] };
    deepStrictEqual(parser(raw, fail).value(), new Uint8Array(bytes));
  }));
});

Deno.test("whatever comes is read or refused, and never hangs", async () => {
  const words = fc.constantFrom(
    ...["* ", "1 ", "FETCH ", "(", ")", '"', "\\", "{3}", "~{1}", "\r\n", "NIL", "BODY[", "]"],
    ...[
      "[",
      "OK ",
      "UID 5",
      " ",
      "abc",
      "\0",
      "\xff",
      "+ ",
      "LIST ",
      "STATUS ",
      "{99999999999999}",
    ],
  );
  await fc.assert(
    fc.asyncProperty(fc.array(words, { maxLength: 24 }), async (parts) => {
      try {
        await readAll([latin1Bytes(`${parts.join("")}\r\n`)]);
      } catch (thrown) {
        ok(thrown instanceof Error && thrown.constructor === Error, String(thrown));
      }
    }),
    { numRuns: 3_000 },
  );
});
