/** What every storage of mail promises of mailboxes: their names, identities and subscriptions. */

import assert from "node:assert/strict";
import { SyncError } from "../../../lib/model/error.ts";
import { collectionId } from "../../../lib/model/names.ts";
import type { Collection } from "../../../lib/model/storage.ts";
import {
  apply,
  assertOutcome,
  type Case,
  type Context,
  fired,
  flagging,
  list,
  never,
  type Place,
} from "../context.ts";
import {
  created,
  isMail,
  keepsUids,
  localIdIn,
  mailOf,
  mailsIn,
  now,
  ofMail,
  plainMail,
  putText,
  saidIn,
} from "./mail_kit.ts";

const holdsBoth = (place: Place): boolean => isMail(place) && place.isEitherOr !== true;

async function removeAll({ storage }: Context, collection: Collection): Promise<void> {
  for (const { href, etag } of await mailsIn(storage, collection)) {
    const action = { kind: "delete", id: 1, ident: "m" as never, href, etag } as const;
    assertOutcome((await apply(storage, collection, action))[0], "done");
  }
}

const cases: readonly Case[] = [
  {
    name: "a mailbox within others is made, and none of them holds its mails",
    run: async (context) => {
      const { storage, freshId } = context;
      const top = freshId();
      const id = localIdIn(storage, `${top}/middle/bottom`);
      const made = await storage.createCollection(id, {}, never);
      await putText(context, made, "text");
      for (const it of await storage.collections(never)) {
        if (it.id !== id && it.id.startsWith(top)) {
          assert.deepEqual(await mailsIn(storage, it), []);
        }
      }
      const beside = await storage.createCollection(localIdIn(storage, `${top}/beside`), {}, never);
      assert.deepEqual(await mailsIn(storage, beside), []);
      assert.deepEqual(await saidIn(context, await now(storage, made)), ["text"]);
    },
  },
  {
    name: "deleting a mailbox leaves those within it, and what they hold",
    when: holdsBoth,
    run: async (context) => {
      const { storage, freshId } = context;
      const top = freshId();
      const parent = await storage.createCollection(collectionId(top), {}, never);
      const child = await storage.createCollection(localIdIn(storage, `${top}/child`), {}, never);
      await putText(context, child, "text");
      await storage.deleteCollection(parent, never);
      const ids = (await storage.collections(never)).map(({ id }) => id as string);
      assert.ok(ids.includes(child.id));
      assert.ok(!ids.includes(top), "the parent is still there");
      assert.deepEqual(await saidIn(context, await now(storage, child)), ["text"]);
    },
  },
  {
    name: "a mailbox with a mail in it is not deleted, and keeps it",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      await putText(context, collection, "text");
      await assert.rejects(storage.deleteCollection(collection, never), { kind: "refused" });
      assert.deepEqual(await saidIn(context, collection), ["text"]);
      await removeAll(context, collection);
      await storage.deleteCollection(collection, never);
      const ids = (await storage.collections(never)).map(({ id }) => id);
      assert.ok(!ids.includes(collection.id));
    },
  },
  {
    name: "a mailbox that was deleted and made anew is another one, and not taken for the first",
    run: async (context) => {
      const { storage, fresh, another } = context;
      const collection = await fresh();
      const other = await another();
      await other.deleteCollection(await now(other, collection), never);
      const anew = await other.createCollection(collection.id, {}, never);
      assert.notEqual(anew.identity, collection.identity);
      await putText({ ...context, storage: other }, anew, "theirs");
      await assert.rejects(
        list(storage, collection),
        (thrown) =>
          thrown instanceof SyncError && thrown.scope === "collection" &&
          ["changed", "missing"].includes(thrown.kind),
      );
      const action = mailOf(context, 99, plainMail("ours", "ours"));
      const results = await apply(storage, collection, action).catch((thrown) => {
        assert.ok(thrown instanceof SyncError);
        return [];
      });
      assert.ok(results.every(({ outcome }) => outcome === "failed"));
      await assert.rejects(
        storage.deleteCollection(collection, never),
        (thrown) => thrown instanceof SyncError && ["changed", "refused"].includes(thrown.kind),
      );
      assert.deepEqual(await saidIn(context, await now(storage, anew)), ["theirs"]);
    },
  },
  {
    name: "an empty mailbox that was made anew is not deleted for the one before it",
    run: async (context) => {
      const { storage, fresh, another } = context;
      const collection = await fresh();
      const other = await another();
      await other.deleteCollection(await now(other, collection), never);
      const anew = await other.createCollection(collection.id, {}, never);
      await assert.rejects(storage.deleteCollection(collection, never), { kind: "changed" });
      assert.equal((await now(storage, anew)).identity, anew.identity);
    },
  },
  {
    name: "a mailbox that is called otherwise holds what it held, under the same UIDs",
    run: async (context) => {
      const { storage, fresh, freshId, another } = context;
      const collection = await fresh();
      await putText(context, collection, "text");
      const before = await now(storage, collection);
      const [mail] = await mailsIn(storage, collection);
      const action = flagging(mail ?? assert.fail(), "m", ["\\Flagged"]);
      assertOutcome((await apply(storage, collection, action))[0], "done");
      const id = collectionId(freshId("renamed"));
      const renamed = await storage.renameCollection?.(before, id, never);
      assert.equal(renamed?.id, id);
      assert.deepEqual(renamed.mailbox, before.mailbox);
      const other = await another();
      const ids = (await other.collections(never)).map((it) => it.id as string);
      assert.ok(ids.includes(id) && !ids.includes(collection.id));
      assert.equal((await now(other, { id })).identity, renamed.identity);
      const entries = (await mailsIn(other, renamed)).map(({ href, flags }) => [href, flags]);
      assert.deepEqual(entries, [[mail?.href, ["\\Flagged"]]]);
      assert.deepEqual(await saidIn(context, renamed), ["text"]);
      if (before.mailbox?.guid !== undefined) assert.equal(renamed.identity, before.identity);
    },
  },
  {
    name: "a mailbox is moved into another, and out of it",
    when: holdsBoth,
    run: async (context) => {
      const { storage, fresh, freshId } = context;
      const collection = await fresh();
      await putText(context, collection, "text");
      const parent = await fresh();
      const inside = localIdIn(storage, `${parent.id}/inside`);
      const moved = await storage.renameCollection?.(await now(storage, collection), inside, never);
      assert.ok(moved !== undefined);
      assert.deepEqual(await saidIn(context, moved), ["text"]);
      const out = collectionId(freshId("out"));
      const back = await storage.renameCollection?.(moved, out, never);
      assert.ok(back !== undefined);
      assert.deepEqual(await saidIn(context, back), ["text"]);
      assert.deepEqual(await mailsIn(storage, await now(storage, parent)), []);
    },
  },
  {
    name: "what lies within a mailbox goes along, or stays, when that is called otherwise",
    when: holdsBoth,
    run: async (context) => {
      const { storage, freshId } = context;
      const top = freshId();
      const parent = await storage.createCollection(collectionId(top), {}, never);
      const child = await storage.createCollection(localIdIn(storage, `${top}/a/b`), {}, never);
      await putText(context, child, "text");
      const id = collectionId(freshId("renamed"));
      await storage.renameCollection?.(parent, id, never);
      const names: readonly string[] = [child.id, `${id}/a/b`];
      const found = (await storage.collections(never)).filter((it) => names.includes(it.id));
      const [own] = found;
      assert.ok(found.length === 1 && own !== undefined, "it is there once");
      assert.deepEqual(await saidIn(context, own), ["text"]);
    },
  },
  {
    name: "a mailbox is not called as another is, and both stay",
    run: async (context) => {
      const { storage, fresh } = context;
      const one = await fresh();
      const two = await fresh();
      await putText(context, one, "one");
      await putText(context, two, "two");
      await assert.rejects(
        async () => await storage.renameCollection?.(await now(storage, one), two.id, never),
        { name: "SyncError", kind: "exists" },
      );
      assert.deepEqual(await saidIn(context, one), ["one"]);
      assert.deepEqual(await saidIn(context, two), ["two"]);
    },
  },
  {
    name: "a mailbox that is gone is not called otherwise",
    run: async ({ storage, fresh, freshId }) => {
      const collection = await fresh();
      await storage.deleteCollection(collection, never);
      const id = collectionId(freshId("renamed"));
      await assert.rejects(
        async () => await storage.renameCollection?.(collection, id, never),
        (thrown) => thrown instanceof SyncError && ["missing", "changed"].includes(thrown.kind),
      );
      assert.ok((await storage.collections(never)).every((it) => it.id !== id));
    },
  },
  {
    name: "once the signal has fired, a mailbox keeps its name",
    run: async ({ storage, fresh, freshId }) => {
      const collection = await fresh();
      const id = collectionId(freshId("renamed"));
      await assert.rejects(
        async () => await storage.renameCollection?.(collection, id, fired),
        { kind: "cancelled" },
      );
      assert.deepEqual(await now(storage, collection), collection);
    },
  },
  {
    name: "a mailbox is subscribed to, and no longer, and the others are left alone",
    run: async (context) => {
      const { storage, fresh, another } = context;
      const one = await fresh();
      const two = await fresh();
      const other = await another();
      const state = () =>
        Promise.all([one, two].map(async (it) => (await now(other, it)).properties.subscribed));
      assert.deepEqual(await state(), [undefined, undefined]);
      await storage.setProperty(one, "subscribed", "yes", never);
      assert.deepEqual(await state(), ["yes", undefined]);
      await storage.setProperty(one, "subscribed", "yes", never);
      await storage.setProperty(two, "subscribed", "yes", never);
      await storage.setProperty(one, "subscribed", undefined, never);
      assert.deepEqual(await state(), [undefined, "yes"]);
    },
  },
  {
    name: "a mailbox is made with a subscription to it",
    run: async ({ storage, freshId, another }) => {
      const id = localIdIn(storage, `${freshId()}/Käse & Wein`);
      const made = await storage.createCollection(id, { subscribed: "yes" }, never);
      assert.equal(made.properties.subscribed, "yes");
      const found = await now(await another(), { id });
      assert.deepEqual(found.properties, { subscribed: "yes" });
    },
  },
  {
    name: "the inbox is called INBOX, however it is written, and is neither deleted nor renamed",
    run: async ({ storage, freshId }) => {
      for (const id of ["INBOX", "Inbox", "inbox"]) assert.equal(localIdIn(storage, id), "INBOX");
      const inbox = (await storage.collections(never)).find(({ id }) => id === "INBOX");
      if (inbox === undefined) return;
      await assert.rejects(storage.deleteCollection(inbox, never), { name: "SyncError" });
      await assert.rejects(
        async () =>
          await storage.renameCollection?.(inbox, collectionId(freshId("renamed")), never),
        { name: "SyncError" },
      );
      assert.ok((await storage.collections(never)).some(({ id }) => id === "INBOX"));
    },
  },
  {
    name: "a storage that may not be written refuses whatever changes a mailbox",
    run: async ({ storage, kit, fresh, freshId, readOnly }) => {
      const collection = await fresh();
      const action = mailOf({ kit }, 1, plainMail("m", "text"));
      const item = await created(storage, collection, action);
      const before = await now(storage, collection);
      const closed = await readOnly();
      const refused = (thrown: unknown) =>
        thrown instanceof SyncError && (thrown.kind === "refused" || thrown.kind === "forbidden");
      const id = collectionId(freshId("renamed"));
      await assert.rejects(
        async () => await closed.renameCollection?.(before, id, never),
        refused,
      );
      if (keepsUids({ storage, kit } as Context)) {
        await assert.rejects(
          async () => await closed.renumber?.(before, { uidNext: 99, uids: new Map() }, never),
          refused,
        );
      }
      await assert.rejects(closed.setProperty(before, "subscribed", "yes", never), refused);
      const [result] = await apply(closed, before, flagging(item, "m", ["\\Seen"]));
      assert.ok(result?.outcome === "failed" && refused(result.error));
      assert.deepEqual(await now(storage, collection), before);
      assert.deepEqual((await mailsIn(storage, collection)).map(({ flags }) => flags), [[]]);
    },
  },
];

export const mailboxCases: readonly Case[] = ofMail(cases);
