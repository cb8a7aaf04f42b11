import assert from "node:assert/strict";
import { createMemory, type Memory } from "../../../adapters/memory/mod.ts";
import {
  atNth,
  Crash,
  type Decide,
  type Fault,
  type Point,
  type Process,
  withFaults,
} from "../../../adapters/with_faults.ts";
import { SyncError } from "../../../lib/model/error.ts";
import { bodyOf } from "../../../lib/model/item.ts";
import { collectionId, digest, href, ident } from "../../../lib/model/names.ts";
import type { Action, Collection, Listing, Storage } from "../../../lib/model/storage.ts";
import { contract } from "../../contract/contract.ts";
import { calendarKit } from "../../contract/kit.ts";

const never = new AbortController().signal;
const error = new SyncError("gone", { scope: "storage", kind: "unreachable", retry: true });

interface World {
  readonly memory: Memory;
  readonly storage: Storage;
  readonly collection: Collection;
}

function world(decide: Decide, process?: Process): World {
  const memory = createMemory({ name: "test", kind: "calendar", batch: 2 });
  const collection = memory.add("work");
  return { memory, storage: withFaults(memory.open(), decide, process), collection };
}

const create = (id: number): Action => ({
  kind: "create",
  id,
  ident: ident(`${id}`),
  href: href(`${id}`),
  content: {
    digest: digest(`UID:${id}`),
    flags: [],
    body: bodyOf(new TextEncoder().encode(`UID:${id}`)),
  },
});

async function* three(): AsyncGenerator<Action> {
  await Promise.resolve();
  for (const id of [1, 2, 3]) yield create(id);
}

const stored = ({ memory }: World) => [...memory.items("work").keys()].map(Number);
const isAction = ({ moment }: Point) => moment === "action";
const isBatch = ({ moment }: Point) => moment === "batch";

async function outcomes({ storage, collection }: World): Promise<string[]> {
  const results = await Array.fromAsync(storage.apply(collection, three(), never));
  return results.toSorted((a, b) => a.id - b.id).map(({ outcome }) => outcome);
}

Deno.test("an action that fails before is not done, the others are", async () => {
  const world_ = world(atNth(2, { kind: "fail before", error }, isAction));
  assert.deepEqual(await outcomes(world_), ["done", "failed", "done"]);
  assert.deepEqual(stored(world_), [1, 3]);
});

Deno.test("an action whose answer is lost is done, and has failed as far as one can tell", async () => {
  const world_ = world(atNth(2, { kind: "fail after", error }, isAction));
  assert.deepEqual(await outcomes(world_), ["done", "failed", "done"]);
  assert.deepEqual(stored(world_), [1, 2, 3]);
});

Deno.test("a failure is told of though no further action has come", async () => {
  const { storage, collection } = world(atNth(1, { kind: "fail before", error }, isAction));
  const told = Promise.withResolvers<void>();
  const source = async function* () {
    yield create(1);
    await told.promise;
    yield create(2);
  };
  for await (const { id } of storage.apply(collection, source(), never)) {
    if (id === 1) told.resolve();
  }
});

Deno.test("a break ends the results by throwing", async () => {
  const world_ = world(atNth(2, { kind: "break", error }, isAction));
  await assert.rejects(outcomes(world_), { message: "gone" });
  assert.deepEqual(stored(world_), [1]);
});

Deno.test("after a crash nothing of the same process does anything any more", async () => {
  for (
    const [kind, expected] of [
      ["crash before", [1]],
      ["crash after", [1, 2]],
    ] as const
  ) {
    const process = { alive: true };
    const world_ = world(atNth(2, { kind }, isAction), process);
    const other = withFaults(world_.memory.open(), () => undefined, process);
    await assert.rejects(outcomes(world_), Crash);
    assert.deepEqual(stored(world_), expected);
    assert.equal(process.alive, false);
    for (const dead of [world_.storage, other]) {
      await assert.rejects(dead.createCollection(collectionId("new"), {}, never), Crash);
      await assert.rejects(dead.collections(never), Crash);
      await assert.rejects(
        Array.fromAsync(dead.changes(world_.collection, undefined, never)),
        Crash,
      );
    }
    assert.equal(world_.memory.collections().length, 1);
    assert.equal((await world_.memory.open().collections(never)).length, 1);
  }
});

