/** What earlier runs did, and the versions that they overwrote or deleted. */

import type { Side } from "../model/names.ts";
import type { Etag, Href, Ident } from "../model/names.ts";
import { digest, etag, href, ident } from "../model/names.ts";
import type { CollectionKey, Intent, Settlement } from "../model/status.ts";
import { bytesOf } from "./bodies.ts";
import type { Database, Row } from "./database.ts";
import { kindOf } from "./journal.ts";
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
  const timeOf = (value: unknown): Date => new Date(integerOf(value, "a time", damaged));
  const etagIn = (row: Row) => optional(row["etag"], (it) => etag(nameOf(it, "an etag", damaged)));
  const collectionOf = (row: Row): CollectionKey => {
    const key = keyOf(integerOf(row["collection"], "an id", damaged));
    if (key === undefined) throw damaged("a collection is missing");
    return key;
  };

  function runOf(row: Row): RunRecord {
    const ended = optional(row["ended"], timeOf);
    return {
      id: integerOf(row["id"], "an id", damaged),
      started: timeOf(row["started"]),
      ...(ended === undefined ? {} : { ended }),
      version: textOf(row["version"], "a version", damaged),
    };
  }

  function entryOf(row: Row): JournalEntry {
    const etag = etagIn(row);
    const written = optional(row["digest"], (it) => digest(nameOf(it, "a digest", damaged)));
    const outcome = optional(row["outcome"], (it) => {
      if (it === "done" || it === "left" || it === "failed") return it;
      throw damaged("an intent has no known outcome");
    });
    const reason = optional(row["reason"], (it) => textOf(it, "a reason", damaged));
    const ended = optional(row["ended"], timeOf);
    return {
      run: integerOf(row["run"], "an id", damaged),
      collection: collectionOf(row),
      intent: {
        id: integerOf(row["id"], "an id", damaged),
        kind: kindOf(row["kind"], damaged),
        on: sideOf(row["side"], damaged),
        ident: ident(nameOf(row["ident"], "an ident", damaged)),
        href: href(nameOf(row["href"], "an href", damaged)),
        ...(etag === undefined ? {} : { etag }),
        ...(written === undefined ? {} : { digest: written }),
      },
      ...(outcome === undefined ? {} : { outcome }),
      ...(reason === undefined ? {} : { reason }),
      ...(ended === undefined ? {} : { ended }),
    };
  }

  function atticEntryOf(row: Row): AtticEntry {
    const etag = etagIn(row);
    return {
      id: integerOf(row["id"], "an id", damaged),
      run: integerOf(row["run"], "an id", damaged),
      time: timeOf(row["time"]),
      collection: collectionOf(row),
      side: sideOf(row["side"], damaged),
      ident: ident(nameOf(row["ident"], "an ident", damaged)),
      href: href(nameOf(row["href"], "an href", damaged)),
      ...(etag === undefined ? {} : { etag }),
      why: kindOf(row["why"], damaged),
      size: integerOf(row["size"], "a size", damaged),
    };
  }

  return {
    async runs(limit) {
      const rows = await database.all("SELECT * FROM run ORDER BY id DESC LIMIT ?", [limit]);
      return rows.map(runOf);
    },
    async journal(run) {
      const rows = await database.all(
        "SELECT * FROM journal WHERE run = ? ORDER BY collection, id",
        [run],
      );
      return rows.map(entryOf);
    },
    async attic(of) {
      const rows = await database.all(
        `SELECT attic.*, length(bytes) AS size FROM attic JOIN body ON body.id = attic.body
         ${of === undefined ? "" : "WHERE ident = ?"} ORDER BY attic.id DESC`,
        of === undefined ? [] : [of],
      );
      return rows.map(atticEntryOf);
    },
    async atticBody(id) {
      const [row] = await database.all(
        "SELECT bytes, sha256 FROM attic JOIN body ON body.id = attic.body WHERE attic.id = ?",
        [id],
      );
      return row === undefined ? undefined : await bytesOf(database, row);
    },
  };
}
