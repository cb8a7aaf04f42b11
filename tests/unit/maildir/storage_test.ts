import {
  deepStrictEqual,
  match,
  notStrictEqual,
  ok,
  rejects,
  strictEqual,
} from "node:assert/strict";
import { collectionId, href, ident } from "../../../lib/model/names.ts";
import type { Action, Storage } from "../../../lib/model/storage.ts";
import {
  apply,
  bodyText,
  collectionOf,
  creation,
  diskWith,
  list,
  mailsIn,
  newMaildir,
  outcomesOf,
  signal,
  textOf,
} from "./kit.ts";

const GUID = "2e5d43333367026b1665000083ecc375";

Deno.test("mails that nobody has numbered get UIDs as they came, once and for all", async () => {
  await using maildir = await newMaildir();
  maildir.put("new/1700000003.c");
  maildir.put("cur/1700000001.a:2,S");
  maildir.put("cur/1700000002.b");
  maildir.put("cur/.hidden");
  await Deno.mkdir(`${maildir.path}/cur/folder`);
  const expected = ["1 1700000001.a \\Seen", "2 1700000002.b", "3 1700000003.c"];
  deepStrictEqual(await mailsIn(maildir.open()), expected);
  deepStrictEqual(maildir.names("new"), ["1700000003.c"]);
  await Deno.remove(`${maildir.path}/cur/1700000002.b`);
  maildir.put("new/1600000000.z");
  deepStrictEqual(await mailsIn(maildir.open()), [
    expected[0],
    expected[2],
    "4 1600000000.z",
  ]);
  match(maildir.read("dovecot-uidlist"), /^3 V\d+ N1 G[0-9a-f]{32}\n1 :1700000001\.a\n/);
});

Deno.test("to pretend writes nothing, and gives the same numbers each time", async () => {
  await using maildir = await newMaildir();
  maildir.put("new/2.b");
  maildir.put("cur/1.a:2,S");
  maildir.put("cur/2.b:2,F", "another mail");
  const before = JSON.stringify([maildir.names("."), maildir.names("cur"), maildir.names("new")]);
  const seen = async () => {
    const storage = maildir.open({ assign: "pretend" });
    const collection = await collectionOf(storage);
    const { entries, end } = await list(storage, collection);
    strictEqual(end.cursor, undefined);
    const texts = await Promise.all(entries.map(({ href }) => bodyText(storage, collection, href)));
    return JSON.stringify([collection, entries, texts.sort()]);
  };
  const once = await seen();
  match(once, /another mail/);
  strictEqual(await seen(), once);
  const now = JSON.stringify([maildir.names("."), maildir.names("cur"), maildir.names("new")]);
  strictEqual(now, before);
});

Deno.test("a UID that was only given in memory tells by its etag which mail has it", async () => {
  await using maildir = await newMaildir();
  maildir.put("new/1.a");
  const etagOf1 = async () => {
    const storage = maildir.open({ assign: "pretend" });
    const [entry] = (await list(storage, await collectionOf(storage))).entries;
    return entry?.state === "present" ? entry.etag : undefined;
  };
  const before = await etagOf1();
  await Deno.remove(`${maildir.path}/new/1.a`);
  maildir.put("new/1.b");
  notStrictEqual(await etagOf1(), before);
});

Deno.test("a half-written list, without order and with a name twice, loses no mail and no UID", async () => {
  await using maildir = await newMaildir();
  for (const name of ["a", "b", "c", "d"]) maildir.put(`cur/${name}:2,`);
  maildir.put("dovecot-uidlist", `3 V5 N2 G${GUID} Xkept\n9 :b\n7 W3 :a\n8 :gone\n12 :c\n13`);
  const expected = ["7 a", "9 b", "12 c", "13 d"];
  deepStrictEqual(await mailsIn(maildir.open()), expected);
  const text = maildir.read("dovecot-uidlist");
  strictEqual(text, `3 V5 N14 G${GUID} Xkept\n7 W3 :a\n8 :gone\n9 :b\n12 :c\n13 :d\n`);
  maildir.put("cur/e");
  deepStrictEqual(await mailsIn(maildir.open()), [...expected, "14 e"]);
  strictEqual(maildir.read("dovecot-uidlist"), `${text}14 :e\n`);
});

