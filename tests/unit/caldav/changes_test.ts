import assert from "node:assert/strict";
import { cursor } from "../../../lib/model/names.ts";
import { SyncError } from "../../../lib/model/error.ts";
import { ics, listOf, never, withDav } from "../../support/dav_world.ts";

const NAMES = ["a", "b", "c"];

/** The day of the clock in these tests, which stands at the beginning of 2026. */
const TODAY = 20_454;

Deno.test("a first listing is one report, has everything, and a cursor", async () => {
  await withDav({}, async ({ server, stored, collection, list }) => {
    for (const name of NAMES) stored.put(name, ics(name));
    await collection();
    const listed = await list();
    assert.equal(listed.mode, "complete");
    assert.deepEqual(listed.lines, NAMES.map((name) => `${name} ${stored.items.get(name)?.etag}`));
    assert.equal(listed.cursor, `sync@${TODAY}:${stored.token}`);
    assert.deepEqual(server.counts(), { REPORT: 1 });
    assert.equal(server.requests[0]?.headers.get("depth"), "0");
    assert.doesNotMatch(server.requests[0]?.text ?? "", /limit/);
  });
});

Deno.test("with nothing new, the listing of the collections answers without a request", async () => {
  await withDav({}, async ({ server, stored, storage, collection, list }) => {
    stored.put("a", ics("a"));
    await collection();
    const first = await list();
    await storage.collections(never);
    server.requests.splice(0);
    const second = await list(first.cursor);
    assert.deepEqual([second.mode, second.lines, second.cursor], ["since", [], first.cursor]);
    assert.deepEqual(server.counts(), {});
  });
});

Deno.test("what the listing of the collections said is good for one listing", async () => {
  await withDav({}, async ({ server, stored, storage, collection, list }) => {
    stored.put("a", ics("a"));
    await collection();
    const { cursor } = await list();
    await storage.collections(never);
    await list(cursor);
    const put = stored.put("b", ics("b"));
    assert.deepEqual((await list(cursor)).lines, [`b ${put.etag}`]);
    assert.equal(server.counts()["REPORT"], 2);
  });
});

Deno.test("after writes of our own it is good for none", async () => {
  await withDav({}, async ({ stored, storage, collection, list, apply }) => {
    stored.put("a", ics("a"));
    await collection();
    const { cursor } = await list();
    await storage.collections(never);
    await apply();
    stored.put("b", ics("b"));
    assert.equal((await list(cursor)).lines.length, 1);
  });
});

Deno.test("since a cursor come new, changed and deleted members, and a new cursor", async () => {
  await withDav({}, async ({ stored, list }) => {
    for (const name of NAMES) stored.put(name, ics(name));
    const first = await list();
    const changed = stored.put("a", ics("a", "new"));
    stored.delete("b");
    const added = stored.put("d", ics("d"));
    const second = await list(first.cursor);
    assert.equal(second.mode, "since");
    assert.deepEqual(second.lines, [`a ${changed.etag}`, "b gone", `d ${added.etag}`]);
    assert.deepEqual((await list(second.cursor)).lines, []);
  });
});

for (const status of [410, 418]) {
  Deno.test(`a member that is gone may be said to be so with ${status}`, async () => {
    await withDav({ quirks: { goneStatus: status } }, async ({ stored, list }) => {
      stored.put("a", ics("a"));
      const { cursor } = await list();
      stored.delete("a");
      assert.deepEqual((await list(cursor)).lines, ["a gone"]);
    });
  });
}

for (const status of [400, 403, 409, 412, 415, 418, 500, 501]) {
  Deno.test(`a token that is refused with ${status} gives a complete listing`, async () => {
    await withDav({}, async ({ server, stored, list }) => {
      for (const name of NAMES) stored.put(name, ics(name));
      const { cursor } = await list();
      stored.delete("a");
      server.quirks = { refuseTokens: status };
      const listed = await list(cursor);
      assert.equal(listed.mode, "complete");
      assert.equal(listed.lines.length, 2);
      assert.notEqual(listed.cursor, undefined);
    });
  });
}

