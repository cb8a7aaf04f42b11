/** A CalDAV server that is out to do harm, or has lost its mind. */

import assert from "node:assert/strict";
import { SyncError } from "../../lib/model/error.ts";
import { href as asHref, ident } from "../../lib/model/names.ts";
import { Secret } from "../../lib/model/secret.ts";
import { safeText } from "../../lib/model/text.ts";
import { at, create, ics, never, remove, withDav } from "../support/dav_world.ts";
import { escapeText } from "../support/dav_xml.ts";
import { NASTY_NAMES } from "../support/nasty_names.ts";

const DECLARED = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"';
const row = (href: string, props: string) =>
  `<D:response><D:href>${href}</D:href><D:propstat><D:prop>${props}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>`;
const multistatus = (body: string) =>
  new Response(`<D:multistatus ${DECLARED}>${body}</D:multistatus>`, { status: 207 });

/** A body that goes on for ever, made of `part`. */
function endless(part: string): ReadableStream<Uint8Array> {
  const chunk = new TextEncoder().encode(part.repeat(Math.ceil(65_536 / part.length)));
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(chunk);
    },
  });
}

/** `megabytes` of spaces, compressed. */
async function bomb(megabytes: number): Promise<Uint8Array> {
  const spaces = new Uint8Array(1024 * 1024).fill(32);
  const plain = ReadableStream.from((function* () {
    yield new TextEncoder().encode(`<D:multistatus ${DECLARED}>`);
    for (let n = 0; n < megabytes; n++) yield spaces;
  })());
  return await new Response(plain.pipeThrough(new CompressionStream("gzip"))).bytes();
}

Deno.test("a small answer that unpacks to a huge one is given up at the limit", async () => {
  const packed = await bomb(200);
  assert(packed.length < 400_000);
  await withDav({}, async ({ server, list, collection }) => {
    await collection();
    let sent = 0;
    server.quirks = {
      noSync: true,
      fault() {
        sent++;
        return new Response(packed as BodyInit, {
          status: 207,
          headers: { "content-encoding": "gzip" },
        });
      },
    };
    await assert.rejects(list(), { kind: "too large" });
    assert(sent <= 3, String(sent));
  });
});

for (const part of ["<D:response/>", "<D:x>", "x"]) {
  Deno.test(`an answer without an end, of ${JSON.stringify(part)}, comes to an end`, async () => {
    await withDav({}, async ({ server, list, collection }) => {
      await collection();
      server.quirks = {
        noSync: true,
        fault: ({ method, headers }) => {
          if (method !== "REPORT" && headers.get("depth") !== "1") return undefined;
          const start = new TextEncoder().encode(`<D:multistatus ${DECLARED}>`);
          const body = endless(part).pipeThrough(
            new TransformStream({
              start(controller) {
                controller.enqueue(start);
              },
            }),
          );
          return new Response(body, { status: 207 });
        },
      };
      await assert.rejects(
        list(),
        (thrown) => thrown instanceof SyncError && ["too large", "malformed"].includes(thrown.kind),
      );
    });
  });
}

Deno.test("an error without an end is read only at its beginning", async () => {
  await withDav({}, async ({ server, apply, collection }) => {
    await collection();
    server.quirks = { fault: () => new Response(endless("no "), { status: 403 }) };
    const [result] = await apply(create("a"));
    assert(result?.outcome === "failed");
    assert.equal(result.error.kind, "forbidden");
    assert(result.error.message.length <= 2_048);
  });
});

Deno.test("what a server says in an error is short, and harmless once it is printed", async () => {
  const nasty = "\u001b]52;c;cm0gLXJmIH4=\u0007\u001b[2J\r\u202e" + "A".repeat(100_000);
  await withDav({}, async ({ server, apply, collection }) => {
    await collection();
    server.quirks = { fault: () => new Response(nasty, { status: 403 }) };
    const [result] = await apply(create("a"));
    assert(result?.outcome === "failed");
    assert(result.error.message.length <= 2_048);
    // deno-lint-ignore no-control-regex -- these are what must not be there
    assert.doesNotMatch(safeText(result.error.message), /[\u0000-\u001f\u202e]/);
  });
});

Deno.test("nasty hrefs in a listing lead to no other host, and to no crash", async () => {
  const asked = new Set<string>();
  const spy = {
    fetch: (url: string, init: RequestInit) => {
      asked.add(new URL(url).origin);
      return fetch(url, init);
    },
  };
  await withDav({ storage: spy }, async ({ server, list, fetch, apply, collection }) => {
    await collection();
    const hrefs = [
      ...NASTY_NAMES.filter((name) => name.isWellFormed()),
      "//evil.example.net/x",
      "https://evil.example.net/x",
      "http://169.254.169.254/latest/meta-data",
      "file:///etc/passwd",
      "javascript:alert(1)",
      "\\\\evil.example.net\\x",
      "https://user:pw@evil.example.net/",
      "https:evil.example.net",
      "/\\evil.example.net/",
      "?x",
      "#x",
      "http://",
      "http://[::1",
    ];
    server.quirks = {
      fault({ method, text }) {
        if (method !== "REPORT" || !text.includes("sync-collection")) return undefined;
        const rows = hrefs.map((href) => row(escapeText(href), '<D:getetag>"x"</D:getetag>'));
        return multistatus(`${rows.join("")}<D:sync-token>t</D:sync-token>`);
      },
    };
    const { entries } = await list();
    assert(entries.length > 50);
    const fetched = await fetch(entries.map(({ href }) => href));
    assert(fetched.every(({ state }) => state === "unknown" || state === "unreadable"));
    await apply(
      ...entries.slice(0, 40).map(({ href }, id) => ({ ...remove("x", '"x"'), id, href })),
    );
    assert.deepEqual([...asked], [server.origin]);
  });
});

