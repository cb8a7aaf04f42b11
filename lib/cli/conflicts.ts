/** How a pair's conflicts are settled. */

import type { PairConfig } from "../config/config.ts";
import type { Resolution } from "../model/run.ts";

/** While it is brought in step. */
export function resolutionOf(pair: PairConfig, signal: AbortSignal): Resolution {
  const { conflicts, resolveDuring, kind } = pair;
  if (conflicts.kind !== "cmd") return conflicts;
  if (resolveDuring === "command") return { kind: "none" };
  return askingResolver(conflicts.argv, kind, signal);
}

/** Every conflict is given to a program. */
export function askingResolver(
  argv: readonly string[],
  kind: PairConfig["kind"],
  signal: AbortSignal,
): Resolution {
  const fileext = kind === "calendar" ? "ics" : "vcf";
  return {
    kind: "ask",
    decide: async (conflict, bytes) => {
      const { runResolver } = await import("./resolver.ts");
      return await runResolver({ argv, fileext, signal }, conflict, bytes);
    },
  };
}
