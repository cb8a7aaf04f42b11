/**
 * Items of `KEY:value` lines, as the storages in memory hold them, for tests of the core: a format
 * whose merge can be seen through. Lines are keyed; what one side changed is applied to the other.
 */

import type { Clash, Format } from "../../lib/model/format.ts";
import { digest, ident, type Side } from "../../lib/model/names.ts";

type Lines = ReadonlyMap<string, string>;

const linesOf = (bytes: Uint8Array): Lines =>
  new Map(
    new TextDecoder().decode(bytes).split("\n").filter((line) => line !== "").map((line) => {
      const [key = "", ...value] = line.split(":");
      return [key, value.join(":")] as const;
    }),
  );

const bytesOf = (lines: Lines): Uint8Array =>
  new TextEncoder().encode(
    [...lines].sort(uidFirst).map(([key, value]) => `${key}:${value}\n`).join(""),
  );

type Line = readonly [string, string];

export const uidFirst = ([one]: Line, [other]: Line): number =>
  Number(other === "UID") - Number(one === "UID") || (one < other ? -1 : 1);

function changesOf(before: Lines, after: Lines): ReadonlyMap<string, string | undefined> {
  const keys = new Set([...before.keys(), ...after.keys()]);
  return new Map(
    [...keys].filter((key) => before.get(key) !== after.get(key))
      .map((key) => [key, after.get(key)] as const),
  );
}

export const PLAIN_FORMAT: Format = {
  read: (bytes) => {
    const text = new TextDecoder().decode(bytes);
    return { state: "read", ident: ident(linesOf(bytes).get("UID") ?? text), digest: digest(text) };
  },
  merge(base, now) {
    const changes = {
      a: changesOf(linesOf(base.a), linesOf(now.a)),
      b: changesOf(linesOf(base.b), linesOf(now.b)),
    };
    const clashes = [...changes.a.keys()].flatMap((what): Clash[] => {
      if (!changes.b.has(what)) return [];
      const [a, b] = [changes.a.get(what), changes.b.get(what)];
      return a === b
        ? []
        : [{ what, ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) }];
    });
    if (clashes.length > 0) return { state: "clash", clashes };
    const applied = (side: Side) => {
      const lines = new Map(linesOf(now[side]));
      for (const [key, value] of changes[side === "a" ? "b" : "a"]) {
        if (value === undefined) lines.delete(key);
        else lines.set(key, value);
      }
      return bytesOf(lines);
    };
    return { state: "merged", sides: { a: applied("a"), b: applied("b") } };
  },
  withUid: (bytes, uid) => bytesOf(new Map([...linesOf(bytes), ["UID", uid]])),
  stamp: (bytes) => {
    const stamp = linesOf(bytes).get("STAMP");
    return stamp === undefined ? undefined : Number(stamp);
  },
  extent: (bytes) => ({ component: linesOf(bytes).get("TYPE") ?? "VEVENT" }),
  lost: (sent, stored) => [...changesOf(linesOf(sent), linesOf(stored)).keys()],
};
