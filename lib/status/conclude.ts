/** What a run leaves behind about each side, for the next one. */

import type { Extent } from "../model/format.ts";
import type { Cursor, Side } from "../model/names.ts";
import { cursor as cursorOf, digest, etag, href, ident, SIDES } from "../model/names.ts";
import type { Observation, SideConclusion } from "../model/status.ts";
import { sweep } from "./bodies.ts";
import { cleanReason } from "./checks.ts";
import type { Database, Row } from "./database.ts";
import { sumOf } from "./sums.ts";
import type { CollectionRow, Writer } from "./transaction.ts";
import type { Damaged } from "./values.ts";
import {
  arrayOf,
  flagsReader,
  flagsText,
  integerOf,
  nameOf,
  optional,
  sideOf,
  textOf,
} from "./values.ts";

export interface Concluded {
  readonly cursor: Cursor | undefined;
  readonly observations: readonly Observation[];
  readonly view: string | undefined;
  /** The observations and the view as they are kept. */
  readonly text: string;
}

const NOTHING = "[]";

/** What the last run left behind about a side. */
/** The rows of collections as they were read last: each is asked for several times in a run. */
const READ = new WeakMap<Database, Map<number, Promise<readonly Row[]>>>();

function rowsOf(database: Database, collection: number): Promise<readonly Row[]> {
  const read = READ.get(database) ?? new Map<number, Promise<readonly Row[]>>();
  READ.set(database, read);
  const rows = read.get(collection) ?? database.rows({
    columns: ["side", "cursor", "observations", "sum"],
    rest: "FROM conclusion WHERE collection = ?",
    args: [collection],
  });
  read.set(collection, rows);
  return rows;
}

/** What was read of a collection's conclusion is no longer so. */
export function forgetRead(database: Database, collection: number | undefined): void {
  if (collection !== undefined) READ.get(database)?.delete(collection);
}

export async function readConclusion(
  database: Database,
  collection: number | undefined,
  side: Side,
): Promise<Concluded> {
  const nothing: Concluded = {
    cursor: undefined,
    observations: [],
    view: undefined,
    text: NOTHING,
  };
  if (collection === undefined) return nothing;
  const { damaged } = database;
  const rows = await rowsOf(database, collection);
  const concluded = rows.map((row) => {
    const of = sideOf(row[0], damaged);
    const cursor = optional(row[1], (it) => cursorOf(nameOf(it, "a cursor", damaged)));
    const text = textOf(row[2], "what was seen", damaged);
    if (conclusionSum(collection, of, cursor, text) !== row[3]) {
      throw damaged("what the last run left behind is not as written");
    }
    return { of, cursor, text };
  });
  const found = concluded.find(({ of }) => of === side);
  if (found === undefined) return nothing;
  const { cursor, text } = found;
  const read = observationReader(damaged);
  const [first, ...rest] = arrayOf(text, "what was seen", damaged);
  const isView = Array.isArray(first) && first[0] === VIEW;
  return {
    cursor,
    observations: (isView ? rest : first === undefined ? [] : [first, ...rest]).map(read),
    view: isView ? nameOf(first[1], "how items are seen", damaged) : undefined,
    text,
  };
}

/**
 * Writes what has changed since the last run, and cleans up after this one. Where nothing has
 * changed, nothing is written.
 * @param loose Ids of bodies that may not be needed any more; `undefined` if any may be.
 * @returns Whether those that are not needed are gone.
 */
export async function conclude(
  writer: Writer,
  row: CollectionRow,
  sides: Partial<Readonly<Record<Side, SideConclusion>>>,
  loose: ReadonlySet<number> | undefined,
): Promise<boolean> {
  const transaction = writer.transaction();
  const wasKnown = row.id !== undefined;
  const collection = await transaction.collection(row);
  for (const side of SIDES) {
    const conclusion = sides[side];
    if (conclusion === undefined) continue;
    const { cursor, observations, view } = conclusion;
    const text = textOfAll(observations, view);
    const before = await readConclusion(writer.database, row.id, side);
    if (wasKnown && before.cursor === cursor && before.text === text) continue;
    transaction.add("INSERT OR REPLACE INTO conclusion VALUES (?, ?, ?, ?, ?)", [
      collection,
      side,
      cursor ?? null,
      text,
      conclusionSum(collection, side, cursor, text),
    ]);
  }
  // A run that has nothing else to write does not write for that.
  const writes = writer.run() !== undefined || !transaction.isEmpty();
  const sweeps = writes && (loose === undefined || loose.size > 0);
  if (sweeps) transaction.statement(sweep(loose));
  try {
    await transaction.commit();
  } finally {
    forgetRead(writer.database, row.id);
  }
  return sweeps;
}

