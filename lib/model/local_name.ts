/** Names for files and folders, made by us whatever the other side calls the thing (rule 7). */

/** The longest name that is made, in bytes: short of every file system's 255, with room to add. */
const MOST_BYTES = 120;
/** How much of an unsafe text is kept in its name, so that a person can still recognise it. */
const PREFIX_CHARACTERS = 40;

const ALLOWED = /^[A-Za-z0-9_@+=][A-Za-z0-9_.@+=-]*$/;
/** What Windows takes for a device, with any extension: on a shared or synchronised disk. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;

/**
 * A file name for `text`: the text itself where that is safe on every system, otherwise what is
 * safe of it and a short hash. The same arguments give the same name, and each further `attempt`
 * (from 0) another one, for where the name is taken: by another text with the same hash, or by one
 * that differs in letter case alone on a disk that does not tell them apart.
 *
 * The name has 1 to 120 bytes of `A-Z a-z 0-9 _ . @ + = -`, begins with neither a dot nor a dash,
 * does not end with a dot, and is not a device of Windows.
 */
export function localName(text: string, attempt: number): string {
  if (!Number.isSafeInteger(attempt) || attempt < 0) {
    throw new RangeError(`Cannot make a name: attempt must be 0 or more, it is ${attempt}`);
  }
  if (attempt === 0 && isSafe(text)) return text;
  const prefix = text
    .slice(0, PREFIX_CHARACTERS)
    .replace(/[^A-Za-z0-9_.@+=-]+/g, "_")
    .replace(/^[._-]+|[._-]+$/g, "")
    .replace(DEVICE, "_$&");
  const hash = shortHash(`${attempt}\n${text}`);
  return prefix === "" ? hash : `${prefix}-${hash}`;
}

function isSafe(text: string): boolean {
  return text.length <= MOST_BYTES && ALLOWED.test(text) && !text.endsWith(".") &&
    !DEVICE.test(text);
}

/**
 * Sixty-four bits of FNV-1a (two of 32, from different starts) as 16 hexadecimal digits. It need
 * not withstand anyone: two texts with one hash make a name that is taken, which is what `attempt`
 * is for. It is written out here because the vocabulary imports nothing.
 */
function shortHash(text: string): string {
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  for (const byte of new TextEncoder().encode(text)) {
    low = Math.imul(low ^ byte, 0x01000193);
    high = Math.imul(high ^ byte ^ (low >>> 24), 0x01000193);
  }
  const hex = (half: number) => (half >>> 0).toString(16).padStart(8, "0");
  return hex(high) + hex(low);
}
