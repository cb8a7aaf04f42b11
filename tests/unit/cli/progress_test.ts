import { strictEqual } from "node:assert/strict";
import type { Look } from "../../../lib/cli/show/look.ts";
import { paint } from "../../../lib/cli/show/paint.ts";
import {
  after,
  type PairProgress,
  progressLines,
  started,
  writing,
} from "../../../lib/cli/show/progress.ts";
import { collectionId, pairName } from "../../../lib/model/names.ts";
import type { Effect } from "../../../lib/model/plan.ts";
import type { RunEvent } from "../../../lib/model/run.ts";
import { create, names } from "../../cli/plans.ts";

const LOOK: Look = { color: false, unicode: true, live: true, width: 80 };
const work = collectionId("work");

const shown = (state: PairProgress, now = 0, look = LOOK): string =>
  progressLines([state], now, look).map((line) => paint(line, look)).join("\n");

const told = (state: PairProgress, ...events: readonly RunEvent[]): PairProgress =>
  events.reduce(after, state);

Deno.test("progress says what a pair is doing, from opening to writing", () => {
  const opening = started(pairName("calendars"), names);
  strictEqual(shown(opening), "calendars  opening");
  const listing = told(
    opening,
    { type: "collections", count: 3 },
    { type: "listing", collection: work, side: "b" },
    { type: "surveyed", collection: work },
  );
  strictEqual(shown(listing), "calendars  listing work on server  1/3");
  const fetching = told(
    listing,
    { type: "fetching", collection: work, side: "b", done: 500, of: 2000 },
    { type: "fetching", collection: work, side: "a", done: 500, of: 2000 },
    { type: "fetching", collection: work, side: "b", done: 1500, of: 2000 },
  );
  strictEqual(
    shown(fetching),
    "calendars  fetching ████████████░░░░░░░░░░░░ 2,000/4,000 work on server",
  );
  strictEqual(
    shown(fetching, 0, { ...LOOK, unicode: false }),
    "calendars  fetching ############------------ 2,000/4,000 work on server",
  );
});

Deno.test("progress of writing has a rate and the time that is left, once they can be known", () => {
  const effect: RunEvent = {
    type: "effect",
    collection: work,
    effect: create("x") as Effect,
    outcome: "done",
  };
  let state = writing(started(pairName("calendars"), names), 1000, 5000);
  for (let index = 0; index < 250; index++) state = told(state, effect);
  strictEqual(shown(state, 6000), "calendars  writing  ██████░░░░░░░░░░░░░░░░░░ 250/1,000");
  strictEqual(
    shown(state, 10_000),
    "calendars  writing  ██████░░░░░░░░░░░░░░░░░░ 250/1,000  50/s  15 s left",
  );
  strictEqual(
    shown(state, 255_000),
    "calendars  writing  ██████░░░░░░░░░░░░░░░░░░ 250/1,000  1.0/s  13 min left",
  );
});
