/** What the items of a pair are made of; mails are never taken apart. */

import type { PairConfig } from "../config/config.ts";
import type { Format } from "../model/format.ts";

/** Its parts are loaded when a run begins, and not before. */
export async function formatOf(
  { kind }: Pick<PairConfig, "kind">,
): Promise<Format | undefined> {
  if (kind === "mail") return undefined;
  const { CALENDAR_FORMAT, CONTACT_FORMAT } = await import("../item/format.ts");
  return kind === "calendar" ? CALENDAR_FORMAT : CONTACT_FORMAT;
}
