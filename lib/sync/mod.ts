/** The core: from two storages to a plan, and from a plan to both sides agreeing. */

export { carryOut } from "./execute.ts";
export type { Prepared } from "./prepare.ts";
export { bytesOf, prepare } from "./prepare.ts";
