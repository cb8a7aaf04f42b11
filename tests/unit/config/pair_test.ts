import assert from "node:assert/strict";
import type { PairConfig } from "../../../lib/config/config.ts";
import { around, complaints, load } from "./support.ts";

async function pair(lines: string): Promise<PairConfig> {
  const { config } = await load(around("pair", lines));
  const [first] = config.pairs;
  assert.ok(first !== undefined);
  return first;
}

Deno.test("a pair has pimsync's defaults, and guards of its own", async () => {
  const { at: _, ...plain } = await pair("");
  assert.deepEqual(plain, {
    name: "main",
    a: "local",
    b: "server",
    kind: "calendar",
    collections: { all: true, fromA: false, fromB: false, ids: [], mappings: [], patterns: [] },
    onEmpty: "skip",
    onDelete: "sync",
    maxDelete: { percent: 50, count: 10 },
    conflicts: { kind: "merge" },
    resolveDuring: "command",
    oneWay: false,
    properties: ["displayname", "color", "description", "order"],
  });
});

Deno.test("every resolution of conflicts is read", async () => {
  const of = async (lines: string) => (await pair(`conflict_resolution ${lines}`)).conflicts;
  assert.deepEqual(await of("keep a"), { kind: "keep", side: "a" });
  assert.deepEqual(await of("keep b"), { kind: "keep", side: "b" });
  for (const kind of ["newest", "merge", "both", "none"]) {
    assert.deepEqual(await of(kind), { kind });
  }
  assert.deepEqual(await of("cmd ~/bin/m -x"), { kind: "cmd", argv: ["/home/u/bin/m", "-x"] });
  const { resolveDuring } = await pair("conflict_resolution cmd m\nresolve_during sync");
  assert.equal(resolveDuring, "sync");
});

Deno.test("max_delete is a share and a number, or off", async () => {
  const of = async (lines: string) => (await pair(`max_delete ${lines}`)).maxDelete;
  assert.deepEqual(await of("20%"), { percent: 20, count: 10 });
  assert.deepEqual(await of("0% 0"), { percent: 0, count: 0 });
  assert.deepEqual(await of("100% 5000"), { percent: 100, count: 5000 });
  assert.equal(await of("off"), undefined);
});

Deno.test("properties, one_way, on_delete and a hook are read", async () => {
  const of = async (lines: string) => (await pair(`properties ${lines}`)).properties;
  assert.deepEqual(await of("none"), []);
  assert.deepEqual(await of("all"), ["displayname", "color", "description", "order"]);
  assert.deepEqual(await of("order color"), ["color", "order"]);
  const read = await pair("one_way\non_delete skip\nhook ~/bin/h x");
  assert.deepEqual([read.oneWay, read.onDelete, read.hook], [true, "skip", [
    "/home/u/bin/h",
    "x",
  ]]);
});

Deno.test("collections of different names are mapped by id or by href", async () => {
  const { collections } = await pair(
    "collection plain\ncollection {\n  alias work\n  id_a office\n  href_b /dav/x/\n}\n" +
      "collection {\n  alias other\n  href_a folder\n  id_b other\n}",
  );
  assert.deepEqual(collections.ids, ["plain"]);
  assert.deepEqual(collections.mappings.map(({ at: _, ...rest }) => rest), [
    { alias: "work", a: { id: "office" }, b: { href: "/dav/x/" } },
    { alias: "other", a: { href: "folder" }, b: { id: "other" } },
  ]);
});

const MAPPED = "collection {\n  alias x\n  id_a y\n  id_b z\n}\n";

