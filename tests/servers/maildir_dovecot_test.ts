/**
 * A Maildir beside Dovecot: it sees exactly the UIDs, GUIDs, flags, dates and subscriptions that we
 * wrote, and we see its own. What Dovecot makes of files that others write is nowhere laid down.
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { type LayoutName, openMaildir } from "../../adapters/maildir/mod.ts";
import { bodyOf } from "../../lib/model/item.ts";
import type { Mail } from "../../lib/model/mail.ts";
import { collectionId, digest, href, ident } from "../../lib/model/names.ts";
import type { Action, Collection, Listed, Result, Storage } from "../../lib/model/storage.ts";
import { type DovecotTools, dovecotTools, isDovecotInstalled } from "../support/servers/dovecot.ts";

const ignore = !isDovecotInstalled();
const { signal } = new AbortController();

interface World extends AsyncDisposable {
  readonly path: string;
  readonly storage: Storage;
  /** What POP3 calls the mails, in its order. */
  pop3(): Promise<readonly string[]>;
  /** Has Dovecot's IMAP server carry out commands, and gives back all that it said. */
  imap(...commands: readonly string[]): Promise<string>;
  collection(id: string): Promise<Collection>;
}

interface Place {
  readonly layout?: LayoutName;
  /** CONTROL, INDEX and INBOX lie elsewhere. */
  readonly apart?: boolean;
}

