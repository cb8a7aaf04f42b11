/** Values as they come back from the database, checked before anything is built on them. */

import { SyncError } from "../model/error.ts";
import type { Flags } from "../model/item.ts";
import { NO_FLAGS } from "../model/item.ts";
import type { Side } from "../model/names.ts";

/** Makes the error of a value that was never written like that. */
export type Damaged = (detail: string) => SyncError;

export function textOf(value: unknown, what: string, damaged: Damaged): string {
  if (typeof value !== "string") throw damaged(`${what} is not a text`);
  return value;
}

/** A text that names something, so it cannot be empty. */
export function nameOf(value: unknown, what: string, damaged: Damaged): string {
  if (typeof value !== "string" || value === "") throw damaged(`${what} is missing`);
  return value;
}

export function integerOf(value: unknown, what: string, damaged: Damaged): number {
  if (!Number.isSafeInteger(value)) throw damaged(`${what} is not a number`);
  return Number(value);
}

export function sideOf(value: unknown, damaged: Damaged): Side {
  if (value !== "a" && value !== "b") throw damaged("there is a third side");
  return value;
}

/** `value`, if it is there at all. */
export function optional<T>(value: unknown, read: (value: unknown) => T): T | undefined {
  return value === null || value === undefined ? undefined : read(value);
}

/** A JSON text that holds an array. */
export function arrayOf(value: unknown, what: string, damaged: Damaged): readonly unknown[] {
  const text = textOf(value, what, damaged);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw damaged(`${what} cannot be read (${error instanceof Error ? error.message : error})`);
  }
  if (!Array.isArray(parsed)) throw damaged(`${what} is not a list`);
  return parsed;
}

/** Flags as they are kept: none as nothing at all. */
export const flagsText = (flags: Flags): string | null =>
  flags.length === 0 ? null : JSON.stringify(flags);

/** Reads flags. Many items have the same, so each text is read once. */
export function flagsReader(damaged: Damaged): (value: unknown) => Flags {
  const read = new Map<string, Flags>();
  return (value) => {
    if (value === null) return NO_FLAGS;
    const text = textOf(value, "a list of flags", damaged);
    let flags = read.get(text);
    if (flags === undefined) {
      flags = arrayOf(text, "a list of flags", damaged).map((it) => nameOf(it, "a flag", damaged));
      read.set(text, flags);
    }
    return flags;
  };
}