const MISTAKES: readonly (readonly [lines: string, said: readonly string[]])[] = [
  ["collection {\n  id_a x\n}", [
    'error 13:3+10: this collection has no "alias" (add a line like this: alias ID)',
    'error 13:3+10: this collection has no "id_b", and no "href_b" (add a line like this: id_b ID)',
  ]],
  ["collection {\n  alias x\n  id_a x\n  href_a y\n  id_b z\n}", [
    'error 16:5+6: this collection has "id_a" and "href_a" (leave one of them out)',
  ]],
  ["collection x {\n}", ['error 13:14+1: "collection" takes a value or a block, not both']],
  ["collection {\n  alias a/b\n  id_a x\n  id_b x\n}", [
    'error 14:11+3: "a/b" cannot be the id of a collection: it has a "/"',
  ]],
  ["collection {\n  name x\n}", [
    'error 13:3+10: this collection has no "alias" (add a line like this: alias ID)',
    'error 13:3+10: this collection has no "id_a", and no "href_a" (add a line like this: id_a ID)',
    'error 13:3+10: this collection has no "id_b", and no "href_b" (add a line like this: id_b ID)',
    'error 14:5+4: unknown directive "name" (known in the block of a collection are alias, id_a, href_a, id_b and href_b)',
  ]],
  [`collection x\n${MAPPED}`, ['error 14:3+10: "alias x" is mapped already']],
  [`collection y\n${MAPPED}`, ['error 14:3+10: "id_a y" is mapped already']],
  [`${MAPPED}collection {\n  alias w\n  id_a v\n  id_b z\n}`, [
    'error 18:3+10: "id_b z" is mapped already',
  ]],
  [`${MAPPED}collection {\n  alias z\n  id_a z\n  id_b y\n}`, []],
  ["conflict_resolution", [
    'error 13:3+19: "conflict_resolution" needs a value (write it like this: conflict_resolution keep a | keep b | newest | merge | both | none | cmd PROGRAM [ARGUMENT...])',
  ]],
  ["conflict_resolution keep c", [
    'error 13:23+6: "conflict_resolution" takes keep a, keep b, newest, merge, both, none or cmd, not "keep c" (did you mean "keep a"?)',
  ]],
  ["conflict_resolution cmd", ['error 13:23+3: "cmd" has nothing to run']],
  ["resolve_during sync", [
    'warning 13:3+14: "resolve_during" is of use only with "conflict_resolution cmd"',
  ]],
  ["max_delete 20", [
    'error 13:14+2: "max_delete" takes a share from 0% to 100%, or off (write 20%)',
  ]],
  ["max_delete 101%", [
    'error 13:14+4: "max_delete" takes a share from 0% to 100%, or off (write it like this: max_delete 20% 50)',
  ]],
  ["max_delete off 3", ['error 13:18+1: "off" stands alone']],
  ["max_delete 5% x", ['error 13:17+1: "x" is no number of items']],
  ["max_delete 5% 1 2", ['error 13:19+1: "max_delete" takes a share and a number']],
  ["properties none color", ['error 13:14+4: "none" stands alone']],
  ["properties colour", [
    'error 13:14+6: "properties" takes displayname, color, description, order, subscribed, all or none, not "colour" (did you mean "color"?)',
  ]],
  ["one_way yes", ['error 13:11+3: "one_way" takes no parameter']],
  ["on_delete yes", ['error 13:13+3: "on_delete" takes sync or skip, not "yes"']],
];

for (const [lines, problems] of MISTAKES) {
  Deno.test(`pair: what is said of ${JSON.stringify(lines)}`, async () => {
    assert.deepEqual(await complaints(around("pair", lines)), problems);
  });
}

Deno.test("a pair of calendars and contacts is refused, and so is a one_way to what is read-only", async () => {
  const text = (types: readonly [a: string, b: string], lines = "") =>
    `storage a {\n  type ${types[0]}\n}\nstorage b {\n  type ${types[1]}\n}\n` +
    `pair p {\n  storage_a a\n  storage_b b\n  collections all\n${lines}\n}\n`;
  assert.deepEqual(
    await complaints(text(["vdir/icalendar\npath /a", "carddav\nurl https://x/"])),
    [
      'error 9:6+1: the pair "p" is of two kinds: "a" has calendars, "b" has contacts (look at the types of its storages)',
    ],
  );
  assert.deepEqual(
    await complaints(
      text(["vdir/icalendar\npath /a", "caldav\nurl https://x/\nread_only"], "one_way"),
    ),
    [
      'error 14:1+7: with one_way only "b" is written to, and that is read-only (swap storage_a and storage_b)',
    ],
  );
  assert.deepEqual(
    await complaints(
      text(["webcal\nurl https://x/\ncollection_id x", "webcal\nurl https://y/\ncollection_id x"]),
    ),
    ['error 11:6+1: both storages of the pair "p" are read-only, so nothing can be kept in step'],
  );
});
