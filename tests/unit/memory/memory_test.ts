import assert from "node:assert/strict";
import { createMemory, type Memory, type MemoryOptions } from "../../../adapters/memory/mod.ts";
import { bodyOf } from "../../../lib/model/item.ts";
import { cursor, digest, href, ident } from "../../../lib/model/names.ts";
import type {
  Action,
  Collection,
  Content,
  Listed,
  Listing,
  Storage,
} from "../../../lib/model/storage.ts";

const never = new AbortController().signal;

function setUp(options: Partial<MemoryOptions> = {}): {
  memory: Memory;
  storage: Storage;
  collection: Collection;
} {
  const memory = createMemory({ name: "test", kind: "calendar", ...options });
  const collection = memory.add("work");
  return { memory, storage: memory.open(), collection };
}

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  return await Array.fromAsync(stream);
}

function entries(listings: readonly Listing[]): Listed[] {
  return listings.flatMap((part) => part.type === "entries" ? part.entries : []);
}

function end(listings: readonly Listing[]): Extract<Listing, { type: "end" }> {
  const last = listings.at(-1);
  assert.equal(last?.type, "end");
  return last as Extract<Listing, { type: "end" }>;
}

const content = (text: string, flags: readonly string[] = []): Content => ({
  digest: digest(text),
  flags,
  body: bodyOf(new TextEncoder().encode(text)),
});

async function* stream(...actions: Action[]): AsyncGenerator<Action> {
  await Promise.resolve();
  yield* actions;
}

const create = (at: string, text: string, flags: readonly string[] = []): Action => ({
  kind: "create",
  id: 1,
  ident: ident(at),
  href: href(at),
  content: content(text, flags),
});

Deno.test("what the user puts is listed, and an etag never comes twice", async () => {
  const { memory, storage, collection } = setUp();
  const first = memory.put("work", "a", "UID:a\none");
  const second = memory.put("work", "a", "UID:a\none");
  assert.notEqual(first, second);
  const listings = await all(storage.changes(collection, undefined, never));
  assert.deepEqual(entries(listings), [
    { state: "present", href: href("a"), etag: second, flags: [] },
  ]);
  assert.equal(end(listings).mode, "complete");
  assert.equal(memory.effects(), 0);
});

Deno.test("a listing since a cursor has what changed, what is gone, and nothing else", async () => {
  const { memory, storage, collection } = setUp();
  memory.put("work", "kept", "UID:kept");
  memory.put("work", "gone", "UID:gone");
  const { cursor } = end(await all(storage.changes(collection, undefined, never)));
  memory.remove("work", "gone");
  memory.put("work", "new", "UID:new");
  const listings = await all(storage.changes(collection, cursor, never));
  assert.deepEqual(
    entries(listings).map(({ state, href }) => [state, href]),
    [["present", "new"], ["gone", "gone"]],
  );
  assert.equal(end(listings).mode, "since");
});

Deno.test("a cursor that has expired, is of another collection or is nonsense gives a complete listing", async () => {
  const { memory, storage, collection } = setUp();
  memory.put("work", "a", "UID:a");
  const before = end(await all(storage.changes(collection, undefined, never))).cursor;
  memory.expireCursors("work");
  for (const old of [before, cursor("nonsense"), cursor("")]) {
    const listings = await all(storage.changes(collection, old, never));
    assert.equal(end(listings).mode, "complete");
    assert.equal(entries(listings).length, 1);
  }
  memory.drop("work");
  const again = memory.add("work");
  assert.equal(end(await all(storage.changes(again, before, never))).mode, "complete");
});

Deno.test("a write may be re-written, go without an etag, and land under another href", async () => {
  const { memory, storage, collection } = setUp({
    rewrite: (bytes) => new TextEncoder().encode(new TextDecoder().decode(bytes) + "\nPRODID:x"),
    etagOnWrite: false,
    assignsHrefs: true,
  });
  const [result] = await all(storage.apply(collection, stream(create("a", "UID:a")), never));
  assert.equal(result?.outcome, "done");
  const where = (result as { href?: string }).href ?? "";
  assert.notEqual(where, "a");
  assert.ok(!("etag" in (result ?? {})));
  assert.equal(memory.text("work", where), "UID:a\nPRODID:x");
  assert.equal(memory.effects(), 1);
});

