import assert from "node:assert/strict";
import type { Action, Result } from "../../../lib/model/storage.ts";
import { etag, ident } from "../../../lib/model/names.ts";
import { SyncError } from "../../../lib/model/error.ts";
import { CALENDARS } from "../../support/dav_server.ts";
import type { DavRequest } from "../../support/dav_server.ts";
import { NO_FLAGS } from "../../../lib/model/item.ts";
import {
  at,
  create,
  type DavWorldOptions,
  ics,
  never,
  outcomes,
  remove,
  update,
  withDav,
} from "../../support/dav_world.ts";

Deno.test("a create writes what was given, with its precondition and its type", async () => {
  await withDav({}, async ({ server, stored, apply }) => {
    const [result] = await apply(create("a"));
    const item = stored.items.get("a");
    assert.deepEqual(result, { id: result?.id, outcome: "done", etag: item?.etag });
    assert.equal(item?.text, ics("a"));
    assert.deepEqual(server.counts(), { PUT: 1 });
    const headers = server.requests[0]?.headers;
    assert.equal(headers?.get("if-none-match"), "*");
    assert.equal(headers?.get("content-type"), "text/calendar; charset=utf-8");
  });
});

Deno.test("a create never overwrites", async () => {
  await withDav({}, async ({ stored, apply }) => {
    stored.put("a", ics("a", "theirs"));
    assert.deepEqual(outcomes(await apply(create("a"))), ["exists"]);
    assert.match(stored.items.get("a")?.text ?? "", /theirs/);
  });
});

Deno.test("an update and a delete act on the etag they name, and on no other", async () => {
  await withDav({}, async ({ stored, apply }) => {
    const a = stored.put("a", ics("a"));
    const b = stored.put("b", ics("b"));
    const wrong = '"other"';
    assert.deepEqual(
      outcomes(await apply(update("a", wrong), remove("b", wrong), update("c", wrong))),
      ["changed", "changed", "changed"],
    );
    assert.equal(stored.items.get("a")?.etag, a.etag);
    const results = await apply(update("a", a.etag), remove("b", b.etag));
    assert.deepEqual(outcomes(results), ["done", "done"]);
    assert.match(stored.items.get("a")?.text ?? "", /new/);
    assert.equal(stored.items.has("b"), false);
  });
});

Deno.test("a 412 where the precondition holds is a refusal of the item, as DAViCal means it", async () => {
  await withDav({}, async ({ server, stored, apply }) => {
    const a = stored.put("a", ics("a"));
    server.quirks = {
      fault: ({ method }) =>
        method === "PUT" ? new Response("No calendar content", { status: 412 }) : undefined,
    };
    const results = await apply(create("b"), update("a", a.etag), create("a"), update("c", '"x"'));
    assert.deepEqual(outcomes(results), [
      "failed: refused",
      "failed: refused",
      "exists",
      "changed",
    ]);
    const [refused] = results.filter(({ outcome }) => outcome === "failed");
    assert.ok(refused?.outcome === "failed");
    assert.match(refused.error.message, /does not take the item.*No calendar content/);
    assert.deepEqual([...stored.items.values()], [a]);
  });
});

Deno.test("to delete what is gone is done, whether the server says 404 or 412", async () => {
  await withDav({}, async ({ server, apply }) => {
    assert.deepEqual(outcomes(await apply(remove("a", '"x"'))), ["done"]);
    server.quirks = {
      fault: ({ method }) => method === "DELETE" ? new Response(null, { status: 412 }) : undefined,
    };
    assert.deepEqual(outcomes(await apply(remove("a", '"x"'))), ["done"]);
  });
});

Deno.test("an etag is sent back as it came, but a weak one as a strong one", async () => {
  await withDav({}, async ({ server, stored, apply }) => {
    const a = stored.put("a", ics("a"));
    await apply(update("a", `W/${a.etag}`));
    assert.equal(server.requests[0]?.headers.get("if-match"), a.etag);
    assert.match(stored.items.get("a")?.text ?? "", /new/);
    await apply(update("a", "unquoted"));
    assert.equal(server.requests[1]?.headers.get("if-match"), "unquoted");
  });
});

