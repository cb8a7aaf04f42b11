import { notStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { mailDigest } from "../../../../lib/item/mail/digest.ts";
import { headerOf, MAX_HEADER, readHeader } from "../../../../lib/item/mail/header.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const digestOf = (text: string, size = 100) => mailDigest(bytes(text), size);

const HEADER =
  "Received: by a\nDate: Tue, 14 Nov 2023 22:14:20 +0000\nMessage-ID: <m1@example.org>\n" +
  "From: A <a@example.org>\nTo: b@example.org,\n\tc@example.org\nSubject: Zürich\n\n";

Deno.test("a mail is the same one whatever a server did to its line ends, blanks and 8-bit bytes", () => {
  const digest = digestOf(HEADER);
  strictEqual(digestOf(HEADER.replaceAll("\n", "\r\n")), digest);
  strictEqual(digestOf(HEADER.replace("\n\t", " ")), digest);
  strictEqual(digestOf(HEADER.replace("Zürich", "Z??rich")), digest);
  strictEqual(digestOf(HEADER.replace("ü", "\u0080")), digest);
  strictEqual(digestOf(HEADER.replace("Message-ID", "message-id")), digest);
  strictEqual(digestOf(HEADER.replace("by a", "by another")), digest);
  strictEqual(digestOf(`${HEADER}Subject: in the body\n`), digest);
});

Deno.test("another size, subject, or order of the fields is another mail", () => {
  const digest = digestOf(HEADER);
  notStrictEqual(digestOf(HEADER, 101), digest);
  notStrictEqual(digestOf(HEADER.replace("rich", "ricH")), digest);
  notStrictEqual(digestOf("Subject: a\nTo: b\n\n"), digestOf("To: b\nSubject: a\n\n"));
  notStrictEqual(digestOf("Subject: a\nTo: b\n\n"), digestOf("Subject: aTo:b\n\n"));
});

Deno.test("a mail without any header has a digest of its size", () => {
  strictEqual(digestOf("\nbody"), digestOf("\r\n"));
  strictEqual(digestOf(""), digestOf("no header at all"));
  notStrictEqual(digestOf("", 1), digestOf("", 2));
});

Deno.test("a header ends at the empty line however the stream is cut, and no more is read", async () => {
  const mail = bytes("A: b\r\nC: d\r\r\n\r\n\r\nbody\n\n");
  for (let cut = 1; cut < mail.length; cut++) {
    let cancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(mail.subarray(0, cut));
        controller.enqueue(mail.subarray(cut));
      },
      cancel: () => {
        cancelled = true;
      },
    });
    strictEqual(new TextDecoder().decode(await readHeader(stream)), "A: b\nC: d\r\n\n");
    strictEqual(cancelled, true);
  }
});

Deno.test("a header without end is cut at the same place whatever its line ends", () => {
  const lines = "X-Filler: 0123456789\n".repeat(20_000);
  const header = headerOf(bytes(lines));
  strictEqual(header.byteLength, MAX_HEADER);
  strictEqual(digestOf(`${lines}Subject: too late\n\n`), digestOf(""));
  strictEqual(
    digestOf(`Subject: a\n${lines}`),
    digestOf(`Subject: a\r\n${lines.replaceAll("\n", "\r\n")}`),
  );
});

Deno.test("the fields that an mbox keeps for itself do not count, however they are written and folded", () => {
  const sized = (text: string) =>
    digestOf(text, text.replaceAll("\r\n", "\n").replaceAll("\n", "\r\n").length);
  const plain = "Subject: a\nTo: b\n\nbody\n";
  const digest = sized(plain);
  for (
    const field of [
      "Status: RO\n",
      "X-UID: 1\nX-Keywords:   \n",
      "x-imapbase : 1 2\n a\n\tb\n",
      "X-IMAP: 1\r\n\tb\r\n",
      "CONTENT-LENGTH:\nX-Status:A\n",
    ]
  ) {
    strictEqual(sized(`${field}${plain}`), digest, field);
    strictEqual(sized(plain.replace("To", `${field}To`)), digest, field);
    strictEqual(sized(plain.replace("b\n", `b\n${field}`)), digest, field);
  }
  strictEqual(sized("Subject: a\nStatus: RO"), sized("Subject: a\n"));
  for (const other of ["X-UIDL: 1\n", "Status-X: 1\n", "Status\n", "Status"]) {
    notStrictEqual(sized(`${other}\n${plain}`), sized(plain));
    notStrictEqual(sized(plain.replace("body", `Status: RO\n`)), digest);
  }
});

Deno.test("what of the header counts is what readHeader gives", async () => {
  const piece = fc.constantFrom("\n", "\r\n", "\r.", "a: b", "Subject: x", "Status: O", " c", "\0");
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
      const mail = bytes(pieces.join(""));
      const header = await readHeader(new Response(mail).body ?? new ReadableStream());
      strictEqual(mailDigest(mail, 1000), mailDigest(header, 1000));
    }),
  );
});
