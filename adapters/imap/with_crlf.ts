/** A small mail as IMAP wants it. */

const CR = 13;
const LF = 10;

/** The bytes with a CR before each LF that has none: themselves, where each has one. */
export function withCrlf(bytes: Uint8Array): Uint8Array {
  let bare = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at - 1] !== CR) bare++;
  }
  if (bare === 0) return bytes;
  const out = new Uint8Array(bytes.length + bare);
  let from = 0;
  let to = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at - 1] === CR) continue;
    out.set(bytes.subarray(from, at), to);
    to += at - from;
    out[to++] = CR;
    from = at;
  }
  out.set(bytes.subarray(from), to);
  return out;
}
