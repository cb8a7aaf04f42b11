import { deepEqual, equal, rejects } from "node:assert/strict";
import { join } from "node:path";
import {
  apply,
  box,
  contents,
  creation,
  deletion,
  fetchAll,
  list,
  never,
  world,
} from "./support.ts";

const FROM = "From a@b  Mon Feb 03 04:05:06 2020\n";

Deno.test("mailboxes are the files below the folder, by the names that Dovecot gives them", () =>
  world(async ({ root, write, storage }) => {
    await Deno.mkdir(join(root, "a", ".imap"), { recursive: true });
    await Deno.mkdir(join(root, ".imap"));
    const files = [
      ".hidden",
      ".subscriptions",
      "B&APw-cher",
      "a/b",
      "a/c.lock",
      "a/.imap/x",
      "inbox",
      "z.lock",
    ];
    for (const name of files) await write(name, "");
    await Deno.writeTextFile(join(root, ".subscriptions"), "V\t2\n\na\tb\nB&APw-cher\nINBOX\n");
    const all = await storage.collections(never);
    deepEqual(all.map(({ id, properties }) => [id, properties.subscribed]), [
      ["INBOX", "yes"],
      ["Bücher", "yes"],
      ["a/b", "yes"],
    ]);
    const [, books] = all;
    if (books === undefined) throw new Error("nothing is listed");
    await storage.setProperty(books, "subscribed", undefined, never);
    equal(Deno.readTextFileSync(join(root, ".subscriptions")), "V\t2\n\na\tb\nINBOX\n");
  }));

Deno.test("a name that cannot be kept becomes another, and the same each time", () =>
  world(({ storage }) => {
    for (
      const [id, expected] of [
        ["a/b", "a/b"],
        ["inbox", "INBOX"],
        ["a%2Fb", "a_b"],
        ["..", "_.."],
        [".imap/x", "_.imap/x"],
        ["x.lock", "x.lock_"],
        ["a\x01b", "a_b"],
      ] as const
    ) {
      equal(storage.localId?.(box(id)), expected);
      const local = storage.localId?.(box(id));
      equal(local === undefined ? undefined : storage.localId?.(local), local);
    }
    return Promise.resolve();
  }));

Deno.test("a mailbox holds mails or mailboxes, not both", () =>
  world(async ({ storage }) => {
    await storage.createCollection(box("a"), {}, never);
    await storage.createCollection(box("b/c"), {}, never);
    for (const id of ["a/b", "b"]) {
      await rejects(storage.createCollection(box(id), {}, never), { kind: "refused" });
    }
    await rejects(storage.createCollection(box("a"), {}, never), { kind: "exists" });
  }));

Deno.test("a storage that only pretends, or is read-only, writes nothing and says the same twice", () =>
  world(async ({ write, read, open, root }) => {
    const text = `${FROM}Subject: a\n\na\n\n${FROM}Subject: b\n\nb\n\n`;
    await write("work", text);
    for (const options of [{ assign: "pretend" }, { readOnly: true }] as const) {
      const [one] = await open(options).collections(never);
      const [other] = await open(options).collections(never);
      deepEqual(one, other);
      equal(one?.mailbox?.messages, 2);
    }
    equal(read("work"), text);
    deepEqual(Array.from(Deno.readDirSync(root), ({ name }) => name), ["work"]);
  }));

Deno.test("a mailbox that cannot be read is listed, and says why, and the others are read", () =>
  world(async ({ write, storage, root }) => {
    await write("bad", "no mbox\n");
    await write("good", "");
    await Deno.symlink(join(root, "good"), join(root, "link"));
    const all = await storage.collections(never);
    deepEqual(all.map(({ id, mailbox }) => [id, mailbox?.messages]), [
      ["bad", undefined],
      ["good", 0],
      ["link", undefined],
    ]);
    const [bad, , link] = all;
    if (bad === undefined || link === undefined) throw new Error("not all are listed");
    await rejects(list(storage, bad), { kind: "malformed", scope: "collection" });
    await rejects(list(storage, link), { kind: "refused", scope: "collection" });
    equal(Deno.readTextFileSync(join(root, "bad")), "no mbox\n");
  }));

Deno.test("a body is read from where its mail is now, and never from where another is", () =>
  world(async ({ storage }) => {
    const made = await storage.createCollection(box("a"), {}, never);
    await apply(
      storage,
      made,
      [1, 2, 3].map((n) => creation(n, `S: ${n}\n\n${String(n).repeat(99)}\n`)),
    );
    const [one, two, three] = await fetchAll(storage, made);
    if (one === undefined || two === undefined || three === undefined) throw new Error("not all");
    await apply(storage, made, [deletion(one)]);
    equal(new TextDecoder().decode(await two.body.bytes()), `S: 2\n\n${"2".repeat(99)}\n`);
    await rejects(one.body.bytes(), { kind: "missing", scope: "item" });
    await rejects(new Response(one.body.stream()).bytes(), { kind: "missing" });
    await apply(storage, made, [deletion(three)]);
    await apply(storage, made, [creation(3, "S: other\n\nx\n")]);
    await rejects(three.body.bytes(), { kind: "missing" });
  }));

Deno.test("what is delivered is seen, keeps its UID, and is told of", () =>
  world(async ({ storage, root, box, write }) => {
    await write("work", "");
    const work = await box("work");
    await apply(storage, work, [creation(1, "S: 1\n\n1\n")]);
    const stop = new AbortController();
    const told = (async () => {
      for await (const href of storage.watch(stop.signal)) return href;
      return undefined;
    })();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await Deno.writeTextFile(join(root, "work"), `${FROM}S: 2\n\n2\n\n`, { append: true });
    equal(await told, "work");
    stop.abort();
    deepEqual((await contents(storage, work)).map(([uid]) => uid), ["1", "2"]);
    const { mailbox } = await box("work");
    equal(mailbox?.uidNext, 3);
  }));