Deno.test("a 410 to a token may mean that the collection is gone, and is taken for that", async () => {
  await withDav({}, async ({ server, stored, list }) => {
    stored.put("a", ics("a"));
    const { cursor } = await list();
    server.quirks = { refuseTokens: 410 };
    await assert.rejects(list(cursor), { kind: "missing", scope: "collection" });
  });
});

Deno.test("a cursor of an unknown kind, or of another collection, gives a complete listing", async () => {
  await withDav({}, async ({ stored, list }) => {
    stored.put("a", ics("a"));
    for (
      const text of ["modseq:1", `sync@${TODAY}:http://dav.test/sync/999/1`, "sync:nonsense", ""]
    ) {
      const listed = await list(cursor(text));
      assert.deepEqual([listed.mode, listed.lines.length], ["complete", 1], text);
    }
  });
});

for (const [mode, before] of [["complete", false], ["since", true]] as const) {
  Deno.test(`a ${mode} listing in pages is read to its last page, with the token of each`, async () => {
    await withDav({}, async ({ server, stored, list }) => {
      const empty = await list();
      for (let n = 0; n < 25; n++) stored.put(`item${n}`, ics(`item${n}`));
      server.quirks = { pageSize: 10 };
      server.requests.splice(0);
      const listed = await list(before ? empty.cursor : undefined);
      assert.equal(listed.lines.length, 25);
      assert.equal(listed.mode, before && empty.cursor !== undefined ? "since" : "complete");
      assert.equal(server.counts()["REPORT"], 3);
      assert.equal(listed.cursor, `sync@${TODAY}:${stored.token}`);
    });
  });
}

Deno.test("after six days everything is listed again, and then changes for another six", async () => {
  await withDav({}, async ({ stored, list, environment }) => {
    const day = 86_400_000;
    stored.put("a", ics("a"));
    let { cursor } = await list();
    for (const mode of ["since", "since", "complete", "since", "since", "complete"]) {
      environment.clock += 2 * day;
      const listed = await list(cursor);
      assert.equal(listed.mode, mode);
      cursor = listed.cursor;
    }
    // Somebody has set the clock back.
    environment.clock -= 20 * day;
    assert.equal((await list(cursor)).mode, "complete");
  });
});

Deno.test("pages without an end are an end of the report, not of us", async () => {
  await withDav({}, async ({ server, stored, list }) => {
    stored.put("a", ics("a"));
    stored.put("b", ics("b"));
    server.quirks = {
      pageSize: 1,
      async alter({ method }, response) {
        if (method !== "REPORT") return response;
        const text = (await response.text()).replace(/(<D:sync-token>).*?</, "$1same<");
        return new Response(text, response);
      },
    };
    const listed = await list();
    assert.equal(listed.lines.length, 2);
    assert((server.counts()["REPORT"] ?? 0) <= 2);
    assert.equal(server.counts()["PROPFIND 1"], 1);
  });
});

for (const status of [400, 403, 500, 501, 507]) {
  Deno.test(`sync-collection that is advertised and fails with ${status} is fallen back from, once`, async () => {
    await withDav({ quirks: { syncFails: status } }, async ({ server, stored, list }) => {
      stored.put("a", ics("a"));
      const first = await list();
      assert.equal(first.mode, "complete");
      assert.deepEqual(first.lines.length, 1);
      assert.match(first.cursor ?? "", /^ctag:/);
      assert.equal(server.counts()["REPORT"], 1);
      await list(first.cursor);
      stored.put("b", ics("b"));
      assert.equal((await list(first.cursor)).lines.length, 2);
      assert.equal(server.counts()["REPORT"], 1);
    });
  });
}

Deno.test("a list of changes that ends without a token is not relied on", async () => {
  await withDav({}, async ({ server, stored, list }) => {
    stored.put("a", ics("a"));
    server.quirks = {
      async alter({ method }, response) {
        if (method !== "REPORT") return response;
        return new Response(
          (await response.text()).replace(/<D:sync-token>.*?<\/D:sync-token>/, ""),
          response,
        );
      },
    };
    const listed = await list();
    assert.deepEqual([listed.mode, listed.lines.length], ["complete", 1]);
    assert.equal(server.counts()["PROPFIND 1"], 1);
  });
});

