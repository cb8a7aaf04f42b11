import assert from "node:assert/strict";
import { collectionId } from "../../../lib/model/names.ts";
import { CALENDARS, type DavQuirks, type DavServer } from "../../support/dav_server.ts";
import { ics, never, withDav } from "../../support/dav_world.ts";

const COLOR = "{http://apple.com/ns/ical/}calendar-color";
const ALL = { displayname: "Büro & <mehr>", color: "#FF2968", description: "a\nb", order: "3" };

Deno.test("a calendar is made with its properties, and read back", async () => {
  await withDav({}, async ({ server, storage }) => {
    await storage.check(never);
    server.requests.splice(0);
    const made = await storage.createCollection(collectionId("new"), ALL, never);
    assert.deepEqual(made, {
      id: "new",
      href: `${CALENDARS}new/`,
      identity: `${server.origin}${CALENDARS}new/`,
      properties: ALL,
    });
    assert.deepEqual(server.counts(), { MKCALENDAR: 1, "PROPFIND 0": 2 });
    const listed = (await storage.collections(never)).find(({ id }) => id === "new");
    assert.deepEqual(listed, made);
  });
});

Deno.test("a name with anything in it is encoded, and comes back as it was", async () => {
  await withDav({}, async ({ storage }) => {
    for (const name of ["a b", "Büro", "Кириллица", "a@b", "100%", "a?b#c", "a+b", "..a"]) {
      const made = await storage.createCollection(collectionId(name), {}, never);
      assert.equal(made.id, name);
      assert((await storage.collections(never)).some(({ id }) => id === name), name);
    }
  });
});

Deno.test("where there is no MKCALENDAR, an extended MKCOL does", async () => {
  await withDav({ quirks: { noMkcalendar: true } }, async ({ server, storage }) => {
    const made = await storage.createCollection(collectionId("new"), ALL, never);
    assert.deepEqual(made.properties, ALL);
    assert.equal(server.counts()["MKCOL"], 1);
    assert.equal(server.store.collections.get(`${CALENDARS}new/`)?.kind, "calendar");
  });
});

Deno.test("a server that makes none says so", async () => {
  await withDav({ quirks: { noMkcalendar: true, noMkcol: true } }, async ({ storage }) => {
    await assert.rejects(storage.createCollection(collectionId("new"), {}, never), {
      kind: "refused",
      scope: "collection",
    });
  });
});

Deno.test("a calendar that is there is not made again", async () => {
  for (const quirks of [{}, { noMkcalendar: true }]) {
    await withDav({ quirks }, async ({ server, stored, storage }) => {
      stored.put("a", ics("a"));
      await assert.rejects(storage.createCollection(collectionId("work"), ALL, never), {
        kind: "exists",
      });
      assert.equal(stored.items.size, 1);
      assert.equal(stored.properties.size, 0);
      assert.equal(server.store.collections.size, 1);
    });
  }
});

Deno.test("a calendar that was made although the server said otherwise is made", async () => {
  await withDav({}, async ({ server, storage }) => {
    server.quirks = {
      alter: ({ method }, response) =>
        method === "MKCALENDAR" ? new Response("what body?", { status: 400 }) : response,
    };
    const made = await storage.createCollection(collectionId("new"), ALL, never);
    assert.deepEqual(made.properties, ALL);
    assert.equal(server.counts()["MKCALENDAR"], 1);
  });
});

Deno.test("a 207 that refuses a property is tried again without, and one that refuses all is an error", async () => {
  for (const always of [false, true]) {
    await withDav({}, async ({ server, storage }) => {
      const refusal =
        '<D:multistatus xmlns:D="DAV:"><D:response><D:href>/x</D:href><D:propstat><D:prop><D:displayname/></D:prop>' +
        "<D:status>HTTP/1.1 403 No</D:status><D:error><D:cannot-modify-protected-property/></D:error></D:propstat></D:response></D:multistatus>";
      server.quirks = {
        fault: ({ method, text }) =>
          method.startsWith("MK") && (always || text.includes("displayname"))
            ? new Response(refusal, { status: 207 })
            : undefined,
      };
      const making = storage.createCollection(collectionId("new"), { displayname: "x" }, never);
      if (always) await assert.rejects(making, { kind: "refused", message: /cannot be changed/ });
      else assert.equal((await making).properties.displayname, "x");
    });
  }
});

