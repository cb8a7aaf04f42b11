/** Cursors as the status keeps them: what kind of mark it is, and the mark itself. */

import { type Cursor, cursor } from "../../model/names.ts";

/** A mark of a server's at which listing can go on. */
export type Mark =
  /** A sync-token (RFC 6578). */
  | { readonly kind: "sync"; readonly value: string }
  /** A ctag: equal as long as nothing has changed. */
  | { readonly kind: "ctag"; readonly value: string };

export function cursorOf(mark: Mark): Cursor {
  return cursor(`${mark.kind}:${mark.value}`);
}

/** The mark in a cursor. One that is not of our making is as good as none. */
export function markIn(text: Cursor | undefined): Mark | undefined {
  const match = /^(sync|ctag):(.+)$/s.exec(text ?? "");
  const [, kind, value] = match ?? [];
  if (value === undefined || (kind !== "sync" && kind !== "ctag")) return undefined;
  return { kind, value };
}
