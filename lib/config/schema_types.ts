/** What can be said of a directive. The values are in `schema.ts`. */

import type { StorageConfig, StorageKind } from "./config.ts";

/** Where directives stand: in the file itself, or in the block of one of these. */
export type Place =
  | "global"
  | "storage"
  /** The login that storages share: `auth NAME { … }`. */
  | "auth"
  /** `auth_method oauth2 { … }`. */
  | "oauth2"
  | "pair"
  /** Two collections of different names: `collection { … }`. */
  | "collection"
  /** The block in place of a value: `password { cmd … }`. */
  | "value";

/** The storage types that this version can open. */
export type StorageType = StorageConfig["type"];

/** What stands behind a directive's name. */
export type Params =
  /** Nothing. */
  | { readonly kind: "flag" }
  /** A new name for the block that follows. */
  | { readonly kind: "name" }
  /** The name of a storage that is defined somewhere in the file. */
  | { readonly kind: "storage" }
  /** The name of a shared login; or `basic`, `digest`, as it was before pimsync 0.6. */
  | { readonly kind: "auth" }
  /** One of {@linkcode StorageTypeSpec}. */
  | { readonly kind: "type" }
  /** One of these. Some are of two words: `from a`. */
  | { readonly kind: "choice"; readonly choices: readonly string[] }
  /** Some of these, or one word that stands `alone`. `title`: what one of them is called. */
  | {
    readonly kind: "set";
    readonly choices: readonly string[];
    readonly alone: readonly string[];
    readonly title: string;
  }
  /** A whole number; `unit` is what is counted. */
  | { readonly kind: "integer"; readonly min: number; readonly max: number; readonly unit: string }
  /** A share in percent and a number; or `off`. */
  | { readonly kind: "limit" }
  /** A day: `2026-01-31`, `today`, `-1y`, `+6m`, `-2w`, `-365d`. */
  | { readonly kind: "date" }
  /** A path that is absolute or begins with `~/`. */
  | { readonly kind: "path" }
  /** The path of a certificate, and that of its key. */
  | { readonly kind: "identity" }
  /** The SHA-256 of a certificate, in hexadecimal digits. */
  | { readonly kind: "fingerprint" }
  /** An URL of a storage. */
  | { readonly kind: "url" }
  /** An https URL. */
  | { readonly kind: "https" }
  /** Any text that is not empty. */
  | { readonly kind: "text" }
  /** Words that are joined with single blanks. */
  | { readonly kind: "sentence" }
  /** Words, each by itself. */
  | { readonly kind: "words"; readonly title: string }
  /** Any text that is not empty, and is never shown. */
  | { readonly kind: "secret" }
  /** What a file's name ends with, behind its last dot. */
  | { readonly kind: "extension" }
  /** What a file's name ends with, dots and all. */
  | { readonly kind: "ending" }
  /** The id of a collection; `nested`: of mailboxes it may have a "/" in it. */
  | { readonly kind: "id"; readonly nested?: true }
  /** Which collections: `all`, `from a`, `from b`, or patterns. */
  | { readonly kind: "collections" }
  /** A number of bytes: `500k`, `25m`, `1g`. */
  | { readonly kind: "size" }
  /** A stretch of time up to now: `30d`, `8w`, `6m`, `1y`. */
  | { readonly kind: "age" }
  /** Flags of mails, and keywords. */
  | { readonly kind: "flags" }
  /** One character of a mailbox's name. */
  | { readonly kind: "character" }
  /** Where mail is, as Dovecot writes it: `maildir:~/Maildir`. */
  | { readonly kind: "location" }
  /** A program and its arguments. */
  | { readonly kind: "command" }
  /** The words of a shell script. */
  | { readonly kind: "script" }
  /** What is done to items on their way. */
  | { readonly kind: "filter" }
  /** What becomes of conflicts. */
  | { readonly kind: "resolution" };

/** A directive's block, and what stands before it. */
export type BlockSpec =
  /** A name of its own, always. */
  | { readonly after: "name"; readonly place: Place }
  /** Nothing: the block is there in place of the parameters. */
  | { readonly after: "nothing"; readonly place: Place }
  /** This one of the words that may stand there, which has the block always. */
  | { readonly after: "word"; readonly word: string; readonly place: Place };

/** A directive. */
export interface DirectiveSpec {
  readonly name: string;
  /** Other names that mean the same. */
  readonly aliases: readonly string[];
  readonly place: Place;
  /** In a storage: only of these types. Absent: of every type. */
  readonly types?: readonly StorageType[];
  readonly params: Params;
  /** Instead of a parameter it may have a block with a command, which gives the value. */
  readonly dynamic: boolean;
  readonly block?: BlockSpec;
  /** It must be there; of the types that are listed, if it is only with those. */
  readonly required: boolean | readonly StorageType[];
  /**
   * It may stand more than once in its place. In TOML, where a key stands once, its value may then
   * be an array with an element for each; for all others an array holds the parameters.
   */
  readonly repeatable: boolean;
  /** What holds without it, as it would be written. */
  readonly default?: string;
  /** What it is for, in a sentence or two. */
  readonly help: string;
  readonly example: string;
  /** What to do where the parameters are none that it takes. */
  readonly hint?: string;
}

/** A directive that others have and this program refuses. */
export interface RefusedDirectiveSpec {
  readonly name: string;
  readonly place: Place;
  /** Why, behind the name and a colon. */
  readonly reason: string;
  /** What to do without it. */
  readonly hint: string;
}

/** A storage type. */
export type StorageTypeSpec =
  | {
    readonly name: StorageType;
    readonly supported: true;
    readonly kind: StorageKind;
    readonly help: string;
  }
  /** Pimsync's, and not this program's. */
  | {
    readonly name: string;
    readonly supported: false;
    readonly help: string;
    /** What to do without it. */
    readonly hint: string;
  };

/** The whole language. */
export interface Schema {
  readonly directives: readonly DirectiveSpec[];
  readonly refused: readonly RefusedDirectiveSpec[];
  readonly storageTypes: readonly StorageTypeSpec[];
}
