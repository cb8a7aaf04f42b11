import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { crlfSize, crlfToLf, lfToCrlf } from "../../../../lib/item/mail/newlines.ts";

const BYTES = fc.array(fc.constantFrom(13, 10, 65, 0, 255), { maxLength: 40 });
const CUTS = fc.array(fc.nat({ max: 7 }), { maxLength: 12 });

const latin1 = (bytes: Uint8Array) => Array.from(bytes, (it) => String.fromCharCode(it)).join("");

/** The bytes in pieces of these lengths, over and over; some are empty. */
function pieces(bytes: readonly number[], cuts: readonly number[]): ReadableStream<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const length = turn < cuts.length ? cuts[turn] ?? 1 : bytes.length;
    chunks.push(new Uint8Array(bytes.slice(at, at + length)));
    at += length;
  }
  return ReadableStream.from(chunks);
}

const textOf = async (stream: ReadableStream<Uint8Array>) =>
  latin1(new Uint8Array(await new Response(stream).arrayBuffer()));

Deno.test("line ends become CRLF wherever the stream is cut, and only where they were LF", async () => {
  await fc.assert(fc.asyncProperty(BYTES, CUTS, async (bytes, cuts) => {
    const expected = latin1(new Uint8Array(bytes)).replace(/(?<!\r)\n/g, "\r\n");
    strictEqual(await textOf(pieces(bytes, cuts).pipeThrough(lfToCrlf())), expected);
    strictEqual(await crlfSize(pieces(bytes, cuts)), expected.length);
  }));
});

Deno.test("CRLF becomes LF wherever the stream is cut, and a bare CR stays", async () => {
  await fc.assert(fc.asyncProperty(BYTES, CUTS, async (bytes, cuts) => {
    const expected = latin1(new Uint8Array(bytes)).replace(/\r\n/g, "\n");
    strictEqual(await textOf(pieces(bytes, cuts).pipeThrough(crlfToLf())), expected);
  }));
});

Deno.test("a mail that is only a CR, or nothing, keeps what it has", async () => {
  strictEqual(await textOf(pieces([13], []).pipeThrough(crlfToLf())), "\r");
  strictEqual(await textOf(pieces([], []).pipeThrough(lfToCrlf())), "");
  deepStrictEqual(await crlfSize(pieces([], [])), 0);
});
