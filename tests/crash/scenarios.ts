/**
 * What the crash tests run, as a table. An item is written `x1`: its UID, and what it says. After it
 * may stand, in this order, `@name` (it is under that href, not under its own), `+read,told` (its
 * flags) and `!` (it cannot be read). `-1` is an item without a UID. Some have a second property,
 * which may be merged with the first: `x1/2`.
 */

import type { Resolution } from "../../lib/model/run.ts";

export interface Scenario {
  readonly name: string;
  /** What both sides agreed on. */
  readonly base: string;
  /** What the sides hold when the run begins. `none`: the collection is not there. */
  readonly a: string;
  readonly b: string;
  /** What they hold once it is over, whatever came between. */
  readonly afterA: string;
  readonly afterB: string;
  /** What the pair does with conflicts; nothing without it. */
  readonly conflicts?: Resolution;
}

const row = (
  name: string,
  base: string,
  a: string,
  b: string,
  afterA: string,
  afterB: string,
): Scenario => ({ name, base, a, b, afterA, afterB });

export const SCENARIOS: readonly Scenario[] = [
  //   what happened                           base        a               b             a after         b after
  row("nothing", "x0 y0", "x0 y0", "x0 y0", "x0 y0", "x0 y0"),
  row("new on a", "y0", "x1 y0", "y0", "x1 y0", "x1 y0"),
  row("new on b", "y0", "y0", "x1 y0", "x1 y0", "x1 y0"),
  row("new on both, different items", "", "x1", "y1", "x1 y1", "x1 y1"),
  row("new on both, the same", "", "x1", "x1", "x1", "x1"),
  row("new on both, in conflict", "y0", "x1 y0", "x2 y0", "x1 y0", "x2 y0"),
  row("many new on a", "", "p1 q1 r1 s1 t1", "", "p1 q1 r1 s1 t1", "p1 q1 r1 s1 t1"),
  row("edited on a", "x0 y0", "x1 y0", "x0 y0", "x1 y0", "x1 y0"),
  row("edited on b", "x0 y0", "x0 y0", "x1 y0", "x1 y0", "x1 y0"),
  row("edited on both, the same", "x0 y0", "x1 y0", "x1 y0", "x1 y0", "x1 y0"),
  row("edited on both, in conflict", "x0 y0", "x1 y0", "x2 y0", "x1 y0", "x2 y0"),
  row("one edited on each side", "x0 y0", "x1 y0", "x0 y1", "x1 y1", "x1 y1"),
  row("deleted on a", "x0 y0", "y0", "x0 y0", "y0", "y0"),
  row("deleted on b", "x0 y0", "x0 y0", "y0", "y0", "y0"),
  row("deleted on both", "x0 y0", "y0", "y0", "y0", "y0"),
  row("one deleted on each side", "x0 y0 z0", "y0 z0", "x0 z0", "z0", "z0"),
  row("deleted on a, edited on b", "x0 y0", "y0", "x1 y0", "x1 y0", "x1 y0"),
  row("edited on a, deleted on b", "x0 y0", "x1 y0", "y0", "x1 y0", "x1 y0"),
  row("moved on a", "x0 y0", "x0@m y0", "x0 y0", "x0 y0", "x0 y0"),
  row("moved and edited on a", "x0 y0", "x1@m y0", "x0 y0", "x1 y0", "x1 y0"),
  row("moved on a, edited on b", "x0 y0", "x0@m y0", "x1 y0", "x1 y0", "x1 y0"),
  row("moved on a, deleted on b", "x0 y0", "x0@m y0", "y0", "y0", "y0"),
  row("moved on both", "x0 y0", "x0@m y0", "x0@n y0", "x0 y0", "x0 y0"),
  row("the UID changed in a file on a", "x0 y0", "z0@x y0", "x0 y0", "y0 z0", "y0 z0"),
  row("the UID changed, and b edited it", "x0 y0", "z0@x y0", "x1 y0", "x1 y0 z0", "x1 y0 z0"),
  row("the UID changed to a known one", "x0 y0", "y1@x", "x0 y0", "y1", "y1"),
  row("two files swapped on a", "x0 y0", "x0@y y0@x", "x0 y0", "x0 y0", "x0 y0"),
  row("two files swapped and edited", "x0 y0", "x1@y y1@x", "x0 y0", "x1 y1", "x1 y1"),
  row("three files went round", "x0 y0 z0", "x0@y y0@z z0@x", "x0 y0 z0", "x0 y0 z0", "x0 y0 z0"),
  row("a name is taken on b", "", "x1", "z1@x", "x1 z1", "x1 z1"),
  row("two names are taken, crosswise", "", "x1@y", "y1@x", "x1 y1", "x1 y1"),
  row("a new item has a deleted one's name", "x0 y0", "y0 z1@x", "x0 y0", "y0 z1", "y0 z1"),
  row("two of a UID on a", "y0", "x1 x2@m y0", "y0", "x1 x2 y0", "y0"),
  row("two of a UID on a, edited on b", "x0 y0", "x0 x2@m y0", "x1 y0", "x0 x2 y0", "x1 y0"),
  row("a second one was taken away again", "x0 y0", "x0@m y0", "x1 y0", "x1 y0", "x1 y0"),
  row("not to be read on a, edited on b", "x0 y0", "x0! y0", "x1 y0", "x0! y0", "x1 y0"),
  row("not to be read on a, deleted on b", "x0 y0", "x0! y0", "y0", "x0! y0", "y0"),
  row("a stranger on a, deleted on a", "x0 y0", "q1! y0", "x0 y0", "q1! y0", "x0 y0"),
  row("a stranger on a, edited on b", "x0 y0", "q1! x0 y0", "x1 y0", "q1! x1 y0", "x1 y0"),
  row("a was emptied", "x0 y0", "", "x0 y0", "", "x0 y0"),
  row("a was emptied, and b edited", "x0 y0", "", "x1 y0", "", "x1 y0"),
  row("without a UID, edited on a", "-0 y0", "-1 y0", "-0 y0", "-1 y0", "-1 y0"),
  row("without a UID, new on both", "", "-1 -2@m", "-1 -3@m", "-1 -2 -3", "-1 -2 -3"),
  row("the collection is not on b", "", "x1 y1", "none", "x1 y1", "x1 y1"),
  row(
    "all of it at once",
    "p0 q0 r0 s0 t0",
    "p1 q0 s1 t0 u1",
    "p0 q1 r0 t0@m v1",
    "p1 q1 s1 t0 u1 v1",
    "p1 q1 s1 t0 u1 v1",
  ),
];

