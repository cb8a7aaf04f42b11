/** Short sums of rows, to notice what a disk, a copy or a stray program did to them. */

const PRIME = 0x01000193;
/** These two stand outside of what a UTF-16 code unit can be. */
const END_OF_PART = 0x10000;
const NOTHING = 0x20000;

/**
 * Thirty-two bits of FNV-1a over the parts, in their order. Any change of a single character gives
 * another sum. It is no proof against someone who wants to deceive: that person could as well
 * write the sum.
 */
export function sumOf(parts: readonly (string | number | null)[]): number {
  let sum = 0x811c9dc5;
  for (const part of parts) {
    const text = part === null ? "" : typeof part === "string" ? part : String(part);
    for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), PRIME);
    sum = Math.imul(sum ^ (part === null ? NOTHING : END_OF_PART), PRIME);
  }
  return sum >>> 0;
}
