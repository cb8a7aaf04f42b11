/** Flags are merged bit by bit against the base: each is an item of its own, as it were. Pure. */

import type { Flags } from "../../model/item.ts";
import type { Side, Sides } from "../../model/names.ts";

/** Which flags are kept in step: those that both sides can have, and that the policy means. */
export type IsShared = (flag: string) => boolean;

export interface FlagsInput {
  readonly now: Sides<Flags>;
  /** What both sides agreed on last, as each side held it. */
  readonly base: Sides<Flags> | undefined;
  readonly isShared: IsShared;
  /** B is to be as a is. */
  readonly oneWay: boolean;
}

/**
 * The flags that each side is to have. One that is not shared stays as it is on each side. A flag
 * that one side changed is as that side has it; one that both changed to the same is so. Without a
 * base, or where they disagree after all, set wins: no storage tells when a flag was changed.
 */
export function mergedFlags({ now, base, isShared, oneWay }: FlagsInput): Sides<Flags> {
  const spelt = { a: bySpelling(now.a), b: bySpelling(now.b) };
  const had = base === undefined ? undefined : { a: bySpelling(base.a), b: bySpelling(base.b) };
  const set: Record<Side, string[]> = { a: [], b: [] };
  for (const flag of new Set([...spelt.a.keys(), ...spelt.b.keys()])) {
    const [inA, inB] = [spelt.a.get(flag), spelt.b.get(flag)];
    const name = inA ?? inB ?? flag;
    const has = { a: inA !== undefined, b: inB !== undefined };
    const value = has.a === has.b || !isShared(name)
      ? undefined
      : oneWay
      ? has.a
      : decided(has, had === undefined ? undefined : { a: had.a.has(flag), b: had.b.has(flag) });
    // Each side keeps its own spelling.
    if (value ?? has.a) set.a.push(inA ?? name);
    if (value ?? has.b) set.b.push(inB ?? name);
  }
  return { a: set.a.sort(), b: set.b.sort() };
}

/** Keywords that differ in case alone are one (RFC 3501 section 9: they are atoms without case). */
const bySpelling = (flags: Flags): ReadonlyMap<string, string> =>
  new Map(flags.map((flag) => [flag.toLowerCase(), flag] as const));

/** They differ. Where both had the same, one side changed it, and that side decides. */
const decided = (has: Sides<boolean>, had: Sides<boolean> | undefined): boolean => {
  if (had === undefined || had.a !== had.b) return true;
  return has.a === had.a ? has.b : has.a;
};

/** What a mail is to have where it is new: of what it has where it comes from, that which is shared. */
export const flagsOfNew = (flags: Flags, isShared: IsShared): Flags =>
  flags.every(isShared) ? flags : flags.filter(isShared);

/** The mark of a mail that is to be deleted for good (RFC 3501 section 2.3.2). */
export const DELETED = "\\Deleted";

/** On which sides a mail goes for good, and does not come to be. */
export const isDoomed = (flags: Flags, expunge: Sides<boolean> | undefined, on: Side): boolean =>
  expunge?.[on] === true && flags.includes(DELETED);
