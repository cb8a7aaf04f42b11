import { deepEqual, equal, rejects } from "node:assert/strict";
import fc from "fast-check";
import { boxOf } from "../../../adapters/mbox/box.ts";
import { mailsOf } from "../../../adapters/mbox/mails.ts";
import { scan } from "../../../adapters/mbox/scan.ts";
import { mailDigest } from "../../../lib/item/mail/digest.ts";
import { crlfSize } from "../../../lib/item/mail/newlines.ts";
import { bodyOf } from "../../../lib/model/item.ts";
import { bytesOf, decode, never } from "./support.ts";

const FROM = "From a@b  Mon Feb 03 04:05:06 2020\n";

const reader = (bytes: Uint8Array) => (into: Uint8Array, at: number) => {
  const part = bytes.subarray(at, at + into.byteLength);
  into.set(part);
  return part.byteLength;
};

async function mailsIn(text: string) {
  const bytes = bytesOf(text);
  return await scan(reader(bytes), bytes.byteLength, "box", never);
}

/** The mails as anybody sees them. */
async function texts(text: string): Promise<readonly string[]> {
  return (await mailsIn(text)).map((mail) => {
    let seen = "";
    let at = mail.header;
    for (const [from, to] of mail.hidden) {
      seen += text.slice(at, from);
      at = to;
    }
    seen += text.slice(at, mail.end);
    equal(seen.length, mail.size);
    return seen;
  });
}

async function uids(text: string): Promise<readonly number[]> {
  const stat = {
    kind: "file",
    size: 0,
    mtime: 0,
    ino: 0,
    dev: 0,
    mode: 0,
    uid: 0,
    gid: 0,
  } as const;
  return Array.from(boxOf(mailsOf(await mailsIn(text)), stat, 1, true).entries, ({ uid }) => uid);
}

Deno.test("mails are parted as Dovecot parts them", async () => {
  for (
    const [text, expected] of [
      ["", []],
      [`${FROM}`, [""]],
      [`${FROM}\n`, [""]],
      [`${FROM}\n\n`, ["\n"]],
      [`${FROM}a: b\n\nbody\n`, ["a: b\n\nbody"]],
      [`${FROM}a: b\n\nbody`, ["a: b\n\nbody"]],
      [`${FROM}a: b\n\nbody\n\n${FROM}c: d\n\n`, ["a: b\n\nbody\n", "c: d\n"]],
      [`${FROM}a: b\n\n${FROM}c: d\n\n\n`, ["a: b\n", "c: d\n\n"]],
      [`${FROM}a: b\n${FROM}c: d\n\n\n`, ["a: b", "c: d\n\n"]],
      // The very first line is a part of the header, whatever it is.
      [`${FROM}${FROM}c: d\n\n\n`, [`${FROM}c: d\n\n`]],
      [`${FROM}a: b\n\nFrom here on\n\n`, ["a: b\n\nFrom here on\n"]],
      [`${FROM}a: b\n\n>${FROM}\n`, [`a: b\n\n>${FROM}`]],
      // CRLF everywhere.
      [`${FROM}a: b\n\nx\n\n${FROM}c: d\n\ny\n\n`.replaceAll("\n", "\r\n"), [
        "a: b\r\n\r\nx\r\n",
        "c: d\r\n\r\ny\r\n",
      ]],
      // A Content-Length with the next mail, or the end, behind it.
      [`${FROM}Content-Length: 35\n\n${FROM}\n`, [`\n${FROM}`]],
      [`${FROM}Content-Length: 35\n\n${FROM}\n${FROM}a: b\n\n`, [`\n${FROM}`, "a: b\n"]],
      [`${FROM}Content-Length: 36\n\n${FROM}x\r\n`, ["\n" + FROM + "x"]],
      // One that is wrong, or is not a number, or stands in front of no line end.
      [`${FROM}Content-Length: 34\n\n${FROM}\n`, ["", ""]],
      [`${FROM}Content-Length: 99999\n\n${FROM}\n`, ["", ""]],
      [`${FROM}Content-Length: 35x\n\n${FROM}\n`, ["", ""]],
      [`${FROM}Content-Length: 35\n\n${FROM}`, ["", ""]],
      [`${FROM}Content-Length: 2\n\nx\ny\n${FROM}\n`, ["\nx\ny", ""]],
      // What is the mailbox's own is not a part of the mail, however it is written and folded.
      [`${FROM}a: b\nx-uid : 1\nSTATUS: RO\nX-Keywords: a\n b\n\tc\nd: e\n f\n\nx\n\n`, [
        "a: b\nd: e\n f\n\nx\n",
      ]],
      [`${FROM}X-UID: 1\n${FROM}a: b\n\n`, ["", "a: b\n"]],
      [`${FROM}X-UIDL: 1\nStatus-X: a\n\n\n`, ["X-UIDL: 1\nStatus-X: a\n\n"]],
      [`${FROM}a: b\n\nStatus: RO\n\n`, ["a: b\n\nStatus: RO\n"]],
    ] as const
  ) deepEqual(await texts(text), expected, JSON.stringify(text));
});

