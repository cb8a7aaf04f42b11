// CVE-2021-20247 (mbsync), CVE-2024-12086 and -12087 (rsync), GHSA-8qq5-rm4j-mr97 (node-tar), and
// vdirsyncer's collection names that are decoded into a path: a name that a server gives leads out
// of the folder that it was meant for.

import assert from "node:assert/strict";
import { join } from "node:path";
import { SyncError } from "../../lib/model/error.ts";
import { collectionId, etag, href, ident } from "../../lib/model/names.ts";
import type { Collection } from "../../lib/model/storage.ts";
import { NASTY_NAMES } from "../support/nasty_names.ts";
import {
  apply,
  contentOf,
  creation,
  deletion,
  everythingIn,
  list,
  namesIn,
  never,
  replacement,
  type Vdir,
  withVdir,
} from "../support/vdir.ts";

/** Something beside the vdir that a name may lead to. */
function plantVictims({ outside, path }: Vdir): Readonly<Record<string, string>> {
  Deno.mkdirSync(join(outside, "etc"));
  Deno.writeTextFileSync(join(outside, "etc", "passwd"), "root");
  Deno.writeTextFileSync(join(outside, "x"), "x");
  Deno.writeTextFileSync(join(outside, "x.ics"), "x");
  Deno.writeTextFileSync(join(path, "x.ics"), "x");
  return everythingIn(outside);
}

Deno.test("a collection of any nasty name is made as a folder of that very name, or refused", () =>
  withVdir(async (vdir) => {
    const { outside, path, storage } = vdir;
    const before = plantVictims(vdir);
    const made: string[] = [];
    for (const nasty of NASTY_NAMES) {
      try {
        const collection = await storage.createCollection(collectionId(nasty), {}, never);
        assert.equal(collection.identity, `${path}/${nasty}`);
        assert.ok(Deno.lstatSync(collection.identity).isDirectory);
        made.push(nasty);
      } catch (thrown) {
        assert.ok(thrown instanceof SyncError, String(thrown));
        assert.ok(["refused", "exists"].includes(thrown.kind), thrown.message);
      }
    }
    assert.deepEqual(
      namesIn(path).toSorted(),
      [...new Set(made), "work", "x.ics"].toSorted(),
    );
    assert.ok(
      made.includes("日本語") && made.includes("100%25") === NASTY_NAMES.includes("100%25"),
    );
    assert.ok(!made.some((name) => /^[.-]|[/\\\p{Cc}]/u.test(name)));
    for (const name of made) Deno.removeSync(join(path, name));
    assert.deepEqual(everythingIn(outside), before);
  }));

Deno.test("an item with any nasty UID becomes a plain file in its collection", () =>
  withVdir(async (vdir) => {
    const { outside, path, storage, work } = vdir;
    const before = plantVictims(vdir);
    const actions = NASTY_NAMES.map((nasty, id) => ({
      kind: "create" as const,
      id,
      ident: ident(nasty),
      href: storage.hrefFor(work, ident(nasty), 0),
      content: contentOf(nasty),
    }));
    const results = await apply(storage, work, ...actions);
    for (const [n, result] of results.entries()) {
      // On a disk that folds letter case some names are taken; nothing else may go wrong.
      assert.ok(["done", "exists"].includes(result.outcome), JSON.stringify(NASTY_NAMES[n]));
    }
    const names = namesIn(work.identity);
    assert.ok(names.length > 200);
    for (const name of names) assert.match(name, /^[A-Za-z0-9_@+=][A-Za-z0-9_.@+=-]*\.ics$/);
    Deno.removeSync(join(path, "work"), { recursive: true });
    Deno.mkdirSync(join(path, "work"));
    assert.deepEqual(everythingIn(outside), before);
  }));

Deno.test("no href leads out of its collection, whatever is done to it", () =>
  withVdir(async (vdir) => {
    const { outside, storage, work } = vdir;
    const before = plantVictims(vdir);
    const more = ["../x.ics", "../../x.ics", "../work/../../x.ics", "/x.ics", "./a.ics", "a/b.ics"];
    const hrefs = [...NASTY_NAMES, ...NASTY_NAMES.map((name) => `${name}/../../x.ics`), ...more];
    const outsiders = hrefs.filter((name) => name.includes("/") || name.includes("\u0000"));
    assert.ok(outsiders.length > 200);
    for (const name of outsiders) {
      const results = await apply(
        storage,
        work,
        creation(name, "written", 1),
        replacement(name, etag("x"), "written", 2),
        deletion(name, etag("x"), 3),
      );
      assert.deepEqual(results.map(({ outcome }) => outcome), ["failed", "failed", "failed"]);
      const batches = await Array.fromAsync(storage.fetch(work, [href(name)], { signal: never }));
      assert.ok(batches.flat().every(({ state }) => state === "unreadable"), name);
    }
    assert.deepEqual(everythingIn(outside), before);
  }));

Deno.test("no collection's href leads out of the vdir", () =>
  withVdir(async (vdir) => {
    const { outside, path, storage } = vdir;
    Deno.mkdirSync(join(outside, "other"));
    Deno.writeTextFileSync(join(outside, "other", "a.ics"), "secret");
    const before = plantVictims(vdir);
    const error = (thrown: unknown) => thrown instanceof SyncError && thrown.kind !== "internal";
    for (const name of [...NASTY_NAMES, "../other", "work/../../other", `${outside}/other`]) {
      for (const identity of [join(path, name), join(outside, "other"), name]) {
        const collection: Collection = {
          id: collectionId(name),
          href: href(name),
          identity,
          properties: {},
        };
        await assert.rejects(list(storage, collection), error);
        await assert.rejects(storage.deleteCollection(collection, never), error);
        await assert.rejects(storage.setProperty(collection, "color", "#ff0000", never), error);
        const [result] = await apply(storage, collection, creation("b.ics", "written"));
        assert.equal(result?.outcome, "failed");
      }
    }
    assert.deepEqual(everythingIn(outside), before);
  }));

Deno.test("the name of a file that is not UTF-8 makes it unreadable, not absent", {
  ignore: Deno.build.os !== "linux",
}, () =>
  withVdir(async ({ storage, work, at }) => {
    Deno.writeTextFileSync(at("a.ics"), "text");
    // Deno makes no such name; the shell's printf does.
    const script = `cd "$1" && printf x > "$(printf 'b\\377.ics')"`;
    const { success } = await new Deno.Command("sh", {
      args: ["-c", script, "sh", work.identity],
    }).output();
    assert.ok(success);
    const entries = await list(storage, work);
    assert.deepEqual(entries.map(({ state }) => state), ["present", "unreadable"]);
    assert.match(entries[1]?.state === "unreadable" ? entries[1].error.message : "", /UTF-8/);
  }));
