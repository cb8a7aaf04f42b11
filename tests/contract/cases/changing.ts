/** What every storage promises of changes to the items it has. */

import assert from "node:assert/strict";
import { type Etag, etag } from "../../../lib/model/names.ts";
import {
  apply,
  assertOutcome,
  assertSays,
  canUpdate,
  type Case,
  change,
  creation,
  deletion,
  fetchOne,
  flagging,
  list,
  put,
  putOne,
  replacement,
  saysAfter,
} from "../context.ts";

export const changeCases: readonly Case[] = [
  {
    name: "an update keeps the href and the UID, and changes the etag and the text",
    when: canUpdate,
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const before = await putOne(context, collection, "uid", "text");
      const [result] = await apply(
        storage,
        collection,
        replacement(context, before, "uid", "other text"),
      );
      assertOutcome(result, "done");
      const { etags } = await list(storage, collection);
      assert.deepEqual([...etags.keys()], [before.href]);
      assert.notEqual(etags.get(before.href), before.etag);
      assert.ok(result?.outcome === "done");
      assert.equal(result.href ?? before.href, before.href);
      if (result.etag !== undefined) assert.equal(result.etag, etags.get(before.href));
      await assertSays(context, collection, before.href, ["uid", "other text"]);
    },
  },
  {
    name: "an update of the same length at once afterwards has another etag too",
    when: canUpdate,
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const seen = new Set<Etag>();
      let item = await putOne(context, collection, "uid", "text 0");
      seen.add(item.etag);
      for (let n = 1; n < 6; n++) {
        const [result] = await apply(
          storage,
          collection,
          replacement(context, item, "uid", `text ${n}`),
        );
        assertOutcome(result, "done");
        const { etags } = await list(storage, collection);
        item = { href: item.href, etag: etags.get(item.href) ?? assert.fail() };
        seen.add(item.etag);
      }
      assert.equal(seen.size, 6);
    },
  },
  {
    name: "an update on another etag than the item's changes nothing",
    when: canUpdate,
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const item = await putOne(context, collection, "uid", "text");
      const wrong = { href: item.href, etag: etag('"wrong"') };
      const [result] = await apply(
        storage,
        collection,
        replacement(context, wrong, "uid", "other text"),
      );
      assertOutcome(result, "changed");
      const { etag: now } = await assertSays(context, collection, item.href, ["uid", "text"]);
      assert.equal(now, item.etag);
    },
  },
  {
    name: "an update of what somebody else has edited meanwhile changes nothing",
    when: canUpdate,
    run: async (context) => {
      const { storage, kit, fresh, another } = context;
      const collection = await fresh();
      const item = await putOne(context, collection, "uid", "text");
      const other = await another();
      const [theirs] = await apply(
        other,
        collection,
        replacement({ kit }, item, "uid", "their text"),
      );
      assertOutcome(theirs, "done");
      const [ours] = await apply(
        storage,
        collection,
        replacement(context, item, "uid", "our text"),
      );
      assertOutcome(ours, "changed");
      await assertSays(context, collection, item.href, ["uid", "their text"]);
    },
  },
  {
    name: "an update of what is not there creates nothing",
    when: canUpdate,
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const item = await putOne(context, collection, "uid", "text");
      await apply(storage, collection, deletion(item, "uid"));
      const [result] = await apply(
        storage,
        collection,
        replacement(context, item, "uid", "other text"),
      );
      assertOutcome(result, "changed");
      assert.deepEqual((await list(storage, collection)).entries, []);
    },
  },
  {
    name: "an update leaves the etags of the others alone",
    when: canUpdate,
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const [one, two] = await put(context, collection, ["a", "text"], ["b", "text"]);
      assert.ok(one && two);
      await apply(storage, collection, replacement(context, one, "a", "other text"));
      assert.equal((await list(storage, collection)).etags.get(two.href), two.etag);
    },
  },
  {
    name: "a deleted item is no longer listed, and the others are",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const [one, two] = await put(context, collection, ["a", "text"], ["b", "text"]);
      assert.ok(one && two);
      const [result] = await apply(storage, collection, deletion(one, "a"));
      assertOutcome(result, "done");
      assert.deepEqual([...(await list(storage, collection)).etags], [[two.href, two.etag]]);
    },
  },
  {
    name: "a delete on another etag than the item's removes nothing",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const item = await putOne(context, collection, "uid", "text");
      const wrong = { href: item.href, etag: etag('"wrong"') };
      const [result] = await apply(storage, collection, deletion(wrong, "uid"));
      assertOutcome(result, "changed");
      assert.deepEqual([...(await list(storage, collection)).etags], [[item.href, item.etag]]);
    },
  },
  {
    name: "a delete of what somebody else has edited meanwhile removes nothing",
    run: async (context) => {
      const { storage, kit, fresh, another } = context;
      const collection = await fresh();
      const item = await putOne(context, collection, "uid", "text");
      await apply(
        await another(),
        collection,
        change({ kit }, item, "uid", "their text"),
      );
      const [result] = await apply(storage, collection, deletion(item, "uid"));
      assertOutcome(result, "changed");
      const theirs = saysAfter(context, "text", "their text");
      await assertSays(context, collection, item.href, ["uid", theirs]);
    },
  },
  {
    name: "a delete of what is gone already is done",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const item = await putOne(context, collection, "uid", "text");
      for (let n = 0; n < 2; n++) {
        const [result] = await apply(storage, collection, deletion(item, "uid"));
        assertOutcome(result, "done");
      }
    },
  },
  {
    name: "what was deleted can be created again",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const item = await putOne(context, collection, "uid", "text");
      await apply(storage, collection, deletion(item, "uid"));
      const again = await putOne(context, collection, "uid", "other text");
      await assertSays(context, collection, again.href, ["uid", "other text"]);
      assert.equal((await list(storage, collection)).etags.size, 1);
    },
  },
  {
    name: "flags are written, listed and fetched with an item",
    when: ({ kit }) => kit.kind === "mail",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const flags = ["\\Flagged", "\\Seen"];
      await apply(storage, collection, creation(context, collection, "uid", "text", { flags }));
      const { entries: [entry] } = await list(storage, collection);
      assert.ok(entry?.state === "present");
      assert.deepEqual(entry.flags, flags);
      assert.deepEqual((await fetchOne(storage, collection, entry.href)).flags, flags);
    },
  },
  {
    name: "changing flags changes the etag and leaves the body alone",
    when: ({ kit }) => kit.kind === "mail",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const item = await putOne(context, collection, "uid", "text");
      const [result] = await apply(storage, collection, flagging(item, "uid", ["\\Seen"]));
      assertOutcome(result, "done");
      const after = await assertSays(context, collection, item.href, ["uid", "text"]);
      assert.deepEqual(after.flags, ["\\Seen"]);
      assert.notEqual(after.etag, item.etag);
    },
  },
  {
    name: "changing flags on another etag than the item's changes nothing",
    when: ({ kit }) => kit.kind === "mail",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const item = await putOne(context, collection, "uid", "text");
      await apply(storage, collection, flagging(item, "uid", ["\\Seen"]));
      const [result] = await apply(storage, collection, flagging(item, "uid", ["\\Deleted"]));
      assertOutcome(result, "changed");
      assert.deepEqual((await fetchOne(storage, collection, item.href)).flags, ["\\Seen"]);
    },
  },
  {
    name: "flags are refused where there are none",
    when: ({ kit }) => kit.kind !== "mail",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const item = await putOne(context, collection, "uid", "text");
      const [result] = await apply(storage, collection, flagging(item, "uid", ["\\Seen"]));
      assertOutcome(result, "failed");
      assert.deepEqual([...(await list(storage, collection)).etags], [[item.href, item.etag]]);
    },
  },
];
