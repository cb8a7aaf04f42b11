/** Which known word someone may have meant. */

/**
 * How many letters must be added, left out, replaced or swapped with their neighbour to turn `a`
 * into `b` (the optimal string alignment distance). Answers `limit + 1` for anything above `limit`.
 */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(replaced, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      }
      row.push(least);
    }
    before = above;
    above = row;
  }
  return Math.min(above[b.length] ?? 0, limit + 1);
}

/** The longest word that anything is looked up for: longer ones are no slip of the finger. */
const MOST_CHARACTERS = 80;

/** How much of a word is enough to stand for the rest of it. */
const LEAST_PREFIX = 3;

/**
 * The candidate nearest to `word`, if it is near enough to be meant; the first of equals. One that
 * goes on where the word ends is as near as one that differs in a letter.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > MOST_CHARACTERS) return undefined;
  const wanted = word.toLowerCase();
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  let best: string | undefined;
  let least = limit + 1;
  for (const candidate of candidates) {
    const known = candidate.toLowerCase();
    const begins = wanted.length >= LEAST_PREFIX && known.startsWith(wanted) && known !== wanted;
    const distance = begins ? 1 : editDistance(wanted, known, limit);
    if (distance < least) {
      best = candidate;
      least = distance;
    }
  }
  return best;
}

/** `did you mean "x"?`, if something known is near enough. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const meant = nearest(word, candidates);
  return meant === undefined ? undefined : `did you mean "${meant}"?`;
}