Deno.test("a call fails before or after it has had its effect", async () => {
  for (const kind of ["fail before", "fail after"] as const) {
    const { memory, storage } = world(
      atNth(1, { kind, error }, ({ method }) => method === "createCollection"),
    );
    await assert.rejects(storage.createCollection(collectionId("new"), {}, never), {
      message: "gone",
    });
    assert.equal(memory.collections().length, kind === "fail before" ? 1 : 2);
    await storage.createCollection(collectionId("other"), {}, never);
  }
});

async function listed(fault: Fault, n: number): Promise<Listing[]> {
  const { memory, storage, collection } = world(atNth(n, fault, isBatch));
  for (const at of ["a", "b", "c"]) memory.put("work", at, `UID:${at}`);
  const parts: Listing[] = [];
  try {
    for await (const part of storage.changes(collection, undefined, never)) parts.push(part);
  } catch (thrown) {
    assert.equal(thrown, error);
    parts.push({ type: "entries", entries: [] });
  }
  return parts;
}

const states = (parts: readonly Listing[]) =>
  parts.map((part) => part.type === "end" ? "end" : part.entries.map(({ state }) => state).join());

Deno.test("entries of a listing become unreadable, the others stay", async () => {
  const which = (at: string) => at === "b";
  assert.deepEqual(
    states(await listed({ kind: "unreadable", which, error }, 1)),
    ["present,unreadable", "present", "end"],
  );
});

Deno.test("a listing that is cut short throws, wherever it is cut, and never has an end", async () => {
  assert.deepEqual(states(await listed({ kind: "short", keep: 1, error }, 1)), ["present", ""]);
  assert.deepEqual(
    states(await listed({ kind: "short", keep: 0, error }, 2)),
    ["present,present", "", ""],
  );
  assert.deepEqual(
    states(await listed({ kind: "short", keep: 9, error }, 3)),
    ["present,present", "present", ""],
  );
});

Deno.test("fetched items become unknown or unreadable", async () => {
  for (const kind of ["unknown", "unreadable"] as const) {
    const { memory, storage, collection } = world(
      atNth(1, { kind, which: (at) => at === "a", error }, isBatch),
    );
    for (const at of ["a", "b"]) memory.put("work", at, `UID:${at}`);
    const hrefs = [href("a"), href("b")];
    const [batch] = await Array.fromAsync(storage.fetch(collection, hrefs, { signal: never }));
    assert.deepEqual(batch?.map(({ state }) => state), [kind, "present"]);
  }
});

Deno.test("somebody else may do something at any moment", async () => {
  const world_ = world((point) =>
    point.moment === "action" && point.action.id === 2
      ? { kind: "meanwhile", happens: () => world_.memory.put("work", "2", "UID:2 theirs") }
      : undefined
  );
  assert.deepEqual(await outcomes(world_), ["done", "exists", "done"]);
  assert.equal(world_.memory.text("work", "2"), "UID:2 theirs");
});

Deno.test("the points come in the same order for the same calls", async () => {
  const runs = [];
  for (let run = 0; run < 2; run++) {
    const points: string[] = [];
    const world_ = world(({ method, moment }) => {
      points.push(`${method} ${moment}`);
      return undefined;
    });
    await outcomes(world_);
    await Array.fromAsync(world_.storage.changes(world_.collection, undefined, never));
    runs.push(points);
  }
  assert.deepEqual(runs[0], runs[1]);
  assert.deepEqual(runs[0], [
    "apply call",
    "apply action",
    "apply action",
    "apply action",
    "changes call",
    "changes batch",
    "changes batch",
    "changes batch",
  ]);
});

contract("memory with faults that never happen", () => {
  const memory = createMemory({
    name: "memory",
    kind: "calendar",
    read: (bytes) => {
      const said = calendarKit.read(bytes);
      if (said.state === "malformed") throw said.error;
      return said;
    },
  });
  const open = (readOnly: boolean) => withFaults(memory.open({ readOnly }), () => undefined);
  return Promise.resolve({
    storage: open(false),
    kit: calendarKit,
    another: () => Promise.resolve(open(false)),
    readOnly: () => Promise.resolve(open(true)),
    dispose: () => Promise.resolve(),
    many: 500,
    keepsBytes: true,
  });
});