async function newWorld({ layout = "maildir++", apart = false }: Place = {}): Promise<World> {
  const folder = await Deno.makeTempDir({ prefix: "maildir-dovecot-" });
  const path = `${folder}/mail`;
  await Deno.mkdir(path);
  const tools = await dovecotTools(folder);
  const places = apart
    ? { control: `${folder}/control`, index: `${folder}/index`, inbox: `${folder}/inbox` }
    : {};
  const storage = openMaildir({
    name: "mail",
    path,
    layout,
    ...places,
    identBy: "guid",
    assign: "write",
  });
  const location = `maildir:${path}` + (layout === "fs" ? ":LAYOUT=fs" : "") +
    Object.entries(places).map(([key, value]) => `:${key.toUpperCase()}=${value}`).join("");
  return {
    path,
    storage,
    imap: (...commands) => speak(tools, folder, location, commands),
    pop3: async () => {
      await tools.adopt(folder);
      const said = await talk(tools.pop3Tunnel(location), "UIDL\r\nQUIT\r\n");
      return [...said.matchAll(/^\d+ (\S+)\r$/gm)].map(([, uidl = ""]) => uidl);
    },
    collection: async (id) => {
      const found = (await storage.collections(signal)).find((it) => it.id === id);
      ok(found !== undefined, `there is no ${id}`);
      return found;
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** Starts a server on its standard input, and gives back all that it said. */
async function talk([program = "", ...args]: readonly string[], lines: string): Promise<string> {
  const command = new Deno.Command(program, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  });
  await using process = command.spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(lines));
  await writer.close();
  return await new Response(process.stdout).text();
}

async function speak(
  tools: DovecotTools,
  folder: string,
  location: string,
  commands: readonly string[],
): Promise<string> {
  await tools.adopt(folder);
  const lines = commands.map((line, at) => `a${at} ${line}\r\n`).join("");
  const said = await talk(tools.imapTunnel(location), `${lines}z LOGOUT\r\n`);
  ok(said.includes("z OK"), said);
  commands.forEach((line, at) => {
    match(said, new RegExp(`^a${at} OK`, "m"), `${line}:\n${said}`);
  });
  return said;
}

/** An APPEND, as one command. */
const append = (mailbox: string, flags: string, date: string, mail: string): string =>
  `APPEND ${mailbox} (${flags}) "${date}" {${mail.length}+}\r\n${mail}`;

/** What Dovecot says of each mail of a mailbox: UID, GUID, flags without \Recent, date. */
async function seenByDovecot(world: World, mailbox: string): Promise<readonly string[]> {
  const said = await world.imap(
    `EXAMINE ${mailbox}`,
    "UID FETCH 1:* (UID FLAGS INTERNALDATE X-GUID)",
  );
  return [...said.matchAll(/^\* \d+ FETCH \((.*)\)\r$/gm)].map(([, items = ""]) => {
    const value = (name: string) =>
      new RegExp(`(?:^| )${name} (?:\\(([^)]*)\\)|"([^"]*)"|(\\S+))`).exec(items)
        ?.slice(1).find((it) => it !== undefined) ?? "";
    const flags = value("FLAGS").split(" ").filter((flag) => flag !== "" && flag !== "\\Recent")
      .sort();
    return [value("UID"), value("X-GUID"), flags.join(" "), value("INTERNALDATE").trim()].join("|");
  });
}

/** The same as we list it. */
async function seenByUs(world: World, mailbox: string): Promise<readonly string[]> {
  const collection = await world.collection(mailbox);
  const entries = await list(world.storage, collection);
  const seen: string[] = [];
  const options = { signal };
  for await (
    const batch of world.storage.fetch(collection, entries.map(({ href }) => href), options)
  ) {
    for (const fetched of batch) {
      strictEqual(fetched.state, "present");
      if (fetched.state !== "present") continue;
      const { href, flags, mail } = fetched.item;
      const guid = mail?.guid ?? "";
      seen.push([href, guid, flags.join(" "), internalDate(mail?.received ?? 0)].join("|"));
    }
  }
  return seen.sort((one, two) => Number.parseInt(one) - Number.parseInt(two));
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** In UTC, as Dovecot tells it without a TZ. */
function internalDate(time: number): string {
  const date = new Date(time);
  const day = String(date.getUTCDate()).padStart(2, "0");
  const clock = date.toISOString().slice(11, 19);
  return `${day}-${MONTHS[date.getUTCMonth()]}-${date.getUTCFullYear()} ${clock} +0000`;
}

async function list(storage: Storage, collection: Collection): Promise<readonly Listed[]> {
  const entries: Listed[] = [];
  for await (const part of storage.changes(collection, undefined, signal)) {
    if (part.type === "entries") entries.push(...part.entries);
  }
  return entries;
}

const creation = (uid: number, flags: readonly string[], mail: Mail, text = "text"): Action => ({
  kind: "create",
  id: uid,
  ident: ident(mail.guid ?? `${uid}`),
  href: href(String(uid)),
  content: {
    digest: digest(`${uid}`),
    flags: [...flags].sort(),
    body: bodyOf(new TextEncoder().encode(`Subject: ${uid}\n\n${text}\n`)),
    mail,
  },
});

async function apply(
  storage: Storage,
  collection: Collection,
  ...actions: readonly Action[]
): Promise<readonly Result["outcome"][]> {
  const stream = (async function* () {
    yield* actions;
  })();
  const results = await Array.fromAsync(storage.apply(collection, stream, signal));
  return actions.map(({ id }) => results.find((result) => result.id === id)?.outcome ?? "failed");
}

const RECEIVED = Date.UTC(2023, 10, 14, 22, 13, 20);
const DATE = internalDate(RECEIVED);

/** A mailbox with the mails 7, 42 and 300. */
async function filled(world: World, id = "INBOX"): Promise<Collection> {
  const collection = await world.storage.createCollection(collectionId(id), {}, signal);
  const mails = [
    creation(7, ["\\Seen"], { received: RECEIVED, guid: "guid-7" }),
    creation(42, ["work", "\\Answered"], { received: RECEIVED, guid: "guid-42" }),
    creation(300, [], { received: RECEIVED, guid: "guid-300" }),
  ];
  deepStrictEqual(await apply(world.storage, collection, ...mails), ["done", "done", "done"]);
  return collection;
}

const FILLED = [
  `7|guid-7|\\Seen|${DATE}`,
  `42|guid-42|\\Answered work|${DATE}`,
  `300|guid-300||${DATE}`,
];

for (
  const where of [{}, { apart: true }, { layout: "fs" }, { layout: "fs", apart: true }] as const
) {
  const what = JSON.stringify(where);
  Deno.test({
    name: `Dovecot uses every number of a mailbox that it has never seen: ${what}`,
    ignore,
    fn: async () => {
      await using world = await newWorld(where);
      await world.storage.createCollection(collectionId("INBOX"), {}, signal);
      const made = await world.storage.createCollection(
        collectionId("Entwürfe & more"),
        { subscribed: "yes" },
        signal,
      );
      const guid = "2e5d43333367026b1665000083ecc375";
      const box = await world.storage.renumber?.(made, {
        uidValidity: 1_795_319_604,
        uidNext: 500,
        guid,
        uids: new Map(),
      }, signal);
      ok(box !== undefined);
      const mails = [
        creation(7, ["\\Flagged", "$Forwarded"], { guid: "1700000060.M1P1.host", received: 0 }),
        creation(42, ["Work"], { guid: "some guid/with:oddities".replaceAll(" ", "_") }),
        creation(300, ["\\Seen", "\\Draft", "\\Deleted", "\\Answered"], {
          guid: "x".repeat(64),
          received: RECEIVED,
          uidl: "uidl-text",
          pop3Order: 5,
        }),
      ];
      deepStrictEqual(await apply(world.storage, box, ...mails), ["done", "done", "done"]);

      const name = '"Entw&APw-rfe &- more"';
      const said = await world.imap(
        `STATUS ${name} (UIDVALIDITY UIDNEXT MESSAGES X-GUID)`,
        'LSUB "" "*"',
      );
      match(said, /UIDVALIDITY 1795319604/);
      match(said, /UIDNEXT 500/);
      match(said, /MESSAGES 3/);
      match(said, new RegExp(`X-GUID ${guid}`));
      match(said, /\* LSUB \(\) "." "?Entw&APw-rfe &- more"?/);
      const seen = await seenByDovecot(world, name);
      deepStrictEqual(await seenByUs(world, "Entwürfe & more"), seen);
      strictEqual(
        seen[0],
        "7|1700000060.M1P1.host|$Forwarded \\Flagged|01-Jan-1970 00:00:00 +0000",
      );
      match(seen[1] ?? "", /^42\|some_guid\/with:oddities\|Work\|/);
      strictEqual(
        seen[2],
        `300|${"x".repeat(64)}|\\Answered \\Deleted \\Draft \\Seen|${DATE}`,
      );
    },
  });

  Deno.test({
    name: `what Dovecot made is listed with all of its numbers: ${what}`,
    ignore,
    fn: async () => {
      await using world = await newWorld(where);
      const sub = where.layout === "fs" ? "Entw&APw-rfe.x/a" : "Entw&APw-rfe/a";
      const id = where.layout === "fs" ? "Entwürfe.x/a" : "Entwürfe/a";
      await world.imap(
        `CREATE "${sub}"`,
        `SUBSCRIBE "${sub}"`,
        append(`"${sub}"`, "\\Seen one", "14-Nov-2023 22:13:20 +0000", "Subject: 1\r\n\r\nx\r\n"),
        append(`"${sub}"`, "", "14-Nov-2023 22:13:21 +0000", "Subject: 2\r\n\r\n"),
        append(`"${sub}"`, "\\Flagged Two one", "31-Dec-2037 00:00:00 +0000", "\r\n"),
        append("INBOX", "\\Draft", "14-Nov-2023 22:13:20 +0000", "Subject: 3\r\n\r\n"),
        `SELECT "${sub}"`,
        "UID STORE 1 +FLAGS (third)",
      );
      const collections = await world.storage.collections(signal);
      deepStrictEqual(collections.map((it) => it.id).sort(), [id, "INBOX"].sort());
      for (const [mailbox, name] of [[id, `"${sub}"`], ["INBOX", "INBOX"]] as const) {
        const collection = await world.collection(mailbox);
        const said = await world.imap(`STATUS ${name} (UIDVALIDITY UIDNEXT MESSAGES X-GUID)`);
        const { uidValidity, uidNext, messages, guid } = collection.mailbox ?? {};
        ok(said.includes(`UIDVALIDITY ${uidValidity}`), said);
        ok(said.includes(`UIDNEXT ${uidNext}`), said);
        ok(said.includes(`MESSAGES ${messages}`), said);
        ok(said.includes(`X-GUID ${guid}`), said);
        deepStrictEqual(await seenByUs(world, mailbox), await seenByDovecot(world, name));
      }
      deepStrictEqual(
        collections.map(({ id, properties }) => [id, properties.subscribed]).sort(),
        [[id, "yes"], ["INBOX", undefined]].sort(),
      );
    },
  });
}

Deno.test({
  name: "a mail that is added above UIDNEXT has its UID in an index that was there before",
  ignore,
  fn: async () => {
    await using world = await newWorld();
    const collection = await filled(world);
    deepStrictEqual(await seenByDovecot(world, "INBOX"), FILLED);
    const mail = creation(505, ["\\Seen"], { guid: "guid-505", received: RECEIVED });
    deepStrictEqual(await apply(world.storage, collection, mail), ["done"]);
    deepStrictEqual(await seenByDovecot(world, "INBOX"), [
      ...FILLED,
      `505|guid-505|\\Seen|${DATE}`,
    ]);
    match(await world.imap("STATUS INBOX (UIDNEXT)"), /UIDNEXT 506/);
  },
});

Deno.test({
  name: "a mail that Dovecot expunged is put back under its old UID, and Dovecot takes it",
  ignore,
  fn: async () => {
    await using world = await newWorld();
    const collection = await filled(world);
    await world.imap("SELECT INBOX", "UID STORE 42 +FLAGS (\\Deleted)", "EXPUNGE");
    deepStrictEqual(await seenByDovecot(world, "INBOX"), [FILLED[0], FILLED[2]]);
    const lost = creation(42, ["work", "\\Answered"], { received: RECEIVED, guid: "guid-42" });
    const never = creation(100, [], { received: RECEIVED, guid: "guid-100" });
    deepStrictEqual(await apply(world.storage, collection, lost, never), ["done", "done"]);
    deepStrictEqual(await seenByDovecot(world, "INBOX"), [
      FILLED[0],
      FILLED[1],
      `100|guid-100||${DATE}`,
      FILLED[2],
    ]);
    match(await world.imap("STATUS INBOX (UIDNEXT)"), /UIDNEXT 301/);
  },
});

Deno.test({
  name: "mails take each other's UIDs, and UIDVALIDITY, UIDNEXT and the GUID change with them",
  ignore,
  fn: async () => {
    await using world = await newWorld();
    const collection = await filled(world);
    await seenByDovecot(world, "INBOX");
    const uids = new Map([[href("7"), 300], [href("300"), 7], [href("42"), 301]]);
    const numbers = { uidValidity: 77, uidNext: 1000, guid: "0".repeat(31) + "1", uids };
    const renamed = await world.storage.renumber?.(collection, numbers, signal);
    strictEqual(renamed?.mailbox?.uidNext, 1000);
    deepStrictEqual(await seenByDovecot(world, "INBOX"), [
      `7|guid-300||${DATE}`,
      `300|guid-7|\\Seen|${DATE}`,
      `301|guid-42|\\Answered work|${DATE}`,
    ]);
    const said = await world.imap("STATUS INBOX (UIDVALIDITY UIDNEXT X-GUID)");
    match(said, /UIDVALIDITY 77/);
    match(said, /UIDNEXT 1000/);
    match(said, /X-GUID 00000000000000000000000000000001/);
  },
});

Deno.test({
  name: "a mail that gets a UID that no mail had has it in Dovecot, which has seen it before",
  ignore,
  fn: async () => {
    await using world = await newWorld();
    const collection = await filled(world);
    // As long as it is new, Dovecot looks again in any case.
    const before = Date.now() / 1000 - 3600;
    for (const name of ["cur", "new"]) await Deno.utime(`${world.path}/${name}`, before, before);
    deepStrictEqual(await seenByDovecot(world, "INBOX"), FILLED);
    await world.storage.renumber?.(collection, { uids: new Map([[href("42"), 555]]) }, signal);
    deepStrictEqual(await seenByDovecot(world, "INBOX"), [
      FILLED[0],
      FILLED[2],
      `555|guid-42|\\Answered work|${DATE}`,
    ]);
  },
});

Deno.test({
  name: "flags that are set and mails that are deleted are seen by Dovecot as changes",
  ignore,
  fn: async () => {
    await using world = await newWorld();
    const collection = await filled(world);
    await world.imap("ENABLE CONDSTORE", "SELECT INBOX", "UID STORE 7 +FLAGS (first)");
    const modseq = async () =>
      Number(/HIGHESTMODSEQ (\d+)/.exec(await world.imap("STATUS INBOX (HIGHESTMODSEQ)"))?.[1]);
    const before = await modseq();
    const entries = await list(world.storage, collection);
    const etagOf = (uid: string) => {
      const entry = entries.find((it) => it.href === uid);
      ok(entry?.state === "present");
      return entry;
    };
    const { etag, flags } = etagOf("42");
    const outcomes = await apply(
      world.storage,
      collection,
      {
        kind: "setFlags",
        id: 1,
        ident: ident("guid-42"),
        href: href("42"),
        etag,
        was: flags,
        flags: ["$Forwarded", "\\Flagged", "work"],
      },
      { kind: "delete", id: 2, ident: ident("guid-7"), href: href("7"), etag: etagOf("7").etag },
    );
    deepStrictEqual(outcomes, ["done", "done"]);
    deepStrictEqual(await seenByDovecot(world, "INBOX"), [
      `42|guid-42|$Forwarded \\Flagged work|${DATE}`,
      FILLED[2],
    ]);
    ok(await modseq() > before);
    deepStrictEqual(await seenByUs(world, "INBOX"), await seenByDovecot(world, "INBOX"));
  },
});

Deno.test({
  name: "where the list of UIDs was lost, Dovecot goes by the one that we make",
  ignore,
  fn: async () => {
    await using world = await newWorld();
    await filled(world);
    await seenByDovecot(world, "INBOX");
    await Deno.remove(`${world.path}/dovecot-uidlist`);
    const ours = await seenByUs(world, "INBOX");
    deepStrictEqual(ours.map((line) => line.split("|")[0]), ["1", "2", "3"]);
    deepStrictEqual(await seenByDovecot(world, "INBOX"), ours);
    deepStrictEqual(await seenByUs(world, "INBOX"), ours);
  },
});

Deno.test({
  name: "a letter that no keyword stands for stays, and is not given to another keyword",
  ignore,
  fn: async () => {
    await using world = await newWorld();
    const collection = await filled(world);
    const cur = `${world.path}/cur`;
    const file = [...Deno.readDirSync(cur)].find(({ name }) => name.endsWith(":2,"))?.name ?? "";
    await Deno.rename(`${cur}/${file}`, `${cur}/${file}bXZ,kept`);
    const entries = await list(world.storage, collection);
    const entry = entries.find((it) => it.href === "300");
    ok(entry?.state === "present");
    deepStrictEqual(entry.flags, []);
    const outcome = await apply(world.storage, collection, {
      kind: "setFlags",
      id: 1,
      ident: ident("guid-300"),
      href: href("300"),
      etag: entry.etag,
      was: entry.flags,
      flags: ["\\Seen", "new"],
    });
    deepStrictEqual(outcome, ["done"]);
    const names = [...Deno.readDirSync(cur)].map(({ name }) => name);
    ok(names.some((name) => name.endsWith(":2,SXZbc,kept")), names.join(" "));
    match((await seenByDovecot(world, "INBOX"))[2] ?? "", /^300\|guid-300\|\\Seen new unknown-1\|/);
  },
});

Deno.test({
  name: "a deletion, a renaming and a subscription stand in Dovecot's log as its own do",
  ignore,
  fn: async () => {
    const logOf = (path: string) => {
      const bytes = Deno.readFileSync(`${path}/dovecot.mailbox.log`);
      return Array.from({ length: bytes.length / 24 }, (_, at) => {
        const record = bytes.subarray(24 * at, 24 * at + 24);
        const hex = Array.from(record.subarray(4, 20), (it) => it.toString(16).padStart(2, "0"));
        return `${record[0]} ${record[0] === 1 ? "GUID" : hex.join("")}`;
      });
    };
    await using theirs = await newWorld();
    await theirs.imap(
      'CREATE "a&APw-b"',
      'SUBSCRIBE "a&APw-b"',
      'RENAME "a&APw-b" "c&APw-"',
      'UNSUBSCRIBE "a&APw-b"',
      'DELETE "c&APw-"',
    );
    await using ours = await newWorld();
    const { storage } = ours;
    const made = await storage.createCollection(collectionId("aüb"), {}, signal);
    await storage.setProperty(made, "subscribed", "yes", signal);
    await storage.setProperty(made, "subscribed", undefined, signal);
    const renamed = await storage.renameCollection?.(made, collectionId("cü"), signal);
    ok(renamed !== undefined);
    await storage.deleteCollection(renamed, signal);
    deepStrictEqual(logOf(ours.path).sort(), logOf(theirs.path).sort());
  },
});

Deno.test({
  name: "while a session of Dovecot is open, mails that we write appear in it under our UIDs",
  ignore,
  fn: async () => {
    await using world = await newWorld();
    const collection = await filled(world);
    const working = (async () => {
      for (let uid = 500; uid < 560; uid += 2) {
        const mail = creation(uid, ["\\Seen"], { guid: `guid-${uid}`, received: RECEIVED });
        deepStrictEqual(await apply(world.storage, collection, mail), ["done"]);
      }
    })();
    const looking = Array.from({ length: 60 }, () => ["NOOP", "UID FETCH 1:* (FLAGS)"]).flat();
    await world.imap("SELECT INBOX", ...looking);
    await working;
    const uids = (await seenByDovecot(world, "INBOX")).map((line) => Number.parseInt(line));
    deepStrictEqual(uids, [7, 42, 300, ...Array.from({ length: 30 }, (_, at) => 500 + 2 * at)]);
  },
});

Deno.test({
  name: "what POP3 calls the mails, and in which order it tells them, is as we wrote it",
  ignore,
  fn: async () => {
    await using world = await newWorld();
    const collection = await world.storage.createCollection(collectionId("INBOX"), {}, signal);
    const mails = [
      creation(3, [], { guid: "three", uidl: "third", pop3Order: 9 }),
      creation(5, [], { guid: "five", uidl: "fifth", pop3Order: 2 }),
    ];
    deepStrictEqual(await apply(world.storage, collection, ...mails), ["done", "done"]);
    deepStrictEqual(await world.pop3(), ["fifth", "third"]);
    const seen: unknown[] = [];
    const hrefs = [href("3"), href("5")];
    for await (const batch of world.storage.fetch(collection, hrefs, { signal })) {
      for (const fetched of batch) {
        if (fetched.state !== "present") continue;
        seen.push([fetched.item.mail?.uidl, fetched.item.mail?.pop3Order]);
      }
    }
    deepStrictEqual(seen, [["third", 9], ["fifth", 2]]);
  },
});
