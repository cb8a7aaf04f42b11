/** Who a mail is, where nothing but the mail itself says so. */

import { hash } from "node:crypto";
import { type Digest, digest } from "../../model/names.ts";
import { headerOf } from "./header.ts";

/** Those that each mail program writes and no server touches. */
const FIELDS: ReadonlySet<string> = new Set(["date", "message-id", "from", "to", "subject"]);

const LATIN1 = new TextDecoder("latin1");

/**
 * SHA-256, in hex, of the mail's size and of the fields Date, Message-ID, From, To and Subject in
 * the order in which they stand. Servers do not all give back what they were given: so the ends of
 * lines, blanks and tabs do not count, and any run of control characters, bytes above 127 and
 * question marks is one question mark, as Dovecot's dsync has it.
 *
 * @param header The mail, or as much of it as begins with all of its header.
 * @param size In bytes with CRLF at the ends of lines, without what the storage itself has added.
 */
export function mailDigest(header: Uint8Array, size: number): Digest {
  const text = LATIN1.decode(headerOf(header));
  const fields = unfolded(text).flatMap((line) => {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    return FIELDS.has(name) ? [`${name}:${tolerant(line.slice(colon + 1))}\n`] : [];
  });
  return digest(hash("sha256", `${size}\n${fields.join("")}`, "hex"));
}

/** The lines of a header, each with those that continue it (RFC 5322 section 2.2.3). */
const unfolded = (header: string): readonly string[] => header.split(/\n(?![ \t])/);

const tolerant = (value: string): string =>
  // deno-lint-ignore no-control-regex -- these are what is replaced
  value.replace(/[ \t\r\n]+/g, "").replace(/[\x00-\x1f\x7f-\u{10ffff}?]+/gu, "?");
