/** Items of fields, and storages that stand in the way of some, for tests of whole runs. */

import type { Memory, MemoryOptions, Reading } from "../../../adapters/memory/mod.ts";
import type { Decide } from "../../../adapters/with_faults.ts";
import { CALENDAR_FORMAT } from "../../../lib/item/format.ts";
import { readCalendarItem } from "../../../lib/item/icalendar.ts";
import { SyncError } from "../../../lib/model/error.ts";
import { collectionId } from "../../../lib/model/names.ts";
import type { Policy } from "../../../lib/model/run.ts";
import type { Action, Storage } from "../../../lib/model/storage.ts";
import { uidFirst } from "../../support/plain_format.ts";
import type { Options, Two } from "./run_support.ts";

export type Fields = Readonly<Record<string, string>>;

/** An item as `PLAIN_FORMAT` has it: a line for each field, the UID first. */
export const event = (fields: Fields): string =>
  Object.entries(fields).sort(uidFirst).map(([key, value]) => `${key}:${value}\n`).join("");

function read(bytes: Uint8Array): Reading {
  const item = readCalendarItem(bytes);
  if (item.state === "malformed") throw item.error;
  return item;
}

/** Storages of real events, which are merged and read as what they are. */
export const CALENDARS = { format: CALENDAR_FORMAT, a: { read }, b: { read } } satisfies Options;

/** A real event. @param day When it was stamped: `20260301`. */
export const ics = (uid: string, summary: string, day = "20260101"): string =>
  [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//test//EN",
    "BEGIN:VEVENT",
    `UID:${uid}`,
    `DTSTAMP:${day}T000000Z`,
    "DTSTART:20260301T100000Z",
    `SUMMARY:${summary}`,
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ].join("\r\n");

/** As Radicale does to some cards: it takes the photo, cuts it, and answers with an etag. */
export const LOSSY: Partial<MemoryOptions> = {
  rewrite: (bytes) =>
    new TextEncoder().encode(new TextDecoder().decode(bytes).replace(/^PHOTO:.*\n/m, "")),
};

/** Puts something between the storage and the runs to come. @returns What takes it away again. */
export function through(memory: Memory, wrap: (storage: Storage) => Storage): () => void {
  const open = memory.open.bind(memory);
  memory.open = (how) => wrap(open(how));
  return () => {
    memory.open = open;
  };
}

/** Both sides together, as text, to look for something that must be somewhere. */
export const everywhere = (world: Two): string =>
  JSON.stringify([world.items("a"), world.items("b")]);

/** Actions of this kind are not carried out; the next run may try again. */
export const notWritten = (kind: Action["kind"]): Decide => (point) =>
  point.moment === "action" && point.action.kind === kind
    ? { kind: "fail before", error: NOT_WRITTEN }
    : undefined;

const NOT_WRITTEN = new SyncError("no", { scope: "item", kind: "unreachable", retry: true });

/** Whatever of these is fetched is not mentioned. */
export const notMentioned = (...hrefs: readonly string[]): Decide => (point) =>
  point.method === "fetch" && point.moment === "batch"
    ? { kind: "unknown", which: (href) => hrefs.includes(href) }
    : undefined;

export type Line = NonNullable<Policy["collections"]["mappings"]>[number];

/** A line of a pair that puts two collections together under an alias. */
export const mapping = (alias: string, a: string, b: string): Line => ({
  alias: collectionId(alias),
  a: { id: collectionId(a) },
  b: { id: collectionId(b) },
});
