/** Every version that any storage ever held. */

import type { Stored } from "../../adapters/memory/mod.ts";
import type { Version } from "../../lib/model/item.ts";
import type { Ident } from "../../lib/model/names.ts";
import { type Reading, readingOf } from "./readings.ts";
import { itemsOf, type Store, type World } from "./world.ts";

export interface Registry {
  /** Takes note of everything that is there now. */
  note(): void;
  /** Takes note of a version that was there a moment ago. */
  add(
    store: Store,
    id: string,
    reading: Reading,
    at: Pick<Version, "href" | "etag" | "flags">,
  ): void;
  /** What was there under that href, as that etag. */
  find(store: Store, id: string, href: string, etag: string): Reading | undefined;
  /** Whether the storage ever held exactly this. */
  held(store: Store, id: string, ident: Ident, version: Version): boolean;
  /** Whether the storage ever held an item that said so. */
  said(store: Store, id: string, reading: Reading): boolean;
}

export function newRegistry({ stores, collections }: World): Registry {
  const noted = new WeakSet<Stored>();
  const versions = new Map<string, Reading>();
  const held = new Set<string>();
  const said = new Set<string>();

  const placeOf = (store: Store, id: string, href: string, etag: string): string =>
    `${store.name} ${id} ${href} ${etag}`;
  const add: Registry["add"] = (store, id, reading, { href, etag, flags }) => {
    const place = placeOf(store, id, href, etag);
    versions.set(place, reading);
    held.add(`${place} ${reading.ident} ${reading.digest} ${flags}`);
    said.add(`${store.name} ${id} ${reading.ident} ${reading.digest}`);
  };

  return {
    add,
    note() {
      for (const store of stores) {
        for (const id of collections) {
          for (const item of itemsOf(store, id)) {
            if (noted.has(item)) continue;
            noted.add(item);
            const reading = readingOf(item.bytes);
            if (reading !== undefined) add(store, id, reading, item);
          }
        }
      }
    },
    find: (store, id, href, etag) => versions.get(placeOf(store, id, href, etag)),
    held: (store, id, ident, { href, etag, digest, flags }) =>
      held.has(`${placeOf(store, id, href, etag)} ${ident} ${digest} ${flags}`),
    said: (store, id, { ident, digest }) => said.has(`${store.name} ${id} ${ident} ${digest}`),
  };
}
