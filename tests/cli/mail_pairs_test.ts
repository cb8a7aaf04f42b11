/** Pairs of mail storages in a configuration, and what is said in them. */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { inMailWorld, maildirAt, makeMaildir, synced } from "./mail_kit.ts";

Deno.test("collections: patterns choose the mailboxes, and ! takes out again", () =>
  inMailWorld(async (world) => {
    const found = await synced(world, "collections INBOX Lists/* !Lists/old", {
      INBOX: ["one"],
      "Lists.deno": ["two"],
      "Lists.old": ["three"],
      Sent: ["four"],
    });
    deepStrictEqual(found, { INBOX: ["one"], "Lists.deno": ["two"] });
  }));

Deno.test("collection: a mailbox below another is named with a slash", () =>
  inMailWorld(async (world) => {
    const found = await synced(world, "collection Lists/deno", {
      INBOX: ["one"],
      "Lists.deno": ["two"],
    });
    deepStrictEqual(found, { INBOX: [], "Lists.deno": ["two"] });
  }));

Deno.test("sync_flags: others stay as they are on each side", () =>
  inMailWorld(async (world) => {
    const found = await synced(world, "collections all\nsync_flags seen", { INBOX: ["one:FS"] });
    deepStrictEqual(found["INBOX"], ["one:S"]);
  }));

Deno.test("expunge: a mail that is marked as deleted is deleted where it is said", () =>
  inMailWorld(async (world) => {
    await synced(world, "collections all\nexpunge b", { INBOX: ["one", "gone:S", "three"] });
    for await (const { name } of Deno.readDir(world.path("A/cur"))) {
      if (!name.includes("gone")) continue;
      await Deno.rename(world.path(`A/cur/${name}`), world.path(`A/cur/${name}T`));
    }
    strictEqual((await world.dovetail("sync")).code, 0);
    deepStrictEqual((await maildirAt(world.path("A")))["INBOX"], ["gone:ST", "one", "three"]);
    deepStrictEqual((await maildirAt(world.path("B")))["INBOX"], ["one", "three"]);
  }));

Deno.test("one_way: what was done to B is undone", () =>
  inMailWorld(async (world) => {
    await synced(world, "collections all\none_way", { INBOX: ["one"] });
    await makeMaildir(world.path("B"), { INBOX: ["other"] });
    strictEqual((await world.dovetail("sync")).code, 0);
    deepStrictEqual(await maildirAt(world.path("B")), { INBOX: ["one"] });
    deepStrictEqual(await maildirAt(world.path("A")), { INBOX: ["one"] });
  }));

Deno.test("no_delete: a mail that is gone stays on that side", () =>
  inMailWorld(async (world) => {
    await synced(world, "collections all", { INBOX: ["one", "two"] });
    const text = await Deno.readTextFile(world.path(".config/dovetail/dovetail.conf"));
    await world.write(".config/dovetail/dovetail.conf", text.replace("/B\n", "/B\n  no_delete\n"));
    for await (const { name } of Deno.readDir(world.path("A/cur"))) {
      if (name.includes("one")) await Deno.remove(world.path(`A/cur/${name}`));
    }
    await world.dovetail("sync");
    deepStrictEqual((await maildirAt(world.path("B")))["INBOX"], ["one", "two"]);
  }));

Deno.test("the other commands know mail: check, discover, status, resolve-conflicts", () =>
  inMailWorld(async (world) => {
    await synced(world, "collections all", { INBOX: ["one"], Sent: [] });
    const check = await world.dovetail("check");
    strictEqual(check.code, 0, check.stdout + check.stderr);
    const discover = await world.dovetail("discover");
    match(discover.stdout, /Sent/);
    strictEqual((await world.dovetail("status")).code, 0);
    const conflicts = await world.dovetail("resolve-conflicts");
    deepStrictEqual([conflicts.code, conflicts.stderr], [0, ""]);
    match(conflicts.stdout, /no conflicts/);
  }));
