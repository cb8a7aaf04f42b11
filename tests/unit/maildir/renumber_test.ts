/** Dovecot's indexes when a Maildir is numbered anew: gone only where they would be wrong. */

import { deepStrictEqual, match } from "node:assert/strict";
import { type Href, href } from "../../../lib/model/names.ts";
import { collectionOf, newMaildir, signal } from "./kit.ts";

const GUID = "2e5d43333367026b1665000083ecc375";

/** Numbers a mailbox of UIDNEXT 5 anew, and says what Dovecot has of it then. */
async function indexesAfter(
  uids: readonly (readonly [string, number])[],
  more: { readonly uidNext?: number; readonly uidValidity?: number } = {},
): Promise<{ readonly indexes: readonly string[]; readonly list: string }> {
  await using maildir = await newMaildir();
  for (const name of ["1.a", "2.b", "3.c"]) maildir.put(`cur/${name}:2,`);
  maildir.put("dovecot-uidlist", `3 V5 N5 G${GUID}\n1 :1.a\n2 :2.b\n3 :3.c\n`);
  for (const name of ["dovecot.index", "dovecot.index.log", "dovecot.index.cache"]) {
    maildir.put(name, "x");
  }
  const storage = maildir.open();
  const collection = await collectionOf(storage);
  const numbers = new Map(uids.map(([from, to]): [Href, number] => [href(from), to]));
  await storage.renumber?.(collection, { ...more, uids: numbers }, signal);
  return {
    indexes: maildir.names(".").filter((name) => name.startsWith("dovecot.index")),
    list: maildir.read("dovecot-uidlist"),
  };
}

const ALL = ["dovecot.index", "dovecot.index.cache", "dovecot.index.log"];

Deno.test("mails that move to UIDs that were never given leave Dovecot's indexes as they are", async () => {
  const { indexes, list } = await indexesAfter([["2", 8], ["1", 5]]);
  deepStrictEqual(indexes, ALL);
  match(list, /^3 V5 N9 G[0-9a-f]{32}\n3 :3\.c\n5 :1\.a\n8 :2\.b\n$/);
  deepStrictEqual((await indexesAfter([], { uidNext: 90, uidValidity: 6 })).indexes, ALL);
});

Deno.test("a mail that takes a UID below UIDNEXT takes Dovecot's indexes away", async () => {
  deepStrictEqual((await indexesAfter([["2", 8], ["1", 4]])).indexes, []);
  deepStrictEqual((await indexesAfter([["1", 2], ["2", 1]])).indexes, []);
  deepStrictEqual((await indexesAfter([["3", 2], ["2", 9]])).indexes, []);
});
