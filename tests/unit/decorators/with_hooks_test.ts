import { deepEqual, equal } from "node:assert/strict";
import { withHooks } from "../../../adapters/with_hooks.ts";
import { SyncError } from "../../../lib/model/error.ts";
import { applied, create, NO_ETAG, remove, update, type World, world } from "./kit.ts";
import { event } from "../item/merge/kit.ts";

const START = "DTSTART:20260302T100000Z";

interface Hooked extends World {
  readonly told: string[];
}

function hooked(fails: (what: string) => boolean = () => false): Hooked {
  const told: string[] = [];
  const tell = (what: string) => (path: string): Promise<void> => {
    told.push(`${what} ${path}`);
    return fails(what)
      ? Promise.reject(new SyncError(`${what} failed`, { scope: "item", kind: "refused" }))
      : Promise.resolve();
  };
  const it = world((storage) =>
    withHooks(storage, {
      pathOf: (_collection, href) => `/work/${href}`,
      written: tell("written"),
      deleting: tell("deleting"),
      onProblem: ({ message }) => told.push(`problem: ${message}`),
    })
  );
  return { ...it, told };
}

Deno.test("a hook is told once of each file that was written, and before one is deleted", async () => {
  const it = hooked();
  deepEqual(await applied(it, create(event(START))), ["done with an etag"]);
  const version = it.memory.put("work", "1.ics", event(START, "SUMMARY:a"));
  deepEqual(await applied(it, update(event(START, "SUMMARY:b"), version)), ["done with an etag"]);
  const latest = it.memory.put("work", "1.ics", event(START, "SUMMARY:c"));
  deepEqual(await applied(it, remove(latest)), ["done"]);
  deepEqual(it.told, ["written /work/1.ics", "written /work/1.ics", "deleting /work/1.ics"]);
});

Deno.test("nothing is told of what was not written", async () => {
  const it = hooked();
  it.memory.put("work", "1.ics", event(START));
  deepEqual(await applied(it, create(event(START)), update(event(START), NO_ETAG)), [
    "exists",
    "changed",
  ]);
  deepEqual(it.told, []);
});

Deno.test("a hook that fails after a write is told of, and the write stands", async () => {
  const it = hooked((what) => what === "written");
  deepEqual(await applied(it, create(event(START))), ["done with an etag"]);
  deepEqual(it.told, ["written /work/1.ics", "problem: written failed"]);
});

Deno.test("a hook that fails before a deletion keeps the file, and the rest is done", async () => {
  const it = hooked((what) => what === "deleting");
  const version = it.memory.put("work", "1.ics", event(START));
  const results = await applied(it, remove(version), create(event(START), "2.ics"));
  deepEqual([...results].sort(), ["done with an etag", "failed: deleting failed"]);
  equal(it.memory.text("work", "1.ics"), event(START));
});