const merge = (
  name: string,
  ...[base, a, b, afterA, afterB, conflicts = { kind: "merge" }]: readonly [
    string,
    string,
    string,
    string,
    string,
    Resolution?,
  ]
): Scenario => ({ name, base, a, b, afterA, afterB, conflicts });

/** Edits of both sides that come together. */
export const MERGES: readonly Scenario[] = [
  merge("one property each", "x0/0 y0", "x1/0 y0", "x0/2 y0", "x1/2 y0", "x1/2 y0"),
  merge("the same property", "x0/0 y0", "x1/0 y0", "x2/0 y0", "x1/0 y0", "x2/0 y0"),
  merge("the same edit and another", "x0/0", "x1/0", "x1/2", "x1/2", "x1/2"),
  merge(
    "several at once",
    "p0/0 q0/0 r0 s0",
    "p1/0 q0/1 r1 s0 t1",
    "p0/2 q2/0 r0",
    "p1/2 q2/1 r1 t1",
    "p1/2 q2/1 r1 t1",
  ),
  merge("a is kept", "x0 y0", "x1 y0", "x2 y0", "x1 y0", "x1 y0", { kind: "keep", side: "a" }),
  merge("b is kept", "x0 y0", "x1 y0", "x2 y0", "x2 y0", "x2 y0", { kind: "keep", side: "b" }),
  merge(
    "both are kept",
    "x0 y0",
    "x1 y0",
    "x2 y0",
    "x-UIDxSAYS22 x1 y0",
    "x-UIDxSAYS22 x1 y0",
    { kind: "both" },
  ),
];
