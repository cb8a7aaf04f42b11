/** What every storage promises of what it fetches. */

import assert from "node:assert/strict";
import { SyncError } from "../../../lib/model/error.ts";
import { href } from "../../../lib/model/names.ts";
import {
  apply,
  assertSays,
  type Case,
  deletion,
  fetchAll,
  fetchOne,
  fired,
  gather,
  list,
  never,
  nobodysHref,
  put,
  putOne,
  said,
} from "../context.ts";

const texts = (count: number) =>
  Array.from({ length: count }, (_, n) => [`uid-${n}`, `text ${n}`] as const);

export const fetchCases: readonly Case[] = [
  {
    name: "fetching nothing gives nothing",
    run: async ({ storage, fresh }) => {
      assert.deepEqual(await fetchAll(storage, await fresh(), []), []);
    },
  },
  {
    name: "an item comes back as it was written, under the etag that is listed",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const { href, etag } = await putOne(context, collection, "uid", "text, and; more\nlines");
      const item = await assertSays(context, collection, href, [
        "uid",
        "text, and; more\nlines",
      ]);
      assert.equal(item.href, href);
      assert.equal(item.etag, etag);
      assert.equal((await list(storage, collection)).etags.get(href), etag);
    },
  },
  {
    name: "what says nothing but ASCII and what does not come back alike",
    run: async (context) => {
      const collection = await context.fresh();
      const text = "Zoë 🎂 Ελληνικά עברית 日本 e\u0301";
      const { href } = await putOne(context, collection, "uid", text);
      await assertSays(context, collection, href, ["uid", text]);
    },
  },
  {
    name: "a body is read as often as one likes, whole or as a stream",
    run: async (context) => {
      const collection = await context.fresh();
      const { href } = await putOne(context, collection, "uid", "text");
      const { body } = await fetchOne(context.storage, collection, href);
      const once = await body.bytes();
      const again = await new Response(body.stream()).bytes();
      assert.deepEqual(again, once);
      assert.deepEqual(await body.bytes(), once);
      assert.equal(body.size, once.byteLength);
    },
  },
  {
    name: "an href that is asked for twice is answered, and not in two ways",
    run: async (context) => {
      const collection = await context.fresh();
      const { href, etag } = await putOne(context, collection, "uid", "text");
      const fetched = await fetchAll(context.storage, collection, [href, href]);
      assert.ok(fetched.length >= 1);
      for (const answer of fetched) {
        assert.ok(answer.state === "present");
        assert.equal(answer.item.etag, etag);
      }
    },
  },
  {
    name: "an href that is not there is unknown, beside those that are",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const [one, two] = await put(context, collection, ...texts(2));
      assert.ok(one && two);
      await apply(storage, collection, deletion(two, "uid-1"));
      const never = nobodysHref(context, collection);
      const fetched = await fetchAll(storage, collection, [two.href, one.href, never]);
      const states = new Map(
        fetched.map((answer) => [
          answer.state === "present" ? answer.item.href : answer.href,
          answer.state,
        ]),
      );
      assert.equal(states.get(one.href), "present");
      // What is not mentioned is unknown too.
      assert.equal(states.get(two.href) ?? "unknown", "unknown");
      assert.equal(states.get(never) ?? "unknown", "unknown");
    },
  },
  {
    name: "an href that no storage would make does no harm",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const item = await putOne(context, collection, "uid", "text");
      for (const odd of ["../../../etc/passwd", "a\u0000b", "\r\nX-Injected: 1", "%2e%2e/x"]) {
        const fetched = await fetchAll(storage, collection, [href(odd)]).catch((thrown) => {
          assert.ok(thrown instanceof SyncError);
          return [];
        });
        assert.ok(fetched.every(({ state }) => state !== "present"));
      }
      assert.deepEqual([...(await list(storage, collection)).etags], [[item.href, item.etag]]);
    },
  },
  {
    name: "many items are listed and fetched, by name and as all there is",
    run: async (context) => {
      const { storage, kit, fresh, many } = context;
      const collection = await fresh();
      const items = texts(many);
      await put(context, collection, ...items);
      const { etags } = await list(storage, collection);
      assert.equal(etags.size, many);
      const expected = items.map(([uid, text]) => said(kit, kit.item(uid, text)).digest);
      for (const all of [false, true]) {
        const fetched = await fetchAll(storage, collection, [...etags.keys()], { all });
        const digests = new Set(
          fetched.map((answer) => answer.state === "present" ? answer.item.digest : undefined),
        );
        if (context.ownIdents === true) assert.equal(digests.size, many);
        else assert.deepEqual(digests, new Set(expected));
        for (const answer of fetched) {
          if (answer.state !== "present") continue;
          assert.equal(answer.item.etag, etags.get(answer.item.href));
        }
      }
    },
  },
  {
    name: "fetching from a collection that is gone gives no item",
    run: async ({ storage, kit, fresh }) => {
      const collection = await fresh();
      const item = await putOne({ storage, kit }, collection, "uid", "text");
      await apply(storage, collection, deletion(item, "uid"));
      await storage.deleteCollection(collection, never);
      const fetched = await fetchAll(storage, collection, [item.href]).catch((thrown) => {
        assert.equal(thrown.kind, "missing");
        return [];
      });
      assert.ok(fetched.every(({ state }) => state === "unknown"));
    },
  },
  {
    name: "a fetch whose signal has fired throws",
    run: async ({ storage, kit, fresh }) => {
      const collection = await fresh();
      const { href } = await putOne({ storage, kit }, collection, "uid", "text");
      await assert.rejects(gather(storage.fetch(collection, [href], { signal: fired })), {
        kind: "cancelled",
      });
    },
  },
];