Deno.test("an item with an endless name stops the listing, and is not left out", async () => {
  await withDav({ quirks: { noSync: true } }, async ({ server, list, collection }) => {
    await collection();
    server.quirks = {
      noSync: true,
      fault: ({ headers }) =>
        headers.get("depth") === "1"
          ? multistatus(
            row(`/calendars/user/work/${"x".repeat(9_000)}`, '<D:getetag>"x"</D:getetag>'),
          )
          : undefined,
    };
    await assert.rejects(list(), { kind: "malformed", scope: "collection" });
  });
});

Deno.test("an endless etag is none, and an endless token or property is passed over", async () => {
  await withDav({}, async ({ server, stored, storage, list, collection }) => {
    stored.put("a", ics("a"));
    await collection();
    const long = "x".repeat(70_000);
    server.quirks = {
      async alter(_, response) {
        const text = (await response.text())
          .replace(/(<D:getetag>).*?</g, `$1${long}<`)
          .replace(/(<D:sync-token>).*?</g, `$1${long}<`)
          .replace("<D:resourcetype>", `<D:displayname>${long}</D:displayname><D:resourcetype>`);
        return new Response(text, response);
      },
    };
    assert.deepEqual((await list()).lines, ["a unreadable"]);
    assert.deepEqual((await storage.collections(never)).map(({ properties }) => properties), [{}]);
  });
});

Deno.test("items that nobody asked for are not taken", async () => {
  await withDav({}, async ({ server, stored, fetch }) => {
    stored.put("a", ics("a"));
    server.quirks = {
      async alter({ method }, response) {
        if (method !== "REPORT") return response;
        const extra = row(
          "/calendars/user/work/planted",
          `<D:getetag>"x"</D:getetag><C:calendar-data>${ics("planted")}</C:calendar-data>`,
        );
        return new Response(
          (await response.text()).replace("</D:multistatus>", `${extra}$&`),
          response,
        );
      },
    };
    for (const all of [false, true]) {
      const fetched = await fetch([at("a")], all);
      assert.deepEqual(fetched.map((one) => one.state === "present" ? one.item.ident : one.state), [
        "a",
      ]);
    }
  });
});

Deno.test("a server that changes its etags at every look does not make us write for ever", async () => {
  await withDav({}, async ({ server, stored, apply, collection }) => {
    await collection();
    stored.put("a", ics("a"));
    server.quirks = {
      fault: ({ method }) => method === "DELETE" ? new Response(null, { status: 502 }) : undefined,
    };
    const [result] = await apply(remove("a", stored.items.get("a")?.etag ?? ""));
    assert(result?.outcome === "failed" && result.error.retry);
    assert(server.requests.length <= 8, String(server.requests.length));
  });
});

Deno.test("a server that asks for years of patience does not get them", async () => {
  await withDav({}, async ({ server, environment, list, collection }) => {
    await collection();
    server.quirks = {
      fault: () => new Response(null, { status: 503, headers: { "retry-after": "999999999" } }),
    };
    await assert.rejects(list(), { retry: true, retryAfter: 999_999_999_000 });
    assert.deepEqual(environment.slept, []);
    assert.equal(server.requests.length, 1);
  });
});

Deno.test("the password appears in no error and no log, whatever the server says", async () => {
  const canary = "correct-horse-battery";
  const seen: string[] = [];
  const credentials = { username: "user", password: canary };
  const storage = {
    username: "user",
    password: new Secret(canary),
    log: (entry: unknown) => seen.push(JSON.stringify(entry)),
  };
  await withDav({ credentials, storage }, async ({ server, list, apply, collection }) => {
    await collection();
    for (const status of [400, 401, 403, 404, 409, 412, 500, 503]) {
      // The worst that a server can do: it sends back what it was sent.
      server.quirks = {
        fault: ({ headers }) =>
          new Response(`you sent ${headers.get("authorization")}, that is ${canary}`, { status }),
      };
      await list().then(
        () => undefined,
        (thrown) => seen.push(Deno.inspect(thrown, { depth: 20 })),
      );
      for (const result of await apply(create("a"))) seen.push(Deno.inspect(result, { depth: 20 }));
    }
    assert(seen.length > 20);
    for (const text of seen) {
      assert(!text.includes(canary));
      assert(!text.includes(btoa(`user:${canary}`)));
    }
  });
});

Deno.test("whatever a UID is, the name of its item stays below the collection", async () => {
  await withDav({}, async ({ storage, collection }) => {
    const work = await collection();
    for (const name of NASTY_NAMES) {
      for (const attempt of [0, 1]) {
        const href = storage.hrefFor(work, ident(name), attempt);
        assert.match(href, /^\/calendars\/user\/work\/[A-Za-z0-9_][A-Za-z0-9_.-]{0,119}$/);
        assert.equal(new URL(href, "https://x").pathname, href);
      }
    }
    assert.equal(asHref("x"), "x");
  });
});
