/** What every storage promises of its collections and their properties. */

import assert from "node:assert/strict";
import { SyncError } from "../../../lib/model/error.ts";
import { collectionId } from "../../../lib/model/names.ts";
import type { Collection, Properties, PropertyName, Storage } from "../../../lib/model/storage.ts";
import { canUpdate, type Case, fired, list, never, put, putOne } from "../context.ts";

const find = async (storage: Storage, id: string): Promise<Collection | undefined> =>
  (await storage.collections(never)).find((collection) => collection.id === id);

const ODD_NAMES: readonly (readonly [what: string, name: string])[] = [
  ["spaces", "work and play"],
  ["umlauts and an at sign", "Käthe@öffentlich"],
  ["Cyrillic letters", "работа"],
  ["Chinese letters", "我的日历"],
  ["Korean letters", "내 달력"],
  ["Arabic letters", "التقويم"],
  ["a UUID", "2f0c1b3e-7d55-4c21-9a11-0d1f2b3c4d5e"],
  ["a percent sign", "100%25"],
  ["plus, ampersand and equals", "a+b&c=d"],
  ["a dot within", "v1.2"],
];

const named: readonly Case[] = ODD_NAMES.map(([what, name]) => ({
  name: `a collection whose name has ${what} is made, found again and holds items`,
  run: async ({ storage, kit, freshId, another }) => {
    const wanted = collectionId(freshId(name));
    const id = storage.localId?.(wanted) ?? wanted;
    await storage.createCollection(id, {}, never);
    const found = await find(await another(), id) ?? assert.fail(`${id} is not found`);
    const { href, etag } = await putOne({ storage, kit }, found, "uid", "text");
    const { etags } = await list(storage, found);
    assert.deepEqual([...etags], [[href, etag]]);
  },
}));

const NOT_NAMES = ["", ".", "..", "../outside"];

const VALUES: readonly (readonly [PropertyName, string, string])[] = [
  ["displayname", "Work", "Home"],
  ["displayname", "工作 · 일 · عمل · Ärger", "Ünicode"],
  ["color", "#ff0000", "#00ff00"],
  ["description", "What is to be done", "Ein längerer Text, mit Komma; und mehr"],
  ["order", "3", "12"],
];

/** The properties of a collection as its storage has them now; a colour without its opacity. */
async function propertiesOf(storage: Storage, id: string): Promise<Properties> {
  const { color, ...others } = (await find(storage, id))?.properties ?? assert.fail();
  return color === undefined ? others : { ...others, color: color.slice(0, 7).toLowerCase() };
}

const properties: readonly Case[] = VALUES.flatMap(([property, value, other]): Case[] => {
  const when: Case["when"] = ({ storage }) => storage.capabilities.properties.includes(property);
  return [
    {
      name: `${property} is set to ${value} and changed, and reads back each time`,
      when,
      run: async ({ storage, fresh }) => {
        const collection = await fresh();
        for (const wanted of [value, other]) {
          await storage.setProperty(collection, property, wanted, never);
          assert.equal((await propertiesOf(storage, collection.id))[property], wanted);
        }
      },
    },
    {
      name: `${property} that was set to ${value} is taken away`,
      when,
      run: async ({ storage, fresh }) => {
        const collection = await fresh();
        await storage.setProperty(collection, property, value, never);
        await storage.setProperty(collection, property, undefined, never);
        assert.equal((await propertiesOf(storage, collection.id))[property], undefined);
        await storage.setProperty(collection, property, undefined, never);
      },
    },
  ];
});

/** A property beside the name, with a value: address books have no colour everywhere. */
const second = ({ capabilities }: Storage): Properties =>
  capabilities.properties.includes("color")
    ? { color: "#00ff00" }
    : { description: "What is in it" };

const keepsNames: Case["when"] = ({ storage }) =>
  storage.capabilities.properties.includes("displayname");

