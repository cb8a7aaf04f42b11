/** What a person is shown of a mail: its subject, and from whom and when it is. */

import type { ItemDescription } from "./describe_item.ts";
import { headerOf } from "./mail/header.ts";

/** The longest field that is looked at, in characters. */
const MOST = 1000;

/** Describes a mail by its header, or a whole mail. Never throws. */
export function describeMail(bytes: Uint8Array): ItemDescription {
  const fields = fieldsOf(headerOf(bytes));
  const subject = decodedWords(fields.get("subject") ?? "");
  const from = nameIn(decodedWords(fields.get("from") ?? ""));
  const date = dateIn(fields.get("date") ?? "");
  const when = [date, from === "" ? undefined : `from ${from}`].filter((it) => it !== undefined);
  return {
    component: "MAIL",
    ...(subject !== "" && { summary: subject }),
    ...(when.length > 0 && { when: when.join(", ") }),
  };
}

/** The first field of each name, unfolded (RFC 5322 section 2.2.3). */
function fieldsOf(header: Uint8Array): ReadonlyMap<string, string> {
  const text = new TextDecoder().decode(header).replace(/\n[ \t]+/g, " ");
  const fields = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, name = "", value = ""] = /^([!-9;-~]+)[ \t]*:(.*)$/.exec(line) ?? [];
    const known = name.toLowerCase();
    if (known !== "" && !fields.has(known)) fields.set(known, value.trim().slice(0, MOST));
  }
  return fields;
}

/** Encoded words as text (RFC 2047); what cannot be decoded stays as it is. */
function decodedWords(text: string): string {
  return text
    .replace(/(\?=)\s+(?==\?)/g, "$1")
    .replace(/=\?([\w.:-]+)(?:\*[\w-]*)?\?([BbQq])\?([^? ]*)\?=/g, (whole, ...parts) => {
      const [charset = "", encoding = "", content = ""] = parts as readonly string[];
      try {
        const binary = encoding.toUpperCase() === "B"
          ? atob(content)
          : content.replaceAll("_", " ").replace(
            /=([0-9A-Fa-f]{2})/g,
            (_, hex: string) => String.fromCharCode(parseInt(hex, 16)),
          );
        const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
        return new TextDecoder(charset).decode(bytes);
      } catch (error) {
        // A charset that nobody knows (RangeError), or what is no base64 (DOMException).
        if (error instanceof RangeError || error instanceof DOMException) return whole;
        throw error;
      }
    })
    .replace(/\s+/g, " ")
    .trim();
}

/** The name in front of an address, or the address where there is none. */
function nameIn(from: string): string {
  const [, name = "", address = ""] = /^"?([^"<]*?)"?\s*<([^>]*)>/.exec(from) ?? [];
  return name.trim() || address || from;
}

function dateIn(text: string): string | undefined {
  const date = new Date(text.replace(/\([^)]*\)/g, ""));
  if (text === "" || Number.isNaN(date.getTime())) return undefined;
  return `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
