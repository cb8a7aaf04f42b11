/** What a listing remembers for the next one. */

import { type Cursor, cursor } from "../../lib/model/names.ts";
import type { Counters } from "./account.ts";

/** The counters as they were before a listing. */
export interface Known extends Omit<Counters, "guid"> {
  /** The flags that can be kept; none where that is not known. */
  readonly keeps?: readonly string[] | "all";
}

const FORMAT = /^imap1 (\d{1,10}) (\d{1,10}) (\d{1,10}) (\d{1,19}|-)(?: keeps(.*))?$/;

export function writeCursor(
  { uidValidity, uidNext, messages, highestModseq, keeps }: Known,
): Cursor {
  const list = keeps === "all" ? ["\\*"] : keeps;
  const flags = list === undefined ? "" : ` keeps${list.map((it) => ` ${it}`).join("")}`;
  return cursor(
    `imap1 ${uidValidity} ${uidNext} ${messages} ${highestModseq ?? "-"}${flags}`,
  );
}

/** Nothing of a cursor that is none of ours. */
export function readCursor(text: Cursor | undefined): Known | undefined {
  const match = text === undefined ? null : FORMAT.exec(text);
  if (match === null) return undefined;
  const [, uidValidity, uidNext, messages, modseq, keeps] = match;
  return {
    uidValidity: Number(uidValidity),
    uidNext: Number(uidNext),
    messages: Number(messages),
    ...(modseq === undefined || modseq === "-" ? {} : { highestModseq: BigInt(modseq) }),
    ...(keeps === undefined
      ? {}
      : { keeps: keeps === " \\*" ? "all" : keeps.split(" ").filter((it) => it !== "") }),
  };
}

/** Whether nothing has changed: without a count of changes that cannot be told. */
export const isUnchanged = (known: Known, now: Counters): boolean =>
  known.highestModseq !== undefined && known.highestModseq === now.highestModseq &&
  known.uidValidity === now.uidValidity && known.uidNext === now.uidNext &&
  known.messages === now.messages;
