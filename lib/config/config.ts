/** The configuration as the rest of the program sees it. */

import type { CollectionId, PairName, StorageName } from "../model/names.ts";
import type { Secret } from "../model/secret.ts";
import type { Span } from "./tree.ts";

/** A command whose output is the value. It is run by `secrets.ts` and nowhere else. */
export type Command =
  /** Run without a shell; the program is the first. */
  | { readonly kind: "cmd"; readonly argv: readonly string[]; readonly at: Span }
  /** Given to `sh -c`. */
  | { readonly kind: "shell"; readonly script: string; readonly at: Span };

/** A value, or the command that gives it. `at` is absent for a default. */
export type Value = Command | { readonly kind: "text"; readonly value: string; readonly at?: Span };

/** The same for what must not be seen. */
export type SecretValue =
  | Command
  | { readonly kind: "text"; readonly value: Secret; readonly at: Span };

interface AnyStorageConfig {
  readonly name: StorageName;
  /** Nothing may be written to it. */
  readonly readOnly: boolean;
  /** Its name in the file. */
  readonly at: Span;
}

export interface VdirConfig extends AnyStorageConfig {
  readonly type: "vdir/icalendar";
  /** Absolute, where it is a text. */
  readonly path: Value;
  /** Without a dot. */
  readonly fileext: string;
}

export interface CaldavConfig extends AnyStorageConfig {
  readonly type: "caldav";
  /** Where it is a text: http or https, without a login in it. */
  readonly url: Value;
  readonly username: Value | undefined;
  readonly password: SecretValue | undefined;
  /** http is allowed to other machines too. */
  readonly insecure: boolean;
  /** How many requests may be on their way at the same time. */
  readonly connections: number;
  /** In milliseconds. */
  readonly timeout: number;
}

/** A storage, by its type. */
export type StorageConfig = VdirConfig | CaldavConfig;

/** Which collections of a pair are kept in step: those of every member that holds. */
export interface CollectionsConfig {
  readonly all: boolean;
  readonly fromA: boolean;
  readonly fromB: boolean;
  /** Each once, in the order of the file. */
  readonly ids: readonly CollectionId[];
}

export interface PairConfig {
  readonly name: PairName;
  readonly a: StorageName;
  readonly b: StorageName;
  readonly collections: CollectionsConfig;
  /** What becomes of a collection that was emptied on one side. */
  readonly onEmpty: "skip" | "sync";
  /** Its name in the file. */
  readonly at: Span;
}

/** A configuration without errors. The storages of its pairs are all there. */
export interface Config {
  readonly file: string;
  readonly statusPath: Value;
  readonly storages: ReadonlyMap<StorageName, StorageConfig>;
  readonly pairs: readonly PairConfig[];
}
