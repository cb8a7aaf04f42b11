/** Every way to reach a server and to log in, against real servers before Radicale. */

import assert from "node:assert/strict";
import { openCaldav } from "../../adapters/caldav/mod.ts";
import { readCalendarItem } from "../../lib/item/icalendar.ts";
import { SyncError } from "../../lib/model/error.ts";
import { bodyOf, NO_FLAGS } from "../../lib/model/item.ts";
import { collectionId, storageName } from "../../lib/model/names.ts";
import { Secret } from "../../lib/model/secret.ts";
import type { Action } from "../../lib/model/storage.ts";
import { readRoots } from "../../lib/net/http/pem.ts";
import { checksStrangers } from "../../lib/net/http/tls.ts";
import { calendarKit } from "../contract/kit.ts";
import { LIGHTTPD, startLighttpd } from "../support/servers/lighttpd.ts";
import { NGINX, type Nginx, startNginx } from "../support/servers/nginx.ts";
import { type Radicale, startRadicale } from "../support/servers/radicale.ts";
import { isInstalled } from "../support/servers/server.ts";

type Way = Omit<Parameters<typeof openCaldav>[0], "name">;

const never = new AbortController().signal;
const TOKEN = "a-token-that-is-known";

async function all<Value>(values: AsyncIterable<Value>): Promise<readonly Value[]> {
  const list: Value[] = [];
  for await (const value of values) list.push(value);
  return list;
}

/** Makes a calendar, writes an event, lists it and reads it. */
async function works(way: Way): Promise<void> {
  const storage = openCaldav({ name: storageName("server"), ...way });
  try {
    await storage.check(never);
    const made = await storage.createCollection(collectionId("work"), {}, never);
    const bytes = calendarKit.item("event-1", "Gr\u00fc\u00dfe");
    const read = readCalendarItem(bytes);
    assert(read.state === "read");
    const create: Action = {
      kind: "create",
      id: 1,
      ident: read.ident,
      href: storage.hrefFor(made, read.ident, 0),
      content: { digest: read.digest, flags: NO_FLAGS, body: bodyOf(bytes) },
    };
    const actions = (async function* () {
      yield create;
    })();
    const results = await all(storage.apply(made, actions, never));
    assert.deepEqual(results.map(({ outcome }) => outcome), ["done"]);

    const found = (await storage.collections(never)).find(({ id }) => id === "work");
    assert(found !== undefined);
    const listing = await all(storage.changes(found, undefined, never));
    const hrefs = listing.flatMap((it) => it.type === "entries" ? it.entries : [])
      .map(({ href }) => href);
    assert.equal(hrefs.length, 1);
    const items = (await all(storage.fetch(found, hrefs, { signal: never }))).flat();
    assert.deepEqual(items.map((it) => it.state === "present" && it.item.ident), [read.ident]);
  } finally {
    await storage.close();
  }
}

/** What a storage says that lets nobody in; it is a matter of the storage, and does not hang. */
async function refusal(way: Way): Promise<SyncError> {
  const storage = openCaldav({ name: storageName("server"), ...way });
  try {
    await storage.collections(never);
  } catch (thrown) {
    assert(thrown instanceof SyncError);
    assert.equal(thrown.scope, "storage");
    return thrown;
  } finally {
    await storage.close();
  }
  assert.fail("somebody was let in");
}

interface World {
  readonly radicale: Radicale;
  readonly nginx: Nginx;
  /** The right name and password. */
  readonly login: { readonly username: string; readonly password: Secret };
  readonly roots: readonly string[];
  readonly foreignRoots: readonly string[];
}

async function withNginx(body: (world: World) => Promise<void>): Promise<void> {
  const radicale = await startRadicale();
  try {
    const nginx = await startNginx({
      backend: radicale.url,
      authorization: `Basic ${btoa(`${radicale.username}:${radicale.password}`)}`,
      token: TOKEN,
    });
    try {
      await body({
        radicale,
        nginx,
        login: { username: radicale.username, password: new Secret(radicale.password) },
        roots: await readRoots(nginx.root),
        foreignRoots: await readRoots(nginx.foreignRoot),
      });
    } finally {
      await nginx.stop();
    }
  } finally {
    await radicale.stop();
  }
}

/** Nothing came through while `work` was done. */
async function nothingSent(nginx: Nginx, work: () => Promise<void>): Promise<void> {
  const before = (await nginx.requests()).length;
  await work();
  assert.deepEqual((await nginx.requests()).slice(before), []);
}

const ignore = !isInstalled(NGINX) || !isInstalled("radicale") || !isInstalled("openssl");
const strangers = ignore || !checksStrangers();

Deno.test(
  "an own root: the server it has signed is trusted, a foreign root is not",
  { ignore },
  () =>
    withNginx(async ({ nginx, login, roots, foreignRoots }) => {
      await works({ url: nginx.tls, ...login, tls: { roots } });
      await nothingSent(nginx, async () => {
        const foreign = await refusal({ url: nginx.tls, ...login, tls: { roots: foreignRoots } });
        assert.equal(foreign.kind, "unreachable");
        assert.match(foreign.message, /signed by nobody that this machine trusts/);
        const system = await refusal({ url: nginx.tls, ...login });
        assert.equal(system.kind, "unreachable");
        assert.match(system.hint ?? "", /tls_root/);
      });
    }),
);

