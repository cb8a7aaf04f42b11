/** Which pairs depend on each other. */

import type { PairConfig } from "./config.ts";

/** Whether what one of the pairs writes is for the other one to see. */
export const sharesStorage = (
  left: Pick<PairConfig, "a" | "b">,
  right: Pick<PairConfig, "a" | "b">,
): boolean => [left.a, left.b].some((name) => name === right.a || name === right.b);
