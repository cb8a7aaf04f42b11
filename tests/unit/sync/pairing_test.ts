import { deepStrictEqual, ok } from "node:assert/strict";
import { collectionId, href, type Sides, storageName } from "../../../lib/model/names.ts";
import type { CollectionKey } from "../../../lib/model/status.ts";
import type { Collection } from "../../../lib/model/storage.ts";
import { pairCollections, type PairingInput } from "../../../lib/sync/pairing.ts";

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

function pair({ a = [], b = [], wanted, ...rest }: Given): string[] {
  const pairings = pairCollections({
    collections: { a, b },
    names: { a: storageName("home"), b: storageName("server") },
    readOnly: { a: false, b: false },
    wanted: { fromA: false, fromB: false, ids: [], ...wanted },
    only: undefined,
    known: [],
    ...rest,
  });
  return pairings.map(({ mapping, held, problems }) =>
    [
      mapping.id,
      `${mapping.sides.a === undefined ? "-" : "a"}${mapping.sides.b === undefined ? "-" : "b"}`,
      ...held.map((it) => `held: ${it.guard}, ${it.on}`),
      ...problems.map((it) => `problem: ${it.error.kind}`),
    ].join(" ")
  );
}

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
    "only-b -b held: missing collection, b",
    "work ab",
  ]);
  // Also where the side that it vanished from is the one that names the collections.
  deepStrictEqual(pair({ a: A, b: B, wanted: { fromA: true }, known }), [
    "only-a a-",
    "only-b -b held: missing collection, b",
    "work ab",
  ]);
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
  const [problem] = pairCollections({
    collections: { a: twice, b: B },
    names: { a: storageName("home"), b: storageName("server") },
    readOnly: { a: false, b: false },
    wanted: { fromA: false, fromB: false, ids: [collectionId("work")] },
    only: undefined,
    known: [],
  }).flatMap((it) => it.problems);
  ok(problem?.error.message.includes(`home has 2 collections with the id "work"`));
});
