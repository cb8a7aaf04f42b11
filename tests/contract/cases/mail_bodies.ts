/** What every storage of mail promises of bodies, dates and what else is known of a mail. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { SyncError } from "../../../lib/model/error.ts";
import { type Body, bodyOf } from "../../../lib/model/item.ts";
import type { Mail } from "../../../lib/model/mail.ts";
import {
  apply,
  assertOutcome,
  type Case,
  deletion,
  fetchOne,
  gather,
  list,
  never,
  said,
} from "../context.ts";
import {
  assertBytes,
  bytesOf,
  created,
  keepsGuids,
  listedAt,
  mailOf,
  mailsIn,
  ofMail,
  plainMail,
} from "./mail_kit.ts";

const HEADER = "Date: Tue, 14 Nov 2023 22:14:20 +0000\nMessage-ID: <x@example.org>\n";

/** Mails in forms that are not those of the books. */
const ODD: Readonly<Record<string, string>> = {
  "LF at the ends of its lines": `${HEADER}\none\ntwo\n`,
  "LF and CRLF mixed": `${HEADER}Subject: x\r\n\none\r\ntwo\nthree\r\n`,
  "CRs within lines": `${HEADER}\none\rtwo\r\rthree\n`,
  "no end of its last line": `${HEADER}\none\ntwo`,
  "no body": `${HEADER}\n`,
  "no empty line after its header": HEADER,
  "bytes that are no text": `${HEADER}\n\u00ff\u00fe\u0080 \u0001\u001b\n`,
  "no header": "\nnothing but a body\n",
  "no Message-ID and no date": "Subject: x\n\ntext\n",
  "empty lines at its beginning of the body": `${HEADER}\n\n\n\ntext\n`,
  "lines that begin with From":
    `${HEADER}\nFrom x\n>From y\n\nFrom z@example.org Mon Jan  1 00:00:00 2024\n`,
};

const latin1 = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));

const odd: readonly Case[] = Object.entries(ODD).map(([what, text]) => ({
  name: `a mail with ${what} comes back as it was written`,
  run: async (context) => {
    const { storage, fresh } = context;
    const collection = await fresh();
    const bytes = latin1(text);
    const { href } = await created(storage, collection, mailOf(context, 1, bytes));
    const item = await fetchOne(storage, collection, href);
    await assertBytes(item, bytes, context);
    if (context.ownIdents !== true) assert.equal(item.digest, said(context.kit, bytes).digest);
    // Written once more, from what was read, it is the same mail again.
    const again = mailOf(context, 2, bytes, { body: item.body });
    const { href: copy } = await created(storage, collection, again);
    const copied = await fetchOne(storage, collection, copy);
    assert.deepEqual(await copied.body.bytes(), await item.body.bytes());
  },
}));

/** How large a large mail is here, in bytes. */
const LARGE = 24 * 1024 * 1024;
const LINE = bytesOf("0123456789abcdef".repeat(4) + "\r\n");

/** A body that is never in memory as a whole, and a digest of what came out of it. */
function largeBody(): { readonly body: Body; readonly sum: () => string } {
  const header = bytesOf(`${HEADER}Subject: large\n\n`.replaceAll("\n", "\r\n"));
  const block = new Uint8Array(LINE.byteLength * 512);
  for (let at = 0; at < block.byteLength; at += LINE.byteLength) block.set(LINE, at);
  const blocks = Math.floor(LARGE / block.byteLength);
  const size = header.byteLength + blocks * block.byteLength;
  const sum = () => {
    const hash = createHash("sha256").update(header);
    for (let n = 0; n < blocks; n++) hash.update(block);
    return hash.digest("hex");
  };
  const body: Body = {
    size,
    bytes: () => Promise.reject(new Error("a large body was read as a whole")),
    stream() {
      let left = blocks;
      let begun = false;
      return new ReadableStream({
        pull(controller) {
          if (!begun) controller.enqueue(header);
          else if (left-- > 0) controller.enqueue(block.slice());
          else controller.close();
          begun = true;
        },
      });
    },
  };
  return { body, sum };
}

const DATES: Readonly<Record<string, number>> = {
  "of the beginning of 1970": 1_000,
  "of 1999": 938_000_000_000,
  "of last century's odd second": 946_684_799_000,
  "of after 2038": 2_200_000_000_000,
};

const dates: readonly Case[] = Object.entries(DATES).map(([what, received]) => ({
  name: `a mail keeps a date ${what}`,
  run: async (context) => {
    const { storage, fresh } = context;
    const collection = await fresh();
    const action = mailOf(context, 1, plainMail("m", "text"), { mail: { received } });
    const { href } = await created(storage, collection, action);
    const item = await fetchOne(storage, collection, href);
    assert.equal(item.mail?.received, received);
    const entry = await listedAt(storage, collection, href);
    if (entry.mail?.received !== undefined) assert.equal(entry.mail.received, received);
  },
}));