Deno.test("a UID counts if it ascends and is no higher than the base says, or is just the next", async () => {
  const mail = (header: string) => `${FROM}${header}\nx\n\n`;
  const base = "X-IMAPbase: 1 0000000010\n";
  const pseudo = "X-IMAP: 1 0000000010\n";
  for (
    const [headers, expected] of [
      [[`${base}X-UID: 3\n`, "X-UID: 7\n", "X-UID: 10\n"], [3, 7, 10]],
      [[`${base}X-UID: 3\n`, "X-UID: 3\n", "X-UID: 4\n"], [3, 11, 12]],
      [[`${base}X-UID: 3\n`, "a: b\n", "X-UID: 11\n", "X-UID: 4\n"], [3, 11, 12, 13]],
      [[`${base}X-UID: 3\n`, "X-UID: 11\n", "X-UID: 12\n", "X-UID: 14\n"], [3, 11, 12, 13]],
      [[`${base}X-UID: 3\n`, "X-UID: 4000000000\n"], [3, 11]],
      [[`X-UID: 3\n${base}`, "X-UID: 4\n"], [11, 12]],
      [["X-UID: 1\n", "X-UID: 2\n"], [1, 2]],
      [["X-UID: 9\n", `${base}X-UID: 5\n`], [1, 2]],
      [[pseudo, "X-UID: 5\n", "X-UID: 11\n"], [5, 11]],
      [[`X-IMAPbase: 0 0000000010\nX-UID: 3\n`], [1]],
      [[`X-IMAPbase: nonsense\nX-UID: 3\n`], [1]],
      [[`X-IMAPbase: 1 10 word\nX-UID: 3\n`], [3]],
    ] as const
  ) deepEqual(await uids(headers.map(mail).join("")), expected, JSON.stringify(headers));
});

Deno.test("what does not begin as an mbox does is not taken for an empty one", async () => {
  for (const text of ["\n", "Subject: x\n\n", "From nobody\n", `\n${FROM}a: b\n\n`, "From "]) {
    await rejects(mailsIn(text), { kind: "malformed", scope: "collection" });
  }
});

Deno.test("sizes and digests are those of the mail alone, wherever the pieces end", async () => {
  const piece = fc.constantFrom(
    ...[
      "\n",
      "\r\n",
      "\r",
      "a: b",
      "X-UID: 3",
      "Status: RO",
      " x",
      "From a",
      FROM,
      "é",
      "\0",
      "x".repeat(140_000),
    ],
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
      const text = `${FROM}z: y\n${pieces.join("")}`;
      const seen = await texts(text);
      const found = await mailsIn(text);
      for (const [index, mail] of found.entries()) {
        const bytes = bytesOf(seen[index] ?? "");
        const size = await crlfSize(bodyOf(bytes).stream());
        equal(mail.crlfSize, size, decode(bytes).slice(0, 200));
        equal(mail.digest, mailDigest(bytes, size));
      }
      // Nothing lies between the mails but line ends.
      let at = 0;
      for (const { from, end, next } of found) {
        equal(from, at);
        equal(/^\r?\n?$/.test(text.slice(end, next)), true);
        at = next;
      }
      equal(at, text.length);
    }),
    { numRuns: 60 },
  );
});
