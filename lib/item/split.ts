/** What a file or a feed that holds many items is split into. */

import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import type { Ident } from "../model/names.ts";
import { type Component, ITEM_LIMITS, type ItemLimits, parseComponents } from "./components.ts";
import { canonicalForm } from "./digest.ts";

/** One item of many. */
export interface SplitItem {
  /** Unique among the items, but for cards of which two have one UID. */
  readonly ident: Ident;
  /** It has no more than so many bytes. */
  readonly size: number;
  /** The item by itself, as a file of its own would hold it. Made anew each time. */
  bytes(): Uint8Array;
}

/** What is to become of one item of a file. */
export type Edit =
  | { readonly kind: "add"; readonly bytes: Uint8Array }
  | { readonly kind: "replace"; readonly item: SplitItem; readonly bytes: Uint8Array }
  | { readonly kind: "remove"; readonly item: SplitItem };

/** A text taken apart, or why it cannot be: the reason goes on after "the feed" or "the file". */
export type Split =
  | {
    readonly state: "split";
    /** In the order in which they begin. */
    readonly items: readonly SplitItem[];
    /**
     * The whole with these changes; all else in it stays as it is, byte for byte. Each item is named
     * by one edit at most. Throws {@linkcode NoItem} for bytes that are no item of this kind.
     */
    joined(edits: readonly Edit[]): Uint8Array;
  }
  | Unsplit;

export interface Unsplit {
  readonly state: "malformed";
  readonly kind: "malformed" | "too large";
  readonly reason: string;
}

/** Where the UIDs of items come from. */
export type Uids =
  /** From the items; one that has none gets one made of its content. */
  | "kept"
  /** From the content of each item, its UID and the stamps that servers renew left out. */
  | "content";

export interface SplitOptions {
  /** Of the whole. */
  readonly limits?: ItemLimits;
  /** Default: `kept`. */
  readonly uids?: Uids;
}

/** Of a file or feed as a whole. Lines are those that are left when it is unfolded. */
export const SPLIT_LIMITS: ItemLimits = {
  bytes: 64 * 1024 * 1024,
  lines: 4_000_000,
  depth: ITEM_LIMITS.depth,
  uid: ITEM_LIMITS.uid,
};

/**
 * How much all items may come to together, in bytes: each has its own copy of the time zones that it
 * names, and a small feed with one large zone could be made to be a huge one.
 */
export const MOST_TOGETHER = 1024 * 1024 * 1024;

/** What is to be put into a file is nothing that can stand in it. */
export class NoItem extends Error {
  override readonly name = "NoItem";
}

/** The bytes of a byte string. */
export function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/**
 * A UID for components that together are one item, given as their texts: SHA-256, in hex, of what
 * they say but for their UIDs, SEQUENCE and all that the digest does not know. So it stays the same
 * where a server makes up new UIDs and stamps for each answer.
 */
export function contentUid(texts: readonly string[]): string {
  const forms = texts.map((text) => {
    const parsed = parseComponents(text, ITEM_LIMITS);
    return parsed.ok ? parsed.components.map((it) => canonicalForm(unnamed(it))).join("") : text;
  });
  return hash("sha256", forms.sort().join("\n"), "hex");
}

function unnamed(component: Component): Component {
  return {
    ...component,
    lines: component.lines.filter(({ name }) => name !== "UID" && name !== "SEQUENCE"),
    children: component.children.map(unnamed),
  };
}

/** Names that are taken, each with the last number that was put behind it. */
export type TakenNames = Map<string, number>;

export function takenNames(names: Iterable<string>): TakenNames {
  return new Map(Array.from(names, (name) => [name, 1] as const));
}

/** The first of `name`, `name-2`, `name-3` and so on that is not taken, which it is from then on. */
export function takeName(taken: TakenNames, name: string): string {
  let number = taken.get(name) ?? 0;
  let free = name;
  while (taken.has(free)) free = `${name}-${++number}`;
  taken.set(name, Math.max(number, 1));
  if (free !== name) taken.set(free, 1);
  return free;
}

/** That a text is over a limit, or is not what it should be. */
export function unsplit(reason: string, kind: Unsplit["kind"] = "malformed"): Unsplit {
  return { state: "malformed", kind, reason };
}
