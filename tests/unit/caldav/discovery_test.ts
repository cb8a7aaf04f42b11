import assert from "node:assert/strict";
import { type CaldavOptions, openCaldav } from "../../../adapters/caldav/mod.ts";
import { SyncError } from "../../../lib/model/error.ts";
import { storageName } from "../../../lib/model/names.ts";
import { Secret } from "../../../lib/model/secret.ts";
import type { DnsResolver, SrvRecord } from "../../../lib/net/dav/dns.ts";
import type { Fetch } from "../../../lib/net/http/request.ts";
import { ADDRESSBOOKS, CALENDARS, PRINCIPAL, startDavServer } from "../../support/dav_server.ts";
import { fakeEnvironment, never, withDav } from "../../support/dav_world.ts";

const STARTS = [
  { what: "the server's root", path: "/", requests: 3 },
  { what: "the principal", path: PRINCIPAL, requests: 2 },
  { what: "the home set", path: CALENDARS, requests: 3 },
  { what: "the home set without its slash", path: CALENDARS.slice(0, -1), requests: 3 },
  { what: "one collection", path: `${CALENDARS}work/`, requests: 1 },
];

for (const { what, path, requests } of STARTS) {
  Deno.test(`from ${what} the calendars are found with ${requests} requests`, async () => {
    await withDav({ path }, async ({ server, storage }) => {
      const collections = await storage.collections(never);
      assert.deepEqual(collections.map(({ id, href, identity }) => ({ id, href, identity })), [{
        id: "work",
        href: `${CALENDARS}work/`,
        identity: `${server.origin}${CALENDARS}work/`,
      }]);
      assert.equal(server.requests.length, requests);
      server.requests.splice(0);
      await storage.collections(never);
      assert.equal(server.requests.length, 1);
    });
  });
}

Deno.test("a check finds the same place, and what follows need not look for it", async () => {
  await withDav({ path: "/" }, async ({ server, storage }) => {
    await storage.check(never);
    assert.equal(server.requests.length, 2);
    await storage.collections(never);
    assert.equal(server.requests.length, 3);
  });
});

Deno.test("address books, inboxes, trash bins and subscriptions are no calendars", async () => {
  const types = {
    inbox: "<C:schedule-inbox/>",
    outbox: "<C:calendar/><C:schedule-outbox/>",
    trash: '<C:calendar/><x:deleted-calendar xmlns:x="http://nextcloud.com/ns"/>',
    feed: "<C:calendar/><S:subscribed/>",
    plain: "",
  };
  await withDav({}, async ({ server, storage }) => {
    for (const name of Object.keys(types)) server.addCalendar(name);
    server.store.add(`${CALENDARS}people/`, "addressbook");
    server.quirks = {
      async alter({ headers }, response) {
        if (headers.get("depth") !== "1") return response;
        let text = await response.text();
        for (const [name, type] of Object.entries(types)) {
          const row = new RegExp(`(user/${name}/</D:href>.*?<D:collection/>)<C:calendar/>`);
          text = text.replace(row, `$1${type}`);
        }
        return new Response(text, response);
      },
    };
    const collections = await storage.collections(never);
    assert.deepEqual(collections.map(({ id }) => id), ["work"]);
  });
});

Deno.test("properties come with the listing: trimmed, and colours without how opaque they are", async () => {
  await withDav({}, async ({ storage, stored }) => {
    const set = (name: string, value: string) => stored.properties.set(name, value);
    set("{DAV:}displayname", "  Arbeit &amp; mehr ");
    set("{http://apple.com/ns/ical/}calendar-color", "#FF2968FF");
    set("{http://apple.com/ns/ical/}calendar-order", "7");
    set("{urn:ietf:params:xml:ns:caldav}calendar-description", "");
    const [collection] = await storage.collections(never);
    assert.deepEqual(collection?.properties, {
      displayname: "Arbeit & mehr",
      color: "#FF2968",
      order: "7",
    });
  });
});

Deno.test("a server without principals is taken at its url's word", async () => {
  await withDav({ quirks: { noPrincipal: true } }, async ({ server, storage }) => {
    assert.equal((await storage.collections(never)).length, 1);
    assert.deepEqual(server.counts(), { "PROPFIND 0": 1, "PROPFIND 1": 2 });
  });
});

