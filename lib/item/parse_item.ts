/** The one component that an item's bytes must hold: a VCALENDAR, a VCARD. */

import { SyncError } from "../model/error.ts";
import type { Digest, Ident } from "../model/names.ts";
import { type Component, type ItemLimits, parseComponents } from "./components.ts";
import { byteString, excerpt, trimSpaces, unescapeText } from "./lines.ts";

/** What is expected. */
export interface Expected {
  /** In upper case: `VCARD`. */
  readonly component: string;
  /** What it is called: `card`, and `cards` where there are several. */
  readonly noun: string;
}

/** Why something cannot be read. The error's scope is `item`, its kind `malformed` or `too large`. */
export interface MalformedItem {
  readonly state: "malformed";
  readonly error: SyncError;
}

/** What makes it the same item elsewhere, and what it says; or why it cannot be read. */
export type ReadItem =
  | { readonly state: "read"; readonly ident: Ident; readonly digest: Digest }
  | MalformedItem;

/** What is advised where a file holds more than one item. */
export const SPLIT = "Put each item into a file of its own.";

/** The one component that `bytes` hold, or why they do not. Never throws. */
export function parseItem(
  bytes: Uint8Array,
  { component, noun }: Expected,
  limits: ItemLimits,
): { readonly state: "read"; readonly root: Component } | MalformedItem {
  if (bytes.byteLength > limits.bytes) {
    return tooLarge(`has ${bytes.byteLength} bytes; ${limits.bytes} are allowed`);
  }
  const text = byteString(bytes);
  if (text === "") return malformed("is empty");
  if (text.includes("\0")) {
    return malformed("holds NUL bytes: it is damaged, or in UTF-16");
  }
  const parsed = parseComponents(text, limits);
  if (!parsed.ok) {
    return parsed.kind === "too large" ? tooLarge(parsed.reason) : malformed(parsed.reason);
  }
  const [root] = parsed.components;
  if (root === undefined) return malformed("is empty");
  if (root.name !== component) {
    return malformed(`is no ${noun}: it begins with BEGIN:${excerpt(root.name)}`);
  }
  if (parsed.components.length > 1) {
    return malformed(`holds ${parsed.components.length} ${noun}s`, SPLIT);
  }
  return { state: "read", root };
}

/** A component's own UID as a byte string, or undefined if it has none or an empty one. */
export function uidOf(component: Component): string | undefined {
  const line = component.lines.find(({ name }) => name === "UID");
  const uid = line === undefined ? "" : trimSpaces(unescapeText(line.value));
  return uid === "" ? undefined : uid;
}

/** That an item is not what it should be. `reason` goes on after "the item". */
export function malformed(reason: string, hint?: string): MalformedItem {
  const error = new SyncError(`the item ${reason}`, {
    scope: "item",
    kind: "malformed",
    ...(hint === undefined ? {} : { hint }),
  });
  return { state: "malformed", error };
}

/** That an item is over a limit of ours. */
export function tooLarge(reason: string): MalformedItem {
  const error = new SyncError(`the item ${reason}`, { scope: "item", kind: "too large" });
  return { state: "malformed", error };
}