Deno.test("what was made and is no calendar is an error", async () => {
  await withDav({}, async ({ server, storage }) => {
    server.quirks = {
      async alter({ method, path }, response) {
        if (method !== "PROPFIND" || !path.endsWith("/new/")) return response;
        return new Response((await response.text()).replace("<C:calendar/>", ""), response);
      },
    };
    await assert.rejects(storage.createCollection(collectionId("new"), {}, never), {
      kind: "refused",
      message: /but no calendar/,
    });
  });
});

Deno.test("a property that is refused does not stop the calendar from being made", async () => {
  await withDav({ quirks: { refuseProperty: (name) => name === COLOR } }, async ({ storage }) => {
    const made = await storage.createCollection(collectionId("new"), ALL, never);
    const { color: _, ...others } = ALL;
    assert.deepEqual(made.properties, others);
  });
});

Deno.test("properties that are ignored at the making are set afterwards", async () => {
  await withDav({}, async ({ server, storage }) => {
    server.quirks = {
      alter({ method, path }, response) {
        if (method === "MKCALENDAR") server.store.collections.get(path)?.properties.clear();
        return response;
      },
    };
    const made = await storage.createCollection(collectionId("new"), ALL, never);
    assert.deepEqual(made.properties, ALL);
    assert.equal(server.counts()["PROPPATCH"], 4);
  });
});

Deno.test("a calendar is made in the first home set that allows it", async () => {
  await withDav({ path: "/" }, async ({ server, storage }) => {
    server.quirks = {
      async alter({ path }, response) {
        if (path !== "/principals/user/") return response;
        const text = (await response.text()).replace(
          CALENDARS,
          "/calendars/shared/</D:href><D:href>" + CALENDARS,
        );
        return new Response(text, response);
      },
      fault({ path, method }) {
        if (!path.startsWith("/calendars/shared/")) return undefined;
        return new Response(null, { status: method === "PROPFIND" ? 404 : 403 });
      },
    };
    const made = await storage.createCollection(collectionId("new"), {}, never);
    assert.equal(made.href, `${CALENDARS}new/`);
  });
});

Deno.test("where the url is that of one calendar, none is made beside it", async () => {
  await withDav({ path: `${CALENDARS}work/` }, async ({ storage }) => {
    await assert.rejects(storage.createCollection(collectionId("new"), {}, never), {
      kind: "refused",
      hint: /url of the account/,
    });
  });
});

Deno.test("each property is set, changed and taken away", async () => {
  await withDav({}, async ({ storage, collection }) => {
    const work = await collection();
    for (const [name, value] of Object.entries(ALL) as [keyof typeof ALL, string][]) {
      const now = async () => (await storage.collections(never))[0]?.properties[name];
      assert.equal(await now(), undefined);
      await storage.setProperty(work, name, value, never);
      assert.equal(await now(), value);
      await storage.setProperty(work, name, undefined, never);
      assert.equal(await now(), undefined);
    }
  });
});

Deno.test("a property that is refused inside a 207 is an error", async () => {
  await withDav({}, async ({ server, stored, storage, collection }) => {
    const work = await collection();
    server.quirks = { refuseProperty: () => true };
    await assert.rejects(storage.setProperty(work, "color", "#000000", never), {
      kind: "forbidden",
      scope: "collection",
      message: /the color was not set/,
    });
    assert.equal(stored.properties.size, 0);
  });
});

Deno.test("a server that says it has set a property, and has not, is caught", async () => {
  await withDav({}, async ({ server, stored, storage, collection }) => {
    const work = await collection();
    server.quirks = {
      alter({ method }, response) {
        if (method === "PROPPATCH") stored.properties.clear();
        return response;
      },
    };
    await assert.rejects(storage.setProperty(work, "order", "3", never), {
      kind: "refused",
      message: /says that it has set the order, and has not/,
    });
  });
});

Deno.test("a property that is set to nothing is taken away, if need be by setting it to nothing", async () => {
  await withDav({}, async ({ server, stored, storage, collection }) => {
    const work = await collection();
    for (const [value, status] of [["", 500], ["  ", 409], [undefined, 500]] as const) {
      server.quirks = {
        fault: ({ method, text }) =>
          method === "PROPPATCH" && text.includes("remove")
            ? new Response("oops", { status })
            : undefined,
      };
      stored.properties.set(COLOR, "#ff0000");
      await storage.setProperty(work, "color", value, never);
      assert.equal((await storage.collections(never))[0]?.properties.color, undefined);
    }
  });
});