Deno.test("two files with one name are two mails, and two links to one file are one", async () => {
  await using maildir = await newMaildir();
  maildir.put("new/1.a", "first");
  maildir.put("cur/1.a:2,S", "second");
  maildir.put("cur/2.b:2,F", "third");
  await Deno.link(`${maildir.path}/cur/2.b:2,F`, `${maildir.path}/new/2.b`);
  const storage = maildir.open();
  const collection = await collectionOf(storage);
  const { entries } = await list(storage, collection);
  const texts = await Promise.all(entries.map(({ href }) => bodyText(storage, collection, href)));
  deepStrictEqual(texts.toSorted(), ["first", "second", "third"]);
  const once = await mailsIn(storage);
  deepStrictEqual(await mailsIn(maildir.open()), once);
});

Deno.test("a mail that is a link or a folder by now is no absence", async () => {
  await using maildir = await newMaildir();
  maildir.put("cur/1.a:2,S");
  maildir.put("cur/2.b:2,");
  await mailsIn(maildir.open());
  await Deno.rename(`${maildir.path}/cur/1.a:2,S`, `${maildir.path}/elsewhere`);
  await Deno.symlink(`${maildir.path}/elsewhere`, `${maildir.path}/cur/1.a:2,S`);
  deepStrictEqual(await mailsIn(maildir.open()), ["1 unreadable", "2 2.b"]);
});

Deno.test("a mailbox that is a link is listed, and refused when it is looked into", async () => {
  await using maildir = await newMaildir();
  await using other = await newMaildir();
  await Deno.symlink(other.path, `${maildir.path}/.link`);
  const storage = maildir.open();
  const collection = await collectionOf(storage, "link");
  strictEqual(collection.mailbox, undefined);
  await rejects(list(storage, collection), { kind: "refused", scope: "collection" });
});

Deno.test("a folder that is not there is missing, whichever it is", async () => {
  await using maildir = await newMaildir();
  const storage = maildir.open();
  const collection = await collectionOf(storage);
  await Deno.remove(`${maildir.path}/cur`);
  await rejects(list(storage, collection), { kind: "missing", scope: "collection" });
  await rejects(maildir.open({ path: `${maildir.path}/none` }).collections(signal), {
    kind: "missing",
    scope: "storage",
  });
});

Deno.test("mails are written with what they bring along, and no size is told that is wrong", async () => {
  await using maildir = await newMaildir();
  const storage = maildir.open();
  const collection = await collectionOf(storage);
  const size = textOf(1).length;
  const received = Date.UTC(2031, 0, 1);
  const results = await apply(
    storage,
    collection,
    creation(7, ["\\Seen"], { guid: `1.M2P3.host,S=${size},W=${size + 3}`, received }),
    creation(8, [], { guid: "1.M2P3.other,S=5", received: 0 }),
    creation(9, ["$Forwarded", "work"], { guid: "../evil", uidl: "u", pop3Order: 3 }),
    creation(10, ["Work", "\\Recent"], { guid: "../evil" }, ""),
    creation(8, [], { guid: "later" }),
    { ...creation(1), href: href("4294967295") },
  );
  deepStrictEqual(outcomesOf(results).slice(0, 4), ["done", "done", "done", "done"]);
  deepStrictEqual(outcomesOf(results).slice(5), ["failed"]);
  deepStrictEqual(await mailsIn(maildir.open()), [
    `7 1.M2P3.host,S=${size},W=${size + 3} \\Seen`,
    "8 1.M2P3.other,S=5",
    "9 ../evil $Forwarded work",
    "10 ../evil work",
  ]);
  const [first, second, third, fourth] = maildir.names("cur");
  strictEqual(first, `1.M2P3.host,S=${size},W=${size + 3}:2,S`);
  match(second ?? "", /^\d+\.M\d+P\d+Q\d+R[0-9a-f]{8}\.[^/:]+,S=\d+,W=\d+:2,/);
  strictEqual((await Deno.stat(`${maildir.path}/cur/${first}`)).mtime?.getTime(), received);
  const times = [second, third, fourth].map((name) =>
    Deno.statSync(`${maildir.path}/cur/${name}`).mtime?.getTime()
  );
  ok(times.includes(0));
  deepStrictEqual(maildir.names("tmp"), []);
  match(maildir.read("dovecot-uidlist"), /^9 G\.\.\/evil Pu O3 :/m);
});

