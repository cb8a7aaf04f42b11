/** What every storage of mail promises of UIDs, UIDVALIDITY and GUIDs. */

import assert from "node:assert/strict";
import { uidOf } from "../../../lib/model/mail.ts";
import { href, ident } from "../../../lib/model/names.ts";
import { apply, assertOutcome, type Case, deletion, list, never } from "../context.ts";
import {
  created,
  filled,
  givesUids,
  keepsGuids,
  keepsUids,
  listedAt,
  mailOf,
  mailsIn,
  now,
  ofMail,
  plainMail,
  textAt,
  texts,
  uidsIn,
} from "./mail_kit.ts";

const all: readonly Case[] = ofMail([
  {
    name: "a mailbox tells how many mails it has, its UIDVALIDITY and a UIDNEXT above all UIDs",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const before = collection.mailbox ?? assert.fail("it is no mailbox");
      assert.ok(before.uidValidity >= 1);
      assert.equal(before.messages, 0);
      const first = before.uidNext;
      await filled(context, collection, first, first + 1, first + 2);
      const { mailbox } = await now(storage, collection);
      assert.equal(mailbox?.messages, 3);
      assert.equal(mailbox?.uidValidity, before.uidValidity);
      assert.ok((mailbox?.uidNext ?? 0) > Math.max(...await uidsIn(context, collection)));
    },
  },
  {
    name: "the same mail twice is two mails, and says so of both",
    run: async (context) => {
      const { storage, kit, fresh } = context;
      const collection = await fresh();
      const mail = { guid: "the-same-guid" };
      const bytes = plainMail("same", "text");
      const one = await created(storage, collection, mailOf({ kit }, 5, bytes, { mail }));
      const two = await created(storage, collection, mailOf({ kit }, 6, bytes, { mail }));
      assert.notEqual(one.href, two.href);
      const hrefs = [one.href, two.href];
      const answers = await Array.fromAsync(
        storage.fetch(collection, hrefs, { signal: never, identsOnly: true }),
      );
      const idents = answers.flat().map((it) => it.state === "present" ? it.item.ident : "");
      assert.equal(idents.length, 2);
      assert.equal(idents[0], idents[1]);
    },
  },
  {
    name: "a UID that was a deleted mail's is not given again",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const bytes = plainMail("m", "text");
      const first = await created(storage, collection, mailOf(context, 4, bytes));
      assertOutcome((await apply(storage, collection, deletion(first, "m")))[0], "done");
      const next = (await now(storage, collection)).mailbox?.uidNext ?? 0;
      assert.ok(next > uidOf(first.href));
      const second = await created(storage, collection, mailOf(context, next, bytes));
      assert.ok(uidOf(second.href) > uidOf(first.href));
    },
  },
  {
    name: "another who opens the storage sees the same UIDs and the same numbers",
    run: async (context) => {
      const { storage, fresh, another } = context;
      const collection = await fresh();
      const first = collection.mailbox?.uidNext ?? 1;
      await filled(context, collection, first, first + 1);
      const other = await another();
      assert.deepEqual(await now(other, collection), await now(storage, collection));
      assert.deepEqual(
        (await mailsIn(other, collection)).map(({ href, etag }) => [href, etag]),
        (await mailsIn(storage, collection)).map(({ href, etag }) => [href, etag]),
      );
    },
  },
]);

const given: readonly Case[] = ofMail([
  {
    name: "a mail gets a UID of its storage, which the result tells",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const actions = ["a", "b", "c"].map((name) => mailOf(context, 900, plainMail(name, name)));
      const results = await apply(storage, collection, ...actions);
      const told = [];
      for (const [at, result] of results.entries()) {
        assertOutcome(result, "done");
        assert.ok(result.outcome === "done" && result.href !== undefined);
        const name = ["a", "b", "c"][at] ?? "";
        assert.equal(await textAt(storage, collection, result.href), name);
        told.push(uidOf(result.href));
      }
      assert.deepEqual(told.toSorted((a, b) => a - b), await uidsIn(context, collection));
      assert.equal(new Set(told).size, 3);
    },
  },
], givesUids);

