import assert from "node:assert/strict";
import { createMemory, type Memory, type MemoryOptions } from "../../../adapters/memory/mod.ts";
import { withFaults } from "../../../adapters/with_faults.ts";
import { withReadOnly } from "../../../adapters/with_read_only.ts";
import { bodyOf, type Flags } from "../../../lib/model/item.ts";
import type { Mail } from "../../../lib/model/mail.ts";
import { collectionId, digest, etag, href, ident } from "../../../lib/model/names.ts";
import type {
  Action,
  Collection,
  Listed,
  Listing,
  Result,
  Storage,
} from "../../../lib/model/storage.ts";

const never = new AbortController().signal;

interface SetUp {
  readonly memory: Memory;
  readonly storage: Storage;
  readonly collection: Collection;
}

function setUp(options: Partial<MemoryOptions> = {}): SetUp {
  const memory = createMemory({ name: "test", kind: "mail", ...options });
  const collection = memory.add("work", {}, { uidValidity: 7 });
  return { memory, storage: memory.open(), collection };
}

async function listed({ storage, collection }: SetUp): Promise<readonly Listed[]> {
  const parts: Listing[] = await Array.fromAsync(storage.changes(collection, undefined, never));
  return parts.flatMap((part) => part.type === "entries" ? part.entries : []);
}

const create = (uid: string, text: string, flags: Flags = [], mail?: Mail): Action => ({
  kind: "create",
  id: 1,
  ident: ident("x"),
  href: href(uid),
  content: {
    digest: digest("x"),
    flags,
    body: bodyOf(new TextEncoder().encode(text)),
    ...(mail === undefined ? {} : { mail }),
  },
});

async function done({ storage, collection }: SetUp, action: Action): Promise<Result | undefined> {
  const [result] = await Array.fromAsync(storage.apply(collection, one(action), never));
  return result;
}

async function* one(action: Action): AsyncGenerator<Action> {
  yield await Promise.resolve(action);
}

Deno.test("a mail gets the UID that is wanted, and UIDNEXT is above it", async () => {
  const it = setUp();
  const result = await done(
    it,
    create("5", "UID:five", ["\\Seen"], { guid: "g5", received: 1500 }),
  );
  assert.deepEqual(result, { id: 1, outcome: "done", etag: etag("(\\Seen)") });
  assert.deepEqual(await listed(it), [{
    state: "present",
    href: "5",
    etag: "(\\Seen)",
    flags: ["\\Seen"],
    mail: { ident: "g5", size: 8, received: 1500 },
  }]);
  assert.equal((await it.storage.collections(never))[0]?.mailbox?.uidNext, 6);
  assert.equal((await done(it, create("5", "UID:other")))?.outcome, "exists");
  assert.equal((await done(it, create("3", "UID:three")))?.outcome, "done");
  assert.equal((await it.storage.collections(never))[0]?.mailbox?.uidNext, 6);
  assert.equal((await done(it, create("no-uid", "UID:x")))?.outcome, "failed");
});

Deno.test("where UIDs are not kept the storage gives its own, and keeps no GUID", async () => {
  const it = setUp({ keepsUids: false });
  const result = await done(it, create("5", "UID:five", [], { guid: "g5", received: 1500 }));
  assert.deepEqual(result, { id: 1, outcome: "done", href: "1", etag: "()" });
  const [entry] = await listed(it);
  assert.deepEqual(entry?.state === "present" && entry.mail, { size: 8, received: 1000 });
  const [batch] = await Array.fromAsync(
    it.storage.fetch(it.collection, [href("1")], { signal: never, identsOnly: true }),
  );
  const [fetched] = batch ?? [];
  assert.ok(fetched?.state === "present");
  assert.deepEqual([fetched.item.ident, fetched.item.digest], ["five", "five"]);
  await assert.rejects(fetched.item.body.bytes(), { kind: "internal" });
  assert.equal(it.storage.renumber, undefined);
});

