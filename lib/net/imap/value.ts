/** The values that IMAP's answers are made of (RFC 3501 section 4). */

import { Buffer } from "node:buffer";

/**
 * An atom or a number is a string, in Latin-1; a quoted string or a literal its bytes; NIL is null; a
 * literal that went elsewhere as it came is how long it was.
 */
export type Value = string | Uint8Array | null | Streamed | readonly Value[];

/** A literal whose bytes were given to somebody as they came. */
export interface Streamed {
  readonly streamed: number;
}

export type Literal = Uint8Array | Streamed;

/** Bytes as text of the same number of characters. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** The reverse, of text with no character above U+00FF. */
export const latin1Bytes = (text: string): Uint8Array =>
  new Uint8Array(Buffer.from(text, "latin1"));

export const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);

/** An atom, or a string of either kind, as Latin-1; nothing of anything else. */
export function textOf(value: Value | undefined): string | undefined {
  if (typeof value === "string") return value;
  return value instanceof Uint8Array ? latin1(value) : undefined;
}

/** A number of up to 32 bits (RFC 3501 section 9); nothing of anything else. */
export function numberOf(value: Value | undefined): number | undefined {
  if (typeof value !== "string" || !/^\d{1,10}$/.test(value)) return undefined;
  const number = Number(value);
  return number <= 0xffff_ffff ? number : undefined;
}

/** A number of up to 63 bits (RFC 7162 section 7); nothing of anything else. */
export function modseqOf(value: Value | undefined): bigint | undefined {
  if (typeof value !== "string" || !/^\d{1,19}$/.test(value)) return undefined;
  const number = BigInt(value);
  return number < 1n << 63n ? number : undefined;
}