Deno.test("an empty report is looked at once more before the collection counts as empty", async () => {
  await withDav({}, async ({ server, stored, list }) => {
    assert.equal((await list()).lines.length, 0);
    assert.deepEqual(server.counts(), { REPORT: 1, "PROPFIND 1": 1 });
    stored.put("a", ics("a"));
    // A server that wants the report otherwise, and answers that there is nothing.
    server.quirks = {
      async alter({ method }, response) {
        if (method !== "REPORT") return response;
        const text = (await response.text()).replace(/<D:response>.*<\/D:response>/, "");
        return new Response(text, response);
      },
    };
    const listed = await list();
    assert.equal(listed.lines.length, 1);
    assert.equal(listed.cursor, undefined);
  });
});

Deno.test("without sync-collection an equal ctag needs one request, and another one two more", async () => {
  await withDav({ quirks: { noSync: true } }, async ({ server, stored, list }) => {
    stored.put("a", ics("a"));
    const first = await list();
    assert.equal(first.cursor, `ctag:${stored.ctag}`);
    server.requests.splice(0);
    const same = await list(first.cursor);
    assert.deepEqual([same.mode, same.lines, same.cursor], ["since", [], first.cursor]);
    assert.deepEqual(server.counts(), { "PROPFIND 0": 1 });
    stored.delete("a");
    const changed = await list(first.cursor);
    assert.deepEqual([changed.mode, changed.lines], ["complete", []]);
    assert.deepEqual(server.counts(), { "PROPFIND 0": 2, "PROPFIND 1": 1 });
  });
});

Deno.test("the ctag is read before the listing, so that a change in between is not missed", async () => {
  await withDav({ quirks: { noSync: true } }, async ({ server, stored, list, collection }) => {
    stored.put("a", ics("a"));
    await collection();
    server.quirks = {
      noSync: true,
      fault({ headers }) {
        if (headers.get("depth") === "1" && !stored.items.has("b")) stored.put("b", ics("b"));
        return undefined;
      },
    };
    const first = await list();
    assert.equal((await list(first.cursor)).mode, "complete");
  });
});

Deno.test("with neither tokens nor ctags every listing is complete and has no cursor", async () => {
  await withDav({ quirks: { noSync: true, noCtag: true } }, async ({ stored, list }) => {
    stored.put("a", ics("a"));
    const listed = await list();
    assert.deepEqual([listed.mode, listed.lines.length, listed.cursor], ["complete", 1, undefined]);
  });
});

Deno.test("a server that does not say which reports it knows is listed by PROPFIND", async () => {
  await withDav({ quirks: { noReportSet: true } }, async ({ server, stored, list }) => {
    stored.put("a", ics("a"));
    assert.equal((await list()).lines.length, 1);
    assert.equal(server.counts()["REPORT"], undefined);
  });
});

for (const quirks of [{}, { noSync: true }]) {
  const how = "noSync" in quirks ? "PROPFIND" : "a report";
  for (const status of [403, 500]) {
    Deno.test(`a member whose etag is refused with ${status} by ${how} is unreadable, not gone`, async () => {
      await withDav({ quirks }, async ({ server, stored, list }) => {
        for (const name of NAMES) stored.put(name, ics(name));
        server.quirks = { ...quirks, propStatus: (name) => name === "b" ? status : undefined };
        const listed = await list();
        assert.deepEqual(listed.lines.map((line) => line.split(" ")[0]), NAMES);
        const entry = listed.entries.find(({ state }) => state === "unreadable");
        assert(entry?.state === "unreadable");
        assert.equal(entry.error.scope, "item");
        assert.equal(entry.error.kind, status === 403 ? "forbidden" : "refused");
        // The next listing is to find it again.
        assert.equal(listed.cursor, undefined);
      });
    });
  }

  Deno.test(`a member without an etag in ${how} is asked for it by itself`, async () => {
    await withDav({ quirks }, async ({ server, stored, list, collection }) => {
      for (const name of NAMES) stored.put(name, ics(name));
      await collection();
      server.quirks = {
        ...quirks,
        async alter({ headers, method }, response) {
          if (headers.get("depth") === "0" && method === "PROPFIND") return response;
          const etag = stored.items.get("b")?.etag.replaceAll('"', "&#34;") ?? "";
          return new Response(
            (await response.text()).replace(`<D:getetag>${etag}</D:getetag>`, ""),
            response,
          );
        },
      };
      const listed = await list();
      assert.deepEqual(
        listed.lines,
        NAMES.map((name) => `${name} ${stored.items.get(name)?.etag}`),
      );
      const own = server.requests.filter(({ path }) => path.endsWith("/b"));
      assert.equal(own.length, 1);
    });
  });

  Deno.test(`members that never have an etag in ${how} are unreadable, and not asked one by one`, async () => {
    await withDav({ quirks }, async ({ server, stored, list }) => {
      for (let n = 0; n < 30; n++) stored.put(`item${n}`, ics(`item${n}`));
      server.quirks = { ...quirks, withoutEtag: () => true };
      const listed = await list();
      assert.equal(listed.lines.filter((line) => line.endsWith(" unreadable")).length, 30);
      assert(server.requests.length <= 3);
    });
  });
}

