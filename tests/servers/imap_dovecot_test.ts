/** IMAP against a real Dovecot: over TCP with a login, with TLS, and with capabilities taken away. */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { type ImapOptions, openImap } from "../../adapters/imap/mod.ts";
import { mailDigest } from "../../lib/item/mail/digest.ts";
import { crlfSize } from "../../lib/item/mail/newlines.ts";
import { type Body, bodyOf, type Flags } from "../../lib/model/item.ts";
import {
  collectionId,
  type Cursor,
  digest,
  type Etag,
  type Href,
  href,
  ident,
} from "../../lib/model/names.ts";
import { dialNatively } from "../../lib/net/imap/dial.ts";
import { Secret } from "../../lib/model/secret.ts";
import type { Action, Collection, Listing, Result, Storage } from "../../lib/model/storage.ts";
import { GOOD, OTHER_NAME, ROOT } from "../support/dav_tls.ts";
import {
  type Dovecot,
  dovecotTools,
  isDovecotInstalled,
  type MailUser,
  startDovecot,
} from "../support/servers/dovecot.ts";

const never = new AbortController().signal;
const ignore = !isDovecotInstalled();

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** A mail in a file's way of ending lines, whose fields stand in an odd order. */
const mail = (n: number, lines = 3) =>
  bytesOf(
    `Subject: Mail\n =?utf-8?q?n=C2=B0?= ${n}\nReceived: by nobody\nTo: you@example.org\n` +
      `message-ID: <m${n}@example.org>\nFROM: me@example.org\nX-Other: yes\n` +
      `Date: Tue, 14 Nov 2023 22:14:20 +0000\n\n${`Line of ${n}\n`.repeat(lines)}`,
  );

const creation = (id: number, body: Body, flags: Flags = []): Action => ({
  kind: "create",
  id,
  ident: ident(`i${id}`),
  href: href("1"),
  content: { digest: digest("d"), flags, body, mail: { received: 1_700_000_000_000 + id * 1_000 } },
});

async function* streamOf(actions: readonly Action[]): AsyncGenerator<Action> {
  await Promise.resolve();
  yield* actions;
}

async function apply(
  storage: Storage,
  box: Collection,
  ...actions: readonly Action[]
): Promise<readonly Result[]> {
  const results = await Array.fromAsync(storage.apply(box, streamOf(actions), never));
  return results.toSorted((a, b) => a.id - b.id);
}

async function inboxOf(storage: Storage): Promise<Collection> {
  const found = (await storage.collections(never)).find(({ id }) => id === "INBOX");
  ok(found !== undefined, "there is no INBOX");
  return found;
}

interface Seen {
  readonly mode: string;
  readonly cursor: Cursor | undefined;
  readonly present: ReadonlyMap<Href, Etag>;
  readonly gone: readonly Href[];
}

async function list(storage: Storage, box: Collection, cursor?: Cursor): Promise<Seen> {
  const parts: Listing[] = await Array.fromAsync(storage.changes(box, cursor, never));
  const entries = parts.flatMap((part) => part.type === "entries" ? part.entries : []);
  const end = parts.at(-1);
  ok(end?.type === "end");
  return {
    mode: end.mode,
    cursor: end.cursor,
    present: new Map(
      entries.flatMap((it) => it.state === "present" ? [[it.href, it.etag] as const] : []),
    ),
    gone: entries.flatMap((it) => it.state === "gone" ? [it.href] : []),
  };
}

async function items(
  storage: Storage,
  box: Collection,
  hrefs: readonly Href[],
  identsOnly = false,
) {
  const options = { signal: never, ...(identsOnly ? { identsOnly: true as const } : {}) };
  const batches = await Array.fromAsync(storage.fetch(box, hrefs, options));
  return new Map(
    batches.flat().flatMap((it) => it.state === "present" ? [[it.item.href, it.item]] : []),
  );
}

