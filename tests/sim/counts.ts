/** What a simulation has reached: so that nobody takes a generator's silence for a proof. */

import type { Ident, Side } from "../../lib/model/names.ts";
import { SIDES } from "../../lib/model/names.ts";
import type { Report, RunEvent } from "../../lib/model/run.ts";
import type { Action, Result } from "../../lib/model/storage.ts";
import type { ItemView } from "../../lib/sync/view.ts";

export type Counts = Map<string, number>;

export function count(counts: Counts, what: string, times = 1): void {
  counts.set(what, (counts.get(what) ?? 0) + times);
}

/** The cell of the table of decisions that an item is in: its base, a and b, as in the golden file. */
export function cellOf({ base, sides }: ItemView): string {
  const digests = SIDES.flatMap((side) => {
    const state = sides[side];
    return state.state === "present" ? [state.version.digest as string] : [];
  });
  const others = [...new Set(digests)].sort();
  const word = (side: Side): string => {
    const state = sides[side];
    if (state.state !== "present") return state.state === "absent" ? "-" : "?";
    const { digest } = state.version;
    if (digest === base?.sides[side].digest) return "v0";
    // The names of versions that are not the base mean nothing: they are given by what is said.
    const named = sum(digest) % (base === undefined ? 3 : 2);
    const clash = others.length === 2 && others[1] === digest && others[0] !== undefined &&
      sum(others[0]) % (base === undefined ? 3 : 2) === named &&
      others[0] !== base?.sides[side === "a" ? "b" : "a"].digest;
    const given = clash ? (named + 1) % (base === undefined ? 3 : 2) : named;
    return `v${base === undefined ? given : given + 1}`;
  };
  return `${base === undefined ? "-" : "v0"} ${word("a")} ${word("b")}`;
}

function sum(text: string): number {
  let total = 0;
  for (let at = 0; at < text.length; at++) total = (total * 31 + text.charCodeAt(at)) >>> 0;
  return total >>> 3;
}

const STATES = ["-", "v0", "v1", "v2", "?"];
/** All fifty cells but one: nobody looks at an item that is not there and never was. */
export const CELLS: readonly string[] = ["-", "v0"].flatMap((base) =>
  STATES.flatMap((a) => STATES.map((b) => `${base} ${a} ${b}`))
).filter((cell) => cell !== "- - -");

/** Follows one run, to tell which ways its effects took. */
export function waysOf(counts: Counts): {
  acted(side: Side, action: Action, result: Result): void;
  event(event: RunEvent): void;
  report(report: Report): void;
} {
  const last = new Map<string, { readonly kind: Action["kind"]; readonly result: Result }>();
  const tries = new Map<string, number>();
  const name = (side: Side, ident: Ident) => `${side} ${ident}`;
  return {
    acted(side, action, result) {
      const at = name(side, action.ident);
      last.set(at, { kind: action.kind, result });
      count(counts, `${action.kind}: ${result.outcome}`);
      if (action.kind !== "create") return;
      tries.set(at, (tries.get(at) ?? 0) + 1);
      if ((tries.get(at) ?? 0) > 1) count(counts, "way: exists, so another name");
    },
    event(event) {
      if (event.type === "made") count(counts, "way: made a collection");
      if (event.type !== "effect") return;
      const { effect, outcome, error } = event;
      const { result } = last.get(name(effect.on, effect.ident)) ?? {};
      count(counts, `effect: ${effect.kind} ${outcome}`);
      if (outcome === "done") {
        if (result?.outcome === "exists") count(counts, "way: exists, so adopted");
        else if (
          effect.kind !== "delete" && result?.outcome === "done" && result.etag === undefined
        ) {
          count(counts, "way: no etag, so read back");
        }
        return;
      }
      if (outcome === "changed") {
        if (result === undefined) count(counts, "way: changed before it was begun");
        else if (result.outcome === "exists") count(counts, "way: exists, so left");
        else count(counts, "way: changed, so left");
        return;
      }
      if (error?.message.includes("could not be read back")) {
        count(counts, "way: no etag, and not to be read back");
      } else if (error?.message.includes("cannot be read")) {
        count(counts, "way: exists, and not to be read");
      } else if (error?.scope === "item") count(counts, "way: the item failed");
      else count(counts, "way: the storage failed");
    },
    report({ plan, skipped, failures }) {
      if (skipped > 0) count(counts, "way: skipped");
      if (failures.some((it) => it.ident === undefined)) count(counts, "way: a side failed");
      for (const { held, conflicts, problems, creates } of plan.collections) {
        for (const { guard } of held) count(counts, `held: ${guard}`);
        if (creates.length > 0) count(counts, "plan: a collection to make");
        if (conflicts.length > 0) count(counts, "plan: conflict");
        for (const { error } of problems) count(counts, `plan: ${error.kind}`);
      }
    },
  };
}
