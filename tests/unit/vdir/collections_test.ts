import assert from "node:assert/strict";
import { join } from "node:path";
import { realFiles } from "../../../lib/files/files.ts";
import { openVdir } from "../../../adapters/vdir/mod.ts";
import { collectionId } from "../../../lib/model/names.ts";
import type { Collection, Storage } from "../../../lib/model/storage.ts";
import {
  everythingIn,
  filesWith,
  list,
  namesIn,
  never,
  readText,
  systemError,
  withVdir,
} from "../../support/vdir.ts";

const ids = async (storage: Storage) => (await storage.collections(never)).map(({ id }) => id);

const properties = async (storage: Storage, { id }: Collection) =>
  (await storage.collections(never)).find((found) => found.id === id)?.properties;

Deno.test("folders are collections, except those whose names begin with a dot", () =>
  withVdir(async ({ storage, path }) => {
    for (const name of [".git", ".hidden", "private", "with space"]) {
      Deno.mkdirSync(join(path, name));
    }
    Deno.writeTextFileSync(join(path, "README"), "no collection");
    Deno.writeTextFileSync(join(path, "stray.ics"), "no collection");
    assert.deepEqual(await ids(storage), ["private", "with space", "work"]);
  }));

Deno.test("a vdir that is not there, or is a file, is missing and says what to do", () =>
  withVdir(async ({ outside, path, open }) => {
    const file = join(outside, "file");
    Deno.writeTextFileSync(file, "");
    for (const wrong of [join(outside, "nowhere"), file, join(file, "below")]) {
      const storage = open({ path: wrong });
      const missing = { name: "SyncError", kind: "missing", scope: "storage", hint: /older|outer/ };
      await assert.rejects(storage.collections(never), missing);
      await assert.rejects(storage.check(never), missing);
      await assert.rejects(storage.createCollection(collectionId("new"), {}, never), missing);
    }
    assert.deepEqual(namesIn(outside), ["calendars", "file"]);
    assert.deepEqual(namesIn(path), ["work"]);
  }));

Deno.test("a vdir that cannot be read is forbidden, not empty", () =>
  withVdir(async ({ path, open }) => {
    const files = filesWith({
      names: (folder) => {
        if (folder === path) throw systemError("EACCES");
        return realFiles.names(folder);
      },
    });
    await assert.rejects(open({ files }).collections(never), {
      kind: "forbidden",
      scope: "storage",
    });
  }));

Deno.test("the storage's own path may be a link, and the identity is where it leads", () =>
  withVdir(async ({ outside, path, open, work }) => {
    Deno.symlinkSync(path, join(outside, "link"));
    const [found] = await open({ path: join(outside, "link") }).collections(never);
    assert.equal(found?.identity, join(path, "work"));
    assert.equal(found?.identity, work.identity);
  }));

Deno.test("what is known of one path is not held against another", () =>
  withVdir(async ({ outside, open, work }) => {
    const other = join(outside, "other");
    Deno.mkdirSync(other);
    Deno.mkdirSync(join(other, "work"));
    const storage = open({ path: other });
    const [found] = await storage.collections(never);
    assert.notEqual(found?.identity, work.identity);
    assert.equal(storage.holds?.(found?.identity ?? ""), true);
    assert.equal(storage.holds?.(work.identity), false);
    assert.equal(storage.holds?.(join(other, "work", "inner")), false);
    assert.equal(storage.holds?.(`${other}2/work`), false);
    await assert.rejects(list(storage, work), { kind: "missing", scope: "collection" });
  }));

Deno.test("properties are trimmed, and an empty file is one that is not there", () =>
  withVdir(async ({ storage, work, at }) => {
    Deno.writeTextFileSync(at("displayname"), "  Wörk\n");
    Deno.writeTextFileSync(at("color"), "#ff0000\r\n");
    Deno.writeTextFileSync(at("description"), " \n\t ");
    Deno.writeTextFileSync(at("order"), "");
    assert.deepEqual(await properties(storage, work), { displayname: "Wörk", color: "#ff0000" });
  }));

Deno.test("a property that cannot be read is not one that was removed", () =>
  withVdir(async ({ storage, open, work, at }) => {
    Deno.writeTextFileSync(at("displayname"), "Work");
    const spoil: readonly (readonly [what: string, RegExp, () => void])[] = [
      ["not UTF-8", /not UTF-8/, () => Deno.writeFileSync(at("color"), new Uint8Array([0xff]))],
      ["too large", /more than/, () => Deno.writeTextFileSync(at("color"), "x".repeat(70_000))],
      ["a folder", /folder/, () => Deno.mkdirSync(at("color"))],
      ["a link", /symbolic link/, () => Deno.symlinkSync("displayname", at("color"))],
    ];
    for (const [, says, plant] of spoil) {
      plant();
      // The collection is still there; that it cannot be worked on is said when it is listed.
      const [found] = await storage.collections(never);
      assert.deepEqual([found?.id, found?.properties], ["work", {}]);
      assert.deepEqual(found?.unread, ["displayname", "color", "description", "order"]);
      await assert.rejects(list(storage, work), { scope: "collection", message: says });
      Deno.removeSync(at("color"), { recursive: true });
      assert.equal((await storage.collections(never))[0]?.unread, undefined);
    }
    const files = filesWith({
      open: (path) => {
        if (path === at("displayname")) throw systemError("EACCES");
        return realFiles.open(path);
      },
    });
    await assert.rejects(list(open({ files }), work), { scope: "collection", kind: "forbidden" });
  }));

