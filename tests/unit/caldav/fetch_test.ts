import assert from "node:assert/strict";
import type { Fetched } from "../../../lib/model/item.ts";
import { href as asHref } from "../../../lib/model/names.ts";
import { at, type DavWorld, ics, never, withDav } from "../../support/dav_world.ts";

/** `name state`, or of what is present `name etag`, sorted. */
const lines = (fetched: readonly Fetched[]) =>
  fetched.map((one) => {
    const href = one.state === "present" ? one.item.href : one.href;
    const name = href.slice(href.lastIndexOf("/") + 1);
    return `${name} ${one.state === "present" ? one.item.etag : one.state}`;
  }).sort();

/** Puts so many items and gives their hrefs. */
function fill({ stored }: DavWorld, count: number) {
  return Array.from({ length: count }, (_, n) => {
    stored.put(`item${n}`, ics(`item${n}`));
    return at(`item${n}`);
  });
}

Deno.test("nothing is fetched with no request", async () => {
  await withDav({}, async ({ server, fetch, collection }) => {
    await collection();
    assert.deepEqual(await fetch([]), []);
    assert.equal(server.requests.length, 0);
  });
});

Deno.test("items come with their bytes as they were stored", async () => {
  await withDav({}, async ({ stored, fetch }) => {
    const text = ics("ünï", 'a & b <c> "d" ]]>');
    stored.put("a", text);
    const [one] = await fetch([at("a")]);
    assert(one?.state === "present");
    assert.equal(one.item.ident, "ünï");
    assert.equal(one.item.etag, stored.items.get("a")?.etag);
    assert.equal(new TextDecoder().decode(await one.item.body.bytes()), text);
  });
});

Deno.test("line ends are those of the stored item, whether the server spells them or not", async () => {
  await withDav({}, async ({ server, stored, fetch }) => {
    const text = ics("a");
    stored.put("a", text);
    server.quirks = {
      async alter(_, response) {
        return new Response((await response.text()).replaceAll("\r", "&#13;"), response);
      },
    };
    const [one] = await fetch([at("a")]);
    assert(one?.state === "present");
    assert.equal(new TextDecoder().decode(await one.item.body.bytes()), text);
  });
});

Deno.test("an item in CDATA, with an empty line before it, is an item", async () => {
  await withDav({}, async ({ server, stored, fetch }) => {
    stored.put("a", ics("a"));
    server.quirks = {
      async alter(_, response) {
        const text = (await response.text())
          .replace("<C:calendar-data>", "<C:calendar-data>\n<![CDATA[")
          .replace("</C:calendar-data>", "]]></C:calendar-data>");
        return new Response(text, response);
      },
    };
    const [one] = await fetch([at("a")]);
    assert.equal(one?.state, "present");
  });
});

Deno.test("an href that is asked for twice comes once, in one request", async () => {
  await withDav({}, async ({ server, stored, fetch }) => {
    const { etag } = stored.put("a", ics("a"));
    assert.deepEqual(lines(await fetch([at("a"), at("a")])), [`a ${etag}`]);
    assert.equal(server.requests.length, 1);
  });
});