const cases: readonly Case[] = [
  ...odd,
  ...dates,
  {
    name: "a date keeps its second, at least",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const received = 1_700_000_123_456;
      const action = mailOf(context, 1, plainMail("m", "text"), { mail: { received } });
      const { href } = await created(storage, collection, action);
      const { mail } = await fetchOne(storage, collection, href);
      assert.equal(Math.floor((mail?.received ?? 0) / 1000), 1_700_000_123);
    },
  },
  {
    name: "a large mail is written and read as a stream, and never as a whole",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const { body, sum } = largeBody();
      const action = mailOf(context, 1, plainMail("large", "text"), { body });
      const { href } = await created(storage, collection, action);
      const item = await fetchOne(storage, collection, href);
      assert.equal(item.body.size, body.size);
      const hash = createHash("sha256");
      let size = 0;
      let largest = 0;
      for await (const chunk of item.body.stream()) {
        hash.update(chunk);
        size += chunk.byteLength;
        largest = Math.max(largest, chunk.byteLength);
      }
      assert.equal(size, body.size);
      assert.equal(hash.digest("hex"), sum());
      assert.ok(largest <= 4 * 1024 * 1024, `a chunk of ${largest} bytes`);
    },
  },
  {
    name: "a mail whose body breaks off is not written, and the next one is",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const bytes = plainMail("broken", "text ".repeat(100_000));
      const gone = () => new SyncError("it is gone", { scope: "item", kind: "missing" });
      const broken: Body = {
        size: bytes.byteLength,
        bytes: () => Promise.reject(gone()),
        stream() {
          let begun = false;
          return new ReadableStream({
            pull(controller) {
              if (begun) controller.error(gone());
              else controller.enqueue(bytes.slice(0, 100_000));
              begun = true;
            },
          });
        },
      };
      const [failed, next] = await apply(
        storage,
        collection,
        mailOf(context, 1, bytes, { body: broken }),
        mailOf(context, 2, plainMail("next", "next")),
      );
      assertOutcome(failed, "failed");
      assertOutcome(next, "done");
      const mails = await mailsIn(storage, collection);
      assert.equal(mails.length, 1);
    },
  },
  {
    name: "who mails are is told without their bodies",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const texts = ["a", "b", "c"].map((name) => plainMail(name, `text of ${name}`));
      const actions = texts.map((bytes, n) => mailOf(context, n + 1, bytes));
      for (const result of await apply(storage, collection, ...actions)) {
        assertOutcome(result, "done");
      }
      const hrefs = (await mailsIn(storage, collection)).map(({ href }) => href);
      const whole = (await gather(storage.fetch(collection, hrefs, { signal: never }))).flat();
      const options = { signal: never, identsOnly: true } as const;
      const known = (await gather(storage.fetch(collection, hrefs, options))).flat();
      const idents = (all: typeof whole) =>
        all.map((it) => it.state === "present" ? `${it.item.href} ${it.item.ident}` : "").sort();
      assert.deepEqual(idents(known), idents(whole));
      assert.equal(new Set(idents(known)).size, 3);
      for (const it of known) {
        assert.ok(it.state === "present");
        assert.equal(it.item.digest as string, it.item.ident as string);
      }
    },
  },
  {
    name: "the size that a listing tells is the one that IMAP counts",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const bytes = bytesOf(`${HEADER}\none\ntwo\n`);
      const { href } = await created(storage, collection, mailOf(context, 1, bytes));
      const { mail } = await listedAt(storage, collection, href);
      const lines = bytes.filter((byte) => byte === 10).length;
      assert.equal(mail?.size ?? bytes.byteLength + lines, bytes.byteLength + lines);
    },
  },
  {
    name: "a mail with CRLF that came from IMAP has the ends of lines that this storage has",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const text = `${HEADER}\none\ntwo\n`;
      const body: Body = { ...bodyOf(bytesOf(text.replaceAll("\n", "\r\n"))), crlf: true };
      const action = mailOf(context, 1, bytesOf(text), { body });
      const { href } = await created(storage, collection, action);
      const back = (await fetchOne(storage, collection, href)).body;
      const expected = back.crlf === true ? text.replaceAll("\n", "\r\n") : text;
      assert.equal(new TextDecoder().decode(await back.bytes()), expected);
    },
  },
  {
    name: "the body of a mail that was deleted is missing, and never short",
    run: async (context) => {
      const { storage, fresh, another } = context;
      const collection = await fresh();
      const bytes = plainMail("m", "text");
      const item = await created(storage, collection, mailOf(context, 1, bytes));
      const { body } = await fetchOne(storage, collection, item.href);
      const result = (await apply(await another(), collection, deletion(item, "m")))[0];
      assertOutcome(result, "done");
      const read = await body.bytes().catch((thrown) => {
        assert.ok(thrown instanceof SyncError);
        assert.equal(thrown.kind, "missing");
        return undefined;
      });
      // Who has it already may give it.
      if (read !== undefined) assert.equal(read.byteLength, body.size);
    },
  },
  {
    name: "a mail that somebody delivers between a listing and a write stays, and is listed",
    run: async (context) => {
      const { storage, fresh, another } = context;
      const collection = await fresh();
      const first = await created(storage, collection, mailOf(context, 1, plainMail("a", "a")));
      const { cursor } = await list(storage, collection);
      const other = await another();
      await created(other, collection, mailOf(context, 2, plainMail("b", "b")));
      assertOutcome((await apply(storage, collection, deletion(first, "a")))[0], "done");
      await created(storage, collection, mailOf(context, 3, plainMail("c", "c")));
      assert.equal((await mailsIn(storage, collection)).length, 2);
      assert.equal((await list(storage, collection, cursor)).etags.size, 2);
    },
  },
];

const kept: readonly Case[] = ofMail([
  {
    name: "what POP3 calls a mail is kept, and where it stands in its list",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const mail: Mail = { guid: "g1", uidl: "0000000a4f1c2b3d", pop3Order: 7 };
      const action = mailOf(context, 1, plainMail("m", "text"), { mail });
      const { href } = await created(storage, collection, action);
      const item = await fetchOne(storage, collection, href);
      assert.deepEqual(
        [item.mail?.guid, item.mail?.uidl, item.mail?.pop3Order],
        ["g1", "0000000a4f1c2b3d", 7],
      );
    },
  },
], keepsGuids);

export const mailBodyCases: readonly Case[] = [...ofMail(cases), ...kept];
