/** What the bytes in a storage say, worked out once. */

import type { Ident } from "../../lib/model/names.ts";
import { readItem } from "./text.ts";

export interface Reading {
  readonly ident: Ident;
  readonly digest: string;
}

const readings = new WeakMap<Uint8Array, Reading | "none">();

/** Nothing where it is garbage: that says nothing, and nobody has to keep it. */
export function readingOf(bytes: Uint8Array): Reading | undefined {
  let known = readings.get(bytes);
  if (known === undefined) {
    try {
      known = readItem(bytes);
    } catch {
      known = "none";
    }
    readings.set(bytes, known);
  }
  return known === "none" ? undefined : known;
}
