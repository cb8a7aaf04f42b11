import { deepEqual, equal, match, notEqual, ok, rejects } from "node:assert/strict";
import { inspect } from "node:util";
import { openWebcal, type WebcalOptions } from "../../../adapters/webcal/mod.ts";
import { SyncError } from "../../../lib/model/error.ts";
import type { Cursor } from "../../../lib/model/names.ts";
import { Secret } from "../../../lib/model/secret.ts";
import type { Collection, Storage } from "../../../lib/model/storage.ts";
import { apply, creation, deletion, fetchAll, list, never } from "../../contract/context.ts";
import { calendarKit } from "../../contract/kit.ts";
import { type FeedServer, serveFeed } from "../../support/feed_server.ts";

const environment = { now: Date.now, random: () => 0.5, sleep: () => Promise.resolve() };

const lines = (...all: readonly string[]): string => all.map((it) => `${it}\r\n`).join("");
const event = (...more: readonly string[]): string => lines("BEGIN:VEVENT", ...more, "END:VEVENT");
const calendar = (...events: readonly string[]): string =>
  lines("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//example//feed//EN") + events.join("") +
  lines("END:VCALENDAR");

interface Opened {
  readonly storage: Storage;
  readonly collection: Collection;
  readonly server: FeedServer;
}

async function withFeed(
  answer: (request: Request) => Response | Promise<Response>,
  use: (opened: Opened) => Promise<void>,
  options: Partial<WebcalOptions> = {},
): Promise<void> {
  const server = serveFeed(answer);
  const storage = openWebcal({
    name: "feed",
    url: `${server.origin}/secret-path/basic.ics?key=secret`,
    collectionId: "holidays",
    environment,
    ...options,
  });
  try {
    const [collection] = await storage.collections(never);
    ok(collection);
    await use({ storage, collection, server });
  } finally {
    await storage.close();
    await server.close();
  }
}

async function errorOf({ storage, collection }: Opened, cursor?: Cursor): Promise<SyncError> {
  const error = await list(storage, collection, cursor).then(() => undefined, (thrown) => thrown);
  ok(error instanceof SyncError, `${error}`);
  return error;
}

Deno.test("a feed is one collection, whose identity does not tell its url", async () => {
  await withFeed(() => new Response(calendar()), ({ storage, collection, server }) => {
    equal(collection.id, "holidays");
    ok(collection.identity.startsWith(server.origin));
    ok(!collection.identity.includes("secret"));
    equal(storage.holds?.(collection.identity), true);
    equal(storage.holds?.(`${collection.identity}0`), false);
    equal(storage.capabilities.readOnly, true);
    equal(server.requests.length, 0);
    return Promise.resolve();
  });
});

Deno.test("nothing is written to a feed, whatever is asked", async () => {
  await withFeed(() => new Response(calendar()), async ({ storage, collection, server }) => {
    const kinds = (await apply(
      storage,
      collection,
      creation({ storage, kit: calendarKit }, collection, "uid", "text"),
      deletion({ href: "a.ics" as never, etag: "x" as never }, "a"),
    )).map((it) => it.outcome === "failed" ? it.error.kind : it.outcome);
    deepEqual(kinds, ["refused", "refused"]);
    await rejects(storage.createCollection(collection.id, {}, never), { kind: "refused" });
    await rejects(storage.deleteCollection(collection, never), { kind: "refused" });
    await rejects(storage.setProperty(collection, "color", "x", never), { kind: "refused" });
    equal(server.requests.length, 0);
  });
});

Deno.test("two feeds on one server are two places", async () => {
  const identities = await Promise.all(["a", "b"].map(async (path) => {
    const url = `https://example.org/${path}.ics`;
    const storage = openWebcal({ name: "feed", url, collectionId: "x" });
    const [collection] = await storage.collections(never);
    await storage.close();
    return collection?.identity;
  }));
  notEqual(identities[0], identities[1]);
});

