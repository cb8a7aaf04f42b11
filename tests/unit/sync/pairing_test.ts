import { deepStrictEqual, ok } from "node:assert/strict";
import { collectionId, href, type Sides, storageName } from "../../../lib/model/names.ts";
import type { CollectionKey } from "../../../lib/model/status.ts";
import type { Collection } from "../../../lib/model/storage.ts";
import { pairCollections, type PairingInput, type Pairings } from "../../../lib/sync/pairing.ts";

const collection = (side: string, id: string, identity = `${side}:/${id}`): Collection => ({
  id: collectionId(id),
  href: href(`/${id}/`),
  identity,
  properties: {},
});

const key = (id: string, a = `a:/${id}`, b = `b:/${id}`): CollectionKey => ({
  id: collectionId(id),
  identities: { a, b },
});

interface Given extends Partial<Omit<PairingInput, "collections" | "wanted">> {
  readonly a?: readonly Collection[];
  readonly b?: readonly Collection[];
  readonly wanted?: Partial<PairingInput["wanted"]>;
}

const pairing = ({ a = [], b = [], wanted, ...rest }: Given): Pairings =>
  pairCollections({
    collections: { a, b },
    names: { a: storageName("home"), b: storageName("server") },
    readOnly: { a: false, b: false },
    wanted: { fromA: false, fromB: false, ids: [], ...wanted },
    onDelete: "sync",
    oneWay: false,
    only: undefined,
    known: [],
    ...rest,
  });

const pair = (given: Given): string[] =>
  pairing(given).pairings.map(({ mapping, held, problems, vanished, inDoubt }) =>
    [
      mapping.id,
      `${mapping.sides.a === undefined ? "-" : "a"}${mapping.sides.b === undefined ? "-" : "b"}`,
      ...(mapping.knownAs === undefined ? [] : [`known as: ${mapping.knownAs}`]),
      ...(vanished === undefined ? [] : [`vanished: ${vanished}`]),
      ...(inDoubt === undefined ? [] : [`in doubt: ${inDoubt.guard}, ${inDoubt.on}`]),
      ...held.map((it) => `held: ${it.guard}, ${it.on}`),
      ...problems.map((it) => `problem: ${it.error.kind}`),
    ].join(" ")
  );

const A = [collection("a", "work"), collection("a", "only-a")];
const B = [collection("b", "work"), collection("b", "only-b")];

Deno.test("pairCollections() pairs nothing that nobody asked for", () => {
  deepStrictEqual(pair({ a: A, b: B }), []);
});

Deno.test("pairCollections() takes all of both sides, of one side, or those named", () => {
  const all = { fromA: true, fromB: true };
  deepStrictEqual(pair({ a: A, b: B, wanted: all }), ["only-a a-", "only-b -b", "work ab"]);
  deepStrictEqual(pair({ a: A, b: B, wanted: { fromA: true } }), ["only-a a-", "work ab"]);
  deepStrictEqual(pair({ a: A, b: B, wanted: { fromB: true } }), ["only-b -b", "work ab"]);
  const ids = ["work", "new"].map(collectionId);
  deepStrictEqual(pair({ a: A, b: B, wanted: { ids } }), ["new --", "work ab"]);
  deepStrictEqual(pair({ a: A, b: B, wanted: { fromA: true, ids } }), [
    "new --",
    "only-a a-",
    "work ab",
  ]);
});

Deno.test("pairCollections() looks only into those chosen for this run", () => {
  const only = [collectionId("work")];
  deepStrictEqual(pair({ a: A, b: B, wanted: { fromA: true, fromB: true }, only }), ["work ab"]);
});

Deno.test("pairCollections() does not make again what was kept in step and vanished", () => {
  const known = [key("only-b"), key("work")];
  const all = { fromA: true, fromB: true };
  deepStrictEqual(pair({ a: A, b: B, wanted: all, known }), [
    "only-a a-",
    "only-b -b vanished: a",
    "work ab",
  ]);
  // Also where the side that it vanished from is the one that names the collections.
  deepStrictEqual(pair({ a: A, b: B, wanted: { fromA: true }, known }), [
    "only-a a-",
    "only-b -b vanished: a",
    "work ab",
  ]);
});

