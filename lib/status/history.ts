/** What earlier runs did, and the versions that they overwrote or deleted. */

import type { Side } from "../model/names.ts";
import type { Etag, Href, Ident } from "../model/names.ts";
import { etag, href, ident } from "../model/names.ts";
import type { CollectionKey, Intent, Settlement } from "../model/status.ts";
import { bytesOf } from "./bodies.ts";
import type { Database, Row } from "./database.ts";
import { INTENT, intentOf, kindOf } from "./journal.ts";
import { sumOf } from "./sums.ts";
import { integerOf, nameOf, optional, sideOf, textOf } from "./values.ts";

/** A run that wrote something. */
export interface RunRecord {
  readonly id: number;
  readonly started: Date;
  /** Without it, the run was stopped, or is still going on. */
  readonly ended?: Date;
  /** Of the program. */
  readonly version: string;
}

/** An intent of some run, and what became of it. */
export interface JournalEntry {
  readonly run: number;
  readonly collection: CollectionKey;
  readonly intent: Intent;
  /** None as long as it is not known. */
  readonly outcome?: Settlement["outcome"];
  readonly reason?: string;
  readonly ended?: Date;
}

/** A version that was overwritten or deleted. */
export interface AtticEntry {
  readonly id: number;
  readonly run: number;
  readonly time: Date;
  readonly collection: CollectionKey;
  /** Where it was. */
  readonly side: Side;
  readonly ident: Ident;
  readonly href: Href;
  readonly etag?: Etag;
  readonly why: Intent["kind"];
  /** In bytes. */
  readonly size: number;
}

export interface History {
  /** The latest runs that wrote something, the latest first. */
  runs(limit: number): Promise<readonly RunRecord[]>;
  /** What a run began, in its order. */
  journal(run: number): Promise<readonly JournalEntry[]>;
  /** What is in the attic, the latest first; all of it, or the versions of one item. */
  attic(of?: Ident): Promise<readonly AtticEntry[]>;
  /** The bytes of an entry of the attic; undefined where there is no such entry. */
  atticBody(id: number): Promise<Uint8Array | undefined>;
}

/** @param keyOf The collection with that id. */
export function openHistory(
  database: Database,
  keyOf: (collection: number) => CollectionKey | undefined,
): History {
  const { damaged } = database;
  const numberOf = (value: unknown): number => integerOf(value, "an id", damaged);
  const timeOf = (value: unknown): Date => new Date(integerOf(value, "a time", damaged));
  const collectionOf = (value: unknown): CollectionKey => {
    const key = keyOf(numberOf(value));
    if (key === undefined) throw damaged("a collection is missing");
    return key;
  };

  function runOf([id, started, end, version]: Row): RunRecord {
    const ended = optional(end, timeOf);
    return {
      id: numberOf(id),
      started: timeOf(started),
      ...(ended === undefined ? {} : { ended }),
      version: textOf(version, "a version", damaged),
    };
  }

  function entryOf(row: Row): JournalEntry {
    const [run, collection, result, why, end] = row.slice(INTENT.length);
    const outcome = optional(result, (it) => {
      if (it === "done" || it === "left" || it === "failed") return it;
      throw damaged("an intent has no known outcome");
    });
    const reason = optional(why, (it) => textOf(it, "a reason", damaged));
    const ended = optional(end, timeOf);
    return {
      run: numberOf(run),
      collection: collectionOf(collection),
      intent: intentOf(row, damaged),
      ...(outcome === undefined ? {} : { outcome }),
      ...(reason === undefined ? {} : { reason }),
      ...(ended === undefined ? {} : { ended }),
    };
  }

  function atticEntryOf(row: Row): AtticEntry {
    const [id, run, time, collection, side, name, place, version, why, , sum, size] = row;
    if (sumOf(row.slice(1, 10).map(partOf)) !== sum) {
      throw damaged("an entry of the attic is not as written");
    }
    const written = optional(version, (it) => etag(nameOf(it, "an etag", damaged)));
    return {
      id: numberOf(id),
      run: numberOf(run),
      time: timeOf(time),
      collection: collectionOf(collection),
      side: sideOf(side, damaged),
      ident: ident(nameOf(name, "an ident", damaged)),
      href: href(nameOf(place, "an href", damaged)),
      ...(written === undefined ? {} : { etag: written }),
      why: kindOf(why, damaged),
      size: integerOf(size, "a size", damaged),
    };
  }

  return {
    async runs(limit) {
      const rows = await database.rows({
        columns: ["id", "started", "ended", "version"],
        rest: "FROM (SELECT * FROM run ORDER BY id DESC LIMIT ?)",
        args: [limit],
      });
      return rows.map(runOf);
    },
    async journal(run) {
      const rows = await database.rows({
        columns: [...INTENT, "run", "collection", "outcome", "reason", "ended"],
        rest: "FROM (SELECT * FROM journal WHERE run = ? ORDER BY collection, id)",
        args: [run],
      });
      return rows.map(entryOf);
    },
    async attic(of) {
      const rows = await database.rows({
        columns: ATTIC,
        rest: `FROM (
          SELECT attic.*, length(bytes) AS size FROM attic JOIN body ON body.id = attic.body
          ${of === undefined ? "" : "WHERE ident = ?"} ORDER BY attic.id DESC)`,
        args: of === undefined ? [] : [of],
      });
      return rows.map(atticEntryOf);
    },
    async atticBody(id) {
      const [row] = await database.rows({
        columns: ["body"],
        rest: "FROM attic WHERE id = ?",
        args: [id],
      });
      return row === undefined ? undefined : await bytesOf(database, numberOf(row[0]));
    },
  };
}

const ATTIC = [
  ...["id", "run", "time", "collection", "side", "ident", "href", "etag", "why", "body", "sum"],
  "size",
];

const partOf = (value: unknown): string | number | null =>
  typeof value === "number" || value === null ? value : String(value);
