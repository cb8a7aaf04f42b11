// Every call on the disk fails once, in every way that disks fail: each item is as it was or as it
// should be, what is said to be done is done, and nothing is left lying about.

import assert from "node:assert/strict";
import { type Files, realFiles } from "../../lib/files/files.ts";
import { collectionId } from "../../lib/model/names.ts";
import type { Result } from "../../lib/model/storage.ts";
import {
  apply,
  creation,
  deletion,
  etagOf,
  everythingIn,
  namesIn,
  never,
  replacement,
  systemError,
  withVdir,
} from "../support/vdir.ts";

const CODES = ["ENOSPC", "EACCES", "EIO", "EMFILE"];

type Failing = Exclude<keyof Files, "watch" | "now" | "wait" | "linkedKind">;
const CALLS: readonly Failing[] = [
  "names",
  "stat",
  "open",
  "writeNew",
  "link",
  "rename",
  "setMode",
  "remove",
  "makeFolder",
  "syncFolder",
  "realPath",
];

/** The real calls, of which the n-th fails; `failed` says which it was. */
function failingAt(n: number, code: string): { files: Files; failed: () => string | undefined } {
  let calls = 0;
  let failed: string | undefined;
  const strike = (name: string) => {
    if (++calls !== n) return;
    failed = name;
    throw systemError(code);
  };
  const some = Object.fromEntries(CALLS.map((name) => [
    name,
    name === "writeNew" || name === "syncFolder"
      ? async (...args: readonly unknown[]) => {
        // Half of it is written when the disk fails.
        if (name === "writeNew" && calls + 1 === n) {
          await realFiles.writeNew(String(args[0]), new Uint8Array(3), 0o600);
        }
        strike(name);
        return await (realFiles[name] as (...args: readonly unknown[]) => Promise<unknown>)(
          ...args,
        );
      }
      : (...args: readonly unknown[]) => {
        strike(name);
        return (realFiles[name] as (...args: readonly unknown[]) => unknown)(...args);
      },
  ]));
  return { files: { ...realFiles, ...some }, failed: () => failed };
}

const done = (result: Result | undefined) => result?.outcome === "done";

Deno.test("whichever call fails, an item is as it was or as it should be", async () => {
  for (const code of CODES) {
    for (let n = 1;; n++) {
      let struck: string | undefined;
      await withVdir(async ({ open, storage, work, at }) => {
        Deno.writeTextFileSync(at("b.ics"), "old b");
        Deno.writeTextFileSync(at("c.ics"), "old c");
        Deno.chmodSync(at("b.ics"), 0o640);
        const b = await etagOf(storage, work, "b.ics");
        const c = await etagOf(storage, work, "c.ics");
        const { files, failed } = failingAt(n, code);
        const failing = open({ files });
        const [created] = await apply(failing, work, creation("a.ics", "new a"));
        const [updated] = await apply(failing, work, replacement("b.ics", b, "new b"));
        const [deleted] = await apply(failing, work, deletion("c.ics", c));
        struck = failed();

        const where = `${code} from call ${n}, ${struck}`;
        const now = everythingIn(work.identity);
        if (done(created)) assert.equal(now["a.ics"], "new a", where);
        else assert.ok([undefined, "new a"].includes(now["a.ics"]), where);
        if (done(updated)) assert.equal(now["b.ics"], "new b", where);
        else assert.ok(["old b", "new b"].includes(now["b.ics"] ?? "gone"), where);
        if (done(deleted)) assert.equal(now["c.ics"], undefined, where);
        else assert.ok([undefined, "old c"].includes(now["c.ics"]), where);

        for (const result of [created, updated, deleted]) {
          if (result?.outcome !== "failed") {
            assert.equal(result?.outcome, "done", where);
            continue;
          }
          assert.notEqual(result.error.kind, "internal", where);
          assert.ok(result.error.cause !== undefined, where);
          // What may have been done after all says so.
          const undone = (result === created && now["a.ics"] === undefined) ||
            (result === updated && now["b.ics"] === "old b") ||
            (result === deleted && now["c.ics"] === "old c");
          assert.ok(undone || result.error.retry, where);
        }
        // Only where the removal itself failed may a temporary file stay, for a later run.
        const left = namesIn(work.identity).filter((name) => name.endsWith(".tmp"));
        assert.ok(left.length === 0 || struck === "remove", `${where}: ${left.join()}`);
      });
      if (struck === undefined) {
        assert.ok(n > 20, `only ${n} calls were struck`);
        break;
      }
    }
  }
});

Deno.test("whichever call fails, a listing is whole, says what it lacks, or throws", async () => {
  for (const code of ["EACCES", "EIO", "EMFILE"]) {
    for (let n = 1;; n++) {
      let struck: string | undefined;
      await withVdir(async ({ open, work, at }) => {
        const names = ["a.ics", "b.ics", "c.ics"];
        for (const name of names) Deno.writeTextFileSync(at(name), name);
        Deno.writeTextFileSync(at("color"), "#ff0000");
        await new Promise((resolve) => setTimeout(resolve, 15));
        const { files, failed } = failingAt(n, code);
        const seen: string[] = [];
        try {
          for await (const part of open({ files }).changes(work, undefined, never)) {
            if (part.type === "entries") seen.push(...part.entries.map(({ href }) => href));
            else assert.deepEqual(seen.toSorted(), names, `${code} from call ${n}`);
          }
        } catch (thrown) {
          assert.equal((thrown as Error).name, "SyncError");
        }
        struck = failed();
      });
      if (struck === undefined) break;
    }
  }
});

Deno.test("whichever call fails, a collection is made whole or not at all, and is not half deleted", async () => {
  const properties = { displayname: "New", color: "#ff0000" };
  for (const code of ["ENOSPC", "EACCES"]) {
    for (let n = 1;; n++) {
      let struck: string | undefined;
      await withVdir(async ({ open, storage, path, work, at }) => {
        for (const [name, value] of Object.entries(properties)) {
          Deno.writeTextFileSync(at(name), value);
        }
        await new Promise((resolve) => setTimeout(resolve, 15));
        const { files, failed } = failingAt(n, code);
        const failing = open({ files });
        const where = () => `${code} from call ${n}, ${failed()}`;
        const made = await failing.createCollection(collectionId("new"), properties, never)
          .catch(() => undefined);
        const all = everythingIn(path);
        if (made !== undefined) {
          assert.deepEqual(
            [all["new/displayname"], all["new/color"]],
            ["New", "#ff0000"],
            where(),
          );
        } else assert.equal(all["new"], undefined, where());
        const deleted = await failing.deleteCollection(work, never).then(() => true, () => false);
        const left = everythingIn(path);
        if (left["work"] !== undefined) {
          assert.ok(!deleted, where());
          assert.deepEqual(
            [left["work/displayname"], left["work/color"]],
            ["New", "#ff0000"],
            where(),
          );
        }
        struck = failed();
        await storage.collections(never);
      });
      if (struck === undefined) break;
    }
  }
});
