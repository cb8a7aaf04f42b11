// CVE-2024-52522 (rclone), CVE-2024-12747 (rsync): whoever may write to a folder that is
// synchronised plants a link in it, and what it leads to is sent away, or overwritten.

import assert from "node:assert/strict";
import { join } from "node:path";
import { realFiles } from "../../lib/files/files.ts";
import { SyncError } from "../../lib/model/error.ts";
import { etag } from "../../lib/model/names.ts";
import {
  apply,
  creation,
  deletion,
  etagOf,
  everythingIn,
  fetched,
  filesWith,
  list,
  namesIn,
  never,
  replacement,
  type Vdir,
  withVdir,
} from "../support/vdir.ts";

const SECRET = "-----BEGIN OPENSSH PRIVATE KEY-----";

function plantSecret({ outside }: Vdir): { readonly folder: string; readonly file: string } {
  const folder = join(outside, ".ssh");
  Deno.mkdirSync(folder);
  const file = join(folder, "id_rsa");
  Deno.writeTextFileSync(file, SECRET);
  Deno.writeTextFileSync(join(folder, "a.ics"), SECRET);
  return { folder, file };
}

Deno.test("a link in place of an item is unreadable, and what it leads to is neither read nor written", () =>
  withVdir(async (vdir) => {
    const { storage, work, at, outside } = vdir;
    const { file } = plantSecret(vdir);
    Deno.symlinkSync(file, at("a.ics"));
    Deno.symlinkSync("b-target.ics", at("b.ics"));
    Deno.symlinkSync("/dev/zero", at("c.ics"));
    const before = everythingIn(outside);
    const names = ["a.ics", "b.ics", "c.ics"];
    assert.deepEqual((await list(storage, work)).map(({ state }) => state), [
      "unreadable",
      "unreadable",
      "unreadable",
    ]);
    assert.deepEqual(await fetched(storage, work, ...names), [
      "unreadable: refused",
      "unreadable: refused",
      "unreadable: refused",
    ]);
    const { mtime, ino, size } = realFiles.stat(file);
    for (const guessed of [etag("x"), etag(`${mtime}-${ino}-${size}`)]) {
      const outcomes = (await apply(
        storage,
        work,
        creation("a.ics", "written", 1),
        replacement("a.ics", guessed, "written", 2),
        deletion("a.ics", guessed, 3),
        creation("b.ics", "written", 4),
      )).map(({ outcome }) => outcome);
      assert.deepEqual(outcomes, ["exists", "changed", "changed", "exists"]);
    }
    assert.deepEqual(everythingIn(outside), before);
  }));

Deno.test("a link that takes the place of an item just before it is opened is not followed", () =>
  withVdir(async (vdir) => {
    const { open, work, at } = vdir;
    const { file } = plantSecret(vdir);
    Deno.writeTextFileSync(at("a.ics"), "text");
    await list(vdir.storage, work);
    const storage = open({
      files: filesWith({
        open: (path) => {
          Deno.removeSync(path);
          Deno.symlinkSync(file, path);
          return realFiles.open(path);
        },
      }),
    });
    assert.deepEqual(await fetched(storage, work, "a.ics"), ["unreadable: refused"]);
  }));

Deno.test("a link that takes the place of an item while a new version is written is not followed", () =>
  withVdir(async (vdir) => {
    const { open, work, at } = vdir;
    const { file } = plantSecret(vdir);
    Deno.writeTextFileSync(at("a.ics"), "text");
    const before = await etagOf(vdir.storage, work, "a.ics");
    const storage = open({
      files: filesWith({
        writeNew: async (path, bytes, mode) => {
          Deno.removeSync(at("a.ics"));
          Deno.symlinkSync(file, at("a.ics"));
          return await realFiles.writeNew(path, bytes, mode);
        },
      }),
    });
    const [result] = await apply(storage, work, replacement("a.ics", before, "written"));
    assert.equal(result?.outcome, "changed");
    assert.equal(Deno.readTextFileSync(file), SECRET);
    assert.deepEqual(namesIn(work.identity), ["a.ics"]);
  }));

Deno.test("a link in place of a collection is there, and is refused", () =>
  withVdir(async (vdir) => {
    const { storage, path, outside } = vdir;
    const { folder } = plantSecret(vdir);
    Deno.symlinkSync(folder, join(path, "planted"));
    Deno.symlinkSync("nowhere", join(path, "unmounted"));
    Deno.symlinkSync(join(folder, "id_rsa"), join(path, "to-a-file"));
    const before = everythingIn(outside);
    const found = await storage.collections(never);
    assert.deepEqual(found.map(({ id }) => id), ["planted", "unmounted", "work"]);
    for (const collection of found.slice(0, 2)) {
      assert.deepEqual(collection.properties, {});
      const refused = { kind: "refused", scope: "collection", hint: /folder itself/ };
      await assert.rejects(list(storage, collection), refused);
      await assert.rejects(fetched(storage, collection, "a.ics"), refused);
      await assert.rejects(storage.setProperty(collection, "color", "#ff0000", never), refused);
      await assert.rejects(storage.deleteCollection(collection, never), refused);
      const [result] = await apply(storage, collection, creation("b.ics", "written"));
      assert.equal(result?.outcome, "failed");
    }
    assert.deepEqual(everythingIn(outside), before);
  }));

