/** What places hold, as the independent reader tells it, and whether two hold the same. */

import assert from "node:assert/strict";

const READER = new URL("reader.py", import.meta.url).pathname;

/** Debian's own: it is the one that has vobject. */
const PYTHON = "/usr/bin/python3";

export interface HeldItem {
  /** The file's name, or the last segment of the URL. */
  readonly name: string;
  readonly sha256: string;
  /** Of the bytes with every line end as LF: what XML can carry. */
  readonly sha256Lf: string;
  readonly size: number;
  /** What the item says: equal for an item and a server's rewriting of it. */
  readonly form: string;
}

export interface Holding {
  readonly items: ReadonlyMap<string, readonly HeldItem[]>;
  readonly broken: readonly { readonly name: string; readonly why: string }[];
}

/** Who reads a server. */
export interface Reader {
  readonly username: string;
  readonly password: string;
}

/** Reads folders, and collections of servers by their URLs. */
export async function readPlaces(
  places: readonly string[],
  reader?: Reader,
): Promise<readonly Holding[]> {
  const { success, stdout, stderr } = await new Deno.Command(PYTHON, {
    args: [READER, ...places],
    env: reader === undefined
      ? {}
      : { READER_USERNAME: reader.username, READER_PASSWORD: reader.password },
    stdout: "piped",
    stderr: "piped",
  }).output();
  const said = new TextDecoder().decode(stderr);
  if (!success) throw new Error(`${places.join(" or ")} cannot be read: ${said}`);
  const told = JSON.parse(new TextDecoder().decode(stdout)) as readonly {
    readonly items: Readonly<Record<string, readonly HeldItem[]>>;
    readonly broken: Holding["broken"];
  }[];
  return told.map(({ items, broken }) => ({ items: new Map(Object.entries(items)), broken }));
}

/** How many items there are, each copy counted. */
export const countOf = (holding: Holding): number =>
  [...holding.items.values()].reduce((sum, items) => sum + items.length, 0);

/** The one item with that UID. */
export function itemOf(holding: Holding, uid: string): HeldItem {
  const items = holding.items.get(uid) ?? [];
  const [item] = items;
  if (item === undefined || items.length > 1) {
    throw new Error(`there are ${items.length} items with the UID ${uid}`);
  }
  return item;
}

export interface Comparison {
  /** Compares the bytes too. */
  readonly bytes?: boolean;
  /** UIDs that may differ. */
  readonly except?: readonly string[];
}

/** Fails unless both hold the same items, each once, and nothing broken. */
export function assertSame(a: Holding, b: Holding, comparison: Comparison = {}): void {
  const except = new Set(comparison.except ?? []);
  for (const [side, holding] of Object.entries({ a, b })) {
    assert.deepEqual(holding.broken, [], `${side} holds something that cannot be parsed`);
    const several = [...holding.items].filter(([, items]) => items.length > 1);
    assert.deepEqual(several.map(([uid]) => uid), [], `${side} holds several of one UID`);
  }
  assert.deepEqual([...a.items.keys()].sort(), [...b.items.keys()].sort(), "other UIDs");
  for (const uid of a.items.keys()) {
    if (except.has(uid)) continue;
    const [left, right] = [itemOf(a, uid), itemOf(b, uid)];
    if (left.form !== right.form) {
      assert.deepEqual(JSON.parse(left.form), JSON.parse(right.form), `${uid} differs`);
    }
    if (comparison.bytes === true) {
      assert.equal(left.sha256Lf, right.sha256Lf, `the bytes of ${uid} differ`);
    }
  }
}

/** Fails unless nothing at all is other than it was: names, bytes and what cannot be parsed. */
export function assertUntouched(before: Holding, after: Holding): void {
  assert.deepEqual(namesAndBytes(after), namesAndBytes(before), "something was changed");
}

function namesAndBytes(holding: Holding): readonly string[] {
  return [
    ...[...holding.items.values()].flat().map((it) => `${it.name} ${it.sha256}`),
    ...holding.broken.map((it) => `${it.name} broken`),
  ].sort();
}
