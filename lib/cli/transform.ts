/** What the filters of a storage's configuration do to an item, one after another. */

import { commandTransform, type Transform } from "../../adapters/with_filter.ts";
import type { FilterConfig } from "../config/config.ts";
import { busyOnly, dropFrom } from "../item/filter.ts";

/** None where there are no filters. */
export function transformOf(filters: readonly FilterConfig[]): Transform | undefined {
  const steps = filters.map(stepOf);
  if (steps.length === 0) return undefined;
  return async (bytes, signal) => {
    let result: Uint8Array | undefined = bytes;
    for (const step of steps) {
      if (result === undefined) return undefined;
      result = await step(result, signal);
    }
    return result;
  };
}

function stepOf(filter: FilterConfig): Transform {
  switch (filter.kind) {
    case "drop":
      return (bytes) => Promise.resolve(dropFrom(bytes, filter.names));
    case "busy_only":
      return (bytes) => Promise.resolve(busyOnly(bytes));
    case "cmd":
      return commandTransform(filter.argv);
  }
}
