/** Flags bit by bit: every combination of what was, what a has and what b has, of three flags. */

import assert from "node:assert/strict";
import { mergedFlags } from "../../../lib/sync/mail/flags.ts";

const NAMES = ["$Todo", "\\Flagged", "\\Seen"] as const;
const always = (): boolean => true;

/** Of one flag: whether it was set, and whether each side has it now. */
interface Bit {
  readonly was: boolean;
  readonly a: boolean;
  readonly b: boolean;
}

const bitOf = (number: number): Bit => ({
  was: (number & 1) !== 0,
  a: (number & 2) !== 0,
  b: (number & 4) !== 0,
});

/** All that three flags can be: 8 times 8 times 8. */
const COMBINATIONS: readonly (readonly Bit[])[] = Array.from(
  { length: 512 },
  (_, at) => [at & 7, at >> 3 & 7, at >> 6].map(bitOf),
);

const flags = (bits: readonly Bit[], has: (bit: Bit) => boolean): readonly string[] =>
  NAMES.filter((_, at) => {
    const bit = bits[at];
    return bit !== undefined && has(bit);
  });

/** Whoever changed it decides; it cannot be that both changed it and differ. */
const wanted = ({ was, a, b }: Bit): boolean => a === was ? b : a;

Deno.test("each flag is as the side has it that changed it, in all 512 combinations", () => {
  for (const bits of COMBINATIONS) {
    const was = flags(bits, (bit) => bit.was);
    const now = { a: flags(bits, (bit) => bit.a), b: flags(bits, (bit) => bit.b) };
    const expected = flags(bits, wanted);
    const merged = mergedFlags({ now, base: { a: was, b: was }, isShared: always, oneWay: false });
    assert.deepEqual(merged, { a: expected, b: expected }, JSON.stringify({ was, now }));
  }
});

Deno.test("which side is a makes no difference", () => {
  for (const bits of COMBINATIONS) {
    const was = flags(bits, (bit) => bit.was);
    const [one, other] = [flags(bits, (bit) => bit.a), flags(bits, (bit) => bit.b)];
    const base = { a: was, b: was };
    const merged = mergedFlags({
      now: { a: one, b: other },
      base,
      isShared: always,
      oneWay: false,
    });
    const swapped = mergedFlags({
      now: { a: other, b: one },
      base,
      isShared: always,
      oneWay: false,
    });
    assert.deepEqual(swapped, { a: merged.b, b: merged.a });
  }
});

Deno.test("without a base what is set on either side is set on both", () => {
  for (const bits of COMBINATIONS) {
    const now = { a: flags(bits, (bit) => bit.a), b: flags(bits, (bit) => bit.b) };
    const expected = flags(bits, ({ a, b }) => a || b);
    const merged = mergedFlags({ now, base: undefined, isShared: always, oneWay: false });
    assert.deepEqual(merged, { a: expected, b: expected });
  }
});

Deno.test("one way, b has what a has", () => {
  for (const bits of COMBINATIONS) {
    const was = flags(bits, (bit) => bit.was);
    const now = { a: flags(bits, (bit) => bit.a), b: flags(bits, (bit) => bit.b) };
    for (const base of [undefined, { a: was, b: was }]) {
      const merged = mergedFlags({ now, base, isShared: always, oneWay: true });
      assert.deepEqual(merged, { a: now.a, b: now.a });
    }
  }
});

Deno.test("a flag that is not shared stays as it is on each side, and the others are merged", () => {
  const isShared = (flag: string) => flag !== "\\Seen";
  for (const bits of COMBINATIONS) {
    const was = flags(bits, (bit) => bit.was);
    const now = { a: flags(bits, (bit) => bit.a), b: flags(bits, (bit) => bit.b) };
    for (const oneWay of [false, true]) {
      const merged = mergedFlags({ now, base: { a: was, b: was }, isShared, oneWay });
      const shared = flags(bits, oneWay ? ({ a }) => a : wanted).filter(isShared);
      const own = (side: readonly string[]) => side.filter((flag) => !isShared(flag));
      const expected = {
        a: [...shared, ...own(now.a)].sort(),
        b: [...shared, ...own(now.b)].sort(),
      };
      assert.deepEqual(merged, expected);
    }
  }
});