/** A Dovecot without a server, and a Maildir that it reads. */
async function withTunnel(
  options: Partial<ImapOptions>,
  settings: readonly string[],
  work: (storage: Storage) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "imap-" });
  try {
    const tools = await dovecotTools(folder);
    await Deno.mkdir(`${folder}/Maildir`);
    await tools.adopt(folder);
    const argv = tools.imapTunnel(`maildir:${folder}/Maildir`, { settings });
    const storage = openImap({ name: "imap", place: { kind: "tunnel", argv }, ...options });
    try {
      await work(storage);
    } finally {
      await storage.close();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Creates, lists, fetches, flags and deletes: the same whatever the server can do. */
async function workThrough(storage: Storage): Promise<void> {
  const box = await inboxOf(storage);
  const large = mail(3, 150_000);
  ok(large.length > 1024 * 1024);
  const bodies = [mail(1), mail(2), large, mail(1)];
  const flags = [[], ["\\Seen", "$Label1"], [], ["\\Flagged"]];
  const results = await apply(
    storage,
    box,
    ...bodies.map((bytes, n) => creation(n, bodyOf(bytes), flags[n])),
  );
  const made = results.map((it) => it.outcome === "done" ? it.href : undefined);
  ok(made.every((it) => it !== undefined), JSON.stringify(results));
  strictEqual(new Set(made).size, 4);

  const first = await list(storage, box);
  strictEqual(first.mode, "complete");
  deepStrictEqual(
    results.map((it) => it.outcome === "done" ? it.etag : it.outcome),
    made.map((it) => first.present.get(it)),
  );
  const whole = await items(storage, box, made);
  const idents = await items(storage, box, made, true);
  for (const [n, at] of made.entries()) {
    const bytes = bodies[n] ?? bytesOf("");
    const size = await crlfSize(bodyOf(bytes).stream());
    const item = whole.get(at);
    strictEqual(item?.body.size, size);
    const text = new TextDecoder().decode(await item.body.bytes()).replaceAll("\r\n", "\n");
    ok(text === new TextDecoder().decode(bytes), `mail ${n} is another one`);
    strictEqual(item.mail?.received, 1_700_000_000_000 + n * 1_000);
    // Of the header alone it is the same mail as in a file.
    strictEqual(item.ident, String(mailDigest(bytes, size)));
    strictEqual(idents.get(at)?.ident, item.ident);
  }

  const [one = href(""), two = href(""), three = href(""), four = href("")] = made;
  const etagOf = (at: Href) => first.present.get(at) ?? ("" as Etag);
  const set = (id: number, at: Href, was: Flags, after: Flags): Action => ({
    kind: "setFlags",
    id,
    ident: ident("i"),
    href: at,
    etag: etagOf(at),
    was,
    flags: after,
  });
  const flagged = await apply(
    storage,
    box,
    set(1, one, [], ["\\Answered"]),
    set(2, two, ["\\Seen", "$Label1"], ["\\Draft", "$Label1"]),
    { ...set(3, four, [], ["\\Seen"]), etag: etagOf(two) } as Action,
  );
  deepStrictEqual(flagged.map(({ outcome }) => outcome), ["done", "done", "changed"]);
  const second = await list(storage, box);
  strictEqual(second.present.get(one), "(\\Answered)");
  strictEqual(second.present.get(two), "($Label1 \\Draft)");
  strictEqual(second.present.get(four), "(\\Flagged)");

  const deletion = (id: number, at: Href, etag: Etag): Action => ({
    kind: "delete",
    id,
    ident: ident("i"),
    href: at,
    etag,
  });
  const deleted = await apply(
    storage,
    box,
    deletion(1, one, second.present.get(one) ?? etagOf(one)),
    deletion(2, two, etagOf(two)),
    deletion(3, three, etagOf(three)),
    deletion(4, href("4000000000"), etagOf(three)),
  );
  deepStrictEqual(deleted.map(({ outcome }) => outcome), ["done", "changed", "done", "done"]);
  const last = await list(storage, box, second.cursor);
  if (last.mode === "since") deepStrictEqual(last.gone, [one, three]);
  else deepStrictEqual([...last.present.keys()], [two, four]);
}

const WITHOUT: readonly (readonly string[])[] = [
  [],
  ["UIDPLUS"],
  ["CONDSTORE", "QRESYNC"],
  ["QRESYNC"],
  ["LITERAL+"],
  ["LITERAL+", "MULTIAPPEND"],
  ["MULTIAPPEND"],
  ["LIST-STATUS"],
  ["LIST-EXTENDED"],
];

for (const without of WITHOUT) {
  const what = without.length === 0 ? "all its extensions" : `no ${without.join(", no ")}`;
  Deno.test(`a mailbox is worked in with ${what}`, { ignore }, async () => {
    await withTunnel({ without: new Set(without) }, [], workThrough);
  });
}

Deno.test("a server that says it can do nothing but IMAP4rev1 is enough", { ignore }, async () => {
  await withTunnel({}, ["imap_capability=IMAP4rev1"], workThrough);
});

Deno.test(
  "other people's marks stay where EXPUNGE takes all that is marked",
  { ignore },
  async () => {
    await withTunnel({ without: new Set(["UIDPLUS", "MULTIAPPEND"]) }, [], async (storage) => {
      const box = await inboxOf(storage);
      await apply(
        storage,
        box,
        creation(1, bodyOf(mail(1)), ["\\Deleted"]),
        creation(2, bodyOf(mail(2)), ["\\Seen"]),
      );
      const { present } = await list(storage, box);
      const [marked, ours] = [...present.keys()];
      ok(marked !== undefined && ours !== undefined);
      const etag = present.get(ours);
      ok(etag !== undefined);
      const [result] = await apply(storage, box, {
        kind: "delete",
        id: 1,
        ident: ident("i"),
        href: ours,
        etag,
      });
      strictEqual(result?.outcome, "done");
      deepStrictEqual([...(await list(storage, box)).present], [[marked, "(\\Deleted)"]]);
    });
  },
);

Deno.test(
  "what was flagged by somebody else meanwhile is not overwritten",
  { ignore },
  async () => {
    await withTunnel({}, [], async (storage) => {
      const box = await inboxOf(storage);
      await apply(storage, box, creation(1, bodyOf(mail(1))));
      const { present, cursor } = await list(storage, box);
      const [[at, etag] = []] = [...present];
      ok(at !== undefined && etag !== undefined);
      const flag = (flags: Flags): Action => ({
        kind: "setFlags",
        id: 1,
        ident: ident("i"),
        href: at,
        etag,
        was: [],
        flags,
      });
      strictEqual((await apply(storage, box, flag(["\\Seen"])))[0]?.outcome, "done");
      strictEqual((await apply(storage, box, flag(["\\Flagged"])))[0]?.outcome, "changed");
      const since = await list(storage, box, cursor);
      deepStrictEqual([since.mode, ...since.present], ["since", [at, "(\\Seen)"]]);
      await storage.collections(never);
      const nothing = await list(storage, box, since.cursor);
      deepStrictEqual([nothing.mode, nothing.present.size], ["since", 0]);
    });
  },
);

Deno.test(
  "mails that somebody else deletes meanwhile are unknown, and no fault",
  { ignore },
  async () => {
    await withTunnel({}, [], async (storage) => {
      const box = await inboxOf(storage);
      await apply(storage, box, ...[1, 2, 3].map((n) => creation(n, bodyOf(mail(n)))));
      const { present } = await list(storage, box);
      const hrefs = [...present.keys()];
      // A body that is read later than it was listed, on a connection that has the mailbox open.
      const [one = href(""), two = href(""), three = href("")] = hrefs;
      const before = (await items(storage, box, hrefs, true)).get(two);
      const gone = await apply(storage, box, {
        kind: "delete",
        id: 1,
        ident: ident("i"),
        href: two,
        etag: "()" as Etag,
      });
      strictEqual(gone[0]?.outcome, "done");
      await rejects(before?.body.bytes() ?? Promise.resolve(), { kind: "missing", scope: "item" });
      deepStrictEqual([...(await items(storage, box, hrefs)).keys()], [one, three]);
      deepStrictEqual([...(await list(storage, box)).present.keys()], [one, three]);
    });
  },
);

Deno.test("a mailbox is renamed with its mails and its subscription", { ignore }, async () => {
  await withTunnel({}, [], async (storage) => {
    const made = await storage.createCollection(
      collectionId('Ärger & mehr/"q" \\ {3}'),
      { subscribed: "yes" },
      never,
    );
    await apply(storage, made, creation(1, bodyOf(mail(1))));
    const renamed = await storage.renameCollection?.(made, collectionId("Neu"), never);
    strictEqual(renamed?.identity, made.identity);
    const found = (await storage.collections(never)).find(({ id }) => id === "Neu");
    deepStrictEqual(found?.properties, { subscribed: "yes" });
    strictEqual(found.mailbox?.messages, 1);
    await rejects(storage.deleteCollection(found, never), { kind: "refused" });
  });
});

Deno.test("a child that is no IMAP server says why", { ignore }, async () => {
  const argv = ["sh", "-c", "echo it went wrong >&2; exit 3"];
  const storage = openImap({ name: "imap", place: { kind: "tunnel", argv } });
  await rejects(storage.check(never), { kind: "unreachable", message: /it went wrong/ });
  await storage.close();
  const none = openImap({ name: "imap", place: { kind: "tunnel", argv: ["/nowhere/imap"] } });
  await rejects(none.check(never), { kind: "unreachable", message: /cannot be run/ });
  await none.close();
});

/** A server with TLS, by STARTTLS, and somebody who may log in. */
async function withServer(
  certificate: { readonly cert: string; readonly key: string },
  work: (server: Dovecot, user: MailUser) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "imap-tls-" });
  try {
    await Deno.chmod(folder, 0o755);
    await Deno.writeTextFile(`${folder}/cert.pem`, certificate.cert);
    await Deno.writeTextFile(`${folder}/key.pem`, certificate.key);
    await using server = await startDovecot({
      settings: [
        "auth_failure_delay = 0",
        "ssl = yes",
        `ssl_cert = <${folder}/cert.pem`,
        `ssl_key = <${folder}/key.pem`,
      ],
    });
    await work(server, await server.addUser("somebody"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const credentialsOf = ({ username, password }: MailUser) => ({
  username,
  password: new Secret(password),
});

Deno.test("one logs in over TCP, and a wrong password is told as such", { ignore }, async () => {
  await withServer(GOOD, async (server, user) => {
    const place = {
      kind: "host",
      host: "127.0.0.1",
      port: server.imapPort,
      security: "none",
    } as const;
    for (const method of ["plain", "login"] as const) {
      const storage = openImap({
        name: "imap",
        place,
        credentials: { method, ...credentialsOf(user) },
      });
      strictEqual(
        (await inboxOf(storage)).identity.split(";")[0],
        `imap://somebody@127.0.0.1:${server.imapPort}/`,
      );
      await storage.close();
      const wrong = openImap({
        name: "imap",
        place,
        credentials: { method, username: "somebody", password: new Secret("wrong-pass") },
      });
      await rejects(wrong.check(never), (thrown) => {
        ok(thrown instanceof Error);
        strictEqual((thrown as { kind?: string }).kind, "unauthorised");
        return !thrown.message.includes("wrong-pass");
      });
      await wrong.close();
    }
    const nobody = openImap({ name: "imap", place });
    await rejects(nobody.check(never), { kind: "unauthorised" });
    await nobody.close();
  });
});

Deno.test("a server that allows one connection has all it needs", { ignore }, async () => {
  await using server = await startDovecot({ settings: ["mail_max_userip_connections = 1"] });
  const user = await server.addUser("somebody");
  const place = { kind: "host", host: "127.0.0.1", port: server.imapPort } as const;
  const storage = openImap({
    name: "imap",
    place: { ...place, security: "none" },
    credentials: credentialsOf(user),
  });
  try {
    const box = await inboxOf(storage);
    await apply(
      storage,
      box,
      ...Array.from({ length: 1_200 }, (_, n) => creation(n, bodyOf(mail(n)))),
    );
    const { present } = await list(storage, box);
    const hrefs = [...present.keys()];
    const all = await Promise.all([
      items(storage, box, hrefs),
      items(storage, box, hrefs, true),
      list(storage, box),
    ]);
    deepStrictEqual([all[0].size, all[1].size, all[2].present.size], [1_200, 1_200, 1_200]);
  } finally {
    await storage.close();
  }
});

Deno.test("STARTTLS checks the certificate as it is told to", { ignore }, async () => {
  await withServer(GOOD, async (server, user) => {
    const open = (more: Partial<ImapOptions>, host = "localhost") =>
      openImap({
        name: "imap",
        place: { kind: "host", host, port: server.imapPort, security: "starttls" },
        credentials: credentialsOf(user),
        ...more,
      });
    const trusting = open({ tls: { roots: [ROOT] } });
    strictEqual((await inboxOf(trusting)).id, "INBOX");
    await trusting.close();
    const strict = open({});
    await rejects(strict.check(never), { kind: "unreachable", message: /signed by nobody/ });
    await strict.close();
    const pinned = open({ tls: { fingerprint: "00".repeat(32) } });
    await rejects(pinned.check(never), { kind: "unreachable", message: /another certificate/ });
    await pinned.close();
  });
});

Deno.test("STARTTLS does not take another host's certificate", { ignore }, async () => {
  await withServer(OTHER_NAME, async (server, user) => {
    const storage = openImap({
      name: "imap",
      place: { kind: "host", host: "localhost", port: server.imapPort, security: "starttls" },
      credentials: credentialsOf(user),
      tls: { roots: [ROOT] },
    });
    await rejects(storage.check(never), { kind: "unreachable", message: /another name/ });
    await storage.close();
  });
});

Deno.test(
  "STARTTLS of the runtime's own takes no stranger's certificate either",
  { ignore },
  async () => {
    await withServer(GOOD, async (server) => {
      const url = new URL(`https://localhost:${server.imapPort}/`);
      await rejects(dialNatively(url, "localhost", never), /UnknownIssuer/);
    });
  },
);

for (const [without, name] of [[[], "Other"], [["NOTIFY"], "INBOX"]] as const) {
  Deno.test(
    `changes of ${name} are told as they happen${without.map((it) => ` without ${it}`).join("")}`,
    { ignore },
    async () => {
      await withTunnel({ without: new Set(without) }, [], async (storage) => {
        const made = name === "INBOX"
          ? await inboxOf(storage)
          : await storage.createCollection(collectionId(name), {}, never);
        const stop = new AbortController();
        const heard = Promise.withResolvers<Href>();
        const watching = (async () => {
          for await (const changed of storage.watch(stop.signal)) heard.resolve(changed);
        })();
        // There is no telling when it has begun to listen: mails come until one is noticed.
        let next = 1;
        const timer = setInterval(() => {
          apply(storage, made, creation(next, bodyOf(mail(next++)))).catch(heard.reject);
        }, 200);
        try {
          strictEqual(await heard.promise, name);
        } finally {
          clearInterval(timer);
          stop.abort();
          await watching;
        }
      });
    },
  );
}
