/** What a run tells, in words: for `-v`. */

import type { PairName, Sides, StorageName } from "../../model/names.ts";
import type { Effect } from "../../model/plan.ts";
import type { RunEvent } from "../../model/run.ts";
import { counted, figure } from "./count.ts";
import { faint, type Line, line } from "./text.ts";

const DONE: Readonly<Record<Effect["kind"], string>> = {
  create: "created",
  update: "updated",
  delete: "deleted",
  setFlags: "marked",
};

/** Nothing for events that come too often. */
export function eventLine(
  pair: PairName,
  event: RunEvent,
  names: Sides<StorageName>,
): Line | undefined {
  const head = faint(`${pair}:`);
  switch (event.type) {
    case "collections":
      return line`${head} ${counted(event.count, "collection")} to look into`;
    case "listing":
      return line`${head} listing ${event.collection} on ${names[event.side]}`;
    case "fetching":
      if (event.done < event.of) return undefined;
      return line`${head} fetched ${figure(event.of)} of ${event.collection} from ${
        names[event.side]
      }`;
    case "surveyed":
      return line`${head} compared ${event.collection}`;
    case "made":
      return line`${head} made ${event.collection} on ${names[event.side]}`;
    case "unmade":
      return line`${head} deleted ${event.collection} on ${names[event.side]}`;
    case "renamed":
      return line`${head} renamed ${event.collection} on ${names[event.side]}`;
    case "property": {
      const { action, collection, error } = event;
      const what = `${action.name} of ${collection} on ${names[action.on]}`;
      return error === undefined
        ? line`${head} set ${what}`
        : line`${head} failed ${what}: ${error.message}`;
    }
    case "altered":
      // It is told when the run is over, to everybody.
      return undefined;
    case "effect": {
      const { effect, outcome, error, collection } = event;
      const where = `${effect.ident} in ${collection} on ${names[effect.on]}`;
      if (outcome === "done") return line`${head} ${DONE[effect.kind]} ${where}`;
      if (outcome === "changed") return line`${head} left ${where}: it changed meanwhile`;
      return line`${head} failed ${where}: ${error?.message ?? "no reason was given"}`;
    }
  }
}
