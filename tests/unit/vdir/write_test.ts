import assert from "node:assert/strict";
import { type Files, realFiles } from "../../../lib/files/files.ts";
import { collectionId, etag } from "../../../lib/model/names.ts";
import {
  apply,
  creation,
  deletion,
  etagOf,
  fetched,
  filesWith,
  namesIn,
  never,
  replacement,
  systemError,
  withVdir,
} from "../../support/vdir.ts";

/** The real calls, each noted with the last part of its path. */
function noting(notes: string[]): Files {
  const last = (path: string) =>
    path.split("/").at(-1)?.replace(/^\.[0-9a-f]{16}\.dovetail\.tmp$/, "TMP") ?? "";
  return filesWith({
    writeNew: async (path, bytes, mode) => {
      const stat = await realFiles.writeNew(path, bytes, mode);
      notes.push(`written and synced ${last(path)}`);
      return stat;
    },
    link: (from, to) => {
      notes.push(`link ${last(from)} ${last(to)}`);
      realFiles.link(from, to);
    },
    rename: (from, to) => {
      notes.push(`rename ${last(from)} ${last(to)}`);
      realFiles.rename(from, to);
    },
    remove: (path) => {
      notes.push(`remove ${last(path)}`);
      realFiles.remove(path);
    },
    syncFolder: async (folder) => {
      await realFiles.syncFolder(folder);
      notes.push(`synced ${last(folder)}`);
    },
  });
}

Deno.test("a change is given as done only when its bytes and its name are on the disk", () =>
  withVdir(async ({ open, work }) => {
    const notes: string[] = [];
    const storage = open({ files: noting(notes) });
    const [created] = await apply(storage, work, creation("a.ics", "text"));
    assert.ok(created?.outcome === "done" && created.etag !== undefined);
    assert.deepEqual(notes.splice(0), [
      "written and synced TMP",
      "link TMP a.ics",
      "remove TMP",
      "synced work",
    ]);
    const [updated] = await apply(storage, work, replacement("a.ics", created.etag, "other"));
    assert.ok(updated?.outcome === "done" && updated.etag !== undefined);
    assert.deepEqual(notes.splice(0), [
      "written and synced TMP",
      "rename TMP a.ics",
      "synced work",
    ]);
    await apply(storage, work, deletion("a.ics", updated.etag));
    assert.deepEqual(notes.splice(0), ["remove a.ics", "synced work"]);
    await storage.setProperty(work, "color", "#ff0000", never);
    assert.deepEqual(notes.splice(0), [
      "written and synced TMP",
      "rename TMP color",
      "synced work",
    ]);
    await storage.createCollection(collectionId("new"), { displayname: "New" }, never);
    assert.deepEqual(notes.splice(0), [
      "written and synced TMP",
      "rename TMP displayname",
      "synced new",
      "synced calendars",
    ]);
  }));

Deno.test("the folder is synced far less often than files are written", () =>
  withVdir(async ({ open, work }) => {
    const notes: string[] = [];
    const storage = open({ files: noting(notes) });
    const actions = Array.from({ length: 200 }, (_, n) => creation(`${n}.ics`, "text", n));
    const results = await apply(storage, work, ...actions);
    assert.ok(results.every(({ outcome }) => outcome === "done"));
    const synced = notes.filter((note) => note === "synced work").length;
    assert.ok(synced > 0 && synced < 100, `it was synced ${synced} times`);
    assert.deepEqual(namesIn(work.identity).length, 200);
  }));

Deno.test("an edit that comes while the new version is written is not overwritten", () =>
  withVdir(async ({ open, work, at }) => {
    Deno.writeTextFileSync(at("a.ics"), "old");
    const storage = open({
      files: filesWith({
        writeNew: async (path, bytes, mode) => {
          const stat = await realFiles.writeNew(path, bytes, mode);
          Deno.writeTextFileSync(at("a.ics"), "theirs");
          return stat;
        },
      }),
    });
    const before = await etagOf(storage, work, "a.ics");
    const [result] = await apply(storage, work, replacement("a.ics", before, "ours"));
    assert.equal(result?.outcome, "changed");
    assert.deepEqual(await fetched(storage, work, "a.ics"), ["present: theirs"]);
    assert.deepEqual(namesIn(work.identity), ["a.ics"]);
  }));

Deno.test("an item that appears while a new one is written is not overwritten", () =>
  withVdir(async ({ open, work, at }) => {
    const storage = open({
      files: filesWith({
        writeNew: async (path, bytes, mode) => {
          const stat = await realFiles.writeNew(path, bytes, mode);
          Deno.writeTextFileSync(at("a.ics"), "theirs");
          return stat;
        },
      }),
    });
    const [result] = await apply(storage, work, creation("a.ics", "ours"));
    assert.equal(result?.outcome, "exists");
    assert.deepEqual(await fetched(storage, work, "a.ics"), ["present: theirs"]);
    assert.deepEqual(namesIn(work.identity), ["a.ics"]);
  }));