Deno.test("a change that cannot be read is listed again next time", async () => {
  await withDav({}, async ({ server, stored, list }) => {
    for (const name of NAMES) stored.put(name, ics(name));
    const first = await list();
    stored.put("b", ics("b", "new"));
    server.quirks = { propStatus: () => 500 };
    const second = await list(first.cursor);
    assert.deepEqual([second.mode, second.lines], ["since", ["b unreadable"]]);
    assert.equal(second.cursor, first.cursor);
    server.quirks = {};
    const third = await list(second.cursor);
    assert.deepEqual(third.lines, [`b ${stored.items.get("b")?.etag}`]);
  });
});

Deno.test("the collection itself, folders in it and rows that lead nowhere are no members", async () => {
  for (const quirks of [{}, { noSync: true }]) {
    await withDav({ quirks }, async ({ server, stored, list }) => {
      stored.put("a", ics("a"));
      server.quirks = {
        ...quirks,
        async alter({ method, headers }, response) {
          if (method !== "REPORT" && headers.get("depth") !== "1") return response;
          const row = (href: string, type: string) =>
            `<D:response><D:href>${href}</D:href><D:propstat><D:prop><D:getetag>"x"</D:getetag>${type}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>`;
          const extra = row("/calendars/user/work", "") +
            row("/calendars/user/work/sub", "<D:resourcetype><D:collection/></D:resourcetype>") +
            row("/calendars/user/work/sub2/", "") + row("mailto:x@y", "");
          return new Response(
            (await response.text()).replace("<D:response>", `${extra}<D:response>`),
            response,
          );
        },
      };
      assert.deepEqual((await list()).lines, [`a ${stored.items.get("a")?.etag}`]);
    });
  }
});

Deno.test("a member that is listed twice is one", async () => {
  for (const quirks of [{}, { noSync: true }]) {
    await withDav({ quirks }, async ({ server, stored, list }) => {
      stored.put("a", ics("a"));
      server.quirks = {
        ...quirks,
        async alter({ method, headers }, response) {
          if (method !== "REPORT" && headers.get("depth") !== "1") return response;
          const text = await response.text();
          const row = /<D:response><D:href>[^<]*work\/a<.*?<\/D:response>/.exec(text)?.[0] ?? "";
          const again = row.replace("work/a", "work/%61");
          return new Response(text.replace(row, row + again), response);
        },
      };
      assert.equal((await list()).lines.length, 1);
    });
  }
});

Deno.test("hrefs are paths even where the server writes whole urls, and are spelled as it does", async () => {
  for (const quirks of [{}, { noSync: true }]) {
    const spelled = {
      ...quirks,
      absoluteHrefs: true,
      spellHref: (path: string) => path.replaceAll("%40", "@"),
    };
    await withDav({ quirks: spelled }, async ({ server, stored, list }) => {
      stored.put("a@b%3A.ics", ics("a"));
      server.quirks = spelled;
      const [entry] = (await list()).entries;
      assert.equal(entry?.href, "/calendars/user/work/a@b%253A.ics");
    });
  }
});

