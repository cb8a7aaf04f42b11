/** Which collections are a storage's own, and what they are called. */

import assert from "node:assert/strict";
import { CALENDARS, PRINCIPAL } from "../../support/dav_server.ts";
import { never, withDav } from "../../support/dav_world.ts";

/** A multistatus of calendars, in this order. */
function calendars(home: string, names: readonly string[]): Response {
  const rows = [
    [home, "<D:collection/>"],
    ...names.map((name) => [`${home}${name}/`, "<D:collection/><C:calendar/>"]),
  ].map(([href, type]) =>
    `<D:response><D:href>${href}</D:href><D:propstat><D:prop><D:resourcetype>${type}` +
    "</D:resourcetype></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
  );
  return new Response(
    '<D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">' +
      `${rows.join("")}</D:multistatus>`,
    { status: 207 },
  );
}

/** The ids of what an account has, by their paths. */
async function idsOf(
  homes: readonly (readonly [path: string, names: readonly string[]])[],
  idSegment: "last" | "second-last" = "last",
): Promise<Readonly<Record<string, string>>> {
  const ids: Record<string, string> = {};
  await withDav({ path: "/", storage: { idSegment } }, async ({ server, storage }) => {
    server.quirks = {
      async alter({ path }, response) {
        if (path !== PRINCIPAL) return response;
        const hrefs = homes.map(([home]) => `<D:href>${home}</D:href>`).join("");
        const text = (await response.text()).replace(`<D:href>${CALENDARS}</D:href>`, hrefs);
        return new Response(text, response);
      },
      fault({ path, method }) {
        const names = homes.find(([home]) => home === path)?.[1];
        return method === "PROPFIND" && names !== undefined ? calendars(path, names) : undefined;
      },
    };
    for (const { href, id } of await storage.collections(never)) ids[href] = id;
  });
  return ids;
}

Deno.test("what collections of one name are called does not depend on the order in which they are listed", async () => {
  const mine = ["/zoe/", ["work", "home"]] as const;
  const shared = ["/shared/", ["work", "b"]] as const;
  const other = ["/other/", ["b", "work"]] as const;
  const turned = ([path, names]: typeof mine | typeof shared | typeof other) =>
    [path, names.toReversed()] as const;
  const ids = await idsOf([mine, shared, other]);
  assert.equal(ids["/zoe/work/"], "work");
  assert.equal(ids["/zoe/home/"], "home");
  assert.equal(ids["/other/b/"], "b");
  assert.match(ids["/shared/b/"] ?? "", /^b-[0-9a-f]{8}$/);
  assert.match(ids["/shared/work/"] ?? "", /^work-[0-9a-f]{8}$/);
  assert.equal(new Set(Object.values(ids)).size, 6);
  // The hash is that of the whole url, and each server of the tests has a port of its own.
  const plain = (all: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(all).map(([href, id]) => [href, id.replace(/-[0-9a-f]{8}$/, "-#")]),
    );
  assert.deepEqual(plain(await idsOf([turned(mine), other, shared])), plain(ids));
  assert.deepEqual(plain(await idsOf([mine, turned(other), turned(shared)])), plain(ids));
});

Deno.test("nor does it within one home set", async () => {
  const names = ["b", "c", "a"];
  for (const order of [names, names.toReversed()]) {
    const ids = await idsOf([["/zoe/", order]], "second-last");
    assert.equal(ids["/zoe/a/"], "zoe");
    assert.match(ids["/zoe/b/"] ?? "", /^zoe-[0-9a-f]{8}$/);
    assert.match(ids["/zoe/c/"] ?? "", /^zoe-[0-9a-f]{8}$/);
  }
});

Deno.test("an account holds what is below its home set, and nothing else", async () => {
  await withDav({}, async ({ server, storage }) => {
    const holds = (path: string, origin = server.origin) => storage.holds?.(origin + path);
    assert.equal(holds(`${CALENDARS}work/`), false, "it is not known yet where that is");
    await storage.collections(never);
    assert.equal(holds(`${CALENDARS}work/`), true);
    assert.equal(holds(`${CALENDARS}gone/`), true);
    assert.equal(holds("/calendars/user2/work/"), false);
    assert.equal(holds("/calendars/other/work/"), false);
    assert.equal(holds(`${CALENDARS}work/`, "https://old.example"), false);
    assert.equal(storage.holds?.("/home/alice/calendars/work"), false);
  });
});

Deno.test("a storage of one calendar holds that one alone", async () => {
  await withDav({ path: `${CALENDARS}work/` }, async ({ server, storage }) => {
    server.addCalendar("other");
    await storage.collections(never);
    assert.equal(storage.holds?.(`${server.origin}${CALENDARS}work/`), true);
    assert.equal(storage.holds?.(`${server.origin}${CALENDARS}other/`), false);
    assert.equal(storage.holds?.(`${server.origin}${CALENDARS}`), false);
  });
});