Deno.test("where the disk knows no links, a new item is renamed into place, never over another", () =>
  withVdir(async ({ open, work }) => {
    for (const code of ["EPERM", "ENOTSUP", "ENOSYS", "EMLINK"]) {
      const storage = open({
        files: filesWith({
          link: () => {
            throw systemError(code);
          },
        }),
      });
      const [made] = await apply(storage, work, creation(`${code}.ics`, "text"));
      assert.equal(made?.outcome, "done");
      const [again] = await apply(storage, work, creation(`${code}.ics`, "other"));
      assert.equal(again?.outcome, "exists");
      assert.deepEqual(await fetched(storage, work, `${code}.ics`), ["present: text"]);
    }
    assert.equal(namesIn(work.identity).length, 4);
  }));

Deno.test("where the disk knows no links, too, an item that appears meanwhile is not overwritten", () =>
  withVdir(async ({ open, work, at }) => {
    const storage = open({
      files: filesWith({
        link: () => {
          Deno.writeTextFileSync(at("a.ics"), "theirs");
          throw systemError("EPERM");
        },
      }),
    });
    const [result] = await apply(storage, work, creation("a.ics", "ours"));
    assert.equal(result?.outcome, "exists");
    assert.deepEqual(await fetched(storage, work, "a.ics"), ["present: theirs"]);
    assert.deepEqual(namesIn(work.identity), ["a.ics"]);
  }));

Deno.test("an item over the limit is not written", () =>
  withVdir(async ({ storage, work }) => {
    const [large, fits] = await apply(
      storage,
      work,
      creation("a.ics", "x".repeat(101), 1),
      creation("b.ics", "x".repeat(100), 2),
    );
    assert.ok(large?.outcome === "failed");
    assert.equal(large.error.kind, "too large");
    assert.equal(fits?.outcome, "done");
    assert.deepEqual(namesIn(work.identity), ["b.ics"]);
  }, { maxItemSize: 100 }));

Deno.test("a full disk is said so, for the collection, and leaves nothing behind", () =>
  withVdir(async ({ open, work, at }) => {
    Deno.writeTextFileSync(at("a.ics"), "old");
    const storage = open({
      files: filesWith({
        writeNew: async (path, bytes, mode) => {
          await realFiles.writeNew(path, bytes.subarray(0, 2), mode);
          throw systemError("ENOSPC");
        },
      }),
    });
    const before = await etagOf(storage, work, "a.ics");
    const results = await apply(
      storage,
      work,
      creation("b.ics", "text", 1),
      replacement("a.ics", before, "text", 2),
    );
    for (const result of results) {
      assert.ok(result.outcome === "failed");
      assert.deepEqual([result.error.kind, result.error.scope], ["quota", "collection"]);
      assert.match(result.error.hint ?? "", /room/);
    }
    assert.deepEqual(namesIn(work.identity), ["a.ics"]);
    assert.deepEqual(await fetched(storage, work, "a.ics"), ["present: old"]);
  }));

Deno.test("a folder that cannot be synced makes a failure that may have been a success", () =>
  withVdir(async ({ open, work }) => {
    const storage = open({
      files: filesWith({ syncFolder: () => Promise.reject(systemError("EIO")) }),
    });
    const [result] = await apply(storage, work, creation("a.ics", "text"));
    assert.ok(result?.outcome === "failed");
    assert.deepEqual([result.error.retry, result.error.kind], [true, "refused"]);
  }));

Deno.test("temporary files of ours that a killed run left are removed, no others", () =>
  withVdir(async ({ storage, work, at }) => {
    const old = new Date(Date.now() - 2 * 60 * 60 * 1000);
    const plant = (name: string, isOld: boolean) => {
      Deno.writeTextFileSync(at(name), "left over");
      if (isOld) Deno.utimeSync(at(name), old, old);
    };
    plant(".0123456789abcdef.dovetail.tmp", true);
    plant(".fedcba9876543210.dovetail.tmp", false);
    plant("theirs.tmp", true);
    plant(".theirs.tmp", true);
    plant(".0123456789abcdef.dovetail.tmp.bak", true);
    await storage.collections(never);
    assert.equal(namesIn(work.identity).length, 5);
    await apply(storage, work, creation("a.ics", "text"));
    assert.deepEqual(namesIn(work.identity), [
      ".0123456789abcdef.dovetail.tmp.bak",
      ".fedcba9876543210.dovetail.tmp",
      ".theirs.tmp",
      "a.ics",
      "theirs.tmp",
    ]);
  }));

Deno.test("an href that names no item here is refused, for every kind of change", () =>
  withVdir(async ({ storage, work, at }) => {
    Deno.writeTextFileSync(at("displayname"), "Work");
    for (const name of ["displayname", "a.vcf", ".a.ics", "a.ics.tmp"]) {
      const results = await apply(
        storage,
        work,
        creation(name, "text", 1),
        replacement(name, etag("x"), "text", 2),
        deletion(name, etag("x"), 3),
      );
      for (const result of results) {
        assert.ok(result.outcome === "failed");
        assert.equal(result.error.kind, "malformed");
      }
      assert.deepEqual(await fetched(storage, work, name), ["unreadable: malformed"]);
    }
    assert.deepEqual(namesIn(work.identity), ["displayname"]);
  }));
