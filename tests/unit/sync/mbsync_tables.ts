/**
 * What mbsync's own suite tries (`run-tests.pl` of isync 1.5), as tables in our words: of each mail
 * the flags that both agreed on, those that it has now on a and on b, and those that it has afterwards.
 * `-` is a mail that is not there; `S` stands for `\Seen`, `F` for `\Flagged`, `A` for `\Answered`,
 * `T` for `\Deleted` (trashed), `w` for a keyword.
 */

import type { Extent } from "../../../lib/model/format.ts";
import type { Side } from "../../../lib/model/names.ts";
import type { Policy } from "../../../lib/model/run.ts";
import type { MailScenario } from "../../crash/mail_scenarios.ts";

/** Mail, base, now on a and on b, afterwards on a and on b. */
export type Row = readonly [string, string, string, string, string, string];

export interface Table {
  readonly name: string;
  readonly policy?: Partial<Policy>;
  /** The side that may not be written. */
  readonly closed?: Side;
  /** After how many runs there is nothing left to be seen or done. Default: 1. */
  readonly runs?: number;
  readonly rows: readonly Row[];
}

/** The table as a scenario of one mailbox. Mails of the base have the first UIDs, in their order. */
export function scenarioOf({ name, rows, runs = 1 }: Table): MailScenario {
  const word = (row: Row, uid: number, flags: string) =>
    `${uid}:${row[0]}${flags === "" ? "" : `+${flags}`}`;
  const agreed = rows.filter(([, base]) => base !== "-");
  const side = (at: 2 | 3): string => {
    let next = agreed.length + 1;
    const there = rows.filter((row) => row[at] !== "-");
    return there.map((row) => {
      const known = agreed.indexOf(row);
      return word(row, known < 0 ? next++ : known + 1, row[at]);
    }).join(" ");
  };
  const after = (at: 4 | 5): string =>
    rows.flatMap((row) =>
      row[at] === "-" ? [] : [`${row[0]}${row[at] === "" ? "" : `+${row[at]}`}`]
    ).sort().map((it) => ` ${it}`).join("");
  return {
    name,
    runs,
    base: `work: ${agreed.map((row, at) => word(row, at + 1, row[1])).join(" ")}`,
    a: `work: ${side(2)}`,
    b: `work: ${side(3)}`,
    afterA: `work:${after(4)}`,
    afterB: `work:${after(5)}`,
  };
}

const nothing = () => false;
const both = <T>(it: T) => ({ a: it, b: it });
const smaller = (extent: Extent) => extent.size === undefined || extent.size < 40;

/** Mails of every sort, and what a run comes to that keeps all of it in step. */
const FULL: readonly Row[] = [
  // mail  base  a     b     after a, b
  ["setA", "", "F", "", "F", "F"],
  ["setB", "", "", "F", "F", "F"],
  ["more", "F", "FS", "F", "FS", "FS"],
  ["clearA", "F", "", "F", "", ""],
  ["clearB", "F", "F", "", "", ""],
  ["each", "", "S", "F", "FS", "FS"],
  ["cross", "FS", "F", "AFS", "AF", "AF"],
  ["alike", "F", "", "", "", ""],
  ["words", "w", "w", "", "", ""],
  ["goneA", "", "-", "", "-", "-"],
  ["goneB", "", "", "-", "-", "-"],
  ["goneAB", "", "-", "-", "-", "-"],
  ["readGone", "", "S", "-", "-", "-"],
  ["goneRead", "", "-", "F", "-", "-"],
  ["newA", "-", "FS", "-", "FS", "FS"],
  ["newB", "-", "-", "S", "S", "S"],
  ["newAB", "-", "S", "F", "FS", "FS"],
];

/** Mails that are marked to be deleted, where nobody deletes them for that. */
const MARKED: readonly Row[] = [
  ["markA", "", "T", "", "T", "T"],
  ["markB", "", "", "T", "T", "T"],
  ["marked", "T", "T", "T", "T", "T"],
  ["unmark", "T", "", "T", "", ""],
  ["newMark", "-", "T", "-", "T", "T"],
  ["markGone", "", "T", "-", "-", "-"],
];

/** The rows, with another end for some of them. */
const ending = (
  rows: readonly Row[],
  ends: Readonly<Record<string, readonly [string, string]>>,
): readonly Row[] =>
  rows.map((row): Row => {
    const [name, base, a, b] = row;
    const end = ends[name];
    return end === undefined ? row : [name, base, a, b, ...end];
  });