Deno.test("an etag that no header can hold is a failure of that item", async () => {
  await withDav({}, async ({ server, apply }) => {
    assert.deepEqual(outcomes(await apply(update("a", '"x\r\nHost: evil"'), create("b"))), [
      "failed: refused",
      "done",
    ]);
    assert.equal(server.requests.length, 1);
  });
});

Deno.test("without an etag, or with a weak one, the result has none", async () => {
  for (const quirks of [{ noPutEtag: true }, { weakEtags: true }]) {
    await withDav({ quirks }, async ({ server, apply, collection }) => {
      await collection();
      server.quirks = quirks;
      const [result] = await apply(create("a"));
      assert.deepEqual(result, { id: result?.id, outcome: "done" });
    });
  }
});

Deno.test("requests go out several at a time, and no more than there are connections", async () => {
  await withDav({ storage: { connections: 5 } }, async ({ server, stored, apply, collection }) => {
    await collection();
    server.quirks = { latency: 15 };
    const actions = Array.from({ length: 30 }, (_, n) => create(`item${n}`));
    assert(outcomes(await apply(...actions)).every((outcome) => outcome === "done"));
    assert.equal(server.peak, 5);
    assert.equal(stored.items.size, 30);
  });
});

Deno.test("actions are taken from their stream no faster than they are carried out", async () => {
  await withDav({ storage: { connections: 3 } }, async ({ storage, collection }) => {
    let taken = 0;
    async function* actions(): AsyncGenerator<Action> {
      for (let n = 0; n < 100; n++) {
        taken++;
        yield create(`item${n}`);
        await Promise.resolve();
      }
    }
    const results = storage.apply(await collection(), actions(), never)[Symbol.asyncIterator]();
    await results.next();
    assert(taken <= 8, String(taken));
    await results.return?.();
  });
});

const refuse = (status: number, body = "") => ({ method }: DavRequest) =>
  method === "PUT" ? new Response(body, { status }) : undefined;

for (
  const [status, kind] of [
    [400, "refused"],
    [403, "forbidden"],
    [409, "refused"],
    [413, "too large"],
    [415, "refused"],
    [423, "refused"],
    [500, "refused"],
    [507, "quota"],
  ] as const
) {
  Deno.test(`a write that is refused with ${status} fails alone, as ${kind}`, async () => {
    await withDav({}, async ({ server, stored, apply, collection }) => {
      await collection();
      const only = refuse(status);
      server.quirks = {
        fault: (request) => request.path.endsWith("/a") ? only(request) : undefined,
      };
      const results = await apply(create("a"), create("b"));
      assert.deepEqual(outcomes(results), [`failed: ${kind}`, "done"]);
      const failed = results.find(({ outcome }) => outcome === "failed");
      assert(failed?.outcome === "failed" && failed.error.scope === "item");
      assert(stored.items.has("b"));
    });
  });
}

Deno.test("too large, of the wrong type, or with a UID that is taken: the words say which", async () => {
  await withDav({}, async ({ server, stored, apply }) => {
    stored.properties.set(
      "{urn:ietf:params:xml:ns:caldav}supported-calendar-component-set",
      '<C:comp name="VEVENT"/>',
    );
    stored.put("old", ics("taken"));
    server.quirks = { maxResourceSize: 400, checkUids: true };
    const rows = [
      [create("big", ics("big", "x".repeat(500))), "too large", /larger than it takes/],
      [create("todo", ics("todo", "x", "VTODO")), "refused", /type of item/],
      [create("new", ics("taken")), "refused", /same UID \(\/calendars\/user\/work\/old\)/],
    ] as const;
    for (const [action, kind, words] of rows) {
      const [result] = await apply(action);
      assert(result?.outcome === "failed");
      assert.equal(result.error.kind, kind);
      assert.equal(result.error.scope, "item");
      assert.equal(result.error.retry, false);
      assert.match(result.error.message, words);
    }
  });
});

Deno.test("where the server put it elsewhere, the result says where", async () => {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["/calendars/user/work/other.ics", "/calendars/user/work/other.ics"],
    ["/calendars/user/work/%61", undefined],
    ["https://internal.example.net/calendars/user/work/x.ics", undefined],
    ["/somewhere/else.ics", undefined],
  ];
  for (const [location, href] of rows) {
    await withDav({}, async ({ server, apply, collection }) => {
      await collection();
      server.quirks = {
        alter: ({ method }, response) => {
          if (method === "PUT") response.headers.set("location", location);
          return response;
        },
      };
      const [result] = await apply(create("a"));
      assert(result?.outcome === "done");
      assert.equal(result.href, href, location);
    });
  }
});