Deno.test("webcal and webcals are read over TLS, and what is no url is refused", () => {
  const asked: string[] = [];
  const fetch = (url: string) => {
    asked.push(url);
    return Promise.reject(new TypeError("closed"));
  };
  const open = (url: string) =>
    openWebcal({ name: "f", url, collectionId: "x", fetch, environment });
  for (const url of ["ftp://example.org/x", "example.org/x", "", "file:///etc/passwd"]) {
    let thrown: unknown;
    try {
      open(url);
    } catch (error) {
      thrown = error;
    }
    ok(thrown instanceof SyncError && thrown.kind === "malformed", url);
  }
  return Promise.all(
    ["webcal://a.example/x", "webcals://b.example/x", "WebCal://c.example/x"].map(
      (url) => rejects(open(url).check(never)),
    ),
  ).then(() => {
    deepEqual([...new Set(asked)].sort(), [
      "https://a.example/x",
      "https://b.example/x",
      "https://c.example/x",
    ]);
  });
});

Deno.test("a feed that has not changed is listed as nothing changed, by the server's word", async () => {
  const names: Readonly<Record<string, string>>[] = [
    { etag: '"v1"' },
    { etag: 'W/"v1"', "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT" },
    { "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT" },
  ];
  for (const headers of names) {
    const answer = (request: Request) => {
      const etag = request.headers.get("if-none-match");
      const date = request.headers.get("if-modified-since");
      const known = etag === (headers["etag"] ?? null) &&
        date === (headers["last-modified"] ?? null);
      return known
        ? new Response(null, { status: 304 })
        : new Response(calendar(event("UID:a")), { headers });
    };
    await withFeed(answer, async ({ storage, collection, server }) => {
      const one = await list(storage, collection);
      equal(one.mode, "complete");
      equal(one.entries.length, 1);
      const two = await list(storage, collection, one.cursor);
      deepEqual([two.mode, two.entries, two.cursor], ["since", [], one.cursor]);
      // What is asked for all the same comes from what is at hand.
      const [fetched] = await fetchAll(storage, collection, [...one.etags.keys()]);
      equal(fetched?.state, "present");
      equal(server.requests.length, 2);
    });
  }
});

Deno.test("after an unchanged listing a new process fetches the feed once, whole", async () => {
  const headers = { etag: '"v1"' };
  const answer = (request: Request) =>
    request.headers.has("if-none-match")
      ? new Response(null, { status: 304 })
      : new Response(calendar(event("UID:a"), event("UID:b")), { headers });
  await withFeed(answer, async ({ storage, collection, server }) => {
    const { cursor, etags } = await list(storage, collection);
    const url = `${server.origin}/secret-path/basic.ics?key=secret`;
    const other = openWebcal({ name: "feed", url, collectionId: "holidays" });
    try {
      equal((await list(other, collection, cursor)).mode, "since");
      const [a, b] = etags.keys();
      ok(a && b);
      for (const href of [a, b]) {
        const [fetched] = await fetchAll(other, collection, [href]);
        ok(fetched?.state === "present");
        equal(fetched.item.etag, etags.get(href));
      }
      equal(server.requests.length, 3);
    } finally {
      await other.close();
    }
  });
});

Deno.test("a feed without names for its versions is compared byte for byte", async () => {
  let text = calendar(event("UID:a", "SUMMARY:one"));
  await withFeed(() => new Response(text), async ({ storage, collection }) => {
    const one = await list(storage, collection);
    equal((await list(storage, collection, one.cursor)).mode, "since");
    text = calendar(event("UID:a", "SUMMARY:two"));
    const two = await list(storage, collection, one.cursor);
    equal(two.mode, "complete");
    deepEqual([...two.etags.keys()], [...one.etags.keys()]);
    notEqual([...two.etags.values()][0], [...one.etags.values()][0]);
  });
});

Deno.test("a download that only has new stamps changes no etag", async () => {
  let n = 0;
  const answer = () => {
    n++;
    return new Response(calendar(event("UID:a", `DTSTAMP:2026010${n}T000000Z`, "SUMMARY:same")));
  };
  await withFeed(answer, async ({ storage, collection }) => {
    const one = await list(storage, collection);
    const two = await list(storage, collection, one.cursor);
    equal(two.mode, "complete");
    deepEqual(two.etags, one.etags);
  });
});

