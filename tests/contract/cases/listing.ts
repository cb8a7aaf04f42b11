/** What every storage promises of its listings. */

import assert from "node:assert/strict";
import { SyncError } from "../../../lib/model/error.ts";
import { cursor, type Href } from "../../../lib/model/names.ts";
import type { Storage } from "../../../lib/model/storage.ts";
import {
  apply,
  assertOutcome,
  type Case,
  change,
  creation,
  deletion,
  fired,
  list,
  never,
  put,
  putOne,
} from "../context.ts";

const hasCursors = ({ storage }: { readonly storage: Storage }) =>
  storage.capabilities.listsChanges || storage.capabilities.kind === "mail";

const texts = (count: number) =>
  Array.from({ length: count }, (_, n) => [`uid-${n}`, `text ${n}`] as const);

export const listingCases: readonly Case[] = [
  {
    name: "an empty collection has a complete and empty listing",
    run: async ({ storage, fresh }) => {
      const { entries, mode } = await list(storage, await fresh());
      assert.deepEqual(entries, []);
      assert.equal(mode, "complete");
    },
  },
  {
    name: "a cursor is given exactly by storages that list changes",
    run: async ({ storage, kit, fresh }) => {
      const { cursor } = await list(storage, await fresh());
      // That of a mailbox may do no more than to tell that nothing has changed.
      if (kit.kind === "mail" && !storage.capabilities.listsChanges) return;
      assert.equal(cursor !== undefined, storage.capabilities.listsChanges);
    },
  },
  {
    name: "nine items are listed, each once, under the etags that their results gave",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const actions = texts(9).map(([uid, text]) => creation(context, collection, uid, text));
      const results = await apply(storage, collection, ...actions);
      const { entries, etags } = await list(storage, collection);
      assert.equal(entries.length, 9);
      assert.equal(etags.size, 9);
      for (const [n, result] of results.entries()) {
        assertOutcome(result, "done");
        const { etag, href } = result as { etag?: string; href?: string };
        const listed = etags.get((href ?? actions[n]?.href) as never);
        assert.equal(typeof listed, "string");
        if (etag !== undefined) assert.equal(etag, listed);
      }
    },
  },
  {
    name: "two listings of what did not change are the same",
    run: async ({ storage, kit, fresh }) => {
      const collection = await fresh();
      await put({ storage, kit }, collection, ...texts(3));
      const one = await list(storage, collection);
      const two = await list(storage, collection);
      assert.deepEqual(new Map(two.etags), new Map(one.etags));
    },
  },
  {
    name: "a collection that is gone is missing, never empty",
    run: async ({ storage, fresh }) => {
      const collection = await fresh();
      await storage.deleteCollection(collection, never);
      await assert.rejects(list(storage, collection), {
        name: "SyncError",
        kind: "missing",
        scope: "collection",
      });
    },
  },
  {
    name: "a listing whose signal has fired throws",
    run: async ({ storage, kit, fresh }) => {
      const collection = await fresh();
      await putOne({ storage, kit }, collection, "uid", "text");
      await assert.rejects(list(storage, collection, undefined, fired), { kind: "cancelled" });
    },
  },
  {
    name: "a listing whose signal fires in the middle is whole, or throws",
    run: async ({ storage, kit, fresh }) => {
      const collection = await fresh();
      await put({ storage, kit }, collection, ...texts(5));
      const stop = new AbortController();
      let seen = 0;
      let ended = false;
      try {
        for await (const part of storage.changes(collection, undefined, stop.signal)) {
          if (part.type === "entries") seen += part.entries.length;
          else ended = true;
          stop.abort();
        }
      } catch (thrown) {
        assert.equal((thrown as SyncError).kind, "cancelled");
        return;
      }
      assert.ok(ended && seen === 5);
    },
  },
  {
    name: "nothing has changed since the cursor of a listing just now",
    when: hasCursors,
    run: async ({ storage, kit, fresh }) => {
      const collection = await fresh();
      await put({ storage, kit }, collection, ...texts(3));
      const { cursor } = await list(storage, collection);
      const { entries, mode } = await list(storage, collection, cursor);
      if (kit.kind === "mail" && mode === "complete") return assert.equal(entries.length, 3);
      assert.equal(mode, "since");
      assert.deepEqual(entries, []);
    },
  },
  {
    name: "a listing since a cursor has what was created, updated and deleted, and no more",
    when: hasCursors,
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const [kept, edited, removed] = await put(context, collection, ...texts(3));
      assert.ok(kept && edited && removed);
      const { cursor } = await list(storage, collection);
      const created = creation(context, collection, "uid-new", "text");
      const results = await apply(
        storage,
        collection,
        created,
        change(context, edited, "uid-1", "other text"),
        deletion(removed, "uid-2"),
      );
      for (const result of results) assertOutcome(result, "done");
      const since = await list(storage, collection, cursor);
      const whole = await list(storage, collection);
      if (context.kit.kind === "mail" && since.mode === "complete") {
        return assert.deepEqual(new Map(since.etags), new Map(whole.etags));
      }
      assert.equal(since.mode, "since");
      const expected = new Map([...whole.etags].filter(([href]) => href !== kept.href));
      assert.deepEqual(new Map(since.etags), expected);
      const gone = since.entries.filter(({ state }) => state === "gone");
      assert.deepEqual(gone.map(({ href }) => href), [removed.href]);
    },
  },
  {
    name: "what was created and deleted between two cursors is not listed as present",
    when: hasCursors,
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const { cursor } = await list(storage, collection);
      const item = await putOne(context, collection, "uid", "text");
      await apply(storage, collection, deletion(item, "uid"));
      const { entries } = await list(storage, collection, cursor);
      assert.ok(entries.every(({ state }) => state === "gone"));
    },
  },
  {
    name: "each listing since a cursor gives a cursor to go on from",
    when: hasCursors,
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      let { cursor } = await list(storage, collection);
      const before: Href[] = [];
      for (const uid of ["one", "two", "three"]) {
        const { href } = await putOne(context, collection, uid, "text");
        const since = await list(storage, collection, cursor);
        const isComplete = context.kit.kind === "mail" && since.mode === "complete";
        const expected = isComplete ? [...before, href] : [href];
        assert.deepEqual([...since.etags.keys()].sort(), expected.sort());
        before.push(href);
        cursor = since.cursor;
      }
    },
  },
  {
    name: "a cursor that the storage never gave leads to a complete listing",
    run: async ({ storage, kit, fresh }) => {
      const collection = await fresh();
      await put({ storage, kit }, collection, ...texts(2));
      for (const unknown of ["nonsense", "http://example.org/ns/sync/9", "0"]) {
        const { mode, etags } = await list(storage, collection, cursor(unknown));
        assert.equal(mode, "complete");
        assert.equal(etags.size, 2);
      }
    },
  },
  {
    name: "the cursor of another collection does not hide what this one holds",
    when: hasCursors,
    run: async ({ storage, kit, fresh }) => {
      const one = await fresh();
      const two = await fresh();
      await put({ storage, kit }, one, ["one", "text"]);
      await put({ storage, kit }, two, ["two", "text"], ["three", "text"]);
      const { cursor } = await list(storage, one);
      assert.equal((await list(storage, two, cursor)).etags.size, 2);
    },
  },
];