Deno.test("weak etags are given out as they came", async () => {
  await withDav({}, async ({ server, stored, list }) => {
    stored.put("a", ics("a"), '"x"');
    server.quirks = { weakEtags: true };
    assert.deepEqual((await list()).lines, ['a W/"x"']);
  });
});

Deno.test("a collection that is gone is missing, whichever way it is listed", async () => {
  for (const quirks of [{}, { noSync: true }]) {
    await withDav({ quirks }, async ({ server, stored, list }) => {
      stored.put("a", ics("a"));
      const { cursor } = await list();
      server.store.remove(stored.path);
      for (const since of [undefined, cursor]) {
        await assert.rejects(list(since), { kind: "missing", scope: "collection" });
      }
    });
  }
});

Deno.test("a listing that is cut short throws, and has given nothing out", async () => {
  for (const quirks of [{}, { noSync: true }]) {
    await withDav({ quirks }, async ({ server, stored, storage, collection }) => {
      for (let n = 0; n < 50; n++) stored.put(`item${n}`, ics(`item${n}`));
      const work = await collection();
      server.quirks = {
        ...quirks,
        async alter({ method, headers }, response) {
          if (method !== "REPORT" && headers.get("depth") !== "1") return response;
          return new Response((await response.text()).slice(0, -20), response);
        },
      };
      let entries = 0;
      await assert.rejects(async () => {
        for await (const part of storage.changes(work, undefined, never)) {
          if (part.type === "entries") entries += part.entries.length;
        }
      }, (thrown) => thrown instanceof SyncError && thrown.kind === "malformed");
      assert.equal(entries, 0);
    });
  }
});

Deno.test("a PROPFIND that says itself that it is cut short is no listing", async () => {
  await withDav({ quirks: { noSync: true } }, async ({ server, stored, list }) => {
    stored.put("a", ics("a"));
    server.quirks = {
      noSync: true,
      async alter({ headers }, response) {
        if (headers.get("depth") !== "1") return response;
        const row =
          `<D:response><D:href>${stored.path}</D:href><D:status>HTTP/1.1 507 More</D:status></D:response>`;
        return new Response(
          (await response.text()).replace("</D:multistatus>", `${row}$&`),
          response,
        );
      },
    };
    await assert.rejects(list(), { kind: "too large", scope: "collection" });
  });
});

Deno.test("a web page where a listing was asked for is an error after one request", async () => {
  await withDav({ quirks: { noSync: true } }, async ({ server, collection, list }) => {
    await collection();
    server.quirks = { fault: () => new Response("<html><p>Hello</html>", { status: 200 }) };
    await assert.rejects(list(), { kind: "malformed" });
    assert.equal(server.requests.length, 1);
  });
});

Deno.test("an unauthorised or silent server stops the storage, and is not taken for a refused token", async () => {
  await withDav({}, async ({ server, stored, list }) => {
    stored.put("a", ics("a"));
    const { cursor } = await list();
    for (const status of [401, 503]) {
      server.quirks = { fault: () => new Response(null, { status }) };
      server.requests.splice(0);
      await assert.rejects(
        list(cursor),
        status === 401 ? { kind: "unauthorised" } : { retry: true },
      );
      assert(server.requests.every(({ method }) => method === "REPORT"));
    }
  });
});

Deno.test("a collection that was remembered can be listed by a storage that has not seen it", async () => {
  await withDav({}, async ({ stored, collection, list, open }) => {
    stored.put("a", ics("a"));
    const work = await collection();
    const { cursor } = await list();
    const other = open();
    assert.deepEqual((await listOf(other, work)).lines.length, 1);
    assert.deepEqual((await listOf(open(), work, cursor)).mode, "since");
  });
});

Deno.test("a listing that is stopped says so", async () => {
  await withDav({}, async ({ server, stored, storage, collection }) => {
    stored.put("a", ics("a"));
    const work = await collection();
    const fired = storage.changes(work, undefined, AbortSignal.abort());
    await assert.rejects(Array.fromAsync(fired), { kind: "cancelled", scope: "run" });
    assert.equal(server.requests.length, 0);
    server.quirks = { latency: 200 };
    const during = storage.changes(work, undefined, AbortSignal.timeout(20));
    await assert.rejects(Array.fromAsync(during), { kind: "cancelled" });
  });
});