Deno.test("somebody else's home set is not exchanged for one's own", async () => {
  await withDav({ path: "/calendars/eve/" }, async ({ server, storage }) => {
    server.quirks = {
      fault({ path }) {
        if (path !== "/calendars/eve/") return undefined;
        return multistatus(
          response(
            "/calendars/eve/",
            "<D:resourcetype><D:collection/></D:resourcetype>" +
              `<D:current-user-principal><D:href>${PRINCIPAL}</D:href></D:current-user-principal>`,
          ),
          response(
            "/calendars/eve/shared/",
            "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>",
          ),
        );
      },
    };
    assert.deepEqual((await storage.collections(never)).map(({ id }) => id), ["shared"]);
  });
});

Deno.test("a home set that is empty is one where the server says that it speaks CalDAV", async () => {
  await withDav({ quirks: { noPrincipal: true } }, async ({ server, storage }) => {
    server.store.collections.clear();
    assert.deepEqual(await storage.collections(never), []);
    assert.equal(server.counts()["OPTIONS"], 1);
  });
});

for (const status of [301, 302, 303, 307, 308]) {
  Deno.test(`the well-known url leads on with ${status}, and the question goes along`, async () => {
    await withDav({ path: "/" }, async ({ server, storage }) => {
      server.quirks = {
        fault({ path }) {
          if (path === "/") return new Response("Welcome", { status: 404 });
          if (path !== "/.well-known/caldav") return undefined;
          return new Response(null, { status, headers: { location: PRINCIPAL } });
        },
      };
      assert.equal((await storage.collections(never)).length, 1);
      const asked = server.requests.map(({ method, path }) => `${method} ${path}`);
      assert.deepEqual(asked, [
        "PROPFIND /",
        "PROPFIND /.well-known/caldav",
        `PROPFIND ${PRINCIPAL}`,
        `PROPFIND ${CALENDARS}`,
      ]);
    });
  });
}

Deno.test("several home sets, one on another host, give their calendars each once", async () => {
  const other = startDavServer();
  other.addCalendar("work");
  other.addCalendar("home");
  try {
    await withDav({ path: "/" }, async ({ server, storage }) => {
      const homes = [CALENDARS, `${other.origin}${CALENDARS}`, `${server.origin}${CALENDARS}`];
      server.quirks = {
        async alter({ path }, response) {
          if (path !== PRINCIPAL) return response;
          const hrefs = homes.map((href) => `<D:href>${href}</D:href>`).join("");
          const text = (await response.text()).replace(
            /(<C:calendar-home-set>).*?(<\/C:calendar-home-set>)/,
            `$1${hrefs}$2`,
          );
          return new Response(text, response);
        },
      };
      const collections = await storage.collections(never);
      assert.equal(collections.length, 3);
      const [first, third, second] = collections;
      assert.equal(first?.id, "work");
      assert.match(second?.id ?? "", /^work-[0-9a-f]{8}$/);
      assert.equal(third?.id, "home");
      assert.equal(third?.href, `${other.origin}${CALENDARS}home/`);
      assert.equal(third?.identity, third?.href);
    });
  } finally {
    await other.close();
  }
});

Deno.test("a collection's name that climbs out of its folder does not come through", async () => {
  await withDav({}, async ({ server, storage }) => {
    server.quirks = {
      async alter(_, response) {
        const text = await response.text();
        return new Response(text.replaceAll("user/work/", "user/..%2f..%2ftmp%2fpwn/"), response);
      },
    };
    const [collection] = await storage.collections(never);
    assert.match(collection?.id ?? "", /^_.._tmp_pwn-[0-9a-f]{8}$/);
    assert.equal(collection?.href, `${CALENDARS}..%2f..%2ftmp%2fpwn/`);
  });
});

Deno.test("the id may be the segment before the last", async () => {
  await withDav({ storage: { idSegment: "second-last" } }, async ({ storage }) => {
    assert.equal((await storage.collections(never))[0]?.id, "user");
  });
});

Deno.test("a wrong password, and none where one is wanted, are told apart", async () => {
  const credentials = { username: "user", password: "right" };
  await withDav({ credentials }, async ({ open }) => {
    const wrong = open({ username: "user", password: new Secret("wrong") });
    await assert.rejects(wrong.check(never), {
      kind: "unauthorised",
      scope: "storage",
      hint: /Check username/,
    });
    await assert.rejects(open().check(never), { kind: "unauthorised", hint: /wants a username/ });
    await open({ username: "user", password: new Secret("right") }).check(never);
  });
});