Deno.test("etags that never rest differ in every listing", async () => {
  const { memory, storage, collection } = setUp({ restlessEtags: true });
  memory.put("work", "a", "UID:a");
  const etags = [];
  for (let n = 0; n < 3; n++) {
    const [entry] = entries(await all(storage.changes(collection, undefined, never)));
    etags.push((entry as { etag: string }).etag);
  }
  assert.equal(new Set(etags).size, 3);
});

Deno.test("flags are sorted, each once, and changing them changes the etag and not the body", async () => {
  const { memory, storage, collection } = setUp({ kind: "mail" });
  const action = create("1", "UID:1", ["\\Seen", "\\Draft", "\\Seen"]);
  const [made] = await all(storage.apply(collection, stream(action), never));
  assert.equal(made?.outcome, "done");
  const { etag, flags } = [...memory.items("work").values()][0] ?? assert.fail();
  assert.deepEqual(flags, ["\\Draft", "\\Seen"]);
  const set: Action = {
    kind: "setFlags",
    id: 2,
    ident: ident("1"),
    href: href("1"),
    etag,
    was: flags,
    flags: ["b", "a"],
  };
  const [first] = await all(storage.apply(collection, stream(set), never));
  assert.equal(first?.outcome, "done");
  assert.deepEqual(memory.items("work").get(href("1"))?.flags, ["a", "b"]);
  assert.equal(memory.text("work", "1"), "UID:1");
  const [second] = await all(storage.apply(collection, stream(set), never));
  assert.equal(second?.outcome, "changed");
});

Deno.test("an unreadable item is listed and fetched as unreadable, and comes back unchanged", async () => {
  const { memory, storage, collection } = setUp();
  const etag = memory.put("work", "a", "UID:a");
  memory.setUnreadable("work", "a", true);
  const [listed] = entries(await all(storage.changes(collection, undefined, never)));
  assert.equal(listed?.state, "unreadable");
  const [batch] = await all(storage.fetch(collection, [href("a")], { signal: never }));
  assert.equal(batch?.[0]?.state, "unreadable");
  memory.setUnreadable("work", "a", false);
  assert.equal(memory.items("work").get(href("a"))?.etag, etag);
});

Deno.test("a storage that is away is missing, never empty", async () => {
  const { memory, storage, collection } = setUp();
  memory.put("work", "a", "UID:a");
  memory.setThere(false);
  const missing = { name: "SyncError", kind: "missing", scope: "storage" };
  await assert.rejects(storage.collections(never), missing);
  await assert.rejects(all(storage.changes(collection, undefined, never)), missing);
  memory.setThere(true);
  assert.equal((await storage.collections(never)).length, 1);
});

Deno.test("a copy goes its own way", () => {
  const { memory } = setUp();
  memory.put("work", "a", "UID:a");
  const other = memory.copy();
  other.put("work", "a", "UID:a other");
  memory.add("home");
  assert.equal(memory.text("work", "a"), "UID:a");
  assert.equal(other.collections().length, 1);
});

Deno.test("a watcher hears of the user's changes until its signal fires", async () => {
  const { memory, storage } = setUp();
  const stop = new AbortController();
  const heard: string[] = [];
  const watching = (async () => {
    for await (const changed of storage.watch(stop.signal)) {
      heard.push(changed);
      if (heard.length === 2) stop.abort();
    }
  })();
  memory.put("work", "a", "UID:a");
  memory.put("work", "b", "UID:b");
  await new Promise((resolve) => setTimeout(resolve, 0));
  memory.add("home");
  await watching;
  assert.deepEqual(heard, ["work", "home"]);
});
