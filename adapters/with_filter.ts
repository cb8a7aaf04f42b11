/** A storage of which a part is shown, or to which a part is given: `filter` in the configuration. */

import type { ReadItem } from "../lib/item/parse_item.ts";
import { mergeCalendar, mergeContact } from "../lib/item/merge/mod.ts";
import { SyncError } from "../lib/model/error.ts";
import type { Storage } from "../lib/model/storage.ts";
import { type Outcome, type RunWithInput, runWithInput } from "../lib/process/run_with_input.ts";
import { areSame, type Transform, withTransform } from "./with_transform.ts";

export type { Transform } from "./with_transform.ts";

export interface Filters {
  /** Of each item on its way out of the storage. */
  readonly read?: Transform;
  /** Of each item on its way in. */
  readonly write?: Transform;
  /** What `read` is, in a text that is another one where it is. */
  readonly view?: string;
  readonly readItem: (bytes: Uint8Array) => ReadItem;
}

/**
 * `storage` through filters.
 *
 * An update does not take away what the filters hide. What the person changed, in what can be seen,
 * is applied to what the storage holds: so alarms that a filter drops stay on the server. That
 * costs a request for each update.
 */
export function withFilter(storage: Storage, { read, write, view, readItem }: Filters): Storage {
  const out: Transform = read ?? unchanged;
  const into: Transform = write ?? unchanged;
  const merge = storage.capabilities.kind === "contacts" ? mergeContact : mergeCalendar;
  return withTransform(storage, {
    readItem,
    view: view ?? "filter",
    read: out,
    needsHeld: () => true,
    async write(given, held, signal) {
      const wanted = await into(given, signal);
      const shown = held === undefined ? undefined : await out(held, signal);
      const before = shown === undefined ? undefined : await into(shown, signal);
      if (wanted === undefined || held === undefined || before === undefined) return wanted;
      // Nothing of it is hidden.
      if (areSame(before, held)) return wanted;
      const merged = merge({ base: { a: before, b: held }, now: { a: wanted, b: held } });
      if (merged.state === "merged") return merged.sides.b;
      throw new SyncError("the change cannot be applied to what the filter hides", {
        scope: "item",
        kind: "refused",
        hint: "Make the change at the storage itself, or take the filter away.",
      });
    },
  });
}

const unchanged: Transform = (bytes) => Promise.resolve(bytes);

/** How long a program may take for one item, in milliseconds. */
const PATIENCE = 30_000;

/** How much it may print: as much as an item may have. In bytes. */
const MOST_OUTPUT = 10 * 1024 * 1024;

/**
 * The transform of `filter cmd`: the program has the item on its standard input and prints what
 * becomes of it; where it prints nothing, the item is left out. Where it fails, cannot be started or
 * takes too long, the item is unreadable, or is not written, with that as the reason.
 */
export function commandTransform(
  argv: readonly string[],
  run: RunWithInput = runWithInput,
): Transform {
  return async (bytes, signal) => {
    const outcome = await run(argv, bytes, { timeout: PATIENCE, limit: MOST_OUTPUT, signal });
    if (outcome.status === "done") {
      return outcome.output.byteLength === 0 ? undefined : outcome.output;
    }
    throw new SyncError(`the filter "${argv[0] ?? ""}" ${whatBecame(outcome)}`, {
      scope: "item",
      kind: "refused",
      hint: "The item is left alone. The filter is asked again in the next run.",
      ...(outcome.status === "not started" ? { cause: outcome.cause } : {}),
    });
  };
}

function whatBecame(outcome: Exclude<Outcome, { readonly status: "done" }>): string {
  switch (outcome.status) {
    case "failed": {
      const why = outcome.errors === "" ? "" : `: ${outcome.errors}`;
      return `ended with status ${outcome.code}${why}`;
    }
    case "killed":
      return `was ended by ${outcome.signal}`;
    case "not started":
      return "cannot be started";
    case "too large":
      return `printed more than ${MOST_OUTPUT} bytes`;
    case "timed out":
      return `has not ended within ${PATIENCE / 1000} seconds`;
  }
}