/** As each side is now: nothing of it is carried over. */
const left = (rows: readonly Row[], which: (row: Row) => boolean = () => true): readonly Row[] =>
  rows.map((row): Row => {
    const [name, base, a, b] = row;
    return which(row) ? [name, base, a, b, a, b] : row;
  });

const isNew = ([, base]: Row): boolean => base === "-";
const isGone = ([, base, a, b]: Row): boolean => base !== "-" && (a === "-" || b === "-");

export const TABLES: readonly Table[] = [
  { name: "full", rows: [...FULL, ...MARKED] },
  {
    name: "full, and expunged on both",
    policy: { mail: { expunge: both(true) } },
    rows: [
      ...FULL,
      ...ending(MARKED, {
        markA: ["-", "-"],
        markB: ["-", "-"],
        marked: ["-", "-"],
        newMark: ["-", "-"],
      }),
    ],
  },
  {
    name: "full, and expunged on b",
    policy: { mail: { expunge: { a: false, b: true } } },
    // What is left on a alone is looked at once more.
    runs: 2,
    rows: [
      ...FULL,
      ...ending(MARKED, {
        markA: ["T", "-"],
        markB: ["T", "-"],
        marked: ["T", "-"],
        newMark: ["T", "-"],
      }),
    ],
  },
  {
    name: "pull only: a may not be written",
    closed: "a",
    // A mail of b's own has made way for one of a's, and is seen there once more.
    runs: 2,
    rows: ending(FULL, {
      setB: ["", "F"],
      clearB: ["F", ""],
      each: ["S", "FS"],
      cross: ["F", "AF"],
      words: ["w", ""],
      goneB: ["", "-"],
      readGone: ["S", "-"],
      newB: ["-", "S"],
      newAB: ["S", "FS"],
    }),
  },
  {
    name: "one way: b is made as a is",
    policy: { oneWay: true },
    // As above.
    runs: 2,
    rows: ending([...FULL, ...MARKED], {
      setB: ["", ""],
      clearB: ["F", "F"],
      each: ["S", "S"],
      cross: ["F", "F"],
      words: ["w", "w"],
      goneB: ["", ""],
      readGone: ["S", "S"],
      newB: ["-", "-"],
      newAB: ["S", "S"],
      markB: ["", ""],
      markGone: ["T", "T"],
    }),
  },
  {
    name: "flags only",
    policy: { accepts: both(nothing), noDelete: both(true) },
    rows: left(FULL, (row) => isGone(row) || row[0] === "newA" || row[0] === "newB"),
  },
  {
    name: "gone only",
    policy: { accepts: both(nothing), mail: { flags: nothing, expunge: both(false) } },
    rows: left(FULL, (row) => !isGone(row)),
  },
  {
    name: "new only",
    policy: { noDelete: both(true), mail: { flags: nothing, expunge: both(false) } },
    rows: ending(left(FULL, (row) => row[0] !== "newA" && row[0] !== "newB"), {
      newA: ["FS", ""],
      newB: ["", "S"],
    }),
  },
  {
    name: "nothing at all",
    policy: {
      accepts: both(nothing),
      noDelete: both(true),
      mail: { flags: nothing, expunge: both(false) },
    },
    rows: left(FULL),
  },
  {
    name: "max size",
    policy: { accepts: both(smaller) },
    rows: [
      ["small", "-", "S", "-", "S", "S"],
      ["tooLargeByFar", "-", "F", "-", "F", "-"],
      ["alsoTooLargeOnB", "-", "-", "F", "-", "F"],
      ["largeAndKnownToBoth", "", "F", "", "F", "F"],
      ["largeAndGoneOnOneOfThem", "", "-", "S", "-", "-"],
    ],
  },
  {
    name: "doomed: marked before it was ever copied",
    policy: { mail: { expunge: both(true) } },
    rows: [
      ["doomedA", "-", "T", "-", "-", "-"],
      ["doomedB", "-", "-", "FT", "-", "-"],
      ["doomedAB", "-", "T", "S", "-", "-"],
      ["fine", "-", "F", "-", "F", "F"],
    ],
  },
];

/** Whether a row is one of a mail that is new: for the tests of the tables themselves. */
export const newRows = (table: Table): readonly Row[] => table.rows.filter(isNew);