Deno.test("two events without UIDs are two items, the same in each download", async () => {
  let n = 0;
  const answer = () => {
    const stamp = `DTSTAMP:2026010${++n}T000000Z`;
    const both = [event(stamp, "SUMMARY:one"), event(stamp, "SUMMARY:two")];
    return new Response(calendar(...(n % 2 === 0 ? both : both.toReversed())));
  };
  await withFeed(answer, async ({ storage, collection }) => {
    const one = await list(storage, collection);
    const two = await list(storage, collection);
    equal(one.etags.size, 2);
    deepEqual(new Map([...two.etags].sort()), new Map([...one.etags].sort()));
    for (const fetched of await fetchAll(storage, collection, [...one.etags.keys()])) {
      ok(fetched.state === "present");
      equal(fetched.item.etag, two.etags.get(fetched.item.href));
    }
  });
});

Deno.test("with stable UIDs, an event whose UID is new each time stays the same item", async () => {
  let n = 0;
  const answer = () =>
    new Response(calendar(event(`UID:random-${++n}`, `SEQUENCE:${n}`, "SUMMARY:x")));
  for (const stableUids of [true, false]) {
    await withFeed(answer, async ({ storage, collection }) => {
      const one = await list(storage, collection);
      const two = await list(storage, collection, one.cursor);
      const [a] = one.etags.keys();
      const [b] = two.etags.keys();
      equal(a === b, stableUids);
    }, { stableUids });
  }
});

Deno.test("the cursor of a feed without stable UIDs does not hide what has changed with them", async () => {
  const server = serveFeed(() =>
    new Response(calendar(event("UID:a")), { headers: { etag: '"1"' } })
  );
  const open = (stableUids: boolean) =>
    openWebcal({ name: "f", url: server.origin, collectionId: "x", stableUids });
  const [plain, stable] = [open(false), open(true)];
  try {
    const [collection] = await plain.collections(never);
    ok(collection);
    const { cursor } = await list(plain, collection);
    equal((await list(stable, collection, cursor)).mode, "complete");
  } finally {
    await plain.close();
    await stable.close();
    await server.close();
  }
});

Deno.test("what is no calendar is an error, and never an empty feed", async () => {
  const whole = calendar(event("UID:a"), event("UID:b"));
  const bad: readonly (readonly [body: string, kind: string, says: RegExp, type?: string])[] = [
    ["", "malformed", /sent nothing/],
    ["\r\n", "malformed", /sent nothing/],
    ["\ufeff", "malformed", /sent nothing/],
    ["<!DOCTYPE html><form>password</form>", "malformed", /a web page/],
    ["  \n<html></html>", "malformed", /a web page/, "text/calendar"],
    ["Please log in", "malformed", /a web page/, "text/html; charset=utf-8"],
    ["Please log in", "malformed", /begins with "Please log in"/],
    ['{"error": "gone"}', "malformed", /begins with/],
    [whole.slice(0, whole.length / 2), "malformed", /ends before/],
    [whole.slice(0, -15), "malformed", /ends before END:VCALENDAR/],
    [`${whole}Fatal error: out of memory`, "malformed", /goes on after its end/],
    [lines("BEGIN:VCARD", "END:VCARD"), "malformed", /no calendar/],
  ];
  for (const [body, kind, says, type] of bad) {
    const headers = { "content-type": type ?? "text/calendar" };
    await withFeed(() => new Response(body, { headers }), async (opened) => {
      const error = await errorOf(opened);
      equal(error.kind, kind, body);
      equal(error.scope, "storage");
      match(error.message, says);
      await rejects(opened.storage.check(never), { kind });
    });
  }
});

Deno.test("a calendar without events is an empty feed", async () => {
  await withFeed(() => new Response(calendar()), async ({ storage, collection }) => {
    const { mode, entries } = await list(storage, collection);
    deepEqual([mode, entries], ["complete", []]);
  });
});