Deno.test("a server that answers as to a stranger has not accepted the login", async () => {
  await withDav({ path: "/" }, async ({ server, open }) => {
    server.quirks = {
      async alter(_, response) {
        const text = (await response.text()).replace(
          /(<D:current-user-principal>).*?(<\/D:current-user-principal>)/,
          "$1<D:unauthenticated/>$2",
        );
        return new Response(text, response);
      },
    };
    const storage = open({ username: "user", password: new Secret("x") });
    await assert.rejects(storage.check(never), { kind: "unauthorised" });
  });
});

Deno.test("a url at which there is no such thing is said to have none, after a few requests", async () => {
  await withDav({ path: "/nothing/here/" }, async ({ server, storage }) => {
    server.quirks = { fault: () => new Response("<html>Not found</html>", { status: 404 }) };
    await assert.rejects(storage.collections(never), {
      kind: "missing",
      scope: "storage",
      message: /no calendars are to be found/,
    });
    assert(server.requests.length <= 3);
  });
});

Deno.test("a web page is not a CalDAV server", async () => {
  await withDav({ path: "/" }, async ({ server, storage }) => {
    server.quirks = { fault: () => new Response("<html><body>Welcome</body></html>") };
    await assert.rejects(storage.collections(never), { kind: "missing" });
  });
});

Deno.test("a server that is down for a moment is not one without calendars", async () => {
  await withDav({ path: "/" }, async ({ server, storage }) => {
    server.quirks = { fault: () => new Response(null, { status: 503 }) };
    await assert.rejects(storage.collections(never), { kind: "refused", retry: true });
  });
});

Deno.test("a folder of which the server cannot say what it is stops the listing", async () => {
  await withDav({}, async ({ server, storage }) => {
    server.addCalendar("broken");
    server.quirks = {
      async alter({ headers }, response) {
        if (headers.get("depth") !== "1") return response;
        const text = (await response.text()).replace(
          /(user\/broken\/<\/D:href>).*?(<\/D:response>)/,
          "$1<D:status>HTTP/1.1 500 Oops</D:status>$2",
        );
        return new Response(text, response);
      },
    };
    await assert.rejects(storage.collections(never), { scope: "storage", retry: true });
  });
});

Deno.test("calendars that have moved are looked for again", async () => {
  await withDav({ path: "/" }, async ({ server, storage }) => {
    await storage.collections(never);
    const moved = "/calendars/moved/";
    server.quirks = {
      fault({ path }) {
        if (path === CALENDARS) return new Response(null, { status: 404 });
        if (path !== moved) return undefined;
        return multistatus(
          response(moved, "<D:resourcetype><D:collection/></D:resourcetype>"),
          response(`${moved}new/`, "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>"),
        );
      },
      async alter({ path }, answer) {
        if (path !== PRINCIPAL) return answer;
        return new Response((await answer.text()).replace(CALENDARS, moved), answer);
      },
    };
    assert.deepEqual((await storage.collections(never)).map(({ id }) => id), ["new"]);
  });
});

/** Hosts that are on the net only in this test: each answers by itself, all others refuse. */
function net(hosts: Readonly<Record<string, (request: Request) => Response>>): Fetch {
  return (url, init) => {
    const request = new Request(url, init);
    const answer = hosts[new URL(url).host];
    const cause = new Error("tcp connect error: Connection refused (os error 111)");
    if (answer === undefined) return Promise.reject(new TypeError("fetch failed", { cause }));
    return Promise.resolve(answer(request));
  };
}

const DECLARED = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"';

function multistatus(...responses: readonly string[]): Response {
  return new Response(`<D:multistatus ${DECLARED}>${responses.join("")}</D:multistatus>`, {
    status: 207,
  });
}

function response(href: string, props: string): string {
  return `<D:response><D:href>${href}</D:href><D:propstat><D:prop>${props}</D:prop>` +
    "<D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>";
}

/** A host whose root is a home set with the calendar `found`. */
const davHost = (seen: (request: Request) => void) => (request: Request) => {
  seen(request);
  const { pathname } = new URL(request.url);
  const calendar = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>";
  const folder = "<D:resourcetype><D:collection/></D:resourcetype>";
  return pathname === "/dav/"
    ? multistatus(response("/dav/", folder), response("/dav/found/", calendar))
    : new Response("nothing", { status: 404 });
};