Deno.test("a write that is sent on within the server ends up where it was sent", async () => {
  await withDav({}, async ({ server, stored, apply }) => {
    server.quirks = {
      fault: ({ method, path }) =>
        method === "PUT" && path.endsWith("/a")
          ? new Response(null, { status: 302, headers: { location: "/calendars/user/work/b" } })
          : undefined,
    };
    const [result] = await apply(create("a"));
    assert(result?.outcome === "done");
    assert.equal(result.href, "/calendars/user/work/b");
    assert.equal(stored.items.get("b")?.text, ics("a"));
  });
});

Deno.test("a multistatus after a PUT is read", async () => {
  await withDav({}, async ({ server, apply }) => {
    const answer = (status: number) =>
      new Response(
        `<D:multistatus xmlns:D="DAV:"><D:response><D:href>/x</D:href><D:status>HTTP/1.1 ${status} X</D:status></D:response></D:multistatus>`,
        { status: 207 },
      );
    server.quirks = { fault: ({ method }) => method === "PUT" ? answer(200) : undefined };
    assert.deepEqual(outcomes(await apply(create("a"))), ["done"]);
    server.quirks = { fault: ({ method }) => method === "PUT" ? answer(403) : undefined };
    assert.deepEqual(outcomes(await apply(create("a"))), ["failed: refused"]);
  });
});

Deno.test("a multistatus after a PUT that makes no sense is looked into", async () => {
  await withDav({}, async ({ server, stored, apply, collection }) => {
    await collection();
    server.quirks = {
      alter: ({ method }, response) =>
        method === "PUT" ? new Response("<half", { status: 207 }) : response,
    };
    assert.deepEqual(outcomes(await apply(create("a"))), ["done"]);
    assert.equal(server.counts()["PUT"], 1);
    assert.equal(stored.items.size, 1);
  });
});

Deno.test("a server that asks to wait is waited for, with a write too", async () => {
  await withDav({}, async ({ server, stored, environment, apply, collection }) => {
    await collection();
    let first = true;
    server.quirks = {
      fault({ method }) {
        if (method !== "PUT" || !first) return undefined;
        first = false;
        return new Response(null, { status: 429, headers: { "retry-after": "7" } });
      },
    };
    assert.deepEqual(outcomes(await apply(create("a"))), ["done"]);
    assert.deepEqual(environment.slept, [7_000]);
    assert(stored.items.has("a"));
  });
});

/** Loses the answers of the first writes: before they are carried out, or after. */
function losing(when: "before" | "after", times = 1): DavWorldOptions {
  let left = times;
  return {
    storage: {
      async fetch(url, init) {
        const write = init.method === "PUT" || init.method === "DELETE";
        if (!write || left === 0) return await fetch(url, init);
        left--;
        if (when === "after") await (await fetch(url, init)).body?.cancel();
        const cause = new Error(
          "client error (SendRequest): connection closed before message completed",
        );
        throw new TypeError("fetch failed", { cause });
      },
    },
  };
}

for (const when of ["before", "after"] as const) {
  Deno.test(`a create whose answer was lost ${when} it was carried out is done once`, async () => {
    await withDav(losing(when), async ({ server, stored, apply }) => {
      const [result] = await apply(create("a"));
      assert.deepEqual(result, {
        id: result?.id,
        outcome: "done",
        etag: stored.items.get("a")?.etag,
      });
      assert.equal(server.counts()["PUT"], 1);
      assert.equal(server.counts()["GET"], 1);
    });
  });

  Deno.test(`an update whose answer was lost ${when} it was carried out is done once`, async () => {
    await withDav(losing(when), async ({ server, stored, apply }) => {
      const { etag } = stored.put("a", ics("a"));
      const [result] = await apply(update("a", etag));
      assert(result?.outcome === "done");
      assert.equal(result.etag, stored.items.get("a")?.etag);
      assert.match(stored.items.get("a")?.text ?? "", /new/);
      assert.equal(server.counts()["PUT"], 1);
    });
  });

  Deno.test(`a delete whose answer was lost ${when} it was carried out is done once`, async () => {
    await withDav(losing(when), async ({ server, stored, apply }) => {
      const { etag } = stored.put("a", ics("a"));
      assert.deepEqual(outcomes(await apply(remove("a", etag))), ["done"]);
      assert.equal(stored.items.size, 0);
      assert.equal(server.counts()["DELETE"], 1);
    });
  });
}

