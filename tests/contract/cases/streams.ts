/** What every storage promises of many changes at once. */

import assert from "node:assert/strict";
import { SyncError } from "../../../lib/model/error.ts";
import { etag } from "../../../lib/model/names.ts";
import type { Action, Result } from "../../../lib/model/storage.ts";
import {
  apply,
  assertOutcome,
  assertSays,
  type Case,
  change,
  creation,
  deletion,
  fired,
  gather,
  list,
  never,
  put,
  putOne,
  saysAfter,
  stream,
} from "../context.ts";

export const streamCases: readonly Case[] = [
  {
    name: "an empty stream of actions has no results",
    run: async ({ storage, fresh }) => {
      assert.deepEqual(await apply(storage, await fresh()), []);
    },
  },
  {
    name: "creates, updates and deletes in one stream each have their result",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const [edited, removed, kept] = await put(
        context,
        collection,
        ["edited", "text"],
        ["removed", "text"],
        ["kept", "text"],
      );
      assert.ok(edited && removed && kept);
      const created = creation(context, collection, "created", "text");
      const results = await apply(
        storage,
        collection,
        created,
        change(context, edited, "edited", "other text"),
        deletion(removed, "removed"),
      );
      for (const result of results) assertOutcome(result, "done");
      const { etags } = await list(storage, collection);
      assert.equal(etags.size, 3);
      assert.equal(etags.get(kept.href), kept.etag);
      assert.ok(!etags.has(removed.href));
      const text = saysAfter(context, "text", "other text");
      await assertSays(context, collection, edited.href, ["edited", text]);
    },
  },
  {
    name: "an action that cannot be done does not stop the others",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const item = await putOne(context, collection, "uid", "text");
      const wrong = { href: item.href, etag: etag('"wrong"') };
      const [first, second, third] = await apply(
        storage,
        collection,
        change(context, wrong, "uid", "other text"),
        creation(context, collection, "new", "text"),
        deletion(wrong, "uid"),
      );
      assertOutcome(first, "changed");
      assertOutcome(second, "done");
      assertOutcome(third, "changed");
      assert.equal((await list(storage, collection)).etags.size, 2);
    },
  },
  {
    name: "a result comes though the stream has no further action yet",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const seen = new Map<number, () => void>();
      const actions = ["one", "two", "three"].map((uid) =>
        creation(context, collection, uid, "text")
      );
      const source = async function* (): AsyncGenerator<Action> {
        for (const action of actions) {
          const result = new Promise<void>((resolve) => seen.set(action.id, resolve));
          yield action;
          await result;
        }
      };
      const ids = [];
      for await (const result of storage.apply(collection, source(), never)) {
        assertOutcome(result, "done");
        ids.push(result.id);
        seen.get(result.id)?.();
      }
      assert.deepEqual(ids, actions.map(({ id }) => id));
    },
  },
  {
    name: "a result stands for what is there to be seen by others",
    run: async (context) => {
      const { storage, fresh, another } = context;
      const collection = await fresh();
      const other = await another();
      const actions = ["one", "two"].map((uid) => creation(context, collection, uid, "text"));
      let results = 0;
      for await (const result of storage.apply(collection, stream(...actions), never)) {
        assertOutcome(result, "done");
        results++;
        assert.ok((await list(other, collection)).etags.size >= results);
      }
      assert.equal(results, 2);
    },
  },
  {
    name: "actions are taken as they can be worked on, not all at once",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      let taken = 0;
      const item = await putOne(context, collection, "uid", "text");
      const source = async function* (): AsyncGenerator<Action> {
        for (let n = 0; n < 10_000; n++) {
          taken++;
          await Promise.resolve();
          yield deletion({ href: item.href, etag: etag('"wrong"') }, "uid");
        }
      };
      for await (const result of storage.apply(collection, source(), never)) {
        assertOutcome(result, "changed");
        break;
      }
      assert.ok(taken <= 1000, `${taken} actions were taken before one result was`);
    },
  },
  {
    name: "once the signal has fired, no action is begun",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const item = await putOne(context, collection, "uid", "text");
      const actions = [
        creation(context, collection, "new", "text"),
        change(context, item, "uid", "other text"),
        deletion(item, "uid"),
      ];
      const results = await gather(storage.apply(collection, stream<Action>(...actions), fired));
      assert.deepEqual(results, []);
      assert.deepEqual([...(await list(storage, collection)).etags], [[item.href, item.etag]]);
    },
  },
  {
    name: "when the signal fires in the middle, what was done has results and nothing else is done",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const stop = new AbortController();
      const results: Result[] = [];
      let begun = 0;
      const source = async function* (): AsyncGenerator<Action> {
        for (; begun < 10_000; begun++) {
          await Promise.resolve();
          yield creation(context, collection, `uid-${begun}`, "text");
        }
      };
      for await (const result of storage.apply(collection, source(), stop.signal)) {
        results.push(result);
        stop.abort();
      }
      const { etags } = await list(storage, collection);
      // IMAP takes a thousand mails in one command.
      assert.ok(results.length < 5_000);
      assert.ok(results.every(({ outcome }) => outcome === "done"));
      assert.equal(etags.size, results.length);
    },
  },
  {
    name: "when the stream of actions breaks, what it broke with is thrown",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const source = async function* (): AsyncGenerator<Action> {
        await Promise.resolve();
        yield creation(context, collection, "uid", "text");
        throw new SyncError("the other side is gone", { scope: "storage", kind: "unreachable" });
      };
      const results: Result[] = [];
      await assert.rejects(async () => {
        for await (const result of storage.apply(collection, source(), never)) {
          results.push(result);
        }
      }, { message: "the other side is gone" });
      assert.equal((await list(storage, collection)).etags.size, results.length);
    },
  },
];
