/** An item that can be read, with its bytes. */

import type { Kind } from "../../model/storage.ts";
import { readCalendarItem } from "../icalendar.ts";
import { byteString } from "../lines.ts";
import { readContact } from "../vcard.ts";
import { type RawComponent, readRaw } from "./raw.ts";
import { CALENDAR_RULES, CONTACT_RULES, type Rules } from "./rules.ts";

export interface RawItem {
  readonly root: RawComponent;
  readonly rules: Rules;
}

/** None where it cannot be read, and for mail. */
export function readItem(bytes: Uint8Array, kind: Kind): RawItem | undefined {
  if (kind === "mail") return undefined;
  const read = kind === "calendar" ? readCalendarItem(bytes) : readContact(bytes);
  if (read.state === "malformed") return undefined;
  const rules = kind === "calendar" ? CALENDAR_RULES : CONTACT_RULES;
  const [root] = readRaw(byteString(bytes), rules) ?? [];
  return root === undefined ? undefined : { root, rules };
}
