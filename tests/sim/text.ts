/** The items of the simulation: a few lines each, with what servers add to them. */

import type { Reading } from "../../adapters/memory/mod.ts";
import { SyncError } from "../../lib/model/error.ts";
import { digest, ident } from "../../lib/model/names.ts";

/** The items that users write. The last one has a UID that no file may be named after. */
export const IDENTS: readonly string[] = ["i0", "i1", "i2", "ü/3"];

/** An item that says `value`. Without a UID, what it says is all that it is. */
export const textOf = (uid: string | undefined, value: number | string): string =>
  `${uid === undefined ? "" : `UID:${uid}\n`}SAYS:${value}\n`;

/** Something that nobody can read. */
export const GARBAGE = "garbage";

/** A line that the digest ignores, as it ignores PRODID; a server may add it on its own. */
export const withNoise = (text: string, server: string): string =>
  text.includes("NOISE:") ? text : `${text}NOISE:${server}\n`;

/** A line that the digest does not ignore. What has no UID is left alone: it would be another item. */
export const withAddition = (text: string, server: string): string =>
  !text.startsWith("UID:") || text.includes(`ADDED:${server}\n`)
    ? text
    : `${text}ADDED:${server}\n`;

const decoder = new TextDecoder();

/** @throws {SyncError} Where it is garbage. */
export function readItem(bytes: Uint8Array): Reading {
  const text = decoder.decode(bytes);
  if (!text.includes("SAYS:")) {
    throw new SyncError("this is no item", { scope: "item", kind: "malformed" });
  }
  const said = text.replace(/^NOISE:.*\n/m, "");
  const uid = /^UID:(.*)$/m.exec(said)?.[1];
  return { ident: ident(uid ?? said), digest: digest(said) };
}

/** What a user said, whatever servers have added. */
export const meaning = (said: string): string => said.replace(/^ADDED:.*\n/gm, "");

/** The number or name after SAYS. */
export const valueOf = (said: string): string => /^SAYS:(.*)$/m.exec(said)?.[1] ?? "";
