import { deepStrictEqual, throws } from "node:assert/strict";
import { choose } from "../../../lib/cli/select.ts";
import { UsageError } from "../../../lib/cli/usage_error.ts";
import type { Config, PairConfig } from "../../../lib/config/config.ts";
import { collectionId, pairName, storageName } from "../../../lib/model/names.ts";

const at = { file: "f", line: 1, column: 1, length: 1 };

/** A collection that has another name on each side. */
const RELATIVES = {
  alias: collectionId("relatives"),
  a: { id: collectionId("family") },
  b: { id: collectionId("7") },
  at,
};

const pair = (name: string, ids?: readonly string[]): PairConfig => ({
  name: pairName(name),
  a: storageName("home"),
  b: storageName("server"),
  collections: {
    all: ids === undefined,
    fromA: false,
    fromB: false,
    patterns: [],
    ids: (ids ?? []).map(collectionId),
    mappings: ids === undefined ? [] : [RELATIVES],
  },
  kind: "calendar",
  onEmpty: "skip",
  onDelete: "sync",
  conflicts: { kind: "merge" },
  resolveDuring: "command",
  oneWay: false,
  properties: [],
  at,
});

const config: Config = {
  file: "f",
  statusPath: { kind: "text", value: "/status" },
  storages: new Map(),
  pairs: [pair("calendars"), pair("contacts", ["friends"]), pair("a/b"), pair("a")],
};

const chosen = (...targets: readonly string[]) =>
  choose(config, targets).map(({ pair, only }) => [pair.name, ...(only ?? [])].join(" "));

Deno.test("without names every pair is chosen, with names those, in the order of the file", () => {
  deepStrictEqual(chosen(), ["calendars", "contacts", "a/b", "a"]);
  deepStrictEqual(chosen("contacts", "calendars", "contacts"), ["calendars", "contacts"]);
});

Deno.test("collections of a pair add up, and the whole pair is more than some of it", () => {
  deepStrictEqual(chosen("calendars/work", "calendars/home"), ["calendars work home"]);
  deepStrictEqual(chosen("calendars/work", "calendars"), ["calendars"]);
  deepStrictEqual(chosen("calendars/work", "calendars/work"), ["calendars work"]);
});

Deno.test("what a script left empty behind a slash does not mean the whole pair", () => {
  throws(() => chosen("calendars/"), { message: '"calendars/" names no collection.' });
});

Deno.test("slashes may be in the names of pairs and collections", () => {
  deepStrictEqual(chosen("a/b"), ["a/b"]);
  deepStrictEqual(chosen("a/b/c"), ["a/b c"]);
  deepStrictEqual(chosen("a/c"), ["a c"]);
  deepStrictEqual(chosen("calendars/x/y"), ["calendars x/y"]);
});

Deno.test("a collection that a pair does not list is a mistake; where it has all, it may be there", () => {
  deepStrictEqual(chosen("contacts/friends"), ["contacts friends"]);
  deepStrictEqual(chosen("contacts/relatives"), ["contacts relatives"]);
  throws(
    () => chosen("contacts/freinds"),
    (error) => error instanceof UsageError && error.help[0] === 'did you mean "contacts/friends"?',
  );
});

Deno.test("a pair that is not there is a mistake", () => {
  throws(() => chosen("calendar"), /no pair is named "calendar"/);
  throws(() => chosen("calendar/work"), /no pair is named "calendar"/);
});
