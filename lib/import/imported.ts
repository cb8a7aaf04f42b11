/** What an import comes to. */

import type { Problem } from "../config/problem.ts";
import type { Properties } from "../model/storage.ts";
import type { CollectionId, Etag, Href, Ident, PairName, Sides } from "../model/names.ts";

/** A configuration of ours, made from another program's. */
export interface Imported {
  /** The text of it, in scfg, with whatever secrets the other one had in it. */
  readonly config: string;
  /** The same to be shown: its secrets are hidden. */
  readonly shown: string;
  /** What has no equivalent, and what else is to be known. They point into the other file. */
  readonly notes: readonly Problem[];
  readonly pairs: readonly ImportedPair[];
  /** Where the other program keeps its status, if it is known. Absolute. */
  readonly statusPath?: string;
}

/** A pair, and under which names the other program has its status. */
export interface ImportedPair {
  readonly name: PairName;
  /**
   * The collections that are named one by one: what each is called there (null: the pair itself),
   * and here. What is not among them has the same name in both programs.
   */
  readonly renamed: readonly { readonly theirs: string | null; readonly ours: CollectionId }[];
}

/** One item of another program's status: what both sides last agreed on, as each side held it. */
export interface ImportedRow {
  /** As the other program knows it: the UID, or a digest of its own where there is none. */
  readonly ident: Ident;
  readonly a: ImportedVersion;
  readonly b: ImportedVersion;
}

/** A version as the other program names it. */
export interface ImportedVersion {
  readonly href: Href;
  /** Absent where the storage gave none. */
  readonly etag?: Etag;
}

/** A collection of another program's status. */
export interface ImportedCollection {
  /** Null: the pair has one collection, which has no name. */
  readonly name: string | null;
  /** What each storage calls it, where the program records that. */
  readonly hrefs?: Sides<Href>;
  readonly rows: readonly ImportedRow[];
  /** The properties that both sides last agreed on, where they were kept in step. */
  readonly properties?: Properties;
}

/** Rows in the order of their idents, whatever order a database had them in. */
export const inOrder = (rows: readonly ImportedRow[]): readonly ImportedRow[] =>
  rows.toSorted((one, other) => one.ident < other.ident ? -1 : 1);
