/** What a server will not say for now is not absent. */

import assert from "node:assert/strict";
import { CALENDARS, type DavQuirks } from "../../support/dav_server.ts";
import { type DavWorld, never, withDav } from "../../support/dav_world.ts";

const PATH = `${CALENDARS}work/`;

/** Says `status` of the property of this local name, wherever an answer tells of `work`. */
function refusing(local: string, status: number): DavQuirks {
  const property = new RegExp(`<(\\w+):${local}>.*?</\\1:${local}>|<\\w+:${local}/>`, "s");
  return {
    async alter({ method }, response) {
      if (method !== "PROPFIND") return response;
      const href = `<D:href>${PATH}</D:href>`;
      const [before = "", after] = (await response.text()).split(href);
      if (after === undefined || !property.test(after)) return new Response(before, response);
      const stat = `<D:propstat><D:prop><D:${local}/></D:prop>` +
        `<D:status>HTTP/1.1 ${status} No</D:status></D:propstat>`;
      return new Response(before + href + stat + after.replace(property, ""), response);
    },
  };
}

/** Says this status of the resource as a whole. */
function withholding(path: string, status: number): DavQuirks {
  return {
    async alter({ method }, response) {
      if (method !== "PROPFIND") return response;
      const row = new RegExp(`(<D:href>${path}</D:href>).*?(</D:response>)`, "s");
      const said = `$1<D:status>HTTP/1.1 ${status} No</D:status>$2`;
      return new Response((await response.text()).replace(row, said), response);
    },
  };
}

for (const status of [500, 503, 403, 423, 401]) {
  Deno.test(`a name of which the server says ${status} is not read, which is not none`, async () => {
    await withDav({}, async ({ server, stored, storage }) => {
      stored.properties.set("{DAV:}displayname", "Work");
      stored.properties.set("{http://apple.com/ns/ical/}calendar-color", "#ff0000");
      const [before] = await storage.collections(never);
      assert.deepEqual(before?.properties, { displayname: "Work", color: "#ff0000" });
      assert.equal(before?.unread, undefined);
      server.quirks = refusing("displayname", status);
      const [after] = await storage.collections(never);
      assert.deepEqual(after?.properties, { color: "#ff0000" });
      assert.deepEqual(after?.unread, ["displayname"]);
    });
  });
}

Deno.test("a name of which the server says 404 is none", async () => {
  await withDav({}, async ({ server, stored, storage }) => {
    stored.properties.set("{DAV:}displayname", "Work");
    server.quirks = refusing("displayname", 404);
    const [work] = await storage.collections(never);
    assert.deepEqual([work?.properties, work?.unread], [{}, undefined]);
  });
});

Deno.test("a description that is longer than any that is taken is there all the same", async () => {
  await withDav({}, async ({ stored, storage }) => {
    const name = "{urn:ietf:params:xml:ns:caldav}calendar-description";
    stored.properties.set(name, "x".repeat(70_000));
    const [work] = await storage.collections(never);
    assert.deepEqual([work?.properties, work?.unread], [{}, ["description"]]);
    stored.properties.set(name, "");
    assert.equal((await storage.collections(never))[0]?.unread, undefined);
  });
});

Deno.test("a name that was set and cannot be read back is not said to be set", async () => {
  await withDav({}, async ({ server, storage, collection }) => {
    const work = await collection();
    server.quirks = refusing("displayname", 503);
    await assert.rejects(storage.setProperty(work, "displayname", "Work", never), {
      scope: "collection",
      retry: true,
    });
  });
});

const UNTOLD: readonly (readonly [what: string, quirks: DavQuirks])[] = [
  ...[401, 403, 423, 429, 500].map((status) =>
    [`the type is ${status}`, refusing("resourcetype", status)] as const
  ),
  ...[401, 403, 423, 429, 500].map((status) =>
    [`the whole is ${status}`, withholding(PATH, status)] as const
  ),
];

const throwsUntold = ({ storage }: DavWorld) =>
  assert.rejects(storage.collections(never), {
    scope: "storage",
    message: /does not say what .*work.* is/,
    hint: /with its url/,
  });

for (const [what, quirks] of UNTOLD) {
  Deno.test(`a calendar is not gone because ${what}`, async () => {
    await withDav({}, async (world) => {
      assert.equal((await world.storage.collections(never)).length, 1);
      world.server.quirks = quirks;
      await throwsUntold(world);
    });
  });

  Deno.test(`the calendar that the url names is not gone, nor another, because ${what}`, async () => {
    await withDav({ path: PATH }, async (world) => {
      world.server.addCalendar("other");
      world.server.quirks = quirks;
      await throwsUntold(world);
      world.server.quirks = {};
      assert.deepEqual((await world.storage.collections(never)).map(({ id }) => id), ["work"]);
      world.server.quirks = quirks;
      await throwsUntold(world);
    });
  });
}

for (const status of [404, 410]) {
  Deno.test(`a calendar of which the server says ${status} is gone`, async () => {
    await withDav({}, async ({ server, storage }) => {
      server.quirks = withholding(PATH, status);
      assert.deepEqual(await storage.collections(never), []);
    });
  });

  Deno.test(`a home set of which the server says ${status} is gone, and not empty`, async () => {
    await withDav({}, async ({ server, storage }) => {
      assert.equal((await storage.collections(never)).length, 1);
      server.quirks = {
        fault: ({ method, path }) =>
          method === "PROPFIND" && path === CALENDARS
            ? new Response(
              `<D:multistatus xmlns:D="DAV:"><D:response><D:href>${CALENDARS}</D:href>` +
                `<D:status>HTTP/1.1 ${status} No</D:status></D:response></D:multistatus>`,
              { status: 207 },
            )
            : undefined,
      };
      await assert.rejects(storage.collections(never), { scope: "storage", kind: "missing" });
    });
  });
}

Deno.test("where the answer has nothing of the calendar that the url names, it is not gone silently", async () => {
  await withDav({ path: PATH }, async ({ server, storage }) => {
    await storage.collections(never);
    server.quirks = {
      alter: ({ method }, response) =>
        method === "PROPFIND"
          ? new Response('<D:multistatus xmlns:D="DAV:"/>', { status: 207 })
          : response,
    };
    await assert.rejects(storage.collections(never), { scope: "storage", kind: "missing" });
  });
});