Deno.test("servers whose etags promise nothing are known by their tokens", async () => {
  const tokens = {
    "http://radicale.org/ns/sync/e1567cf2bffe0ddeeb3fa905733804c51bd5839fa8c40fb6": true,
    "data:,1795338381-219": true,
    // DAViCal, Xandikos and sabre/dav.
    "data:,219": undefined,
    "27de89f8319c07da37bb85aa5c4369ad0c645dfd": undefined,
    "http://sabre.io/ns/sync/219": undefined,
  };
  await withDav({}, async ({ server, stored, storage }) => {
    for (const [token, rewrites] of Object.entries(tokens)) {
      server.quirks = {
        async alter({ method }, response) {
          if (method !== "PROPFIND") return response;
          return new Response((await response.text()).replace(stored.token, token), response);
        },
      };
      assert.equal((await storage.collections(never))[0]?.rewrites, rewrites, token);
    }
  });
});

Deno.test("a path is no name", async () => {
  await withDav({}, async ({ stored, storage }) => {
    for (const name of ["calendars/user/work", "/calendars/user/work/"]) {
      stored.properties.set("{DAV:}displayname", name);
      assert.equal((await storage.collections(never))[0]?.properties.displayname, undefined);
    }
    stored.properties.set("{DAV:}displayname", "work");
    assert.equal((await storage.collections(never))[0]?.properties.displayname, "work");
  });
});

Deno.test("to take away what is not there is no error", async () => {
  await withDav({}, async ({ server, storage, collection }) => {
    const work = await collection();
    server.quirks = {
      async alter({ method }, response) {
        if (method !== "PROPPATCH") return response;
        return new Response((await response.text()).replace("200 OK", "404 Not Found"), response);
      },
    };
    await storage.setProperty(work, "color", undefined, never);
    await assert.rejects(storage.setProperty(work, "color", "#000000", never));
  });
});

Deno.test("an empty calendar is deleted, and one that holds anything is not", async () => {
  await withDav({}, async ({ server, stored, storage, collection }) => {
    const work = await collection();
    stored.put("a", ics("a"));
    await assert.rejects(storage.deleteCollection(work, never), {
      kind: "refused",
      message: /1 item/,
    });
    assert.equal(server.counts()["DELETE"], undefined);
    stored.delete("a");
    await storage.deleteCollection(work, never);
    assert.equal(server.store.collections.size, 0);
    await assert.rejects(storage.deleteCollection(work, never), {
      kind: "missing",
      scope: "collection",
    });
  });
});

Deno.test("a calendar that is deleted and then not found is deleted, as Cyrus has it", async () => {
  await withDav({}, async ({ server, storage, collection }) => {
    const work = await collection();
    server.quirks = {
      alter: ({ method }, response) =>
        method === "DELETE" ? new Response("no such thing", { status: 404 }) : response,
    };
    await storage.deleteCollection(work, never);
    assert.deepEqual(await storage.collections(never), []);
    await assert.rejects(storage.deleteCollection(work, never), { kind: "missing" });
  });
});

/** Lets `happens` happen between the last look at a calendar and its deletion. */
const beforeDeleting = (happens: () => void, quirks: DavQuirks = {}): DavQuirks => ({
  ...quirks,
  fault({ method }) {
    if (method === "DELETE") happens();
    return undefined;
  },
});

const deletions = (server: DavServer, header: string) =>
  server.requests.filter(({ method }) => method === "DELETE")
    .map(({ headers }) => headers.get(header));

for (
  const [what, header, quirks] of [
    ["etag", "if-match", { collectionEtags: true }],
    ["sync-token", "if", {}],
  ] as const
) {
  Deno.test(`what is added after the last look keeps a calendar with ${what} from being deleted`, async () => {
    await withDav({ quirks }, async ({ server, stored, storage, collection }) => {
      const work = await collection();
      const wanted = what === "etag" ? stored.ctag : `(<${stored.token}>)`;
      server.quirks = beforeDeleting(() => stored.put("a", ics("a")), quirks);
      await assert.rejects(storage.deleteCollection(work, never), {
        kind: "refused",
        scope: "collection",
        message: /something was added/,
      });
      assert.deepEqual(deletions(server, header), [wanted]);
      assert.deepEqual([...stored.items.keys()], ["a"]);
      assert.equal((await storage.collections(never)).length, 1);
      server.quirks = quirks;
      stored.delete("a");
      await storage.deleteCollection(work, never);
      assert.equal(server.store.collections.size, 0);
    });
  });
}