Deno.test("pairCollections() leaves a vanished collection where that is wished, or nothing may be written", () => {
  const known = [key("only-b")];
  const all = { fromA: true, fromB: true };
  const there = { a: [], b: [collection("b", "only-b")], wanted: all, known };
  deepStrictEqual(pair({ ...there, onDelete: "skip" }), ["only-b -b held: on_delete, b"]);
  deepStrictEqual(pair({ ...there, readOnly: { a: false, b: true } }), [
    "only-b -b held: read only, b",
  ]);
});

Deno.test("pairCollections() makes a copy that goes one way again, and takes nothing from it", () => {
  const all = { fromA: true, fromB: true };
  const known = [key("only-a"), key("only-b")];
  deepStrictEqual(pair({ a: A, b: B, wanted: all, known, oneWay: true }), [
    "only-a a-",
    "only-b -b vanished: a",
    "work ab",
  ]);
  deepStrictEqual(pair({ a: A, b: B, wanted: all, oneWay: true }), ["only-a a-", "work ab"]);
});

const mapping = (alias: string, a: string, b: string) => ({
  alias: collectionId(alias),
  a: a.startsWith("/") ? { href: href(a) } : { id: collectionId(a) },
  b: b.startsWith("/") ? { href: href(b) } : { id: collectionId(b) },
});

Deno.test("pairCollections() puts together what is mapped by id or by path, and once", () => {
  const mappings = [mapping("mine", "only-a", "/only-b")];
  deepStrictEqual(pair({ a: A, b: B, wanted: { mappings } }), ["mine ab"]);
  // Those that come by their ids are the others.
  const all = { fromA: true, fromB: true };
  deepStrictEqual(pair({ a: A, b: B, wanted: { ...all, mappings } }), ["mine ab", "work ab"]);
  const { pairings: [made] } = pairing({
    a: A,
    wanted: { mappings: [mapping("mine", "only-a", "/dav/new%20one/")] },
  });
  deepStrictEqual(made?.mapping.ids, { a: "only-a", b: "new one" });
});

Deno.test("pairCollections() refuses to put one collection together with two", () => {
  const mappings = [mapping("one", "work", "work"), mapping("two", "work", "only-b")];
  deepStrictEqual(pair({ a: A, b: B, wanted: { mappings } }), [
    "one ab problem: duplicate",
    "two ab problem: duplicate",
  ]);
  const ids = [collectionId("work")];
  deepStrictEqual(
    pair({ a: A, b: B, wanted: { ids, mappings: [mapping("x", "work", "only-b")] } }),
    [
      "work ab problem: duplicate",
      "x ab problem: duplicate",
    ],
  );
  // Nor can one be called what another is.
  const all = { fromA: true, fromB: true };
  const wanted = { ...all, mappings: [mapping("work", "only-a", "only-b")] };
  deepStrictEqual(pair({ a: A, b: B, wanted }), ["work ab problem: duplicate"]);
});

Deno.test("pairCollections() names what is no longer put together", () => {
  const stale = (given: Given): readonly string[] =>
    pairing(given).stale.map((it) => `${it.id} ${it.identities.b}`);
  const known = [key("work"), key("left-out"), key("work", "a:/work", "old:/work")];
  const ids = [collectionId("work")];
  deepStrictEqual(stale({ a: A, b: B, wanted: { ids }, known }), [
    "left-out b:/left-out",
    "work old:/work",
  ]);
  // Not before something is known of what took its place, not while it is missing, and not by a run that looks at a part.
  deepStrictEqual(stale({ a: A, b: B, wanted: { ids }, known: known.slice(1) }), [
    "left-out b:/left-out",
  ]);
  deepStrictEqual(stale({ a: A, b: [], wanted: { ids }, known }), ["left-out b:/left-out"]);
  deepStrictEqual(stale({ a: A, b: B, wanted: { ids }, known, only: ids }), []);
});

