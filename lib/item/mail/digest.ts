/** Who a mail is, where nothing but the mail itself says so. */

import { hash } from "node:crypto";
import { type Digest, digest } from "../../model/names.ts";
import { MAX_HEADER } from "./header.ts";
import { MBOX_FIELDS, MOST_NAME } from "./mbox_fields.ts";

/** Those that each mail program writes and no server touches. */
const FIELDS: ReadonlySet<string> = new Set(["date", "message-id", "from", "to", "subject"]);

const CR = 13;
const LF = 10;
const LATIN1 = new TextDecoder("latin1");

/**
 * SHA-256, in hex, of the mail's size and of the fields Date, Message-ID, From, To and Subject in
 * the order in which they stand. Servers do not all give back what they were given: so the ends of
 * lines, blanks and tabs do not count, and any run of control characters, bytes above 127 and
 * question marks is one question mark, as Dovecot's dsync has it. The fields that an mbox keeps for
 * itself do not count in the size: there a mail has none, and it is the same mail elsewhere.
 *
 * @param header The mail, or as much of it as begins with all of its header; or at least the fields
 *   named here and in {@linkcode MBOX_FIELDS}.
 * @param size In bytes with CRLF at the ends of lines.
 */
export function mailDigest(header: Uint8Array, size: number): Digest {
  const lines = headerText(header).split(/\n(?![ \t])/);
  let others = 0;
  let fields = "";
  for (const [index, line] of lines.entries()) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    if (FIELDS.has(name.trim())) fields += `${name.trim()}:${tolerant(line.slice(colon + 1))}\n`;
    else if (colon < MOST_NAME && MBOX_FIELDS.has(name.trimEnd())) {
      others += line.length + (line.split("\n").length - 1) + (index < lines.length - 1 ? 2 : 0);
    }
  }
  return digest(hash("sha256", `${size - others}\n${fields}`, "hex"));
}

/** What `headerOf` gives, as text of one character for each byte, and without a copy. */
function headerText(bytes: Uint8Array): string {
  // Of two bytes, one is left where all are ends of lines.
  const most = bytes.subarray(0, 2 * MAX_HEADER);
  let end = most.byteLength;
  for (let from = 0; from < most.byteLength;) {
    const at = most.indexOf(LF, from);
    if (at === -1) break;
    if (at === from || (at === from + 1 && most[from] === CR)) {
      end = at + 1;
      break;
    }
    from = at + 1;
  }
  const text = LATIN1.decode(most.subarray(0, end)).replaceAll("\r\n", "\n");
  return text.length > MAX_HEADER ? text.slice(0, MAX_HEADER) : text;
}

const tolerant = (value: string): string =>
  // deno-lint-ignore no-control-regex -- these are what is replaced
  value.replace(/[ \t\r\n]+/g, "").replace(/[\x00-\x1f\x7f-\u{10ffff}?]+/gu, "?");