Deno.test("a UID that is taken is not given twice, by a delivery in the last moment neither", async () => {
  await using maildir = await newMaildir();
  const storage = maildir.open();
  const collection = await collectionOf(storage);
  await list(storage, collection);
  maildir.put("new/1.delivered");
  await mailsIn(maildir.open());
  const results = await apply(storage, collection, creation(1), creation(2));
  deepStrictEqual(outcomesOf(results), ["exists", "done"]);
  strictEqual((await mailsIn(maildir.open())).length, 2);
});

Deno.test("a mail that comes with CRLF because IMAP gave it is kept with LF, and others as they are", async () => {
  await using maildir = await newMaildir();
  const storage = maildir.open();
  const collection = await collectionOf(storage);
  const text = "A: b\r\n\r\nbare\rand\r\n";
  const plain = creation(1, [], {}, text);
  const wire = creation(2, [], {}, text);
  ok(wire.kind === "create");
  const content = { ...wire.content, body: { ...wire.content.body, crlf: true as const } };
  const results = await apply(storage, collection, plain, { ...wire, content });
  deepStrictEqual(outcomesOf(results), ["done", "done"]);
  strictEqual(await bodyText(storage, collection, href("1")), text);
  strictEqual(await bodyText(storage, collection, href("2")), "A: b\n\nbare\rand\n");
  ok(maildir.names("cur").some((name) => name.includes(`,S=15,W=${text.length}:`)));
});

Deno.test("a body that ends too early makes no mail", async () => {
  await using maildir = await newMaildir();
  const storage = maildir.open();
  const collection = await collectionOf(storage);
  const action = creation(1);
  ok(action.kind === "create");
  const body = { ...action.content.body, size: action.content.body.size + 1 };
  const [result] = await apply(storage, collection, {
    ...action,
    content: { ...action.content, body },
  });
  ok(result?.outcome === "failed" && result.error.kind === "malformed");
  deepStrictEqual(await mailsIn(storage), []);
  deepStrictEqual(maildir.names("tmp"), []);
});

const flagging = (uid: number, etag: string, was: string[], flags: string[]): Action => ({
  kind: "setFlags",
  id: uid,
  ident: ident(String(uid)),
  href: href(String(uid)),
  etag: etag as Extract<Action, { readonly kind: "setFlags" }>["etag"],
  was,
  flags,
});

Deno.test("after 26 keywords the rest is not kept, and the listing and the result say so", async () => {
  await using maildir = await newMaildir();
  const storage = maildir.open();
  const collection = await collectionOf(storage);
  const names = Array.from({ length: 27 }, (_, at) => `k${String(at).padStart(2, "0")}`);
  const [made] = await apply(storage, collection, creation(1, names.slice(0, 25)));
  ok(made?.outcome === "done" && made.etag !== undefined);
  strictEqual((await list(storage, collection)).end.keeps, undefined);
  const [flagged] = await apply(
    storage,
    collection,
    flagging(1, made.etag, names.slice(0, 25), names),
  );
  ok(flagged?.outcome === "done");
  const { entries: [entry], end } = await list(storage, collection);
  ok(entry?.state === "present");
  deepStrictEqual(entry.flags, names.slice(0, 26));
  strictEqual(flagged.etag, entry.etag);
  ok(end.keeps?.includes("k25") && !end.keeps.includes("k26") && end.keeps.includes("\\Seen"));
});

Deno.test("the time of the keywords grows by a second with each change, as Dovecot wants it", async () => {
  await using maildir = await newMaildir();
  const storage = maildir.open();
  const collection = await collectionOf(storage);
  const time = () => Deno.statSync(`${maildir.path}/dovecot-keywords`).mtime?.getTime() ?? 0;
  await apply(storage, collection, creation(1, ["one"]));
  const first = time();
  await apply(storage, collection, creation(2, ["two"]));
  ok(Math.floor(time() / 1000) > Math.floor(first / 1000));
});

