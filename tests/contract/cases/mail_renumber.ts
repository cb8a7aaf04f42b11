/** What every storage of mail promises where mailboxes and their mails are numbered anew. */

import assert from "node:assert/strict";
import { hrefOfUid } from "../../../lib/model/mail.ts";
import { href } from "../../../lib/model/names.ts";
import { apply, assertOutcome, type Case, deletion, fired, list, never } from "../context.ts";
import {
  created,
  filled,
  keepsGuids,
  keepsUids,
  listedAt,
  mailOf,
  now,
  ofMail,
  plainMail,
  textAt,
  texts,
  uidsIn,
} from "./mail_kit.ts";

const numbered: readonly Case[] = ofMail([
  {
    name: "mails take each other's UIDs, with their bodies and flags",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      await filled(context, collection, 1, 2, 3);
      const read = mailOf(context, 4, plainMail("m4", "m4"), { flags: ["\\Seen", "work"] });
      await created(storage, collection, read);
      const uids = new Map([[href("1"), 2], [href("2"), 1], [href("4"), 9]]);
      await storage.renumber?.(await now(storage, collection), { uids }, never);
      const after = await now(storage, collection);
      assert.deepEqual(await texts(context, after), ["1 m2", "2 m1", "3 m3", "9 m4"]);
      assert.deepEqual((await listedAt(storage, after, href("9"))).flags, ["\\Seen", "work"]);
      assert.equal(after.mailbox?.uidNext, 10);
    },
  },
  {
    name: "many mails move up by one at once",
    run: async (context) => {
      const { storage, fresh, many } = context;
      const collection = await fresh();
      const before = Array.from({ length: many }, (_, n) => n + 1);
      await filled(context, collection, ...before);
      const uids = new Map(before.map((uid) => [hrefOfUid(uid), uid + 1]));
      await storage.renumber?.(await now(storage, collection), { uids }, never);
      const after = await now(storage, collection);
      assert.deepEqual(await uidsIn(context, after), before.map((uid) => uid + 1));
      assert.equal(await textAt(storage, after, hrefOfUid(many + 1)), `m${many}`);
    },
  },
  {
    name: "with another UIDVALIDITY a mailbox is another place, for others too",
    run: async (context) => {
      const { storage, fresh, another } = context;
      const collection = await fresh();
      await filled(context, collection, 1, 2);
      const uidValidity = (collection.mailbox?.uidValidity ?? 0) + 17;
      const numbered = await storage.renumber?.(
        await now(storage, collection),
        { uidValidity, uidNext: 50, uids: new Map() },
        never,
      );
      assert.equal(numbered?.mailbox?.uidValidity, uidValidity);
      assert.equal(numbered.mailbox.uidNext, 50);
      assert.notEqual(numbered.identity, collection.identity);
      const theirs = await now(await another(), collection);
      assert.equal(theirs.identity, numbered.identity);
      assert.equal(theirs.mailbox?.uidNext, 50);
      assert.deepEqual(await texts(context, numbered), ["1 m1", "2 m2"]);
    },
  },
  {
    name: "a UIDNEXT is raised and never lowered",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      await filled(context, collection, 20);
      for (const [wanted, then] of [[10, 21], [30, 30], [25, 30]] as const) {
        await storage.renumber?.(
          await now(storage, collection),
          { uidNext: wanted, uids: new Map() },
          never,
        );
        assert.equal((await now(storage, collection)).mailbox?.uidNext, then);
      }
    },
  },
  {
    name: "a mail that is gone meanwhile is passed over when the others are numbered",
    run: async (context) => {
      const { storage, fresh, another } = context;
      const collection = await fresh();
      await filled(context, collection, 1, 2, 3);
      const before = await now(storage, collection);
      const other = await another();
      const gone = await listedAt(other, collection, href("2"));
      assertOutcome((await apply(other, collection, deletion(gone, "m2")))[0], "done");
      const uids = new Map([[href("1"), 3], [href("2"), 8], [href("3"), 1]]);
      await storage.renumber?.(before, { uids }, never);
      const after = await now(storage, collection);
      assert.deepEqual(await texts(context, after), ["1 m3", "3 m1"]);
    },
  },
  {
    name: "nothing is numbered anew where a UID is taken by a mail that came meanwhile",
    run: async (context) => {
      const { storage, fresh, another } = context;
      const collection = await fresh();
      await filled(context, collection, 1, 2);
      const before = await now(storage, collection);
      await created(await another(), collection, mailOf(context, 9, plainMail("m9", "m9")));
      const uids = new Map([[href("1"), 2], [href("2"), 9]]);
      await assert.rejects(
        async () => await storage.renumber?.(before, { uids }, never),
        { name: "SyncError", kind: "changed" },
      );
      assert.deepEqual(await texts(context, collection), ["1 m1", "2 m2", "9 m9"]);
      assert.deepEqual(
        (await now(storage, collection)).mailbox?.uidValidity,
        before.mailbox?.uidValidity,
      );
    },
  },
  {
    name: "a cursor of before does not hide that mails have other UIDs",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      await filled(context, collection, 1, 2);
      const { cursor } = await list(storage, collection);
      const uids = new Map([[href("2"), 5]]);
      await storage.renumber?.(await now(storage, collection), { uids }, never);
      const after = await now(storage, collection);
      const { mode, etags, entries } = await list(storage, after, cursor);
      const gone = entries.filter(({ state }) => state === "gone").map(({ href }) => href);
      if (mode === "complete") assert.deepEqual([...etags.keys()].sort(), ["1", "5"]);
      else assert.deepEqual([[...etags.keys()], gone], [["5"], ["2"]]);
    },
  },
  {
    name: "once the signal has fired, nothing is numbered anew",
    run: async ({ storage, fresh }) => {
      const collection = await fresh();
      const numbers = { uidNext: 99, uids: new Map() };
      await assert.rejects(
        async () => await storage.renumber?.(collection, numbers, fired),
        { kind: "cancelled" },
      );
      assert.deepEqual(await now(storage, collection), collection);
    },
  },
  {
    name: "a mailbox of another UIDVALIDITY than it was listed with is not numbered",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const { uidValidity = 1 } = collection.mailbox ?? {};
      const numbers = { uidValidity: uidValidity + 5, uids: new Map() };
      await storage.renumber?.(collection, numbers, never);
      await assert.rejects(
        async () => await storage.renumber?.(collection, { uidNext: 99, uids: new Map() }, never),
        { name: "SyncError", kind: "changed" },
      );
      assert.notEqual((await now(storage, collection)).mailbox?.uidNext, 99);
    },
  },
], keepsUids);

const named: readonly Case[] = ofMail([
  {
    name: "a mailbox takes the GUID that it is given, for others too",
    run: async (context) => {
      const { storage, fresh, another } = context;
      const collection = await fresh();
      const guid = "0123456789abcdef0123456789abcdef";
      const numbered = await storage.renumber?.(
        collection,
        { guid, uids: new Map() },
        never,
      );
      assert.equal(numbered?.mailbox?.guid, guid);
      const theirs = await now(await another(), collection);
      assert.deepEqual([theirs.mailbox?.guid, theirs.identity], [guid, numbered.identity]);
    },
  },
], keepsGuids);

export const mailRenumberCases: readonly Case[] = [...numbered, ...named];
