/** Sets of UIDs, as commands and answers write them (RFC 3501 section 9, RFC 4731). */

const MOST = 0xffff_ffff;

/** A range of UIDs, both ends in it. */
export type Range = readonly [from: number, to: number];

/** The ranges of a set without `*`; nothing where it is none. */
export function rangesOf(text: string): readonly Range[] | undefined {
  const ranges: Range[] = [];
  for (const part of text.split(",")) {
    const match = /^(\d{1,10})(?::(\d{1,10}))?$/.exec(part);
    if (match === null) return undefined;
    const one = Number(match[1]);
    const other = match[2] === undefined ? one : Number(match[2]);
    const [from, to] = one <= other ? [one, other] : [other, one];
    if (from < 1 || to > MOST) return undefined;
    ranges.push([from, to]);
  }
  return ranges;
}

/** How many numbers the ranges hold. */
export const sizeOf = (ranges: readonly Range[]): number =>
  ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);

/** Each number of the ranges, in their order: the order of an APPENDUID says which mail is which. */
export function* numbersOf(ranges: readonly Range[]): Generator<number> {
  for (const [from, to] of ranges) {
    for (let uid = from; uid <= to; uid++) yield uid;
  }
}

/** The set of these numbers, which are not sorted or changed for it: `1:3,7`. */
export function setOf(uids: Iterable<number>): string {
  const sorted = Uint32Array.from(uids).sort();
  const parts: string[] = [];
  for (let at = 0; at < sorted.length;) {
    const from = sorted[at] ?? 0;
    let to = from;
    while (at < sorted.length && (sorted[at] === to || sorted[at] === to + 1)) {
      to = sorted[at++] ?? 0;
    }
    parts.push(from === to ? String(from) : `${from}:${to}`);
  }
  return parts.join(",");
}