Deno.test("P goes when $Forwarded is taken away, and whatever else the name holds stays", async () => {
  await using maildir = await newMaildir();
  maildir.put("cur/1.a:2,PSXq,more");
  const storage = maildir.open();
  const collection = await collectionOf(storage);
  const { entries: [entry] } = await list(storage, collection);
  ok(entry?.state === "present");
  deepStrictEqual(entry.flags, ["$Forwarded", "\\Seen"]);
  await apply(
    storage,
    collection,
    flagging(1, entry.etag, [...entry.flags], ["\\Seen", "\\Draft"]),
  );
  deepStrictEqual(maildir.names("cur"), ["1.a:2,DSXq,more"]);
});

Deno.test("flags are set and mails deleted only as they were seen", async () => {
  await using maildir = await newMaildir();
  maildir.put("cur/1.a:2,S");
  maildir.put("cur/2.b:2,");
  const storage = maildir.open();
  const collection = await collectionOf(storage);
  const { entries } = await list(storage, collection);
  const [one, two] = entries;
  ok(one?.state === "present" && two?.state === "present");
  await Deno.rename(`${maildir.path}/cur/1.a:2,S`, `${maildir.path}/cur/1.a:2,FS`);
  await Deno.remove(`${maildir.path}/cur/2.b:2,`);
  const deletion = (entry: typeof one, id: number): Action => ({
    kind: "delete",
    id,
    ident: ident("x"),
    href: entry.href,
    etag: entry.etag,
  });
  deepStrictEqual(
    outcomesOf(
      await apply(
        storage,
        collection,
        flagging(1, one.etag, [...one.flags], []),
        { ...flagging(2, two.etag, [], ["\\Seen"]), id: 12 },
        deletion(one, 3),
        deletion(two, 4),
      ),
    ),
    ["changed", "changed", "changed", "done"],
  );
  deepStrictEqual(maildir.names("cur"), ["1.a:2,FS"]);
});

Deno.test("nothing to do is told by a few looks, and anything that happened is seen", async () => {
  await using maildir = await newMaildir();
  for (const name of ["1.a:2,S", "2.b:2,", "3.c"]) maildir.put(`cur/${name}`);
  await mailsIn(maildir.open());
  const age = () => {
    for (const name of ["cur", "new", "dovecot-uidlist"]) {
      Deno.utimeSync(`${maildir.path}/${name}`, 1_700_000_000, 1_700_000_000);
    }
  };
  const young = await list(maildir.open(), await collectionOf(maildir.open()));
  strictEqual(young.end.cursor, undefined);
  const changesOf = async (change: () => void | Promise<void>) => {
    age();
    const storage = maildir.open();
    const collection = await collectionOf(storage);
    const { end } = await list(storage, collection);
    ok(end.cursor !== undefined);
    const none = await list(maildir.open(), collection, end.cursor);
    deepStrictEqual([none.entries, none.end.mode], [[], "since"]);
    await change();
    return (await list(maildir.open(), await collectionOf(maildir.open()), end.cursor)).end.mode;
  };
  const { path } = maildir;
  strictEqual(await changesOf(() => maildir.put("new/4.d")), "complete");
  strictEqual(
    await changesOf(() => Deno.rename(`${path}/cur/1.a:2,S`, `${path}/cur/1.a:2,`)),
    "complete",
  );
  strictEqual(await changesOf(() => Deno.remove(`${path}/cur/2.b:2,`)), "complete");
  strictEqual(await changesOf(() => maildir.put("dovecot-keywords", "0 new\n")), "complete");
});

Deno.test("facts tell when a mail was received, and no size that is not true", async () => {
  await using maildir = await newMaildir();
  maildir.put("cur/1.a,S=10,W=12:2,", "0123456789");
  maildir.put("cur/2.b,S=11,W=13:2,", "0123456789");
  await Deno.utime(`${maildir.path}/cur/1.a,S=10,W=12:2,`, 1_700_000_000, 1_700_000_000);
  const mails = async (facts: boolean) => {
    const storage = maildir.open({ facts });
    const { entries } = await list(storage, await collectionOf(storage));
    return entries.map((entry) => entry.state === "present" ? entry.mail : undefined);
  };
  const [one, two] = await mails(true);
  deepStrictEqual([one?.received, one?.size], [1_700_000_000_000, 12]);
  strictEqual(two?.size, undefined);
  deepStrictEqual((await mails(false))[1], { ident: "2.b,S=11,W=13" as never, size: 13 });
});