Deno.test("a property is written without its spaces, and taken away by nothing or by spaces", () =>
  withVdir(async ({ storage, work, at }) => {
    await storage.setProperty(work, "displayname", "  Work\n", never);
    assert.equal(Deno.readTextFileSync(at("displayname")), "Work");
    await storage.setProperty(work, "displayname", "  ", never);
    assert.deepEqual(namesIn(work.identity), []);
    await storage.setProperty(work, "displayname", undefined, never);
  }));

Deno.test("a property that cannot be written stays as it was", () =>
  withVdir(async ({ open, work, at }) => {
    Deno.writeTextFileSync(at("displayname"), "old");
    const storage = open({
      files: filesWith({
        writeNew: async (path, bytes, mode) => {
          await realFiles.writeNew(path, bytes.subarray(0, 1), mode);
          throw systemError("ENOSPC");
        },
      }),
    });
    const set = storage.setProperty(work, "displayname", "new", never);
    await assert.rejects(set, { kind: "quota", scope: "collection" });
    assert.deepEqual(everythingIn(work.identity), { displayname: "old" });
  }));

Deno.test("a collection that cannot be made whole is not made at all", () =>
  withVdir(async ({ open, path }) => {
    const storage = open({
      files: filesWith({
        writeNew: (file, bytes, mode) => {
          if (new TextDecoder().decode(bytes) === "b") throw systemError("ENOSPC");
          return realFiles.writeNew(file, bytes, mode);
        },
      }),
    });
    const properties = { displayname: "a", description: "b" };
    await assert.rejects(storage.createCollection(collectionId("new"), properties, never), {
      kind: "quota",
    });
    assert.deepEqual(namesIn(path), ["work"]);
  }));

Deno.test("a collection that holds more than properties is not deleted, and what it holds is named", () =>
  withVdir(async ({ storage, work, at }) => {
    const refused = (says: RegExp) => ({ kind: "refused", scope: "collection", message: says });
    Deno.writeTextFileSync(at("displayname"), "Work");
    Deno.writeTextFileSync(at("notes.txt"), "mine");
    await assert.rejects(storage.deleteCollection(work, never), refused(/"notes\.txt"/));
    Deno.removeSync(at("notes.txt"));
    Deno.writeTextFileSync(at("a.ics"), "mine");
    await assert.rejects(storage.deleteCollection(work, never), refused(/holds 1 item$/));
    Deno.removeSync(at("a.ics"));
    Deno.writeTextFileSync(at(".hidden"), "mine");
    await assert.rejects(storage.deleteCollection(work, never), refused(/"\.hidden"/));
    assert.deepEqual(namesIn(work.identity), [".hidden", "displayname"]);
    Deno.removeSync(at(".hidden"));
    Deno.writeTextFileSync(at(".0123456789abcdef.dovetail.tmp"), "ours");
    await storage.deleteCollection(work, never);
    assert.deepEqual(await ids(storage), []);
  }));

Deno.test("an item that appears while its collection is deleted stays, and so do the properties", () =>
  withVdir(async ({ open, work, at }) => {
    Deno.writeTextFileSync(at("displayname"), "Work");
    Deno.writeTextFileSync(at("color"), "#ff0000");
    const storage = open({
      files: filesWith({
        remove: (path) => {
          if (path === work.identity) Deno.writeTextFileSync(at("a.ics"), "just now");
          realFiles.remove(path);
        },
      }),
    });
    await assert.rejects(storage.deleteCollection(work, never), { kind: "refused" });
    assert.deepEqual(everythingIn(work.identity), {
      "a.ics": "just now",
      color: "#ff0000",
      displayname: "Work",
    });
  }));

Deno.test("opening a vdir touches nothing", () => {
  const files = new Proxy(realFiles, {
    get: (_, name) => () => assert.fail(`${String(name)} was called`),
  });
  const storage = openVdir({
    name: "x",
    path: "/nowhere",
    kind: "contacts",
    read: readText,
    files,
  });
  assert.equal(storage.capabilities.kind, "contacts");
  assert.equal(storage.capabilities.readOnly, false);
});