Deno.test(
  "Basic: the right password is let in, a wrong one is not",
  { ignore },
  () =>
    withNginx(async ({ nginx, login, roots }) => {
      const before = (await nginx.requests()).length;
      await works({ url: nginx.tls, ...login, tls: { roots } });
      const seen = (await nginx.requests()).slice(before);
      assert(seen.every(({ authorization }) => authorization.startsWith("Basic ")));
      const password = new Secret("another");
      const wrong = await refusal({ url: nginx.tls, ...login, password, tls: { roots } });
      assert.equal(wrong.kind, "unauthorised");
      assert.match(wrong.hint ?? "", /Check username and password/);
      const none = await refusal({ url: nginx.tls, tls: { roots } });
      assert.equal(none.kind, "unauthorised");
      assert.match(none.hint ?? "", /wants a username/);
    }),
);

Deno.test("a pinned fingerprint: of a certificate for another name, that nobody has signed", {
  ignore: strangers,
}, () =>
  withNginx(async ({ nginx, login, roots }) => {
    const { selfSigned: url, fingerprint } = nginx;
    await works({ url, ...login, tls: { fingerprint } });
    await nothingSent(nginx, async () => {
      const wrong = `${fingerprint.startsWith("00") ? "01" : "00"}${fingerprint.slice(2)}`;
      const error = await refusal({ url, ...login, tls: { fingerprint: wrong } });
      assert.equal(error.kind, "unreachable");
      assert(error.message.includes(fingerprint), "the one that was found is shown");
      const both = await refusal({ url, ...login, tls: { fingerprint, roots } });
      assert.match(both.message, /signed by nobody/);
    });
  }));

Deno.test(
  "a client certificate: the authority's is let in, another or none is not",
  { ignore },
  () =>
    withNginx(async ({ nginx, roots }) => {
      const url = `${nginx.certified}/user/`;
      const identity = (from: Nginx["client"]) => ({ certificate: from.cert, key: from.key });
      await works({ url, tls: { roots, identity: identity(nginx.client) } });
      const none = await refusal({ url, tls: { roots } });
      assert.equal(none.kind, "unauthorised");
      assert.match(none.hint ?? "", /auth_cert/);
      const foreign = await refusal({
        url,
        tls: { roots, identity: identity(nginx.foreignClient) },
      });
      assert.equal(foreign.kind, "unauthorised");
      assert.match(foreign.message, /client certificate/);
    }),
);

Deno.test(
  "a token: the right one is let in, one that has run out is replaced once",
  { ignore },
  () =>
    withNginx(async ({ nginx, roots }) => {
      const asked: (string | undefined)[] = [];
      const giving = (...tokens: readonly string[]) => ({
        method: "bearer" as const,
        token: (_signal: AbortSignal, refused?: Secret) => {
          asked.push(refused?.reveal());
          return Promise.resolve(
            new Secret(tokens[Math.min(asked.length, tokens.length) - 1] ?? ""),
          );
        },
      });
      const url = `${nginx.token}/user/`;
      await works({ url, tls: { roots }, credentials: giving("run-out", TOKEN) });
      assert.deepEqual(asked.splice(0), [undefined, "run-out"]);
      const wrong = await refusal({ url, tls: { roots }, credentials: giving("a", "b") });
      assert.equal(wrong.kind, "unauthorised");
      assert.match(wrong.hint ?? "", /token/);
      assert(!wrong.message.includes("Bearer a"));
      assert.deepEqual(asked, [undefined, "a"]);
    }),
);

Deno.test(
  "a Unix socket, beside a url and as a url of its own",
  { ignore },
  () =>
    withNginx(async ({ nginx, login }) => {
      const { socket } = nginx;
      const before = (await nginx.requests()).length;
      await works({ url: "http://calendars.example/", socket, ...login });
      const hosts = (await nginx.requests()).slice(before).map(({ host }) => host);
      assert.deepEqual(new Set(hosts), new Set(["calendars.example"]));
      const again = openCaldav({ name: storageName("x"), url: `unix://${socket}`, ...login });
      assert.deepEqual((await again.collections(never)).map(({ id }) => id), ["work"]);
      await again.close();
      const password = new Secret("another");
      const wrong = await refusal({ url: `unix://${socket}`, ...login, password });
      assert.equal(wrong.kind, "unauthorised");
      const gone = await refusal({ url: `unix://${socket}.not`, ...login });
      assert.equal(gone.kind, "unreachable");
      assert.match(gone.message, /socket\.not does not exist/);
    }),
);

for (const algorithm of ["MD5", "SHA-256"] as const) {
  Deno.test(
    `Digest with ${algorithm}: one challenge for all requests; a wrong password is not let in`,
    {
      ignore: !isInstalled(LIGHTTPD) || !isInstalled("radicale"),
    },
    async () => {
      const radicale = await startRadicale();
      const { username, password } = radicale;
      const lighttpd = await startLighttpd({
        backend: radicale.url,
        authorization: `Basic ${btoa(`${username}:${password}`)}`,
        username,
        password,
        algorithm,
      });
      try {
        const url = `${lighttpd.url}/user/`;
        const login = (password: string) => ({
          credentials: { method: "digest" as const, username, password: new Secret(password) },
        });
        await works({ url, ...login(password) });
        const statuses = await lighttpd.statuses();
        assert(statuses.length > 5);
        assert.deepEqual(statuses.filter((status) => status === 401), [401]);
        const wrong = await refusal({ url, ...login("another") });
        assert.equal(wrong.kind, "unauthorised");
        const basic = await refusal({ url, username, password: new Secret(password) });
        assert.match(basic.hint ?? "", /Digest authentication alone/);
      } finally {
        await lighttpd.stop();
        await radicale.stop();
      }
    },
  );
}