Deno.test("items are asked for by name in batches, with paths, depth 0, and four batches at a time", async () => {
  await withDav({}, async (world) => {
    const { server, fetch } = world;
    const hrefs = fill(world, 620);
    await world.collection();
    server.quirks = { latency: 10 };
    const fetched = await fetch(hrefs);
    assert.equal(fetched.length, 620);
    assert.deepEqual(server.counts(), { REPORT: 7 });
    assert.equal(server.peak, 4);
    for (const { headers, text } of server.requests) {
      assert.equal(headers.get("depth"), "0");
      assert.doesNotMatch(text, /href>http/);
      assert((text.match(/:href>\//g) ?? []).length <= 100);
    }
  });
});

Deno.test("everything is asked for in one query, and what it left out by name", async () => {
  await withDav({}, async (world) => {
    const { server, stored, fetch } = world;
    const hrefs = fill(world, 100);
    await world.collection();
    assert.equal((await fetch(hrefs, true)).length, 100);
    assert.deepEqual(server.counts(), { REPORT: 1 });
    server.requests.splice(0);
    server.quirks = {
      async alter({ text }, response) {
        if (!text.includes("calendar-query")) return response;
        const cut = (await response.text()).replace(
          /<D:response><D:href>[^<]*item7<.*?<\/D:response>/s,
          "",
        );
        return new Response(cut, response);
      },
    };
    assert.equal(lines(await fetch(hrefs, true)).length, 100);
    assert.deepEqual(server.counts(), { REPORT: 2 });
    assert.match(server.requests[1]?.text ?? "", /calendar-multiget/);
    stored.delete("item7");
    assert.equal(
      lines(await fetch(hrefs, true)).filter((line) => line === "item7 unknown").length,
      1,
    );
  });
});

Deno.test("a query finds todos and journal entries too", async () => {
  await withDav({}, async (world) => {
    const { server, stored, fetch } = world;
    const hrefs = fill(world, 60);
    stored.put("todo", ics("todo", "x", "VTODO"));
    stored.put("journal", ics("journal", "x", "VJOURNAL"));
    const fetched = await fetch([...hrefs, at("todo"), at("journal")], true);
    assert.equal(fetched.filter(({ state }) => state === "present").length, 62);
    assert.equal(server.requests.length, 1);
  });
});

Deno.test("where a query for everything gives nothing, each type is asked for by itself", async () => {
  await withDav({}, async (world) => {
    const { server, stored, fetch } = world;
    stored.properties.set(
      "{urn:ietf:params:xml:ns:caldav}supported-calendar-component-set",
      '<C:comp name="VEVENT"/><C:comp name="VTODO"/>',
    );
    const hrefs = [...fill(world, 60), at("todo")];
    stored.put("todo", ics("todo", "x", "VTODO"));
    await world.collection();
    server.quirks = {
      async alter({ text }, response) {
        if (/VEVENT|VTODO|multiget/.test(text)) return response;
        return new Response(
          (await response.text()).replace(/<D:response>.*<\/D:response>/s, ""),
          response,
        );
      },
    };
    assert.equal((await fetch(hrefs, true)).length, 61);
    assert.equal(server.requests.length, 3);
    assert(server.requests.every(({ text }) => text.includes("calendar-query")));
  });
});

Deno.test("a query that fails is not tried again", async () => {
  await withDav({}, async (world) => {
    const { server, fetch } = world;
    const hrefs = fill(world, 100);
    await world.collection();
    server.quirks = { queryFails: 500 };
    assert.equal((await fetch(hrefs, true)).length, 100);
    assert.equal((await fetch(hrefs, true)).length, 100);
    const queries = server.requests.filter(({ text }) => text.includes("calendar-query"));
    assert.equal(queries.length, 1);
  });
});

Deno.test("a query that breaks off is gone on from by name, and nothing comes twice", async () => {
  await withDav({}, async (world) => {
    const { server, fetch } = world;
    const hrefs = fill(world, 100);
    await world.collection();
    server.quirks = {
      async alter({ text }, response) {
        if (!text.includes("calendar-query")) return response;
        const whole = await response.text();
        return new Response(whole.slice(0, whole.length / 2), response);
      },
    };
    const fetched = lines(await fetch(hrefs, true));
    assert.equal(fetched.length, 100);
    assert.equal(new Set(fetched).size, 100);
  });
});

Deno.test("a server that is slow by name is asked for everything", async () => {
  await withDav({}, async (world) => {
    const { server, environment, fetch, list } = world;
    const hrefs = fill(world, 2_000);
    await list();
    server.requests.splice(0);
    server.quirks = {
      fault({ text }) {
        if (text.includes("multiget")) environment.clock += 600;
        return undefined;
      },
    };
    const fetched = await fetch(hrefs.slice(0, 1_700));
    assert.equal(fetched.length, 1_700);
    const reports = server.requests.map(({ text }) => /(?:multiget|query)/.exec(text)?.[0]);
    assert.equal(reports.filter((report) => report === "query").length, 1);
    assert(reports.length <= 9, reports.join(" "));
  });
});

Deno.test("a few items of many are never fetched by a query for all", async () => {
  await withDav({}, async (world) => {
    const { server, fetch, list } = world;
    const hrefs = fill(world, 1_000);
    await list();
    server.requests.splice(0);
    await fetch(hrefs.slice(0, 300));
    assert(server.requests.every(({ text }) => text.includes("multiget")));
  });
});

for (const status of [400, 404, 500, 501]) {
  Deno.test(`a multiget that fails with ${status} is made up for one by one`, async () => {
    await withDav({}, async (world) => {
      const { server, fetch } = world;
      const hrefs = fill(world, 12);
      await world.collection();
      server.quirks = { multigetFails: status };
      const fetched = await fetch(hrefs);
      assert.equal(fetched.filter(({ state }) => state === "present").length, 12);
      assert.equal(server.counts()["GET"], 12);
      for (const { method, headers } of server.requests) {
        if (method === "GET") assert.equal(headers.get("accept-encoding"), "identity");
      }
    });
  });
}

Deno.test("an item that is gone, or unmentioned and gone, is unknown", async () => {
  await withDav({}, async ({ server, stored, fetch }) => {
    const { etag } = stored.put("a", ics("a"));
    assert.deepEqual(lines(await fetch([at("a"), at("b")])), [`a ${etag}`, "b unknown"]);
    server.quirks = { unmentioned: (name) => name === "b" };
    assert.deepEqual(lines(await fetch([at("a"), at("b")])), [`a ${etag}`, "b unknown"]);
  });
});

Deno.test("an item that a multiget leaves out for no reason is fetched by itself", async () => {
  await withDav({}, async ({ server, stored, fetch }) => {
    const { etag } = stored.put("a", ics("a"));
    server.quirks = { unmentioned: () => true };
    assert.deepEqual(lines(await fetch([at("a")])), [`a ${etag}`]);
  });
});

for (const status of [403, 500]) {
  Deno.test(`an item that is refused with ${status} is unreadable, and the others are not`, async () => {
    await withDav({}, async ({ server, stored, fetch }) => {
      const { etag } = stored.put("a", ics("a"));
      stored.put("b", ics("b"));
      server.quirks = { propStatus: (name) => name === "b" ? status : undefined };
      assert.deepEqual(lines(await fetch([at("a"), at("b")])), [`a ${etag}`, "b unreadable"]);
      server.quirks = {
        multigetFails: 501,
        fault: ({ path }) => path.endsWith("/b") ? new Response("no", { status }) : undefined,
      };
      const fetched = await fetch([at("a"), at("b")]);
      assert.deepEqual(lines(fetched), [`a ${etag}`, "b unreadable"]);
    });
  });
}

Deno.test("an item without an etag in a multiget gets it by itself, or is unreadable", async () => {
  await withDav({}, async ({ server, stored, fetch }) => {
    const { etag } = stored.put("a", ics("a"));
    server.quirks = { withoutEtag: () => true };
    assert.deepEqual(lines(await fetch([at("a")])), [`a ${etag}`]);
    server.quirks = {
      withoutEtag: () => true,
      alter({ method }, response) {
        if (method === "GET") response.headers.delete("etag");
        return response;
      },
    };
    assert.deepEqual(lines(await fetch([at("a")])), ["a unreadable"]);
  });
});

Deno.test("what is no item is unreadable, and says why", async () => {
  await withDav({}, async ({ stored, fetch }) => {
    stored.put("a", "hello");
    const [one] = await fetch([at("a")]);
    assert(one?.state === "unreadable");
    assert.equal(one.error.kind, "malformed");
    assert.equal(one.error.scope, "item");
  });
});

Deno.test("bytes that are no UTF-8 reach us as they are, by a GET", async () => {
  await withDav({}, async ({ server, stored, fetch }) => {
    const text = ics("a", "caf?");
    const bytes = new TextEncoder().encode(text);
    bytes[bytes.indexOf("?".charCodeAt(0))] = 0xe9;
    stored.put("a", bytes);
    server.quirks = {
      async alter({ method }, response) {
        if (method !== "REPORT") return response;
        const answer = new Uint8Array(await response.arrayBuffer());
        const at = new TextDecoder("latin1").decode(answer).indexOf("caf") + 3;
        const broken = new Uint8Array([...answer.slice(0, at), 0xe9, ...answer.slice(at + 3)]);
        return new Response(broken, response);
      },
    };
    const [one] = await fetch([at("a")]);
    assert(one?.state === "present");
    assert.deepEqual(await one.item.body.bytes(), bytes);
    assert.equal(server.counts()["GET"], 1);
  });
});

Deno.test("control characters that XML forbids do not stop the others", async () => {
  await withDav({}, async ({ stored, fetch }) => {
    stored.put("a", ics("a", "x\u000by"));
    stored.put("b", ics("b"));
    const fetched = await fetch([at("a"), at("b")]);
    assert.equal(fetched.filter(({ state }) => state === "present").length, 2);
  });
});

Deno.test("items are matched whatever spelling the answer has, and keep the href that was asked for", async () => {
  await withDav({}, async ({ server, stored, fetch }) => {
    stored.put("a@b:c.ics", ics("a"));
    server.quirks = {
      absoluteHrefs: true,
      spellHref: (path) => path.replaceAll("%3A", ":").replaceAll("%40", "@"),
    };
    const [one] = await fetch([at("a%40b%3Ac.ics")]);
    assert(one?.state === "present");
    assert.equal(one.item.href, at("a%40b%3Ac.ics"));
  });
});

Deno.test("an href on another host is not gone to", async () => {
  await withDav({}, async ({ server, collection, fetch }) => {
    await collection();
    const foreign = asHref("https://evil.example.net/x.ics");
    const nowhere = asHref("mailto:x");
    assert.deepEqual((await fetch([foreign, nowhere])).map(({ state }) => state), [
      "unknown",
      "unknown",
    ]);
    assert(server.requests.every(({ text }) => !text.includes("mailto")));
  });
});

Deno.test("a fetch stops where the storage as a whole fails", async () => {
  await withDav({}, async (world) => {
    const { server, fetch } = world;
    const hrefs = fill(world, 60);
    await world.collection();
    server.quirks = { fault: () => new Response(null, { status: 401 }) };
    await assert.rejects(fetch(hrefs), { kind: "unauthorised", scope: "storage" });
    await assert.rejects(fetch(hrefs, true), { kind: "unauthorised", scope: "storage" });
  });
});

Deno.test("a fetch that is stopped says so, whichever way it goes", async () => {
  await withDav({}, async (world) => {
    const { server, storage } = world;
    const hrefs = fill(world, 250);
    const work = await world.collection();
    server.quirks = { latency: 100 };
    for (const all of [true, false]) {
      const signal = AbortSignal.timeout(30);
      await assert.rejects(Array.fromAsync(storage.fetch(work, hrefs, { signal, all })), {
        kind: "cancelled",
        scope: "run",
      });
    }
  });
});

Deno.test("whoever reads may use the storage meanwhile, on one connection", async () => {
  await withDav({ storage: { connections: 1 } }, async (world) => {
    const { server, storage } = world;
    const hrefs = fill(world, 2_000);
    const work = await world.collection();
    let batches = 0;
    for await (const batch of storage.fetch(work, hrefs, { signal: never, all: true })) {
      assert(batch.length > 0);
      if (batches++ < 3) await storage.collections(never);
    }
    assert(batches > 0);
    assert.equal(server.counts()["PROPFIND 1"], Math.min(3, batches));
  });
});

Deno.test("a reader that stops early leaves nothing behind", async () => {
  await withDav({}, async (world) => {
    const { storage } = world;
    const hrefs = fill(world, 2_000);
    const work = await world.collection();
    for (const all of [true, false]) {
      for await (const batch of storage.fetch(work, hrefs, { signal: never, all })) {
        assert(batch.length > 0);
        break;
      }
    }
    assert.equal((await storage.collections(never)).length, 1);
  });
});