Deno.test("a status that is no success is an error of its kind", async () => {
  const kinds: Readonly<Record<number, string>> = {
    204: "malformed",
    304: "malformed",
    401: "unauthorised",
    403: "forbidden",
    404: "missing",
    410: "missing",
    429: "refused",
    500: "refused",
    503: "refused",
  };
  for (const [status, kind] of Object.entries(kinds)) {
    const body = Number(status) === 204 || Number(status) === 304 ? null : calendar();
    await withFeed(() => new Response(body, { status: Number(status) }), async (opened) => {
      const error = await errorOf(opened);
      equal(error.kind, kind, status);
      equal(error.scope, "storage", status);
    });
  }
});

Deno.test("a usage limit is waited for, and another 403 is not", async () => {
  const usage = JSON.stringify({ error: { errors: [{ domain: "usageLimits" }] } });
  let n = 0;
  const answer = () =>
    ++n < 3 ? new Response(usage, { status: 403 }) : new Response(calendar(event("UID:a")));
  await withFeed(answer, async ({ storage, collection, server }) => {
    equal((await list(storage, collection)).entries.length, 1);
    equal(server.requests.length, 3);
  });
  await withFeed(() => new Response("no", { status: 403 }), async (opened) => {
    equal((await errorOf(opened)).kind, "forbidden");
    equal(opened.server.requests.length, 1);
  });
});

Deno.test("the feed is UTF-8 whatever the header says, and we say who we are", async () => {
  const headers = { "content-type": "text/calendar; charset=iso-8859-1" };
  const answer = () => new Response(calendar(event("UID:ü", "SUMMARY:Zoë 日本")), { headers });
  await withFeed(answer, async ({ storage, collection, server }) => {
    const { etags } = await list(storage, collection);
    const [fetched] = await fetchAll(storage, collection, [...etags.keys()]);
    ok(fetched?.state === "present");
    equal(fetched.item.ident, "ü");
    match(new TextDecoder().decode(await fetched.item.body.bytes()), /SUMMARY:Zoë 日本\r\n/);
    equal(server.requests[0]?.headers.get("user-agent"), "me/1");
  }, { userAgent: "me/1" });
});

const packed = async (text: string): Promise<Uint8Array<ArrayBuffer>> =>
  await new Response(
    new Blob([text]).stream().pipeThrough(new CompressionStream("gzip")),
  ).bytes();

Deno.test("a feed that is packed is read, for the way or as a file", async () => {
  const body = await packed(calendar(event("UID:a")));
  for (const headers of [{ "content-encoding": "gzip" }, { "content-type": "application/gzip" }]) {
    await withFeed(() => new Response(body, { headers }), async ({ storage, collection }) => {
      equal((await list(storage, collection)).entries.length, 1);
    });
  }
  await withFeed(() => new Response(body.slice(0, -12)), async (opened) => {
    equal((await errorOf(opened)).kind, "malformed");
  });
});

Deno.test("a feed over the limit is refused, packed or not", async () => {
  const large = calendar(event("UID:a", `SUMMARY:${"x".repeat(100_000)}`));
  const body = await packed(large);
  ok(body.byteLength < 10_000);
  for (const answer of [() => new Response(large), () => new Response(body)]) {
    await withFeed(answer, async (opened) => {
      equal((await errorOf(opened)).kind, "too large");
    }, { maxSize: 10_000 });
  }
});

Deno.test("an item that is over the limit for items is unreadable, and the others are there", async () => {
  const large = event("UID:large", `DESCRIPTION:${"x".repeat(11 * 1024 * 1024)}`);
  const answer = () => new Response(calendar(large, event("UID:a")));
  await withFeed(answer, async ({ storage, collection }) => {
    const { entries } = await list(storage, collection);
    deepEqual(entries.map(({ state }) => state), ["unreadable", "present"]);
  });
});