Deno.test("pairCollections() knows nothing of a place that the configuration left", () => {
  const known = [key("only-b", "a:/only-b", "another:/only-b")];
  deepStrictEqual(pair({ a: A, b: B, wanted: { fromB: true }, known }), ["only-b -b", "work ab"]);
});

Deno.test("pairCollections() makes nothing where nothing may be written", () => {
  const readOnly: Sides<boolean> = { a: false, b: true };
  deepStrictEqual(pair({ a: A, b: B, wanted: { fromA: true }, readOnly }), [
    "only-a a- held: read only, b",
    "work ab",
  ]);
});

Deno.test("pairCollections() leaves alone an id that two collections of one side have", () => {
  const twice = [...A, collection("a", "work", "a:/elsewhere/work")];
  deepStrictEqual(pair({ a: twice, b: B, wanted: { fromA: true, fromB: true } }), [
    "only-a a-",
    "only-b -b",
    "work ab problem: duplicate",
  ]);
  const [problem] = pairing({ a: twice, b: B, wanted: { ids: [collectionId("work")] } })
    .pairings.flatMap((it) => it.problems);
  ok(problem?.error.message.includes(`home has 2 collections with the id "work"`));
});

Deno.test("pairCollections() makes nothing where an alias has the collection of that name", () => {
  const all = { fromA: true, fromB: true };
  const a = [collection("a", "work")];
  const mappings = [mapping("main", "work", "only-b")];
  // B's own "work" would have to be made on a, where "work" is the one that "main" has.
  deepStrictEqual(pair({ a, b: B, wanted: { ...all, mappings } }), [
    "main ab",
    "work -b problem: duplicate",
  ]);
  // Nor is it taken for one that vanished, whatever was in step before.
  deepStrictEqual(pair({ a, b: B, wanted: { ...all, mappings }, known: [key("work")] }), [
    "main ab",
    "work -b problem: duplicate",
  ]);
});

Deno.test("pairCollections() holds another collection that has the id of one that is gone", () => {
  const all = { fromA: true, fromB: true };
  const a = [collection("a", "work")];
  const b = [collection("b", "work", "b:/shared/work")];
  const known = [key("work", "a:/work", "b:/alice/work")];
  deepStrictEqual(pair({ a, b, wanted: all, known }), ["work ab held: missing collection, b"]);
  // Whoever names it means this one.
  const ids = [collectionId("work")];
  deepStrictEqual(pair({ a, b, wanted: { ids }, known }), ["work ab"]);
  // A storage whose place is another one now has lost nothing.
  const guards = {
    onEmpty: "skip",
    noDelete: { a: false, b: false },
    holds: { a: () => true, b: (identity: string) => !identity.includes("alice") },
  } as const;
  deepStrictEqual(pair({ a, b, wanted: all, known, guards }), ["work ab"]);
  // Nor has one that still lists it, under whatever id.
  const both = [...b, collection("b", "alice", "b:/alice/work")];
  deepStrictEqual(pair({ a, b: both, wanted: { fromA: true }, known }), ["work ab"]);
});

Deno.test("pairCollections() knows two collections again that were called otherwise", () => {
  const known = [key("before", "a:/work", "b:/work")];
  const ids = [collectionId("work")];
  deepStrictEqual(pair({ a: A, b: B, wanted: { ids }, known }), ["work ab known as: before"]);
  const mappings = [mapping("main", "work", "work")];
  deepStrictEqual(pair({ a: A, b: B, wanted: { mappings }, known }), ["main ab known as: before"]);
  // What is known under the name of today counts, and so does it only for these very two.
  deepStrictEqual(pair({ a: A, b: B, wanted: { ids }, known: [...known, key("work")] }), [
    "work ab",
  ]);
  deepStrictEqual(pair({ a: A, b: B, wanted: { ids }, known: [key("before", "a:/work")] }), [
    "work ab",
  ]);
});
