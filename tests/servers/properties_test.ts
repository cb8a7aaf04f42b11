/** The properties of collections in both directions, on every server, and versions of vCard. */

import assert from "node:assert/strict";
import { type AccountKind, ACCOUNTS, isAccountInstalled } from "../support/acceptance_account.ts";
import { type Bench, withBench } from "../support/acceptance_bench.ts";

const PROPERTIES = {
  displayname: ["DAV:", "displayname"],
  color: ["http://apple.com/ns/ical/", "calendar-color"],
  description: ["urn:ietf:params:xml:ns:caldav", "calendar-description"],
  order: ["http://apple.com/ns/ical/", "calendar-order"],
} as const;

type Property = keyof typeof PROPERTIES;

const CONTACTS_DESCRIPTION = ["urn:ietf:params:xml:ns:carddav", "addressbook-description"] as const;

/** What a server does not keep, as tests/contract/deviations.ts has it. */
const NOT_KEPT: Readonly<Partial<Record<AccountKind, readonly Property[]>>> = {
  Xandikos: ["description", "order"],
};

/** How a property is called in DAV. */
const tagOf = (property: Property, of: "calendar" | "addressbook") =>
  property === "description" && of === "addressbook" ? CONTACTS_DESCRIPTION : PROPERTIES[property];

/** Sets a property as an independent client does. */
async function setThere(
  bench: Bench,
  property: Property,
  value: string,
  of: "calendar" | "addressbook" = "calendar",
): Promise<void> {
  const [space, name] = tagOf(property, of);
  const { status, text } = await bench.account.ask("PROPPATCH", bench.collection, {
    body: `<?xml version="1.0"?><D:propertyupdate xmlns:D="DAV:"><D:set><D:prop>` +
      `<x:${name} xmlns:x="${space}">${value}</x:${name}></D:prop></D:set></D:propertyupdate>`,
  });
  assert.equal(status, 207, text);
  assert.match(text, /\b200\b/, text);
}

async function getThere(
  bench: Bench,
  property: Property,
  of: "calendar" | "addressbook" = "calendar",
): Promise<string | undefined> {
  const [space, name] = tagOf(property, of);
  const { text } = await bench.account.ask("PROPFIND", bench.collection, {
    headers: { Depth: "0" },
    body: `<?xml version="1.0"?><D:propfind xmlns:D="DAV:"><D:prop>` +
      `<x:${name} xmlns:x="${space}"/></D:prop></D:propfind>`,
  });
  const value = new RegExp(`<(?:\\w+:)?${name}[^>/]*>(?:<!\\[CDATA\\[)?([^<\\]]*)[<\\]]`).exec(
    text,
  );
  return value?.[1];
}

const here = async ({ folder }: Bench, property: Property): Promise<string | undefined> => {
  try {
    return (await Deno.readTextFile(`${folder}/${property}`)).trim();
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return undefined;
    throw thrown;
  }
};

const setHere = (bench: Bench, property: Property, value: string) =>
  Deno.writeTextFile(`${bench.folder}/${property}`, value);