Deno.test("a redirect to another host is followed, and the login stays", async () => {
  const other = serveFeed(() => new Response(calendar(event("UID:a"))));
  const url = `${other.origin.replace("127.0.0.1", "localhost")}/elsewhere.ics`;
  try {
    await withFeed(() => Response.redirect(url), async ({ storage, collection, server }) => {
      equal((await list(storage, collection)).entries.length, 1);
      equal(server.requests[0]?.headers.get("authorization"), `Basic ${btoa("me:pass")}`);
      equal(other.requests[0]?.headers.get("authorization"), null);
    }, { username: "me", password: new Secret("pass") });
  } finally {
    await other.close();
  }
});

Deno.test("a login in the url is sent, and is no part of the address", async () => {
  const server = serveFeed(() => new Response(calendar()));
  const url = `${server.origin.replace("//", "//me:p%40ss@")}/x.ics`;
  const storage = openWebcal({ name: "f", url, collectionId: "x" });
  try {
    await storage.check(never);
    equal(server.requests[0]?.headers.get("authorization"), `Basic ${btoa("me:p@ss")}`);
  } finally {
    await storage.close();
    await server.close();
  }
});

Deno.test("a login is not sent in the clear to another machine, a feed without one is read", async () => {
  const asked: string[] = [];
  const fetch = (url: string) => {
    asked.push(url);
    return Promise.resolve(new Response(calendar()));
  };
  const url = "http://feeds.example/x.ics";
  const open = (more: Partial<WebcalOptions>) =>
    openWebcal({ name: "f", url, collectionId: "x", fetch, ...more });
  const login = { username: "me", password: new Secret("pass") };
  await open({}).check(never);
  await rejects(open(login).check(never), { kind: "forbidden" });
  await open({ ...login, insecure: true }).check(never);
  equal(asked.length, 2);
});

Deno.test("a secret url is in no error, cause or log", async () => {
  const seen: unknown[] = [];
  const log: NonNullable<WebcalOptions["log"]> = (entry) => seen.push(entry);
  const answers: readonly (() => Response)[] = [
    () => new Response("no /secret-path/basic.ics here", { status: 404 }),
    () => new Response("no", { status: 500 }),
    () => new Response("x".repeat(1000)),
    () => Response.redirect("http://localhost:1/secret-path/elsewhere?key=secret"),
    () => new Response(null, { status: 302, headers: { location: "ftp://x/secret-path" } }),
  ];
  for (const answer of answers) {
    await withFeed(answer, async (opened) => {
      seen.push(await errorOf(opened));
    }, { log, maxSize: 500 });
  }
  const closed = serveFeed(() => new Response(""));
  await closed.close();
  const url = `${closed.origin}/secret-path?key=secret`;
  const storage = openWebcal({ name: "f", url, collectionId: "x", log, environment });
  await storage.check(never).catch((thrown) => seen.push(thrown));
  await storage.close();
  equal(seen.filter((it) => it instanceof SyncError).length, answers.length + 1);
  ok(!inspect(seen, { depth: 12 }).includes("secret"), inspect(seen, { depth: 12 }));
});

Deno.test("an answer that breaks off is not a short feed", async () => {
  const text = calendar(event("UID:a"));
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const connection of listener) {
      await connection.read(new Uint8Array(4096)).catch(() => {});
      const head = `HTTP/1.1 200 OK\r\ncontent-length: ${text.length + 10}\r\n\r\n`;
      await connection.write(new TextEncoder().encode(head + text)).catch(() => {});
      connection.close();
    }
  })();
  const url = `http://127.0.0.1:${listener.addr.port}/x.ics`;
  const storage = openWebcal({ name: "f", url, collectionId: "x", environment });
  try {
    await rejects(storage.check(never), { kind: "unreachable" });
  } finally {
    await storage.close();
    listener.close();
    await serving;
  }
});

Deno.test("nonsense for a cursor leads to a complete listing", async () => {
  await withFeed(() => new Response(calendar(event("UID:a"))), async ({ storage, collection }) => {
    for (
      const cursor of ["", "nonsense", "[]", '["webcal-1"]', '["webcal-1","kept",1,2,3]', "{}"]
    ) {
      equal((await list(storage, collection, cursor as Cursor)).mode, "complete");
    }
  });
});