Deno.test("a link in place of a property is not followed to be read, and is replaced when written", () =>
  withVdir(async (vdir) => {
    const { storage, work, at } = vdir;
    const { file } = plantSecret(vdir);
    Deno.symlinkSync(file, at("displayname"));
    const [found] = await storage.collections(never);
    assert.deepEqual(found?.properties, {});
    await storage.setProperty(work, "displayname", "Work", never);
    assert.equal(Deno.readTextFileSync(file), SECRET);
    assert.ok(Deno.lstatSync(at("displayname")).isFile);
  }));

/** Puts a link to `to` in place of the collection's folder, which is kept beside it. */
function swap({ path, work }: Vdir, to: string): void {
  Deno.renameSync(work.identity, join(path, ".swapped"));
  Deno.symlinkSync(to, work.identity);
}

Deno.test("a folder that is swapped for a link after it was looked at gives nothing away", () =>
  withVdir(async (vdir) => {
    const { open, work, at } = vdir;
    const { folder } = plantSecret(vdir);
    Deno.writeTextFileSync(at("a.ics"), "text");
    await list(vdir.storage, work);
    let swapped = false;
    const storage = open({
      files: filesWith({
        open: (path) => {
          if (!swapped) swap(vdir, folder);
          swapped = true;
          return realFiles.open(path);
        },
      }),
    });
    await assert.rejects(fetched(storage, work, "a.ics"), (thrown) => {
      assert.ok(thrown instanceof SyncError);
      assert.deepEqual([thrown.scope, thrown.kind], ["collection", "refused"]);
      return true;
    });
    assert.ok(swapped);
  }));

Deno.test("a folder that is swapped for a link while it is listed is an error", () =>
  withVdir(async (vdir) => {
    const { open, work, at } = vdir;
    const { folder } = plantSecret(vdir);
    Deno.writeTextFileSync(at("a.ics"), "text");
    const storage = open({
      files: filesWith({
        names: (path) => {
          if (path === work.identity) swap(vdir, folder);
          return realFiles.names(path);
        },
      }),
    });
    await assert.rejects(list(storage, work), { scope: "collection", kind: "refused" });
  }));

Deno.test("a folder that is swapped for a link at any moment of a write gets nothing written through", () =>
  withVdir(async (vdir) => {
    const { open, work, at, path } = vdir;
    const { folder } = plantSecret(vdir);
    const before = everythingIn(folder);
    const moments = ["writeNew", "link", "rename", "stat", "remove"] as const;
    for (const moment of moments) {
      for (const when of ["before", "after"]) {
        Deno.writeTextFileSync(at("a.ics"), "text");
        const seen = await etagOf(vdir.storage, work, "a.ics");
        let swapped = false;
        const strike = (struck: string) => {
          if (!swapped && moment === struck) {
            swap(vdir, folder);
            swapped = true;
          }
        };
        const around = <A extends readonly unknown[], R>(
          name: string,
          run: (...args: A) => R,
        ) =>
        (...args: A): R => {
          if (when === "before") strike(name);
          try {
            return run(...args);
          } finally {
            if (when === "after") strike(name);
          }
        };
        const storage = open({
          files: filesWith({
            writeNew: async (file, bytes, mode) => {
              if (when === "before") strike("writeNew");
              const stat = await realFiles.writeNew(file, bytes, mode);
              if (when === "after") strike("writeNew");
              return stat;
            },
            link: around("link", realFiles.link),
            rename: around("rename", realFiles.rename),
            stat: around("stat", (file: string) => realFiles.stat(file)),
            remove: around("remove", realFiles.remove),
          }),
        });
        for (
          const action of [
            creation("b.ics", "written", 1),
            replacement("a.ics", seen, "written", 2),
            deletion("a.ics", seen, 3),
          ]
        ) await apply(storage, work, action);
        if (swapped) {
          Deno.removeSync(work.identity);
          Deno.renameSync(join(path, ".swapped"), work.identity);
        }
        const left = everythingIn(folder);
        // A temporary file with a random name is the most that can be left there.
        for (const name of Object.keys(left)) {
          if (/^\.[0-9a-f]{16}\.dovetail\.tmp$/.test(name)) Deno.removeSync(join(folder, name));
        }
        assert.deepEqual(everythingIn(folder), before, `${moment}, ${when}`);
        for (const name of namesIn(work.identity)) Deno.removeSync(at(name));
      }
    }
  }));

Deno.test("a link in a circle, or to where we may not look, does not keep the others from being listed", () =>
  withVdir(async ({ storage, path }) => {
    Deno.symlinkSync("circle", join(path, "circle"));
    Deno.symlinkSync("/proc/1/root/secret", join(path, "forbidden"));
    const found = await storage.collections(never);
    assert.deepEqual(found.map(({ id }) => id), ["circle", "forbidden", "work"]);
  }));