Deno.test("names of all kinds are made, listed and found again, in both layouts", async () => {
  for (const layout of ["maildir++", "fs"] as const) {
    await using maildir = await newMaildir();
    const storage = maildir.open({ layout });
    const wanted = [
      "a.b",
      "~x",
      "R&D",
      "100%",
      "50%2520",
      "c%2Fd",
      "é",
      "e\u0301",
      "日本語/\u{1f4e7}",
      "x".repeat(300),
    ];
    const made = new Set<string>();
    for (const name of wanted) {
      const local = storage.localId?.(collectionId(name)) ?? collectionId(name);
      const { id } = await storage.createCollection(local, { subscribed: "yes" }, signal);
      made.add(id);
    }
    strictEqual(made.size, wanted.length);
    const found = await maildir.open({ layout }).collections(signal);
    deepStrictEqual(found.map(({ id }) => id).sort(), [...made, "INBOX"].sort());
    ok(found.every(({ id, properties }) => id === "INBOX" || properties.subscribed === "yes"));
    await rejects(storage.createCollection(collectionId("a\u0001b"), {}, signal), {
      kind: "refused",
    });
  }
});

Deno.test("of two mailboxes with one GUID, which a copied folder has, one gets another", async () => {
  await using maildir = await newMaildir();
  for (const name of [".one", ".two"]) {
    maildir.put(`${name}/cur/1.a:2,`);
    maildir.put(`${name}/dovecot-uidlist`, `3 V5 N2 G${GUID}\n1 :1.a\n`);
  }
  const guids = async (assign: "write" | "pretend") =>
    (await maildir.open({ assign }).collections(signal)).map((it) => it.mailbox?.guid);
  strictEqual(new Set(await guids("pretend")).size, 3);
  const written = await guids("write");
  strictEqual(new Set(written).size, 3);
  strictEqual(written[2], GUID);
  deepStrictEqual(await guids("write"), written);
  match(maildir.read(".one/dovecot-uidlist"), /^3 V5 N2 G(?!2e5d)[0-9a-f]{32}\n1 :1\.a\n$/);
});

Deno.test("UIDVALIDITYs grow from mailbox to mailbox, also past what others were given", async () => {
  await using maildir = await newMaildir();
  const storage = maildir.open();
  const made = async (name: string, on: Storage = storage) =>
    (await on.createCollection(collectionId(name), {}, signal)).mailbox?.uidValidity ?? 0;
  const first = await made("one");
  strictEqual(await made("two"), first + 1);
  const collection = await collectionOf(storage, "two");
  await storage.renumber?.(collection, { uidValidity: first + 500, uids: new Map() }, signal);
  strictEqual(await made("three", maildir.open()), first + 501);
  strictEqual(maildir.read("dovecot-uidvalidity"), (first + 501).toString(16).padStart(8, "0"));
  deepStrictEqual(
    maildir.names(".").filter((name) => name.startsWith("dovecot-uidvalidity")).length,
    2,
  );
});

Deno.test("the older kind of subscriptions stays of that kind, with lines that we know nothing of", async () => {
  await using maildir = await newMaildir();
  maildir.put("subscriptions", "INBOX\nWork.2024\ngone\n");
  const storage = maildir.open();
  await storage.createCollection(collectionId("Work/2024"), {}, signal);
  const made = await storage.createCollection(collectionId("ü"), { subscribed: "yes" }, signal);
  strictEqual(maildir.read("subscriptions"), "INBOX\nWork.2024\ngone\n&APw-\n");
  await storage.setProperty(made, "subscribed", undefined, signal);
  strictEqual(maildir.read("subscriptions"), "INBOX\nWork.2024\ngone\n");
  const found = await storage.collections(signal);
  deepStrictEqual(found.filter((it) => it.properties.subscribed).map((it) => it.id).sort(), [
    "INBOX",
    "Work/2024",
  ]);
});

