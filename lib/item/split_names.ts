import { localName } from "../model/local_name.ts";
import { type Href, href, type Ident } from "../model/names.ts";
import type { SplitItem } from "./split.ts";

/** The href of an item of this ident, where what holds it knows items by their idents alone. */
export function itemHref(ident: Ident, attempt: number, fileext: string): Href {
  return href(`${localName(ident, attempt)}.${fileext}`);
}

/**
 * The items of a file or a feed by hrefs that are made of their idents, so that they are the same in
 * each version of it. Where two would have one, the later one has the next that is free.
 */
export function namedItems(
  items: readonly SplitItem[],
  fileext: string,
): ReadonlyMap<Href, SplitItem> {
  const named = new Map<Href, SplitItem>();
  const attempts = new Map<Ident, number>();
  for (const item of items) {
    let attempt = attempts.get(item.ident) ?? 0;
    while (named.has(itemHref(item.ident, attempt, fileext))) attempt++;
    named.set(itemHref(item.ident, attempt, fileext), item);
    attempts.set(item.ident, attempt + 1);
  }
  return named;
}