Deno.test("a server that rewrote what it took before the answer was lost has taken it", async () => {
  await withDav(losing("after"), async ({ server, stored, apply }) => {
    server.quirks = {
      rewrite: (text) => text.replace("//example//test//EN", "//other//server//EN"),
    };
    assert.deepEqual(outcomes(await apply(create("a"))), ["done"]);
    assert.equal(stored.items.size, 1);
  });
});

Deno.test("where somebody else was quicker after a lost answer, nothing is overwritten", async () => {
  const rows: readonly (readonly [(tag: string) => Action, string])[] = [
    [() => create("a"), "failed: unreachable"],
    [(tag) => update("a", tag), "failed: unreachable"],
    [(tag) => remove("a", tag), "failed: unreachable"],
  ];
  for (const [action, outcome] of rows) {
    const options = losing("before");
    await withDav(options, async ({ server, stored, apply, collection }) => {
      await collection();
      const before = stored.put("a", ics("a", "mine"));
      const theirs = stored.put("a", ics("a", "theirs"));
      const results = await apply(action(before.etag));
      assert.deepEqual(outcomes(results), [outcome]);
      const [result] = results;
      assert(result?.outcome === "failed" && result.error.retry && result.error.scope === "item");
      assert.equal(stored.items.get("a")?.etag, theirs.etag);
      assert.equal(server.counts()["PUT"], undefined);
    });
  }
});

Deno.test("a gateway that lost the answer is no reason to write twice", async () => {
  for (const status of [502, 503, 504]) {
    await withDav({}, async ({ server, stored, apply, collection }) => {
      await collection();
      server.quirks = {
        alter: ({ method, number }, response) =>
          method === "PUT" && number > 0 ? new Response(null, { status }) : response,
      };
      const [result] = await apply(create("a"));
      assert(result?.outcome === "done");
      assert.equal(server.counts()["PUT"], 1);
      assert.equal(stored.items.size, 1);
    });
  }
});

Deno.test("a server that loses every answer is given up, and the failure says that it may have been done", async () => {
  await withDav(losing("before", 100), async ({ server, stored, apply }) => {
    const [result] = await apply(create("a"));
    assert(result?.outcome === "failed");
    assert.equal(result.error.retry, true);
    assert.equal(result.error.scope, "item");
    assert.equal(server.counts()["GET"], 4);
    assert.equal(stored.items.size, 0);
  });
});

Deno.test("where even the look fails after a lost answer, the failure says that it may have been done", async () => {
  const rows = [
    [403, "item", "unreachable"],
    [401, "storage", "unauthorised"],
    [500, "item", "unreachable"],
  ] as const;
  for (const [status, scope, kind] of rows) {
    await withDav(losing("after"), async ({ server, stored, apply, collection }) => {
      await collection();
      server.quirks = {
        fault: ({ method }) => method === "GET" ? new Response(null, { status }) : undefined,
      };
      const [result] = await apply(create("a"));
      assert(result?.outcome === "failed");
      assert.deepEqual([result.error.scope, result.error.kind, result.error.retry], [
        scope,
        kind,
        true,
      ]);
      assert.equal(stored.items.size, 1);
    });
  }
});

Deno.test("a server that has gone away fails what is left at once", async () => {
  await withDav({}, async ({ server, storage, collection }) => {
    const work = await collection();
    await server.close();
    async function* actions(): AsyncGenerator<Action> {
      for (let n = 0; n < 200; n++) yield create(`item${n}`);
      await Promise.resolve();
    }
    const results = await Array.fromAsync(storage.apply(work, actions(), never));
    assert.equal(results.length, 200);
    for (const result of results) {
      assert(result.outcome === "failed");
      assert.equal(result.error.kind, "unreachable");
      assert.equal(result.error.scope, "storage");
    }
  });
});