Deno.test("a mailbox in which a mail has come is not deleted, and loses nothing", async () => {
  await using maildir = await newMaildir();
  const storage = maildir.open();
  const collection = await storage.createCollection(collectionId("box"), {}, signal);
  for (const folder of ["new", "cur"]) {
    maildir.put(`.box/${folder}/1.a`, "kept");
    await rejects(storage.deleteCollection(collection, signal), { kind: "refused" });
    strictEqual(maildir.read(`.box/${folder}/1.a`), "kept");
    deepStrictEqual(maildir.names(".box").filter((name) => /^(?:cur|new|tmp)$/.test(name)), [
      "cur",
      "new",
      "tmp",
    ]);
    await Deno.remove(`${maildir.path}/.box/${folder}/1.a`);
  }
  await storage.deleteCollection(collection, signal);
  ok(!maildir.names(".").includes(".box"));
});

Deno.test("a thousand mails in one mailbox are copied from file to file, in several groups", async () => {
  await using from = await newMaildir();
  await using to = await newMaildir();
  for (let n = 0; n < 1000; n++) {
    from.put(`cur/${1_600_000_000 + n}.m:2,${n % 2 ? "S" : ""}`, `A: ${n}\n\n`);
  }
  const [a, b] = [from.open(), to.open()];
  const [one, two] = [await collectionOf(a), await collectionOf(b)];
  const { entries } = await list(a, one);
  const actions = async function* (): AsyncGenerator<Action> {
    const hrefs = entries.map((entry) => entry.href);
    for await (const batch of a.fetch(one, hrefs, { signal })) {
      for (const fetched of batch) {
        if (fetched.state !== "present") continue;
        const { item } = fetched;
        const { digest, flags, body, mail } = item;
        const content = { digest, flags, body, ...(mail === undefined ? undefined : { mail }) };
        yield {
          kind: "create",
          id: Number(item.href),
          ident: item.ident,
          href: item.href,
          content,
        };
      }
    }
  };
  const results = await Array.fromAsync(b.apply(two, actions(), signal));
  ok(results.every(({ outcome }) => outcome === "done"));
  deepStrictEqual(await mailsIn(b), await mailsIn(a));
  deepStrictEqual(to.names("cur"), from.names("cur"));
});

Deno.test("new files are as open to others as their mailbox is, whatever the umask says", async () => {
  await using maildir = await newMaildir();
  for (const [mode, file] of [[0o700, 0o600], [0o770, 0o660], [0o755, 0o644]] as const) {
    const storage = maildir.open();
    await Deno.chmod(maildir.path, mode);
    const id = `box${mode.toString(8)}`;
    const made = await storage.createCollection(collectionId(id), {}, signal);
    await apply(storage, made, creation(1, ["work"]));
    const modeOf = (path: string) => (Deno.statSync(`${maildir.path}/${path}`).mode ?? 0) & 0o777;
    const [mail] = maildir.names(`.${id}/cur`);
    for (const path of [`cur/${mail}`, "dovecot-uidlist", "dovecot-keywords"]) {
      strictEqual(modeOf(`.${id}/${path}`), file, path);
    }
    for (const path of ["", "/cur", "/new", "/tmp"]) strictEqual(modeOf(`.${id}${path}`), mode);
  }
});

Deno.test("mails get their names after all is on the disk, and results after the names are", async () => {
  for (const together of [true, false]) {
    await using maildir = await newMaildir();
    const calls: string[] = [];
    const logging = diskWith((call, [path]) => {
      if (/^(?:sync|link|rename|append)/.test(call)) {
        calls.push(`${call} ${String(path).slice(maildir.path.length).replace(/\d.*/, "")}`);
      }
    });
    const disk = new Proxy(logging, {
      get: (target, name: keyof typeof logging) => {
        if (name !== "syncAll" || together) return target[name];
        return () => Promise.resolve(false);
      },
    });
    const storage = maildir.open({ disk });
    const collection = await collectionOf(storage);
    await list(storage, collection);
    calls.length = 0;
    await apply(storage, collection, creation(1, [], { guid: "one" }), creation(2));
    const waits = together
      ? ["syncAll "]
      : ["syncFile /dovecot-uidlist", "syncFile /tmp/", "syncFile /tmp/"];
    deepStrictEqual(calls, [
      "append /dovecot-uidlist",
      ...waits,
      "link /tmp/",
      "rename /tmp/",
      "syncFolder /cur",
    ]);
  }
});