export const collectionCases: readonly Case[] = [
  {
    name: "a storage that is there passes its check",
    run: ({ storage }) => storage.check(never),
  },
  {
    name: "a new collection is listed with its id, and its identity is its own",
    run: async ({ storage, fresh }) => {
      const one = await fresh();
      const two = await fresh();
      const found = await find(storage, one.id);
      assert.equal(found?.href, one.href);
      assert.equal(found?.identity, one.identity);
      assert.notEqual(one.identity, two.identity);
      assert.notEqual(one.href, two.href);
    },
  },
  {
    name: "a collection is the same one for whoever opens the storage",
    run: async ({ another, fresh }) => {
      const collection = await fresh();
      const found = await find(await another(), collection.id);
      assert.deepEqual(found, collection);
    },
  },
  {
    name: "it knows a collection for its own, whoever opens it, also when that is gone",
    run: async ({ storage, another, fresh }) => {
      const { identity } = await fresh();
      const opened = await another();
      for (const one of [storage, opened]) {
        await one.collections(never);
        assert.equal(one.holds?.(identity), true);
      }
      const gone = await fresh();
      await storage.deleteCollection(gone, never);
      for (const one of [storage, opened]) {
        await one.collections(never);
        assert.equal(one.holds?.(gone.identity), true);
      }
    },
  },
  {
    name: "it knows that a collection of another place is none of its own",
    run: async ({ storage, fresh }) => {
      const { id } = await fresh();
      await storage.collections(never);
      const places = ["https://elsewhere.invalid/", "/nowhere/at all/", "memory:elsewhere/"];
      for (const place of places) assert.equal(storage.holds?.(place + id), false, place);
    },
  },
  {
    name: "each of four collections lists only its own item",
    run: async ({ storage, kit, fresh }) => {
      const hrefs = [];
      const collections = [];
      for (let n = 0; n < 4; n++) {
        const collection = await fresh();
        collections.push(collection);
        hrefs.push((await putOne({ storage, kit }, collection, `uid-${n}`, "text")).href);
      }
      for (const [n, collection] of collections.entries()) {
        assert.deepEqual([...(await list(storage, collection)).etags.keys()], [hrefs[n]]);
      }
    },
  },
  {
    name: "a collection that exists is not made again",
    run: async ({ storage, kit, fresh }) => {
      const collection = await fresh();
      await putOne({ storage, kit }, collection, "uid", "text");
      await assert.rejects(storage.createCollection(collection.id, {}, never), {
        name: "SyncError",
        kind: "exists",
      });
      assert.equal((await list(storage, collection)).entries.length, 1);
    },
  },
  ...named,
  {
    name: "what is no name for a collection is refused and nothing is made",
    run: async ({ storage, kit }) => {
      const before = await storage.collections(never);
      // Mailboxes lie in one another, calendars do not.
      for (const name of kit.kind === "mail" ? NOT_NAMES : [...NOT_NAMES, "a/b"]) {
        await assert.rejects(
          storage.createCollection(collectionId(name), {}, never),
          (thrown) => thrown instanceof SyncError && thrown.kind !== "internal",
          `${JSON.stringify(name)} was not refused`,
        );
      }
      assert.deepEqual(await storage.collections(never), before);
    },
  },
  {
    name: "an empty collection is deleted",
    run: async ({ storage, fresh }) => {
      const collection = await fresh();
      await storage.deleteCollection(collection, never);
      assert.equal(await find(storage, collection.id), undefined);
    },
  },
  {
    name: "a collection that has properties and no items is deleted",
    run: async ({ storage, freshId }) => {
      const given = { displayname: "Work", color: "#ff0000" };
      const collection = await storage.createCollection(collectionId(freshId()), given, never);
      await storage.deleteCollection(collection, never);
      assert.equal(await find(storage, collection.id), undefined);
    },
  },
  {
    name: "a collection that holds an item is not deleted",
    run: async ({ storage, kit, fresh }) => {
      const collection = await fresh();
      const { href, etag } = await putOne({ storage, kit }, collection, "uid", "text");
      await assert.rejects(storage.deleteCollection(collection, never), {
        name: "SyncError",
        kind: "refused",
      });
      assert.deepEqual([...(await list(storage, collection)).etags], [[href, etag]]);
    },
  },
  {
    name: "deleting a collection that is gone is an error",
    run: async ({ storage, kit, fresh }) => {
      const collection = await fresh();
      await storage.deleteCollection(collection, never);
      // A mailbox that is no longer the one that was listed is one that has changed.
      const kinds = kit.kind === "mail" ? ["missing", "changed"] : ["missing"];
      await assert.rejects(
        storage.deleteCollection(collection, never),
        (thrown) => thrown instanceof SyncError && kinds.includes(thrown.kind),
      );
    },
  },
  {
    name: "a new collection has no properties",
    run: async ({ storage, fresh }) => {
      const { id, properties } = await fresh();
      assert.deepEqual(properties, {});
      assert.deepEqual(await propertiesOf(storage, id), {});
    },
  },
  {
    name: "a new collection has the properties that it was given, and no others",
    when: keepsNames,
    run: async ({ storage, freshId }) => {
      const given = { displayname: "Work", ...second(storage) };
      const made = await storage.createCollection(collectionId(freshId()), given, never);
      assert.deepEqual(await propertiesOf(storage, made.id), given);
      assert.equal(made.properties.displayname, "Work");
    },
  },
  ...properties,
  {
    name: "a property that is set leaves the others and the items alone",
    when: keepsNames,
    run: async ({ storage, kit, freshId }) => {
      const id = collectionId(freshId());
      const given = second(storage);
      const collection = await storage.createCollection(id, given, never);
      const [item] = await put({ storage, kit }, collection, ["uid", "text"]);
      await storage.setProperty(collection, "displayname", "new", never);
      assert.deepEqual(await propertiesOf(storage, id), { ...given, displayname: "new" });
      assert.deepEqual([...(await list(storage, collection)).etags], [[item?.href, item?.etag]]);
    },
  },
  {
    name: "spaces around a property do not count",
    when: keepsNames,
    run: async ({ storage, fresh }) => {
      const collection = await fresh();
      await storage.setProperty(collection, "displayname", "  text \n", never);
      assert.equal((await propertiesOf(storage, collection.id)).displayname?.trim(), "text");
    },
  },
  {
    name: "a property that is set to nothing is not set",
    when: keepsNames,
    run: async ({ storage, fresh }) => {
      const collection = await fresh();
      await storage.setProperty(collection, "displayname", "text", never);
      await storage.setProperty(collection, "displayname", "", never);
      assert.ok(!(await propertiesOf(storage, collection.id)).displayname);
    },
  },
  {
    name: "a property of a collection that is gone cannot be set",
    // A mailbox that is gone may still be subscribed to (RFC 3501 section 6.3.6).
    when: canUpdate,
    run: async ({ storage, fresh }) => {
      const collection = await fresh();
      await storage.deleteCollection(collection, never);
      await assert.rejects(storage.setProperty(collection, "displayname", "x", never), {
        kind: "missing",
      });
      assert.equal(await find(storage, collection.id), undefined);
    },
  },
  {
    name: "once the signal has fired, nothing is done to a collection",
    run: async ({ storage, fresh, freshId }) => {
      const cancelled = { name: "SyncError", kind: "cancelled" };
      const collection = await fresh();
      const id = collectionId(freshId());
      await assert.rejects(storage.check(fired), cancelled);
      await assert.rejects(storage.collections(fired), cancelled);
      await assert.rejects(storage.createCollection(id, {}, fired), cancelled);
      await assert.rejects(storage.setProperty(collection, "displayname", "x", fired), cancelled);
      await assert.rejects(storage.deleteCollection(collection, fired), cancelled);
      assert.equal(await find(storage, id), undefined);
      assert.deepEqual(await find(storage, collection.id), collection);
    },
  },
];
