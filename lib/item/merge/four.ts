/** The four versions that a merge is about. */

import type { Sides } from "../../model/names.ts";

/** The bases of the two sides and what they hold now. */
export interface Four<T> {
  readonly base: Sides<T>;
  readonly now: Sides<T>;
}

/** What `map` makes of each of the four. */
export function mapFour<T, U>({ base, now }: Four<T>, map: (value: T) => U): Four<U> {
  return {
    base: { a: map(base.a), b: map(base.b) },
    now: { a: map(now.a), b: map(now.b) },
  };
}

/** The four, one after the other. */
export function everyOne<T>({ base, now }: Four<T>): readonly T[] {
  return [base.a, base.b, now.a, now.b];
}
