/** `dovetail help config`: every directive, from the schema that files are checked with. */

import { SCHEMA, typesInWords, usageOf } from "../../config/schema.ts";
import type { DirectiveSpec, Place } from "../../config/schema_types.ts";
import type { Look } from "./look.ts";
import { faint, type Line, line, plain, strong, styled } from "./text.ts";
import { wrapped } from "./wrap.ts";

const TITLES: Readonly<Record<Place, string>> = {
  global: "In the file itself",
  storage: "In a storage",
  auth: "In an auth block",
  oauth2: "In the block of auth_method oauth2",
  pair: "In a pair",
  collection: "In the block of a collection",
  value: "In the block of a value that a command gives",
};

const PLACES: readonly Place[] = [
  "global",
  "storage",
  "auth",
  "oauth2",
  "pair",
  "collection",
  "value",
];

export function* configHelp(look: Look): Generator<Line> {
  yield* wrapped(
    [],
    "The configuration is ~/.config/dovetail/dovetail.conf, in pimsync's format, or " +
      "dovetail.toml beside it. This is how directives look in the first; in TOML they have the " +
      "same names.",
    look,
  );
  for (const place of PLACES) {
    yield line``;
    yield [strong(TITLES[place])];
    const specs = SCHEMA.directives.filter((it) => it.place === place);
    if (place === "auth") {
      const names = specs.map(({ name }) => name).join(", ");
      yield* wrapped([plain("  ")], `What a storage has of a login: ${names}.`, look);
      continue;
    }
    for (const spec of specs) yield* directive(spec, look);
    if (place === "storage") yield* types(look);
  }
}

function* directive(spec: DirectiveSpec, look: Look): Generator<Line> {
  yield* wrapped([plain("  ")], usageOf(spec, "scfg"), look, "name");
  yield* wrapped([plain("      ")], [spec.help, ...remarks(spec)].join(" "), look);
  for (const example of spec.example.split("\n")) yield [faint(`      | ${shortened(example)}`)];
}

/** The longest line of an example that is shown whole. */
const MOST_EXAMPLE = 70;

/** A fingerprint is longer than any line. */
const shortened = (example: string): string =>
  example.length <= MOST_EXAMPLE ? example : `${example.slice(0, MOST_EXAMPLE - 1)}…`;

function remarks(spec: DirectiveSpec): readonly string[] {
  return [
    ...(spec.required === true ? ["Required."] : []),
    ...(typeof spec.required === "boolean" ? [] : [`Required of ${spec.required.join(", ")}.`]),
    ...(spec.default === undefined ? [] : [`Default: ${spec.default}.`]),
    ...(spec.types === undefined ? [] : [`Only of ${typesInWords(spec.types).join(", ")}.`]),
    ...(spec.repeatable ? ["May be repeated."] : []),
    ...(spec.dynamic ? ["May be a block with cmd, shell or prompt."] : []),
    ...(spec.aliases.length === 0 ? [] : [`Also written ${spec.aliases.join(", ")}.`]),
  ];
}

function* types(look: Look): Generator<Line> {
  yield line``;
  yield [strong("Types of storages")];
  for (const type of SCHEMA.storageTypes.filter((it) => it.supported)) {
    yield* wrapped([plain("  "), styled("name", type.name.padEnd(22))], type.help, look);
  }
}
