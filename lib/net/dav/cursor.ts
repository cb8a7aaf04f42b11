/** Cursors as the status keeps them: what kind of mark it is, and the mark itself. */

import { type Cursor, cursor } from "../../model/names.ts";

/** A mark of a server's at which listing can go on. */
export type Mark =
  /** A sync-token (RFC 6578), and the day of the complete listing that it goes back to. */
  | { readonly kind: "sync"; readonly value: string; readonly day: number }
  /** A ctag: equal as long as nothing has changed. */
  | { readonly kind: "ctag"; readonly value: string };

/** The day, from 1970-01-01 on, of a time in milliseconds. */
export const dayOf = (now: number): number => Math.floor(now / 86_400_000);

/**
 * For how many days changes are added up before everything is listed again. DAViCal forgets tokens
 * after seven, and then lists everything that is there without saying that it does, so that what
 * was deleted meanwhile would stay here for ever; others lose a change that was made just as they
 * gave a token out. A complete listing sets all this right.
 */
const TRUSTED_DAYS = 6;

/** Whether listing may go on from this token today. */
export function isTrusted(mark: Extract<Mark, { kind: "sync" }>, today: number): boolean {
  return mark.day <= today && today - mark.day < TRUSTED_DAYS;
}

export function cursorOf(mark: Mark): Cursor {
  return cursor(
    mark.kind === "sync" ? `sync@${mark.day}:${mark.value}` : `${mark.kind}:${mark.value}`,
  );
}

/** The mark in a cursor. One that is not of our making is as good as none. */
export function markIn(text: Cursor | undefined): Mark | undefined {
  const match = /^(?:sync@(\d{1,9})|ctag):(.+)$/s.exec(text ?? "");
  const [, day, value] = match ?? [];
  if (value === undefined) return undefined;
  return day === undefined ? { kind: "ctag", value } : { kind: "sync", value, day: Number(day) };
}