/** Apple writes the opacity too, which is no change. */
const plain = (value: string | undefined) => value?.replace(/^(#[0-9a-f]{6})ff$/i, "$1");

for (const kind of ACCOUNTS) {
  Deno.test(`${kind}: properties of a calendar travel both ways, and conflicts are left`, {
    ignore: !isAccountInstalled(kind),
  }, () =>
    withBench(async (bench) => {
      const { sync, quiet, configure, desk } = bench;
      const kept = (["displayname", "color", "description", "order"] as const)
        .filter((property) => !(NOT_KEPT[kind] ?? []).includes(property));
      const both = async (property: Property, value: string) => {
        assert.equal(plain(await here(bench, property)), value, property);
        assert.equal(plain(await getThere(bench, property)), value, property);
      };
      const first = {
        displayname: "Größe",
        color: "#ff8800",
        description: "What is due",
        order: "3",
      };
      const second = {
        displayname: "日本語",
        color: "#0000ff",
        description: "Später",
        order: "11",
      };

      // Most servers call it by the last segment of its path as long as nobody has named it.
      for (const property of kept) await setHere(bench, property, `${first[property]}\n`);
      await sync();
      for (const property of kept) await both(property, first[property]);
      await quiet();
      for (const property of kept) await setThere(bench, property, second[property]);
      await sync();
      for (const property of kept) await both(property, second[property]);
      await quiet();

      await setHere(bench, "color", "#111111");
      await setThere(bench, "color", "#222222");
      await setHere(bench, "displayname", "Mine");
      const { stdout } = await sync(2);
      assert.match(stdout, /conflict.*color.*#111111.*#222222/);
      await both("displayname", "Mine");
      assert.equal(plain(await here(bench, "color")), "#111111");
      assert.equal(plain(await getThere(bench, "color")), "#222222");
      await desk.expect(2, "resolve-conflicts", "-n");
      await desk.expect(0, "resolve-conflicts", "--keep", "b");
      await both("color", "#222222");
      await quiet();

      // A pair may leave them alone, or some of them.
      await configure({ pair: ["collection work", "properties color"] });
      await setHere(bench, "displayname", "Not to be copied");
      await setHere(bench, "color", "#333333");
      await sync();
      await both("color", "#333333");
      assert.equal(await getThere(bench, "displayname"), "Mine");
      await configure({ pair: ["collection work", "properties none"] });
      await setHere(bench, "color", "#444444");
      await quiet();
      assert.equal(plain(await getThere(bench, "color")), "#333333");
    }, { server: kind }));

  Deno.test(
    `${kind}: cards are of the version that was asked for, and the address book has its name`,
    {
      ignore: !isAccountInstalled(kind),
    },
    () =>
      withBench(async (bench) => {
        const { configure, sync, put, read, quiet, write, names, get } = bench;
        await configure({ there: ["vcard_version 4.0"] });
        const card = (version: string, uid: string, ...more: readonly string[]) =>
          [
            "BEGIN:VCARD",
            `VERSION:${version}`,
            `UID:${uid}`,
            "FN:Grace Hopper",
            "N:Hopper;Grace;;;",
            ...more,
            "END:VCARD",
            "",
          ].join("\r\n");
        await write("here.vcf", card("4.0", "here", "TEL;VALUE=uri;TYPE=cell:tel:+49-170-1"));
        await put("there.vcf", card("4.0", "there", "TEL;VALUE=uri;TYPE=cell:tel:+49-170-2"));
        await sync();
        for (const name of (await names()).home) {
          assert.match(await read(name), /^VERSION:4\.0\r?$/m, name);
        }
        assert.equal((await names()).home.length, 2);
        assert.match(await read("there.vcf"), /tel:\+49-170-2/);
        await quiet();
        const asked = bench.proxy.passed.map(({ text }) => text).join("");
        assert.doesNotMatch(asked, /version="3\.0"/);
        // An edit there comes back as the same version.
        await put("there.vcf", card("4.0", "there", "TEL;VALUE=uri;TYPE=cell:tel:+49-170-3"));
        await sync();
        assert.match(await read("there.vcf"), /VERSION:4\.0[^]*tel:\+49-170-3/);
        assert.match(await get("here.vcf"), /\+49-170-1/);
        await quiet();

        // Address books have a name and a description, and these travel too.
        await setHere(bench, "displayname", "Freunde");
        await setThere(bench, "description", "Whom I know", "addressbook");
        await sync();
        assert.equal(await getThere(bench, "displayname", "addressbook"), "Freunde");
        assert.equal(await here(bench, "description"), "Whom I know");
        await setThere(bench, "displayname", "Friends", "addressbook");
        await setHere(bench, "description", "Wen ich kenne");
        await sync();
        assert.equal(await here(bench, "displayname"), "Friends");
        assert.equal(await getThere(bench, "description", "addressbook"), "Wen ich kenne");
        await quiet();
      }, { server: kind, type: "carddav" }),
  );
}
