import { deepStrictEqual } from "node:assert/strict";
import { newsOf, NOTHING_TOLD, type Told, type Trouble } from "../../../lib/cli/daemon/news.ts";
import { meaningOf } from "../../../lib/cli/daemon/touched.ts";
import type { PairConfig } from "../../../lib/config/config.ts";
import { SyncError } from "../../../lib/model/error.ts";
import {
  collectionId,
  digest,
  etag,
  href,
  ident,
  pairName,
  storageName,
} from "../../../lib/model/names.ts";
import type { CollectionPlan, Conflict, Held, Mapping } from "../../../lib/model/plan.ts";
import type { Report } from "../../../lib/model/run.ts";
import type { Collection } from "../../../lib/model/storage.ts";

const NONE = { create: 0, update: 0, delete: 0, setFlags: 0 };

const report = (
  collections: readonly CollectionPlan[],
  failures: Report["failures"] = [],
): Report => ({
  plan: { pair: pairName("p"), collections, problems: [], stale: [] },
  done: { a: NONE, b: NONE },
  changed: 0,
  failures,
  skipped: 0,
  interrupted: false,
  altered: [],
  properties: 0,
});

const collection = (id: string, more: Partial<CollectionPlan> = {}): CollectionPlan => ({
  mapping: { id: collectionId(id), sides: { a: undefined, b: undefined } },
  creates: [],
  deletes: [],
  properties: [],
  propertyConflicts: [],
  actions: [],
  conflicts: [],
  problems: [],
  held: [],
  ...more,
});

const conflict = (name: string, version = "1"): Conflict => {
  const side = (on: string) => ({
    href: href(name),
    etag: etag(version),
    flags: [],
    digest: digest(`${name}-${on}-${version}`),
  });
  return { ident: ident(name), sides: { a: side("a"), b: side("b") } };
};

const held = (message: string, more: Partial<Held> = {}): Held => ({
  guard: "on_empty",
  on: "a",
  actions: 0,
  message,
  hint: "",
  ...more,
});

const named = (trouble: Trouble): string => {
  switch (trouble.kind) {
    case "conflict":
      return `conflict ${trouble.conflict.ident}`;
    case "property conflict":
      return `property ${trouble.conflict.name}`;
    case "held":
      return `held ${trouble.held.message}`;
    case "problem":
      return `problem ${trouble.problem.error.message}`;
  }
};

/** What is told of one report after the other. */
function telling(...runs: readonly (readonly [Report, ...readonly string[]])[]) {
  let told: Told = NOTHING_TOLD;
  return runs.map(([run, ...only]) => {
    const news = newsOf(told, run, only.length === 0 ? undefined : only.map(collectionId));
    told = news.told;
    return [...news.fresh.map(named), ...(news.isMended ? ["mended"] : [])];
  });
}

Deno.test("a trouble is told once, until it is another one", () => {
  const first = report([collection("work", { conflicts: [conflict("x")] })]);
  const edited = report([collection("work", { conflicts: [conflict("x", "2")] })]);
  const more = report([collection("work", { conflicts: [conflict("x", "2"), conflict("y")] })]);
  deepStrictEqual(telling([first], [first], [edited], [more], [more]), [
    ["conflict x"],
    [],
    ["conflict x"],
    ["conflict y"],
    [],
  ]);
});

Deno.test("that nothing is wrong any more is told, and what comes back is told again", () => {
  const wrong = report([collection("work", { held: [held("emptied")] })]);
  deepStrictEqual(telling([wrong], [report([collection("work")])], [wrong]), [
    ["held emptied"],
    ["mended"],
    ["held emptied"],
  ]);
});

Deno.test("a run of one collection says nothing of what is wrong with another", () => {
  const both = report([
    collection("home", { conflicts: [conflict("x")] }),
    collection("work", { conflicts: [conflict("y")] }),
  ]);
  const home = report([collection("home")]);
  deepStrictEqual(telling([both], [home, "home"], [both], [home, "home"]), [
    ["conflict x", "conflict y"],
    [],
    ["conflict x"],
    [],
  ]);
});

Deno.test("a failure is the same one though its words are others", () => {
  const failing = (message: string, kind: "refused" | "quota" = "refused") =>
    report([], [{
      side: "a",
      ident: ident("x"),
      error: new SyncError(message, { scope: "item", kind }),
    }]);
  deepStrictEqual(
    telling([failing("at 10:00")], [failing("at 10:05")], [failing("full", "quota")]),
    [
      ["problem at 10:00"],
      [],
      ["problem full"],
    ],
  );
});

Deno.test("what the configuration asks for is no trouble", () => {
  const run = report([collection("work", { held: [held("read-only", { expected: true })] })]);
  deepStrictEqual(telling([run]), [[]]);
});

const pairWith = (collections: Partial<PairConfig["collections"]>) =>
  ({
    a: storageName("home"),
    b: storageName("server"),
    collections: {
      all: false,
      fromA: false,
      fromB: false,
      ids: [],
      mappings: [],
      patterns: [],
      ...collections,
    },
  }) as Pick<PairConfig, "a" | "b" | "collections"> as PairConfig;

const at = (name: string): Collection => ({
  id: collectionId(name),
  href: href(name),
  identity: `/${name}`,
  properties: {},
});

const mapping = (id: string, a: string | undefined, b: string | undefined): Mapping => ({
  id: collectionId(id),
  sides: { a: a === undefined ? undefined : at(a), b: b === undefined ? undefined : at(b) },
});

Deno.test("a touched collection is known by what its own side calls it", () => {
  const pair = pairWith({ all: true });
  const known = [mapping("work", "office", "/cal/1/")];
  const meaning = (storage: string, name?: string) =>
    meaningOf(pair, known, storageName(storage), name === undefined ? undefined : href(name));
  deepStrictEqual(meaning("home", "office"), { kind: "collection", id: "work" });
  deepStrictEqual(meaning("server", "/cal/1/"), { kind: "collection", id: "work" });
  deepStrictEqual(meaning("server", "office"), { kind: "pair" }, "it may be a new one");
  deepStrictEqual(meaning("home"), { kind: "pair" });
  deepStrictEqual(meaningOf(pair, undefined, pair.a, href("office")), { kind: "pair" });
});

Deno.test("where all collections are named and there, no other one is of interest", () => {
  const pair = pairWith({ ids: [collectionId("work"), collectionId("play")] });
  const meaning = (known: readonly Mapping[]) => meaningOf(pair, known, pair.a, href("other"));
  const work = mapping("work", "work", "work");
  deepStrictEqual(meaning([work, mapping("play", "play", "play")]), { kind: "nothing" });
  deepStrictEqual(meaning([work, mapping("play", undefined, "play")]), { kind: "pair" });
  deepStrictEqual(meaning([work]), { kind: "pair" });
});