const kept: readonly Case[] = ofMail([
  {
    name: "a mail gets the UID that is wanted, and others follow above it",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      await filled(context, collection, 7, 70, 7000);
      assert.deepEqual(await texts(context, collection), ["7 m7", "70 m70", "7000 m7000"]);
      assert.equal((await now(storage, collection)).mailbox?.uidNext, 7001);
    },
  },
  {
    name: "a lost mail is put back under its old UID",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      await filled(context, collection, 3, 4, 5);
      const lost = await listedAt(storage, collection, href("4"));
      assertOutcome((await apply(storage, collection, deletion(lost, "m4")))[0], "done");
      await filled(context, collection, 4, 1);
      assert.deepEqual(await texts(context, collection), ["1 m1", "3 m3", "4 m4", "5 m5"]);
      assert.equal((await now(storage, collection)).mailbox?.uidNext, 6);
    },
  },
  {
    name: "mails are put in any order of their UIDs",
    run: async (context) => {
      const collection = await context.fresh();
      await filled(context, collection, 9, 2, 5, 30, 1);
      assert.deepEqual(await uidsIn(context, collection), [1, 2, 5, 9, 30]);
      await filled(context, collection, 4, 31, 3);
      assert.deepEqual(
        await texts(context, collection),
        [1, 2, 3, 4, 5, 9, 30, 31].map((uid) => `${uid} m${uid}`),
      );
    },
  },
  {
    name: "a UID that somebody else's mail took meanwhile is not taken from it",
    run: async (context) => {
      const { storage, fresh, another } = context;
      const collection = await fresh();
      await list(storage, collection);
      const other = await another();
      await created(other, collection, mailOf(context, 5, plainMail("theirs", "theirs")));
      const [ours, next] = await apply(
        storage,
        collection,
        mailOf(context, 5, plainMail("ours", "ours")),
        mailOf(context, 6, plainMail("next", "next")),
      );
      assertOutcome(ours, "exists");
      assertOutcome(next, "done");
      assert.deepEqual(await texts(context, collection), ["5 theirs", "6 next"]);
    },
  },
  {
    name: "the same UID twice in one stream is one mail's",
    run: async (context) => {
      const { storage, fresh } = context;
      const collection = await fresh();
      const results = await apply(
        storage,
        collection,
        mailOf(context, 5, plainMail("one", "one")),
        mailOf(context, 5, plainMail("two", "two")),
      );
      assert.deepEqual(results.map(({ outcome }) => outcome).sort(), ["done", "exists"]);
      assert.deepEqual(await uidsIn(context, collection), [5]);
    },
  },
], keepsUids);

const named: readonly Case[] = ofMail([
  {
    name: "a mail keeps the GUID that it is given, and one that has none gets one",
    run: async (context) => {
      const { storage, fresh, ownIdents } = context;
      const collection = await fresh();
      const guid = "1700000000.M123P456.mail.example.org";
      const mail = { guid };
      const one = mailOf(context, 1, plainMail("one", "one"), { mail });
      const { href } = await created(storage, collection, one);
      const { href: other } = await created(
        storage,
        collection,
        mailOf(context, 2, plainMail("two", "two")),
      );
      const guidAt = async (at: typeof href) => {
        const batches = storage.fetch(collection, [at], { signal: never });
        const [fetched] = (await Array.fromAsync(batches)).flat();
        return fetched?.state === "present" ? fetched.item.mail?.guid : undefined;
      };
      assert.equal(await guidAt(href), guid);
      const own = await guidAt(other);
      assert.ok(own !== undefined && own !== guid);
      if (ownIdents !== true) return;
      assert.equal((await listedAt(storage, collection, href)).mail?.ident, ident(guid));
      assert.equal((await listedAt(storage, collection, other)).mail?.ident, ident(own));
    },
  },
  {
    name: "each mailbox has a GUID of its own",
    run: async ({ fresh }) => {
      const guids = [await fresh(), await fresh(), await fresh()].map(({ mailbox }) =>
        mailbox?.guid
      );
      assert.equal(new Set(guids).size, 3);
      assert.ok(!guids.includes(undefined));
    },
  },
], keepsGuids);

export const mailNumberCases: readonly Case[] = [...all, ...given, ...kept, ...named];
