/** What every storage promises of new items. */

import assert from "node:assert/strict";
import { hrefOfUid } from "../../../lib/model/mail.ts";
import { type Href, ident } from "../../../lib/model/names.ts";
import type { Collection, Result } from "../../../lib/model/storage.ts";
import {
  apply,
  assertOutcome,
  assertSays,
  canUpdate,
  type Case,
  change,
  type Context,
  creation,
  fetchAll,
  fetchOne,
  list,
  never,
  put,
  putOne,
  said,
  saysAfter,
} from "../context.ts";
import { calendarKit, contactsKit, contentOf, mailKit } from "../kit.ts";

const ODD_UIDS: readonly (readonly [what: string, uid: string])[] = [
  ["a colon and a literal %0A", "uid:with%0Ain-it"],
  ["spaces, an at sign and umlauts", "Käthe Müller@example.org"],
  ["Cyrillic letters", "событие-1"],
  ["slashes", "http://example.org/events/1"],
  ["path segments", "../../outside"],
  ["a leading dot", ".hidden"],
  ["nothing but a dot", "."],
  ["a leading dash", "-rf"],
  ["300 characters", "u".repeat(300)],
  ["an emoji", "🎂-birthday"],
  ["percent signs", "100%25%2F"],
  ["braces and quotes", `{"a": 'b'}`],
  ["a comma, a semicolon and a backslash", "a,b;c\\d"],
  ["a question mark and a hash", "what?is#this"],
  ["the name of a Windows device", "con"],
];

const odd: readonly Case[] = ODD_UIDS.map(([what, uid]) => ({
  name: `an item whose UID has ${what} is written, listed and read back`,
  run: async (context) => {
    const collection = await context.fresh();
    const { href, etag } = await putOne(context, collection, uid, "text");
    const item = await assertSays(context, collection, href, [uid, "text"]);
    assert.equal(item.etag, etag);
    assert.deepEqual([...(await list(context.storage, collection)).etags], [[href, etag]]);
    const [result] = await apply(
      context.storage,
      collection,
      change(context, item, uid, "other text"),
    );
    assertOutcome(result, "done");
    const text = saysAfter(context, "text", "other text");
    await assertSays(context, collection, href, [uid, text]);
  },
}));

/** Writes these bytes as a new item. */
async function write(
  { storage, kit }: Context,
  collection: Collection,
  bytes: Uint8Array,
): Promise<{ readonly result: Result | undefined; readonly href: Href }> {
  const href = kit.kind === "mail" ? hrefOfUid(1) : storage.hrefFor(collection, ident("uid"), 0);
  const [result] = await apply(storage, collection, {
    kind: "create",
    id: 1,
    ident: ident("uid"),
    href,
    content: contentOf(kit, bytes),
  });
  return { result, href };
}

/** Asserts that bytes which are no item of this kind are not taken, or are unreadable there. */
async function assertNotTaken(context: Context, bytes: Uint8Array): Promise<void> {
  const collection = await context.fresh();
  const { result, href } = await write(context, collection, bytes);
  const { entries } = await list(context.storage, collection);
  if (result?.outcome === "failed") {
    assert.deepEqual(entries, []);
  } else {
    const [fetched] = await fetchAll(context.storage, collection, [href]);
    assert.equal(fetched?.state, "unreadable");
  }
}

const others: readonly Case[] = [calendarKit, contactsKit, mailKit].flatMap((own) =>
  Object.keys(own.others ?? {}).map((what): Case => ({
    name: `${what} says the same when it comes back`,
    when: ({ kit }) => kit.others?.[what] !== undefined,
    run: async (context) => {
      const { storage, kit, keepsBytes, fresh } = context;
      const collection = await fresh();
      const bytes = kit.others?.[what]?.("uid") ?? assert.fail();
      assertOutcome((await write(context, collection, bytes)).result, "done");
      const [href] = (await list(storage, collection)).etags.keys();
      const item = await fetchOne(storage, collection, href ?? assert.fail());
      const back = await item.body.bytes();
      if (context.ownIdents !== true) assert.equal(item.ident, said(kit, bytes).ident);
      if (context.ownIdents !== true && item.digest !== said(kit, bytes).digest) {
        // It says more than two digests that differ.
        assert.equal(new TextDecoder().decode(back), new TextDecoder().decode(bytes));
      }
      if (keepsBytes) assert.deepEqual(back, bytes);
    },
  }))
);

