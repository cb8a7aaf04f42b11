/**
 * Whether a storage keeps what it is given. An etag in the answer to a write promises that it does
 * (RFC 4791 section 5.3.4), and Radicale answers with one all the same, whatever it cut. So the
 * first few are looked at again, byte for byte, and so is each that has a property in it which none
 * of those had; and all of them where one was not as it was sent.
 */

import type { Collection, Storage } from "../model/storage.ts";

export interface Trust {
  /** Whether what was written, and answered with an etag, has to be looked at. */
  mustLook(names: PropertyNames): boolean;
  /** Whether it is known to keep what it is given. */
  isFaithful(): boolean;
  /** Whether enough were looked at to know. */
  isDecided(): boolean;
  looked(items: readonly PropertyNames[], faithful: boolean): void;
}

/** Which properties an item has, whatever they say. */
export type PropertyNames = ReadonlySet<string>;

/** The names at the beginnings of its lines. @param bytes An item, or any text. */
export function propertyNames(bytes: Uint8Array): PropertyNames {
  const text = new TextDecoder().decode(bytes);
  return new Set(
    Array.from(text.matchAll(/^(?:[\w-]+\.)?([\w-]+)[;:]/gm), ([, name = ""]) => name),
  );
}

/** How many are looked at before a storage is believed. */
export const TRIALS = 3;

export function trustIn(storage: Storage, collection: Collection): Trust {
  const never = collection.rewrites === true;
  const { rewrites, kind } = storage.capabilities;
  const always = rewrites !== true;
  // Cards lose photos where others keep theirs: of them all are looked at.
  const enough = kind === "contacts" ? Infinity : TRIALS;
  const kept = new Set<string>();
  let tried = 0;
  let deceived = never;
  return {
    mustLook: (names) => deceived || !always && (tried < enough || !names.isSubsetOf(kept)),
    isFaithful: () => !deceived && (always || tried >= enough),
    isDecided: () => deceived || always || enough === Infinity || tried >= enough,
    looked(items, faithful) {
      tried += items.length;
      if (!faithful) deceived = true;
      else for (const names of items) for (const name of names) kept.add(name);
    },
  };
}
