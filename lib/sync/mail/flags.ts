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
  const all = [...new Set([...now.a, ...now.b])].sort();
  const set: Record<Side, string[]> = { a: [], b: [] };
  for (const flag of all) {
    const has = { a: now.a.includes(flag), b: now.b.includes(flag) };
    const value = has.a === has.b || !isShared(flag) ? undefined : oneWay ? has.a : decided(
      has,
      base === undefined ? undefined : {
        a: base.a.includes(flag),
        b: base.b.includes(flag),
      },
    );
    if (value ?? has.a) set.a.push(flag);
    if (value ?? has.b) set.b.push(flag);
  }
  return set;
}

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
