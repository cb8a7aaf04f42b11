/** What a person is shown of a contact. */

import { ITEM_LIMITS } from "./components.ts";
import { byteString, decodeBytes, parseLine, trimSpaces, unescapeText, unfold } from "./lines.ts";

export interface ContactDescription {
  readonly component: "contact" | "group" | "item";
  /** The name, with the organisation behind it. As it stands in the card. */
  readonly summary?: string;
}

/** Nobody reads more of a card than this, and photos stand at its end. */
const MOST_BYTES = 256 * 1024;

/**
 * Describes a card, as far as anything can be made of it: by FN, else by the parts of N, else by
 * ORG. Never throws.
 */
export function describeContact(bytes: Uint8Array): ContactDescription {
  const lines = unfold(byteString(bytes.subarray(0, MOST_BYTES)), ITEM_LIMITS.lines) ?? [];
  const values = new Map<string, string>();
  for (const text of lines) {
    // Apple groups properties: item1.ORG.
    const { name, value } = parseLine(text);
    const bare = name.slice(name.indexOf(".") + 1);
    if (!values.has(bare)) values.set(bare, value);
  }
  if (!values.has("VERSION") && !values.has("FN")) return { component: "item" };
  const text = (name: string): string =>
    trimSpaces(decodeBytes(unescapeText(values.get(name) ?? "")));
  const [family = "", given = ""] = (values.get("N") ?? "").split(";").map((part) =>
    trimSpaces(decodeBytes(unescapeText(part)))
  );
  const person = text("FN") || [given, family].filter((it) => it !== "").join(" ");
  const [company = ""] = text("ORG").split(";");
  const summary = [person, company === person ? "" : company].filter((it) => it !== "").join(", ");
  const isGroup = /^group$/i.test(
    values.get("KIND") ?? values.get("X-ADDRESSBOOKSERVER-KIND") ?? "",
  );
  return {
    component: isGroup ? "group" : "contact",
    ...(summary === "" ? {} : { summary }),
  };
}
