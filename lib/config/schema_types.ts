/** What can be said of a directive. The values are in `schema.ts`. */

/** Where directives stand: in the file itself, or in the block of one of these. */
export type Place =
  | "global"
  | "storage"
  | "pair"
  /** The block in place of a value: `password { cmd … }`. */
  | "value";

/** The storage types that this version can open. */
export type StorageType = "vdir/icalendar" | "caldav";

/** What stands behind a directive's name. */
export type Params =
  /** Nothing. */
  | { readonly kind: "flag" }
  /** A new name for the block that follows. */
  | { readonly kind: "name" }
  /** The name of a storage that is defined somewhere in the file. */
  | { readonly kind: "storage" }
  /** One of {@linkcode StorageTypeSpec}. */
  | { readonly kind: "type" }
  /** One of these. Some are of two words: `from a`. */
  | { readonly kind: "choice"; readonly choices: readonly string[] }
  /** A whole number; `unit` is what is counted. */
  | { readonly kind: "integer"; readonly min: number; readonly max: number; readonly unit: string }
  /** A path that is absolute or begins with `~/`. */
  | { readonly kind: "path" }
  /** An http or https URL. */
  | { readonly kind: "url" }
  /** Any text that is not empty. */
  | { readonly kind: "text" }
  /** Any text that is not empty, and is never shown. */
  | { readonly kind: "secret" }
  /** What a file's name ends with, behind its last dot. */
  | { readonly kind: "extension" }
  /** The id of a collection. */
  | { readonly kind: "id" }
  /** A program and its arguments. */
  | { readonly kind: "command" }
  /** The words of a shell script. */
  | { readonly kind: "script" };

/** A directive. */
export interface DirectiveSpec {
  readonly name: string;
  /** Other names that mean the same. */
  readonly aliases: readonly string[];
  readonly place: Place;
  /** In a storage: only of these types. Absent: of every type. */
  readonly types?: readonly StorageType[];
  readonly params: Params;
  /** Instead of a parameter it may have a block with `cmd` or `shell`, which gives the value. */
  readonly dynamic: boolean;
  /** The place that its block is, if it has one. */
  readonly block?: Place;
  readonly required: boolean;
  /**
   * It may stand more than once in its place. In TOML, where a key stands once, its value may then
   * be an array with an element for each; for all others an array holds the parameters.
   */
  readonly repeatable: boolean;
  /** What holds without it, as it would be written. */
  readonly default?: string;
  /** What it is for, in one line. */
  readonly help: string;
  readonly example: string;
  /** What to do where the parameters are none that it takes. */
  readonly hint?: string;
}

/** A directive of pimsync's that this version does not know yet: a clear word instead of a guess. */
export interface FutureDirectiveSpec {
  readonly name: string;
  readonly place: Place;
  /** What to do without it, if there is something. */
  readonly hint?: string;
}

/** A storage type. */
export type StorageTypeSpec =
  | { readonly name: StorageType; readonly supported: true; readonly help: string }
  /** Pimsync's, and not known to this version yet. */
  | { readonly name: string; readonly supported: false; readonly help: string };

/** The whole language. */
export interface Schema {
  readonly directives: readonly DirectiveSpec[];
  readonly future: readonly FutureDirectiveSpec[];
  readonly storageTypes: readonly StorageTypeSpec[];
}