export const creationCases: readonly Case[] = [
  {
    name: "hrefFor gives the same href for the same arguments, and another for each attempt",
    when: canUpdate,
    run: async ({ storage, fresh, another }) => {
      const collection = await fresh();
      const again = await another();
      for (const [, uid] of [...ODD_UIDS, ["plain", "plain"] as const]) {
        const hrefs = [0, 1, 2, 3].map((n) => storage.hrefFor(collection, ident(uid), n));
        assert.equal(new Set(hrefs).size, 4);
        assert.deepEqual([0, 1, 2, 3].map((n) => again.hrefFor(collection, ident(uid), n)), hrefs);
      }
    },
  },
  {
    name: "hrefFor uses nothing of a UID that means something in a path",
    when: canUpdate,
    run: async ({ storage, fresh }) => {
      const collection = await fresh();
      for (const [, uid] of ODD_UIDS) {
        for (const attempt of [0, 1]) {
          const name = storage.hrefFor(collection, ident(uid), attempt).split("/").at(-1) ?? "";
          assert.match(name, /^[A-Za-z0-9_@+=%][A-Za-z0-9_.@+=%-]*$/);
          assert.ok(name.length <= 140);
        }
      }
    },
  },
  {
    name: "a new item's etag is the one it is listed with, where the result gives one",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const action = creation(context, collection, "uid", "text");
      const [result] = await apply(storage, collection, action);
      assertOutcome(result, "done");
      assert.ok(result?.outcome === "done");
      const { etags } = await list(storage, collection);
      assert.deepEqual([...etags.keys()], [result.href ?? action.href]);
      if (result.etag !== undefined) assert.deepEqual([...etags.values()], [result.etag]);
    },
  },
  {
    name: "a create never overwrites what is there",
    when: ({ storage }) => storage.capabilities.kind !== "mail" || storage.capabilities.keepsUids,
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const item = await putOne(context, collection, "uid", "text");
      const action = creation(context, collection, "uid", "other text", { href: item.href });
      const [result] = await apply(storage, collection, action);
      assertOutcome(result, "exists");
      const { etag } = await assertSays(context, collection, item.href, ["uid", "text"]);
      assert.equal(etag, item.etag);
    },
  },
  {
    name: "a new item leaves the etags of the others alone",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const first = await put(context, collection, ["a", "text"], ["b", "text"]);
      await put(context, collection, ["c", "text"], ["d", "text"]);
      const { etags } = await list(storage, collection);
      for (const { href, etag } of first) assert.equal(etags.get(href), etag);
    },
  },
  {
    name: "UIDs that differ in letter case alone are two items",
    when: ({ ownIdents }) => ownIdents !== true,
    run: async (context) => {
      const { storage, kit, fresh } = context;
      const collection = await fresh();
      const lower = creation(context, collection, "uid-case", "lower");
      const upper = creation(context, collection, "UID-CASE", "upper");
      const [first] = await apply(storage, collection, lower);
      assertOutcome(first, "done");
      let [second] = await apply(storage, collection, upper);
      let where = upper.href;
      if (second?.outcome === "exists") {
        // A disk that does not tell them apart: the next attempt has another name.
        where = storage.hrefFor(collection, ident("UID-CASE"), 1);
        [second] = await apply(storage, collection, { ...upper, href: where });
      }
      assertOutcome(second, "done");
      assert.equal((await list(storage, collection)).etags.size, 2);
      const found = await Promise.all(
        [...(await list(storage, collection)).etags.keys()]
          .map((href) => fetchOne(storage, collection, href)),
      );
      const idents = [["UID-CASE", "upper"], ["uid-case", "lower"]] as const;
      assert.deepEqual(
        found.map(({ ident }) => ident).sort(),
        idents.map(([uid, text]) => said(kit, kit.item(uid, text)).ident).sort(),
      );
    },
  },
  ...odd,
  {
    name: "an item of a mebibyte is written and read back",
    run: async (context) => {
      const collection = await context.fresh();
      const text = "0123456789abcdef".repeat(65536);
      const { href } = await putOne(context, collection, "uid", text);
      await assertSays(context, collection, href, ["uid", text]);
    },
  },
  {
    name: "a recurring item whose override comes first stays one item",
    when: ({ kit }) => kit.recurring !== undefined,
    run: async (context) => {
      const { storage, kit, keepsBytes, fresh } = context;
      const collection = await fresh();
      const bytes = kit.recurring?.("uid") ?? assert.fail();
      const { result } = await write(context, collection, bytes);
      assertOutcome(result, "done");
      const { etags } = await list(storage, collection);
      assert.equal(etags.size, 1);
      const item = await fetchOne(storage, collection, [...etags.keys()][0] ?? assert.fail());
      assert.equal(item.ident, said(kit, bytes).ident);
      assert.equal(item.digest, said(kit, bytes).digest);
      if (keepsBytes) assert.deepEqual(await item.body.bytes(), bytes);
    },
  },
  {
    name: "what is no item is refused, or unreadable once it is there",
    when: ({ kit }) => kit.kind !== "mail",
    run: (context) => assertNotTaken(context, new TextEncoder().encode("no item at all")),
  },
  {
    name: "an item of another kind is refused, or unreadable once it is there",
    when: ({ kit }) => kit.foreign !== undefined,
    run: (context) => assertNotTaken(context, context.kit.foreign?.("uid") ?? assert.fail()),
  },
  ...others,
  {
    name: "an item cannot be written to a collection that is gone",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      await storage.deleteCollection(collection, never);
      const action = creation(context, collection, "uid", "text");
      const [result] = await apply(storage, collection, action);
      assertOutcome(result, "failed");
      const ids = (await storage.collections(never)).map(({ id }) => id);
      assert.ok(!ids.includes(collection.id));
    },
  },
];