interface Zone {
  readonly srv?: Readonly<Record<string, readonly SrvRecord[]>>;
  readonly txt?: Readonly<Record<string, readonly string[]>>;
  readonly fails?: boolean;
}

function zone({ srv = {}, txt = {}, fails = false }: Zone): DnsResolver {
  const answered = <Value>(values: readonly Value[] | undefined) =>
    fails ? Promise.reject(new Error("no DNS here")) : Promise.resolve(values ?? []);
  return { srv: (name) => answered(srv[name]), txt: (name) => answered(txt[name]) };
}

function openAt(url: string, options: Partial<CaldavOptions>) {
  return openCaldav({
    name: storageName("test"),
    url,
    username: "ada",
    password: new Secret("pw"),
    environment: fakeEnvironment(),
    ...options,
  });
}

const record = (target: string, port = 443, priority = 0): SrvRecord => ({
  target,
  port,
  priority,
  weight: 1,
});

Deno.test("a domain is asked for its server by the DNS where its url leads nowhere", async () => {
  const shown: (string | null)[] = [];
  const storage = openAt("https://example.org", {
    fetch: net({
      "dav.example.org:8443": davHost((request) =>
        shown.push(request.headers.get("authorization"))
      ),
    }),
    resolver: zone({
      srv: {
        "_caldavs._tcp.example.org": [
          record("dav.example.org.", 8443),
          record("gone.example.org", 443, -1),
        ],
      },
      txt: { "_caldavs._tcp.example.org": ["path=/dav/"] },
    }),
  });
  const [collection] = await storage.collections(never);
  assert.equal(collection?.identity, "https://dav.example.org:8443/dav/found/");
  assert(shown.every((value) => value !== null));
});

Deno.test("a foreign host that the DNS names does not get to see the login", async () => {
  const shown: (string | null)[] = [];
  const storage = openAt("https://example.org", {
    fetch: net({
      "evil.example.net": (request) => {
        shown.push(request.headers.get("authorization"));
        return new Response("who are you?", { status: 401 });
      },
    }),
    resolver: zone({ srv: { "_caldavs._tcp.example.org": [record("evil.example.net")] } }),
  });
  await assert.rejects(storage.collections(never), {
    kind: "unauthorised",
    hint: /write https:\/\/evil\.example\.net into the url/,
  });
  assert.deepEqual(shown, [null]);
});

Deno.test("a domain that says it has no calendars is believed", async () => {
  const storage = openAt("https://example.org", {
    fetch: net({ "example.org": () => new Response("Welcome", { status: 404 }) }),
    resolver: zone({ srv: { "_caldavs._tcp.example.org": [record(".", 0)] } }),
  });
  await assert.rejects(storage.collections(never), {
    kind: "missing",
    message: /says that it has no/,
  });
});

Deno.test("a plain service of the DNS is not used unless insecure is written", async () => {
  const resolver = zone({
    srv: { "_caldav._tcp.example.org": [record("dav.example.org", 80)] },
    txt: { "_caldav._tcp.example.org": ["path=/dav/"] },
  });
  const fetch = net({ "dav.example.org": davHost(() => {}) });
  await assert.rejects(openAt("https://example.org", { fetch, resolver }).collections(never), {
    kind: "unreachable",
  });
  const open = openAt("https://example.org", { fetch, resolver, insecure: true });
  assert.equal((await open.collections(never)).length, 1);
});

Deno.test("where the url has a path, or the DNS does not answer, the url's own failure is shown", async () => {
  const resolver = zone({ fails: true });
  const fetch = net({ "example.org": () => new Response("no", { status: 404 }) });
  for (const url of ["https://example.org/", "https://example.org/dav/"]) {
    await assert.rejects(openAt(url, { fetch, resolver }).collections(never), (thrown) => {
      assert(thrown instanceof SyncError);
      assert.equal(thrown.kind, "missing");
      assert.match(String(thrown.cause), /404/);
      return true;
    });
  }
});

Deno.test("address books are not looked for among calendars", async () => {
  await withDav({ path: ADDRESSBOOKS }, async ({ server, storage }) => {
    server.addAddressbook("people");
    const collections = await storage.collections(never);
    assert.deepEqual(collections.map(({ id }) => id), ["work"]);
  });
});
