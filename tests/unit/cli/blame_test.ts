import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { createMemory } from "../../../adapters/memory/mod.ts";
import { storageBlamedFor, withBlame } from "../../../lib/cli/blame.ts";
import { SyncError } from "../../../lib/model/error.ts";
import { collectionId } from "../../../lib/model/names.ts";
import type { Storage } from "../../../lib/model/storage.ts";

const never = new AbortController().signal;

Deno.test("what a storage throws is blamed on it, wherever it is thrown", async () => {
  const storage = createMemory({ name: "server", kind: "calendar" }).open();
  const collection = await storage.createCollection(collectionId("work"), {}, never);
  const error = new SyncError("gone", { scope: "storage", kind: "unreachable" });
  const nothing = async function* (): AsyncGenerator<never> {};
  const broken: Storage = {
    ...storage,
    collections: () => Promise.reject(error),
    // deno-lint-ignore require-yield -- it breaks before it has something
    changes: async function* () {
      await Promise.resolve();
      throw new SyncError("cut short", { scope: "collection", kind: "malformed" });
    },
  };
  const named = withBlame(broken);
  strictEqual(storageBlamedFor(error), undefined);
  await rejects(named.collections(never), (thrown) => thrown === error);
  strictEqual(storageBlamedFor(error), "server");
  const listing = async () => {
    for await (const _ of named.changes(collection, undefined, never)) { /* nothing comes */ }
  };
  await rejects(listing, (thrown) => storageBlamedFor(thrown) === "server");
  strictEqual(storageBlamedFor(new Error("another")), undefined);
  strictEqual(storageBlamedFor("no error"), undefined);
  const results: unknown[] = [];
  for await (const result of named.apply(collection, nothing(), never)) results.push(result);
  deepStrictEqual(results, []);
});