Deno.test("a login that is refused stops the rest without more requests", async () => {
  await withDav({ storage: { connections: 2 } }, async ({ server, apply, collection }) => {
    await collection();
    server.quirks = { fault: () => new Response(null, { status: 401 }) };
    const results = await apply(...Array.from({ length: 20 }, (_, n) => create(`item${n}`)));
    assert(outcomes(results).every((outcome) => outcome === "failed: unauthorised"));
    assert(server.requests.length <= 2);
  });
});

Deno.test("after the signal nothing is begun; what was begun is told, and the rest is not", async () => {
  await withDav(
    { storage: { connections: 2 } },
    async ({ server, stored, storage, collection }) => {
      const work = await collection();
      server.quirks = { latency: 40 };
      const controller = new AbortController();
      const actions = async function* (): AsyncGenerator<Action> {
        for (let n = 0; n < 20; n++) yield create(`item${n}`);
        await Promise.resolve();
      };
      setTimeout(() => controller.abort(), 60);
      const results: Result[] = [];
      for await (const result of storage.apply(work, actions(), controller.signal)) {
        results.push(
          result,
        );
      }
      assert(results.length > 0 && results.length <= 6, String(results.length));
      assert(results.every(({ outcome }) => outcome === "done"));
      assert.equal(stored.items.size, results.length);
    },
  );
});

Deno.test("a server that does not answer does not hold up a stop", async () => {
  await withDav({}, async ({ server, storage, collection }) => {
    const work = await collection();
    server.quirks = { latency: 2_200 };
    const actions = async function* (): AsyncGenerator<Action> {
      yield create("a");
      await Promise.resolve();
    };
    const begun = performance.now();
    const results = await Array.fromAsync(storage.apply(work, actions(), AbortSignal.timeout(20)));
    assert.deepEqual(results, []);
    assert(performance.now() - begun < 2_000);
  });
});

Deno.test("a storage that is read-only writes nothing", async () => {
  await withDav({ storage: { readOnly: true } }, async ({ server, storage, collection, apply }) => {
    const work = await collection();
    assert.equal(storage.capabilities.readOnly, true);
    assert.deepEqual(outcomes(await apply(create("a"), remove("b", '"x"'))), [
      "failed: forbidden",
      "failed: forbidden",
    ]);
    await assert.rejects(storage.setProperty(work, "color", "#ff0000", never), {
      kind: "forbidden",
    });
    await assert.rejects(storage.deleteCollection(work, never), { kind: "forbidden" });
    assert.equal(server.requests.length, 0);
  });
});

Deno.test("there are no flags to set, and an href elsewhere is no place to write to", async () => {
  await withDav({}, async ({ server, apply, collection }) => {
    await collection();
    const flags: Action = {
      kind: "setFlags",
      id: 1,
      ident: ident("a"),
      href: at("a"),
      etag: etag("x"),
      was: NO_FLAGS,
      flags: NO_FLAGS,
    };
    const away: Action = {
      ...create("a"),
      id: 2,
      href: "https://evil.example.net/x" as typeof flags.href,
    };
    assert.deepEqual(outcomes(await apply(flags, away)), ["failed: refused", "failed: refused"]);
    assert.equal(server.requests.length, 0);
  });
});

Deno.test("an item whose bytes cannot be had fails alone", async () => {
  await withDav({}, async ({ apply }) => {
    const broken = create("a");
    assert(broken.kind === "create");
    const error = new SyncError("gone", { scope: "item", kind: "missing" });
    const body = { ...broken.content.body, bytes: () => Promise.reject(error) };
    const action = { ...broken, content: { ...broken.content, body } };
    assert.deepEqual(outcomes(await apply(action, create("b"))), ["failed: missing", "done"]);
  });
});

Deno.test("new names are below the collection, and the same each time", async () => {
  await withDav({}, async ({ storage, collection }) => {
    const work = await collection();
    assert.equal(storage.hrefFor(work, ident("uid-1"), 0), `${CALENDARS}work/uid-1.ics`);
    assert.match(
      storage.hrefFor(work, ident("../../x"), 0),
      /^\/calendars\/user\/work\/[a-z0-9][a-z0-9-]*\.ics$/,
    );
    assert.notEqual(
      storage.hrefFor(work, ident("uid-1"), 1),
      storage.hrefFor(work, ident("uid-1"), 0),
    );
    assert.equal(
      storage.hrefFor(work, ident("uid-1"), 1),
      storage.hrefFor(work, ident("uid-1"), 1),
    );
  });
});
