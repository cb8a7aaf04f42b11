import assert from "node:assert/strict";
import { type CarddavOptions, openCarddav } from "../../../adapters/carddav/mod.ts";
import { readContact } from "../../../lib/item/vcard.ts";
import type { Fetched } from "../../../lib/model/item.ts";
import { href, storageName } from "../../../lib/model/names.ts";
import { Secret } from "../../../lib/model/secret.ts";
import type { Collection, Storage } from "../../../lib/model/storage.ts";
import { type DavServer, startDavServer } from "../../support/dav_server.ts";
import { isCyrusInstalled, startCyrus } from "../../support/servers/cyrus.ts";

const never = new AbortController().signal;
const VERSIONS = ["3.0", "4.0"] as const;

const card = (uid: string, version = "4.0"): string =>
  [
    "BEGIN:VCARD",
    `VERSION:${version}`,
    `UID:${uid}`,
    "N:Doe;Jane;;;",
    "FN:Jane Doe",
    "END:VCARD",
    "",
  ]
    .join("\r\n");

async function withServer(
  run: (
    server: DavServer,
    open: (options?: Partial<CarddavOptions>) => Promise<[Storage, Collection]>,
  ) => Promise<void>,
): Promise<void> {
  const server = startDavServer();
  const book = server.addAddressbook("book");
  for (let n = 0; n < 60; n++) book.put(`${n}.vcf`, card(`uid-${n}`));
  const opened: Storage[] = [];
  try {
    await run(server, async (options = {}) => {
      const url = `${server.origin}/`;
      const storage = openCarddav({ name: storageName("book"), url, ...options });
      opened.push(storage);
      const [collection] = await storage.collections(never);
      server.requests.splice(0);
      return [storage, collection ?? assert.fail("there is no address book")];
    });
  } finally {
    for (const storage of opened) await storage.close();
    await server.close();
  }
}

const at = (n: number) => href(`/addressbooks/user/book/${n}.vcf`);
const all = Array.from({ length: 60 }, (_, n) => at(n));

async function fetched(
  storage: Storage,
  collection: Collection,
  hrefs: readonly ReturnType<typeof href>[],
  whole = false,
): Promise<readonly Fetched[]> {
  const options = { signal: never, all: whole };
  return (await Array.fromAsync(storage.fetch(collection, hrefs, options))).flat();
}

for (const vcardVersion of VERSIONS) {
  Deno.test(`each way to fetch a card asks for version ${vcardVersion}, if that is wanted`, async () => {
    await withServer(async (server, open) => {
      const [storage, collection] = await open({ vcardVersion });
      assert.equal((await fetched(storage, collection, all, true)).length, 60);
      assert.equal((await fetched(storage, collection, all.slice(0, 5))).length, 5);
      server.quirks = { multigetFails: 501 };
      assert.equal((await fetched(storage, collection, all.slice(0, 5))).length, 5);

      const said = server.requests.flatMap(({ method, headers, text }) => {
        if (method === "GET") return [`GET ${headers.get("accept")}`];
        if (!text.includes("address-data")) return [];
        const [, report] = /<cr:(addressbook-\w+)/.exec(text) ?? [];
        const [, attributes] = /<cr:address-data ([^>]*)\/>/.exec(text) ?? [];
        return [`${report} ${attributes}`];
      });
      const asked = `content-type="text/vcard" version="${vcardVersion}"`;
      const accepted = `text/vcard; version=${vcardVersion}, text/vcard;q=0.5, */*;q=0.1`;
      assert.deepEqual(
        new Set(said),
        new Set([
          `addressbook-query ${asked}`,
          `addressbook-multiget ${asked}`,
          `GET ${accepted}`,
        ]),
      );
    });
  });
}

Deno.test("version 3.0 is asked for where none is named", async () => {
  await withServer(async (server, open) => {
    const [storage, collection] = await open();
    await fetched(storage, collection, all.slice(0, 1));
    assert.match(server.requests[0]?.text ?? "", /version="3\.0"/);
  });
});

Deno.test("an account that has address books has a name and a description for each, and no colour", async () => {
  await withServer(async (_server, open) => {
    const [storage, collection] = await open();
    assert.equal(storage.capabilities.kind, "contacts");
    assert.deepEqual(storage.capabilities.properties, ["displayname", "description"]);
    await storage.setProperty(collection, "description", "Who is who", never);
    const [again] = await storage.collections(never);
    assert.deepEqual(again?.properties, { description: "Who is who" });
    await assert.rejects(storage.setProperty(collection, "color", "#ff0000", never), {
      kind: "refused",
    });
  });
});

Deno.test("a url that is none is refused when the account is opened", () => {
  assert.throws(() => openCarddav({ name: storageName("book"), url: "nonsense" }), {
    kind: "malformed",
  });
});

Deno.test({
  name: "Cyrus, which converts, gives a card out in one version however it is fetched",
  ignore: !isCyrusInstalled(),
  fn: async () => {
    const server = await startCyrus();
    const { url, username } = server;
    const headers = {
      authorization: `Basic ${btoa(`${username}:${server.password}`)}`,
      "content-type": "text/vcard",
    };
    try {
      for (let n = 0; n < 60; n++) {
        const body = card(`uid-${n}`, VERSIONS[n % 2]);
        const put = await fetch(`${server.contacts}Default/${n}.vcf`, {
          method: "PUT",
          headers,
          body,
        });
        await put.body?.cancel();
        assert.equal(put.status, 201);
      }
      for (const vcardVersion of VERSIONS) {
        const name = storageName("book");
        const password = new Secret(server.password);
        const storage = openCarddav({ name, url, username, password, vcardVersion });
        const [collection] = await storage.collections(never);
        assert.ok(collection);
        const hrefs = Array.from({ length: 60 }, (_, n) => href(`${collection.href}${n}.vcf`));
        const asAll = await fetched(storage, collection, hrefs, true);
        const byName = await fetched(storage, collection, hrefs.slice(0, 20));
        const digests = new Map(
          asAll.map((one) => [one.state === "present" ? one.item.href : "", one]),
        );
        for (const one of byName) {
          assert.ok(one.state === "present");
          const other = digests.get(one.item.href);
          assert.ok(other?.state === "present");
          assert.equal(one.item.digest, other.item.digest);
          const text = new TextDecoder().decode(await one.item.body.bytes());
          assert.match(text, new RegExp(`^VERSION:${vcardVersion}\r$`, "m"));
        }
        // What a GET gives, which looks after a write whose answer was lost.
        const accept = `text/vcard; version=${vcardVersion}, text/vcard;q=0.5, */*;q=0.1`;
        const got = await fetch(`${server.contacts}Default/0.vcf`, {
          headers: { ...headers, accept },
        });
        const read = readContact(await got.bytes());
        const first = digests.get(hrefs[0] ?? href(""));
        assert.ok(read.state === "read" && first?.state === "present");
        assert.equal(read.digest, first.item.digest);
        await storage.close();
      }
    } finally {
      await server.stop();
    }
  },
});