Deno.test("only the flags that differ are changed, and only on the etag that is named", async () => {
  const it = setUp({ modseq: true });
  it.memory.deliver("work", "UID:a", { flags: ["\\Seen", "Work"] });
  const [entry] = await listed(it);
  assert.ok(entry?.state === "present");
  const set: Action = {
    kind: "setFlags",
    id: 2,
    ident: ident("a"),
    href: entry.href,
    etag: entry.etag,
    was: ["\\Seen"],
    flags: ["\\Flagged"],
  };
  assert.equal((await done(it, set))?.outcome, "done");
  assert.deepEqual(it.memory.items("work").get(href("1"))?.flags, ["Work", "\\Flagged"]);
  assert.equal((await done(it, set))?.outcome, "changed");
});

Deno.test("keywords that a storage does not keep are dropped, and it says what it keeps", async () => {
  const it = setUp({ keeps: ["\\Seen", "$Junk"] });
  await done(it, create("1", "UID:a", ["\\Seen", "$junk", "Work"]));
  const parts = await Array.fromAsync(it.storage.changes(it.collection, undefined, never));
  const [entries, end] = parts;
  assert.ok(entries?.type === "entries" && end?.type === "end");
  assert.deepEqual(end.keeps, ["\\Seen", "$Junk"]);
  assert.deepEqual(it.memory.items("work").get(href("1"))?.flags, ["$junk", "\\Seen"]);
});

Deno.test("mails may take each other's UIDs, all at once, and the mailbox is another place then", async () => {
  const it = setUp();
  for (const text of ["UID:a", "UID:b", "UID:c"]) it.memory.deliver("work", text);
  const uids = new Map([[href("1"), 2], [href("2"), 1]]);
  const numbered = await it.storage.renumber?.(
    it.collection,
    { uidValidity: 9, guid: "box", uidNext: 20, uids },
    never,
  );
  assert.deepEqual(numbered?.mailbox, { guid: "box", uidValidity: 9, uidNext: 20, messages: 3 });
  assert.notEqual(numbered.identity, it.collection.identity);
  assert.deepEqual(["1", "2", "3"].map((at) => it.memory.text("work", at)), [
    "UID:b",
    "UID:a",
    "UID:c",
  ]);
  await assert.rejects(listed(it), { scope: "collection", kind: "changed" });
  await assert.rejects(
    async () => await it.storage.renumber?.(numbered, { uids: new Map([[href("1"), 3]]) }, never),
    { kind: "changed" },
  );
  assert.equal(it.memory.text("work", "3"), "UID:c");
});

Deno.test("a mailbox that is called otherwise keeps its identity, and takes what lies under it along", async () => {
  const it = setUp();
  it.memory.add("work/old");
  it.memory.deliver("work", "UID:a");
  const renamed = await it.storage.renameCollection?.(it.collection, collectionId("play"), never);
  assert.equal(renamed?.identity, it.collection.identity);
  assert.deepEqual((await it.storage.collections(never)).map(({ id }) => id), ["play", "play/old"]);
  assert.equal(it.memory.text("play", "1"), "UID:a");
  it.memory.add("taken");
  await assert.rejects(
    async () => await it.storage.renameCollection?.(renamed, collectionId("taken"), never),
    { kind: "exists" },
  );
});

Deno.test("without GUIDs a mailbox is its name and its UIDVALIDITY", async () => {
  const it = setUp({ keepsUids: false });
  assert.equal(it.collection.mailbox?.guid, undefined);
  const renamed = await it.storage.renameCollection?.(it.collection, collectionId("play"), never);
  assert.notEqual(renamed?.identity, it.collection.identity);
  assert.equal(it.storage.holds?.(it.collection.identity), true);
});

Deno.test("a mailbox that was made anew is not the one that was listed", async () => {
  const it = setUp();
  it.memory.drop("work");
  const anew = it.memory.add("work");
  assert.notEqual(anew.identity, it.collection.identity);
  await assert.rejects(it.storage.deleteCollection(it.collection, never), { kind: "changed" });
  assert.equal((await done(it, create("1", "UID:a")))?.outcome, "failed");
  await it.storage.deleteCollection(anew, never);
});

