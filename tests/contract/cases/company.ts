/** What every storage promises where others write too, where it watches, and where it must not write. */

import assert from "node:assert/strict";
import { SyncError } from "../../../lib/model/error.ts";
import { collectionId } from "../../../lib/model/names.ts";
import {
  apply,
  assertOutcome,
  assertSays,
  canUpdate,
  type Case,
  change,
  creation,
  deletion,
  fired,
  gather,
  list,
  never,
  putOne,
  replacement,
} from "../context.ts";

/** How long a storage that watches may take to tell of a change. */
const SOON_MS = 5000;

export const companyCases: readonly Case[] = [
  {
    name: "of two who create under one href at once, one does and the other is told",
    when: ({ storage }) => storage.capabilities.kind !== "mail" || storage.capabilities.keepsUids,
    run: async (context) => {
      const { storage, kit, fresh, another } = context;
      const collection = await fresh();
      const other = await another();
      const { href: at } = creation(context, collection, "uid", "");
      const outcomes = await Promise.all([storage, other].map(async (storage, n) => {
        const action = creation({ storage, kit }, collection, "uid", `text ${n}`, { href: at });
        const [result] = await apply(storage, collection, action);
        return result?.outcome;
      }));
      assert.deepEqual(outcomes.toSorted(), ["done", "exists"]);
      const [href] = (await list(storage, collection)).etags.keys();
      const winner = outcomes.indexOf("done");
      await assertSays(context, collection, href ?? assert.fail(), ["uid", `text ${winner}`]);
    },
  },
  {
    name: "of two who update one etag at once, one does and the other is told",
    when: (place) => canUpdate(place) && place.storage.capabilities.conditionalWrites,
    run: async (context) => {
      const { storage, kit, fresh, another } = context;
      const collection = await fresh();
      const item = await putOne(context, collection, "uid", "text");
      const other = await another();
      const outcomes = await Promise.all([storage, other].map(async (storage, n) => {
        const action = replacement({ kit }, item, "uid", `text ${n}`);
        const [result] = await apply(storage, collection, action);
        return result?.outcome;
      }));
      assert.deepEqual(outcomes.toSorted(), ["changed", "done"]);
      const winner = outcomes.indexOf("done");
      await assertSays(context, collection, item.href, ["uid", `text ${winner}`]);
    },
  },
  {
    name: "what two write at the same time is all there",
    run: async (context) => {
      const { storage, kit, fresh, another } = context;
      const collection = await fresh();
      const other = await another();
      await Promise.all([storage, other].map(async (storage, n) => {
        const actions = Array.from(
          { length: 5 },
          (_, k) => creation({ storage, kit }, collection, `uid-${n}-${k}`, "text"),
        );
        for (const result of await apply(storage, collection, ...actions)) {
          assertOutcome(result, "done");
        }
      }));
      assert.equal((await list(storage, collection)).etags.size, 10);
    },
  },
  {
    name: "a storage tells of a change that somebody else makes, or that it cannot",
    run: async (context) => {
      const { storage, kit, fresh, another } = context;
      const collection = await fresh();
      const stop = new AbortController();
      const limit = setTimeout(() => stop.abort(), SOON_MS);
      const other = await another();
      const heard = async () => {
        for await (const href of storage.watch(stop.signal)) {
          if (href === collection.href) return true;
        }
        return false;
      };
      const hearing = heard();
      await new Promise((resolve) => setTimeout(resolve, 50));
      await putOne({ storage: other, kit }, collection, "uid", "text");
      assert.equal(await hearing, storage.capabilities.watches);
      stop.abort();
      clearTimeout(limit);
    },
  },
  {
    name: "watching ends with the signal, and does not begin after it",
    run: async ({ storage }) => {
      assert.deepEqual(await gather(storage.watch(fired)), []);
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 50);
      await gather(storage.watch(stop.signal));
    },
  },
  {
    name: "a read-only storage says so, lists and fetches, and refuses every write",
    run: async (context) => {
      const { fresh, freshId, readOnly } = context;
      const collection = await fresh();
      const item = await putOne(context, collection, "uid", "text");
      const storage = await readOnly();
      const find = async () =>
        (await context.storage.collections(never)).find(({ id }) => id === collection.id);
      const before = await find();
      assert.equal(context.storage.capabilities.readOnly, false);
      assert.equal(storage.capabilities.readOnly, true);
      assert.ok((await storage.collections(never)).some(({ id }) => id === collection.id));
      await assertSays({ ...context, storage }, collection, item.href, ["uid", "text"]);

      const refused = (thrown: unknown) =>
        thrown instanceof SyncError && (thrown.kind === "refused" || thrown.kind === "forbidden");
      const id = collectionId(freshId());
      await assert.rejects(storage.createCollection(id, {}, never), refused);
      await assert.rejects(storage.setProperty(collection, "displayname", "x", never), refused);
      const empty = await fresh();
      await assert.rejects(storage.deleteCollection(empty, never), refused);
      const results = await apply(
        storage,
        collection,
        creation({ ...context, storage }, collection, "new", "text"),
        change(context, item, "uid", "other text"),
        deletion(item, "uid"),
      );
      for (const result of results) {
        assert.ok(result.outcome === "failed");
        assert.ok(refused(result.error));
      }
      const found = await context.storage.collections(never);
      assert.deepEqual(await find(), before);
      assert.ok(found.some(({ id }) => id === empty.id));
      assert.ok(!found.some((collection) => collection.id === id));
      assert.deepEqual([...(await list(storage, collection)).etags], [[item.href, item.etag]]);
    },
  },
];