const conclusionSum = (
  collection: number,
  side: Side,
  cursor: Cursor | undefined,
  text: string,
): number => sumOf([collection, side, cursor ?? null, text]);

/** What the line begins with that says how items were seen, where they are not seen as they are. */
const VIEW = "seen as";

/** One line for each, sorted by href, so that the same ones are the same text. */
function textOfAll(observations: readonly Observation[], view: string | undefined): string {
  const sorted = [...observations].sort((one, other) => one.href < other.href ? -1 : 1);
  const lines = [...(view === undefined ? [] : [[VIEW, view]]), ...sorted.map(partsOf)];
  return lines.length === 0
    ? NOTHING
    : `[\n${lines.map((it) => JSON.stringify(it)).join(",\n")}\n]`;
}

function partsOf(seen: Observation): readonly (string | number | null)[] {
  switch (seen.state) {
    case "present": {
      const { state, href, etag, ident, digest, flags, extent } = seen;
      const about = extent === undefined ? [] : [JSON.stringify(extent)];
      return [state, href, etag, ident, digest, flagsText(flags), ...about];
    }
    case "gone":
      return [seen.state, seen.href, ...(seen.held === undefined ? [] : [seen.held])];
    case "left out":
      return [
        seen.state,
        seen.href,
        seen.etag,
        ...(seen.ident === undefined ? [] : [seen.ident]),
      ];
    case "unreadable":
      return [seen.state, seen.href, seen.etag ?? null, cleanReason(seen.reason)];
  }
}

function extentOf(value: unknown, damaged: Damaged): Extent {
  let parsed: unknown;
  try {
    parsed = JSON.parse(textOf(value, "an extent", damaged));
  } catch (error) {
    throw damaged(`an extent cannot be read (${error instanceof Error ? error.message : error})`);
  }
  const { component, from, to } = Object(parsed);
  return {
    component: nameOf(component, "a component", damaged),
    ...(from === undefined ? {} : { from: integerOf(from, "a time", damaged) }),
    ...(to === undefined ? {} : { to: integerOf(to, "a time", damaged) }),
  };
}

function observationReader(damaged: Damaged): (value: unknown) => Observation {
  const flagsOf = flagsReader(damaged);
  return (value) => {
    if (!Array.isArray(value)) throw damaged("what was seen cannot be told");
    const parts: readonly unknown[] = value;
    const [state] = parts;
    const at = href(nameOf(parts[1], "an href", damaged));
    const etagAt = () => etag(nameOf(parts[2], "an etag", damaged));
    switch (state) {
      case "present":
        return {
          state,
          href: at,
          etag: etagAt(),
          ident: ident(nameOf(parts[3], "an ident", damaged)),
          digest: digest(nameOf(parts[4], "a digest", damaged)),
          flags: flagsOf(parts[5]),
          ...(parts[6] === undefined ? {} : { extent: extentOf(parts[6], damaged) }),
        };
      case "gone":
        return {
          state,
          href: at,
          ...(parts[2] === undefined ? {} : { held: integerOf(parts[2], "a number", damaged) }),
        };
      case "left out": {
        const who = parts[3] === undefined
          ? {}
          : { ident: ident(nameOf(parts[3], "an ident", damaged)) };
        return { state, href: at, etag: etagAt(), ...who };
      }
      case "unreadable": {
        const reason = textOf(parts[3], "a reason", damaged);
        return { state, href: at, reason, ...(parts[2] === null ? {} : { etag: etagAt() }) };
      }
      default:
        throw damaged("what was seen cannot be told");
    }
  };
}