Deno.test("a name that the storage cannot have has another there", () => {
  const { storage } = setUp({ separator: "." });
  const local = (id: string) => storage.localId?.(collectionId(id));
  assert.deepEqual(
    ["Inbox", "v1.2/a.b", "a%2Fb", "tab\there", "plain"].map(local),
    ["INBOX", "v1_2/a_b", "a%2Fb", "tab_here", "plain"],
  );
  const slashes = setUp().storage;
  assert.equal(slashes.localId?.(collectionId("Arch%2Five/v1.2")), "Arch_ive/v1.2");
});

Deno.test("a body that is read after its mail is gone is missing, and never another mail's", async () => {
  const it = setUp();
  it.memory.deliver("work", "UID:a");
  it.memory.deliver("work", "UID:b");
  const [batch] = await Array.fromAsync(
    it.storage.fetch(it.collection, [href("1")], { signal: never }),
  );
  const [fetched] = batch ?? [];
  assert.ok(fetched?.state === "present");
  it.memory.renumber("work", { 1: 2, 2: 1 });
  assert.equal(await new Response(fetched.item.body.stream()).text(), "UID:a");
  it.memory.remove("work", "2");
  await assert.rejects(fetched.item.body.bytes(), { kind: "missing" });
  await assert.rejects(new Response(fetched.item.body.stream()).text(), { kind: "missing" });
});

Deno.test("lines end with CRLF where the storage makes them so, and with LF where it came from one", async () => {
  const server = setUp({ keepsUids: false, crlf: true });
  await done(server, create("1", "UID:a\nb\r\nc"));
  assert.equal(server.memory.text("work", "1"), "UID:a\r\nb\r\nc");
  const [batch] = await Array.fromAsync(
    server.storage.fetch(server.collection, [href("1")], { signal: never }),
  );
  const [fetched] = batch ?? [];
  assert.ok(fetched?.state === "present" && fetched.item.body.crlf === true);
  const files = setUp();
  const action = create("1", "");
  assert.ok(action.kind === "create");
  await done(files, { ...action, content: { ...action.content, body: fetched.item.body } });
  assert.equal(files.memory.text("work", "1"), "UID:a\nb\nc");
});

Deno.test("decorators pass on what belongs to mail, and read-only refuses it", async () => {
  const it = setUp();
  const faulty = withFaults(it.storage, () => undefined);
  const asked: string[] = [];
  const counted = withFaults(faulty, ({ method }) => void asked.push(method));
  const numbered = await counted.renumber?.(it.collection, { uids: new Map(), uidNext: 9 }, never);
  assert.equal(numbered?.mailbox?.uidNext, 9);
  await counted.renameCollection?.(numbered, collectionId("play"), never);
  assert.deepEqual(asked, ["renumber", "renameCollection"]);
  assert.equal(counted.localId?.(collectionId("inbox")), "INBOX");
  const readOnly = withReadOnly(it.storage);
  assert.equal(readOnly.localId?.(collectionId("inbox")), "INBOX");
  const before = it.memory.effects();
  await assert.rejects(
    async () => await readOnly.renumber?.(numbered, { uids: new Map() }, never),
    {
      kind: "refused",
    },
  );
  await assert.rejects(
    async () => await readOnly.renameCollection?.(numbered, collectionId("x"), never),
    { kind: "refused" },
  );
  assert.equal(it.memory.effects(), before);
});

Deno.test("a keyword is spelt as its mailbox had it first, where a storage has one spelling", async () => {
  const it = setUp({ oneSpelling: true });
  it.memory.deliver("work", "UID:a", { flags: ["Work"] });
  assert.deepEqual(await done(it, create("2", "UID:b", ["work", "\\Seen"])), {
    id: 1,
    outcome: "done",
    etag: etag("(Work \\Seen)"),
  });
  const other = it.memory.copy();
  other.deliver("work", "UID:c", { flags: ["WORK"] });
  assert.deepEqual(other.items("work").get(href("3"))?.flags, ["Work"]);
});

Deno.test("a mailbox may be called otherwise alone, and what lies within it stays", async () => {
  const it = setUp({ renamesAlone: true });
  it.memory.add("work/old");
  await it.storage.renameCollection?.(it.collection, collectionId("play"), never);
  assert.deepEqual((await it.storage.collections(never)).map(({ id }) => id).sort(), [
    "play",
    "work/old",
  ]);
});