Deno.test("a server to which nothing that it says of a calendar matches can still delete it", async () => {
  await withDav({ quirks: { collectionEtags: true } }, async ({ server, storage, collection }) => {
    const work = await collection();
    server.quirks = {
      collectionEtags: true,
      fault: ({ method, headers }) =>
        method === "DELETE" && (headers.has("if-match") || headers.has("if"))
          ? new Response(null, { status: 412 })
          : undefined,
    };
    await storage.deleteCollection(work, never);
    assert.equal(server.store.collections.size, 0);
    // Each refusal is followed by another look.
    assert.deepEqual(server.counts(), { "PROPFIND 1": 3, DELETE: 3 });
  });
});

Deno.test("Cyrus, known by its token, is not asked about the etag of a calendar", async () => {
  await withDav(
    { quirks: { collectionEtags: true } },
    async ({ server, stored, storage, collection }) => {
      const work = await collection();
      server.quirks = {
        collectionEtags: true,
        ignorePreconditions: true,
        async alter({ method }, response) {
          if (method !== "PROPFIND") return response;
          return new Response(
            (await response.text()).replace(stored.token, "data:,12-3"),
            response,
          );
        },
      };
      await storage.deleteCollection(work, never);
      assert.deepEqual(deletions(server, "if-match"), [null]);
      assert.deepEqual(deletions(server, "if"), ["(<data:,12-3>)"]);
    },
  );
});

Deno.test("a calendar without etag and token is looked at right before it is deleted", async () => {
  await withDav({ quirks: { noSync: true } }, async ({ server, storage, collection }) => {
    const work = await collection();
    await storage.deleteCollection(work, never);
    assert.deepEqual(server.counts(), { "PROPFIND 1": 1, DELETE: 1 });
    assert.deepEqual(deletions(server, "if"), [null]);
  });
});

for (
  const [when, outcome] of [
    ["before it was carried out", "there"],
    ["after it was carried out", "gone"],
    ["because something was added", "added"],
  ] as const
) {
  Deno.test(`where the answer to a deletion is lost ${when}, a look tells`, async () => {
    let added = () => {};
    const losing: typeof fetch = async (url, init) => {
      if (init?.method !== "DELETE") return await fetch(url, init);
      if (outcome === "gone") await (await fetch(url, init)).body?.cancel();
      if (outcome === "added") added();
      const cause = new Error(
        "client error (SendRequest): connection closed before message completed",
      );
      throw new TypeError("fetch failed", { cause });
    };
    await withDav(
      { storage: { fetch: losing } },
      async ({ server, stored, storage, collection }) => {
        const work = await collection();
        added = () => stored.put("a", ics("a"));
        const deleting = storage.deleteCollection(work, never);
        if (outcome === "gone") await deleting;
        else if (outcome === "there") await assert.rejects(deleting, { kind: "unreachable" });
        else await assert.rejects(deleting, { kind: "refused", message: /something was added/ });
        assert.equal(server.store.collections.size, outcome === "gone" ? 0 : 1);
      },
    );
  });
}

Deno.test("a calendar of which nobody can say that it is empty is not deleted", async () => {
  await withDav({}, async ({ server, stored, storage, collection }) => {
    const work = await collection();
    stored.put("a", ics("a"));
    server.quirks = { propStatus: () => 403 };
    await assert.rejects(storage.deleteCollection(work, never), { kind: "refused" });
    server.quirks = {
      fault: ({ method }) =>
        method === "PROPFIND" ? new Response(null, { status: 500 }) : undefined,
    };
    await assert.rejects(storage.deleteCollection(work, never), { kind: "refused" });
    assert.equal(server.counts()["DELETE"], undefined);
  });
});

Deno.test("there is nothing to watch", async () => {
  await withDav({}, async ({ storage }) => {
    assert.deepEqual(await Array.fromAsync(storage.watch(never)), []);
    assert.equal(storage.capabilities.watches, false);
  });
});

Deno.test("a calendar is made for the types of item that it is to take, and says so", async () => {
  await withDav({}, async ({ server, storage }) => {
    const id = collectionId("tasks");
    const made = await storage.createCollection(id, { displayname: "Tasks" }, never, ["VTODO"]);
    const { body } = server.requests.find(({ method }) => method === "MKCALENDAR") ?? {};
    assert.match(
      new TextDecoder().decode(body),
      /supported-calendar-component-set>\s*<[^>]*comp name="VTODO"/,
    );
    assert.deepEqual([made.properties.displayname, made.components], ["Tasks", ["VTODO"]]);
  });
});
