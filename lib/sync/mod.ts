/** The core: from two storages to a plan, and from a plan to both sides agreeing. */

export { carryOut } from "./execute.ts";
export type { Prepared } from "./prepare.ts";
export { bytesOf } from "./bytes_of.ts";
export { pairCollections } from "./pairing.ts";
export { prepare } from "./prepare.ts";
export { settleConflicts } from "./settle_conflicts.ts";
export { propertyNames } from "./trust.ts";
export type { Decide, DecideItem, DecideProperty } from "./settle_conflicts.ts";
