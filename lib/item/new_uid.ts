/** The same item under another UID: a second item, wherever it is put. */

import type { Kind } from "../model/storage.ts";
import { editLines, encodeText, endOfLine, fold, type PlacedLine } from "./raw_lines.ts";

/**
 * `bytes` with `uid` in each of its components: the events with their overrides, the card. All else
 * stays byte for byte; a mail has no UID of its own and comes back as it is. What cannot be read
 * comes back in some form that cannot be read either. Never throws.
 */
export function withUid(bytes: Uint8Array, kind: Kind, uid: string): Uint8Array {
  if (kind === "mail") return bytes;
  const value = escapeText(encodeText(uid));
  const isOwn = ({ path }: PlacedLine) =>
    kind === "contacts" ? path.length === 1 : path.length === 2 && path[1] !== "VTIMEZONE";
  const given = haveUid(bytes, isOwn);
  let component = -1;
  let done = false;
  return editLines(bytes, (placed) => {
    const { raw, line } = placed;
    if (!isOwn(placed)) return raw;
    const own = fold(`UID:${value}`, endOfLine(raw));
    if (line.name === "BEGIN") {
      component++;
      done = false;
      if (given[component] === true || kind === "contacts") return raw;
      done = true;
      return `${raw}${own}`;
    }
    // VERSION comes first in a card (RFC 6350 6.7.9).
    const isDue = !done && given[component] !== true &&
      (line.name === "VERSION" || line.name === "END");
    if (isDue) {
      done = true;
      return line.name === "END" ? `${own}${raw}` : `${raw}${own}`;
    }
    if (line.name !== "UID") return raw;
    if (done) return undefined;
    done = true;
    const head = `${line.group === "" ? "" : `${line.group}.`}UID${line.params}`;
    return fold(`${head}:${value}`, endOfLine(raw));
  });
}

/** Which of the components have a UID line, in their order. */
function haveUid(
  bytes: Uint8Array,
  isOwn: (placed: PlacedLine) => boolean,
): readonly boolean[] {
  const given: boolean[] = [];
  editLines(bytes, (placed) => {
    if (isOwn(placed) && placed.line.name === "BEGIN") given.push(false);
    if (isOwn(placed) && placed.line.name === "UID") given[given.length - 1] = true;
    return placed.raw;
  });
  return given;
}

/** A value of type TEXT (RFC 5545 3.3.11). */
function escapeText(text: string): string {
  return text.replace(
    /\r\n|[\r\n\\;,]/g,
    (char) => char.startsWith("\r") || char === "\n" ? "\\n" : `\\${char}`,
  );
}
