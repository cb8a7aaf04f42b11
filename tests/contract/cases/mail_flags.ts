/** What every storage of mail promises of flags and keywords. */

import assert from "node:assert/strict";
import { SYSTEM_FLAGS } from "../../../lib/item/mail/flags.ts";
import type { Flags } from "../../../lib/model/item.ts";
import type { Collection, Storage } from "../../../lib/model/storage.ts";
import {
  apply,
  assertOutcome,
  type Case,
  type Context,
  deletion,
  fetchOne,
  flagging,
  list,
  putOne,
} from "../context.ts";
import { created, listedAt, mailOf, mailsIn, ofMail, plainMail, textAt } from "./mail_kit.ts";

const KEYWORDS: Flags = ["$Forwarded", "$MDNSent", "NonJunk", "work"];

async function flagged(context: Context, collection: Collection, flags: Flags) {
  const action = mailOf(context, collection.mailbox?.uidNext ?? 1, plainMail("one", "text"), {
    flags,
  });
  return await created(context.storage, collection, action);
}

const flagsAt = async (storage: Storage, collection: Collection): Promise<readonly Flags[]> =>
  (await mailsIn(storage, collection)).map(({ flags }) => flags);

export const mailFlagCases: readonly Case[] = ofMail([
  {
    name: "every flag, and keywords, are written with a mail, listed and fetched, sorted",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const flags = [...SYSTEM_FLAGS, ...KEYWORDS].sort();
      const { href } = await flagged(context, collection, flags);
      assert.deepEqual((await listedAt(storage, collection, href)).flags, flags);
      assert.deepEqual((await fetchOne(storage, collection, href)).flags, flags);
    },
  },
  {
    name: "all combinations of flags are written, and come back as they are",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const all = Array.from(
        { length: 32 },
        (_, n) => SYSTEM_FLAGS.filter((_, bit) => (n >> bit) % 2 === 1),
      );
      const first = collection.mailbox?.uidNext ?? 1;
      const actions = all.map((flags, n) =>
        mailOf(context, first + n, plainMail(`m${n}`, "text"), { flags })
      );
      for (const result of await apply(storage, collection, ...actions)) {
        assertOutcome(result, "done");
      }
      const found = (await flagsAt(storage, collection)).map(String);
      assert.deepEqual(found.sort(), all.map(String).sort());
    },
  },
  {
    name: "flags are set and taken away, and the new etag is the one that is listed",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const steps: readonly Flags[] = [
        ["\\Seen"],
        ["\\Flagged", "\\Seen", "work"],
        ["$Forwarded", "\\Flagged"],
        [...SYSTEM_FLAGS],
        [],
      ];
      const item = await flagged(context, collection, []);
      let { etag } = item;
      let was: Flags = [];
      for (const flags of steps) {
        const action = flagging({ href: item.href, etag }, "uid", flags, was);
        const [result] = await apply(storage, collection, action);
        assertOutcome(result, "done");
        const entry = await listedAt(storage, collection, item.href);
        assert.deepEqual(entry.flags, [...flags].sort());
        assert.notEqual(entry.etag, etag);
        if (result?.outcome === "done") {
          assert.equal(result.href ?? item.href, item.href);
          if (result.etag !== undefined) assert.equal(result.etag, entry.etag);
        }
        etag = entry.etag;
        was = flags;
      }
      assert.equal(await textAt(storage, collection, item.href), "text");
      assert.equal((await mailsIn(storage, collection)).length, 1);
    },
  },
  {
    name: "of the flags that somebody else has set meanwhile none is lost",
    run: async (context) => {
      const { storage, fresh, another } = context;
      const collection = await fresh();
      const item = await flagged(context, collection, ["work"]);
      const other = await another();
      const theirs = flagging(item, "uid", ["\\Answered", "work"], ["work"]);
      assertOutcome((await apply(other, collection, theirs))[0], "done");
      const ours = flagging(item, "uid", ["\\Seen"], ["work"]);
      assertOutcome((await apply(storage, collection, ours))[0], "changed");
      const entry = await listedAt(storage, collection, item.href);
      assert.deepEqual(entry.flags, ["\\Answered", "work"]);
      const again = flagging(entry, "uid", ["\\Answered", "\\Seen"], entry.flags);
      assertOutcome((await apply(storage, collection, again))[0], "done");
      assert.deepEqual(await flagsAt(other, collection), [["\\Answered", "\\Seen"]]);
    },
  },
  {
    name: "of two who set flags on one etag at once, none takes away what the other has set",
    run: async (context) => {
      const { storage, fresh, another } = context;
      const collection = await fresh();
      const item = await flagged(context, collection, []);
      const other = await another();
      const outcomes = await Promise.all(
        ([[storage, "\\Seen"], [other, "\\Flagged"]] as const).map(async ([one, flag]) => {
          const [result] = await apply(one, collection, flagging(item, "uid", [flag]));
          return [flag, result?.outcome] as const;
        }),
      );
      const done = outcomes.filter(([, outcome]) => outcome === "done").map(([flag]) => flag);
      assert.ok(done.length >= 1);
      assert.deepEqual(await flagsAt(storage, collection), [done.sort()]);
    },
  },
  {
    name: "a mail that somebody else has read meanwhile is not deleted",
    run: async (context) => {
      const { storage, fresh, another } = context;
      const collection = await fresh();
      const item = await flagged(context, collection, []);
      await apply(await another(), collection, flagging(item, "uid", ["\\Seen"]));
      const [result] = await apply(storage, collection, deletion(item, "uid"));
      assertOutcome(result, "changed");
      assert.deepEqual(await flagsAt(storage, collection), [["\\Seen"]]);
    },
  },
  {
    name: "a mail that is marked as deleted is still there until it is deleted",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const gone = await putOne(context, collection, "gone", "text");
      const marked = await putOne(context, collection, "marked", "text");
      const mark = flagging(marked, "uid", ["\\Deleted"]);
      assertOutcome((await apply(storage, collection, mark))[0], "done");
      assertOutcome((await apply(storage, collection, deletion(gone, "uid")))[0], "done");
      assert.deepEqual(await flagsAt(storage, collection), [["\\Deleted"]]);
    },
  },
  {
    name: "flags are not set on a mail that is gone",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const item = await flagged(context, collection, []);
      assertOutcome((await apply(storage, collection, deletion(item, "uid")))[0], "done");
      const [result] = await apply(storage, collection, flagging(item, "uid", ["\\Seen"]));
      assertOutcome(result, "changed");
      assert.deepEqual(await mailsIn(storage, collection), []);
    },
  },
  {
    name: "keywords have no case: one that is there in another spelling is taken away",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const item = await flagged(context, collection, ["Work"]);
      const action = flagging(item, "uid", [], ["work"]);
      assertOutcome((await apply(storage, collection, action))[0], "done");
      assert.deepEqual(await flagsAt(storage, collection), [[]]);
    },
  },
  {
    name: "a keyword is listed once, however it is spelt",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const one = await flagged(context, collection, ["Work"]);
      const action = flagging(one, "uid", ["Work", "\\Seen"], ["Work"]);
      assertOutcome((await apply(storage, collection, action))[0], "done");
      const second = mailOf(context, 77, plainMail("two", "text"), { flags: ["work"] });
      await created(storage, collection, second);
      const folded = (await flagsAt(storage, collection))
        .map((flags) => flags.map((it) => it.toLowerCase()).sort());
      assert.deepEqual(folded, [["\\seen", "work"], ["work"]]);
    },
  },
  {
    name: "a listing that says which flags are kept says the truth",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      await flagged(context, collection, ["\\Seen"]);
      const { keeps } = await list(storage, collection);
      if (keeps === undefined) return;
      const can = keeps.filter((flag) => flag !== "\\*");
      const action = mailOf(context, 77, plainMail("two", "text"), { flags: can });
      const { href } = await created(storage, collection, action);
      assert.deepEqual((await listedAt(storage, collection, href)).flags, [...can].sort());
    },
  },
  {
    name: "the flags of many mails are set in one stream",
    run: async (context) => {
      const { storage, fresh, many } = context;
      const collection = await fresh();
      const first = collection.mailbox?.uidNext ?? 1;
      const actions = Array.from(
        { length: many },
        (_, n) => mailOf(context, first + n, plainMail(`m${n}`, "text")),
      );
      await apply(storage, collection, ...actions);
      const mails = await mailsIn(storage, collection);
      assert.equal(mails.length, many);
      const wanted = (n: number): Flags => n % 2 === 0 ? ["\\Seen"] : ["\\Seen", "work"];
      const results = await apply(
        storage,
        collection,
        ...mails.map((it, n) => flagging(it, "uid", wanted(n))),
      );
      for (const result of results) assertOutcome(result, "done");
      assert.deepEqual(await flagsAt(storage, collection), mails.map((_, n) => wanted(n)));
    },
  },
]);
