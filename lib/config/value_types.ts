/** What the value of a directive may be. */

import type {
  ConflictConfig,
  DateBound,
  FilterConfig,
  FlagsConfig,
  MaxDeleteConfig,
  PatternConfig,
  SecretValue,
  Value,
} from "./config.ts";
import type { HttpUrl } from "./http_url.ts";
import type { Directive, Span, Word } from "./tree.ts";

/** The value of a directive, by the kind of its parameters. */
export type Given =
  | { readonly kind: "flag" }
  | { readonly kind: "word"; readonly text: string; readonly word: Word }
  /** One or more; `word` is the first. */
  | { readonly kind: "words"; readonly texts: readonly string[]; readonly word: Word }
  | { readonly kind: "number"; readonly number: number }
  /** Absent where all flags are meant. */
  | { readonly kind: "flags"; readonly flags?: FlagsConfig }
  | { readonly kind: "patterns"; readonly patterns: readonly PatternConfig[]; readonly word: Word }
  | { readonly kind: "date"; readonly bound: DateBound; readonly word: Word }
  | { readonly kind: "filter"; readonly filter: FilterConfig }
  /** Absent where any number may be deleted. */
  | { readonly kind: "limit"; readonly limit?: MaxDeleteConfig }
  | { readonly kind: "conflicts"; readonly conflicts: ConflictConfig; readonly word: Word }
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "secret"; readonly value: SecretValue }
  /** `url` is absent where a command gives it. */
  | { readonly kind: "url"; readonly value: Value; readonly url?: HttpUrl; readonly word?: Word }
  /** The block that stands in place of parameters. */
  | { readonly kind: "block"; readonly block: readonly Directive[] };

/** The parameters of a directive that has some. */
export type Words = readonly [Word, ...Word[]];

/** Reports what is wrong with a word, or at a place. */
export type Wrong = (message: string, at: Word | Span, help?: string) => undefined;
