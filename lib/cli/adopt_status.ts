/**
 * Takes over what another program recorded of a pair, so that the first run does not begin from
 * nothing: an edit made since its last run travels, and a deletion is not undone.
 */

import type { Loaded } from "../config/load.ts";
import type { TheirCollection, TheirPair } from "../import/their_status.ts";
import type { Item, Version } from "../model/item.ts";
import type { Href, Side, Sides } from "../model/names.ts";
import { etag, SIDES } from "../model/names.ts";
import type { BaseItem } from "../model/plan.ts";
import type { PropertyBase, Settlement, SideConclusion } from "../model/status.ts";
import type { Collection, PropertyName, Storage } from "../model/storage.ts";
import { pairCollections, propertyNames } from "../sync/mod.ts";
import { resolveChosen, talkOf } from "./configuration.ts";
import type { Context } from "./context.ts";
import { namesOf, openPairStatus, openStorages } from "./open.ts";
import { counted } from "./show/count.ts";
import { line, name } from "./show/text.ts";
import { isTheirEtag } from "./their_etag.ts";

/** Reads both storages of each pair, and writes nothing but our status. */
export async function adoptStatus(
  loaded: Loaded,
  theirs: readonly TheirPair[],
  context: Context,
): Promise<void> {
  const { screen, signal } = context;
  const pairs = loaded.config.pairs.filter((pair) => theirs.some((it) => it.pair === pair.name));
  const resolved = await resolveChosen(loaded, pairs.map((pair) => ({ pair })), context);
  const opened = await openStorages(resolved, talkOf(context), { assign: "pretend" });
  try {
    for (const pair of pairs) {
      const status = await openPairStatus(resolved, pair.name, "read-write");
      try {
        if ((await status.collections()).length > 0) {
          screen.say(
            line`${name(pair.name)} has been brought in step already: it is left as it is.`,
          );
          continue;
        }
        const storages = opened.sides(pair);
        const { all, fromA, fromB, ids, mappings } = pair.collections;
        const { pairings } = pairCollections({
          collections: {
            a: await storages.a.collections(signal),
            b: await storages.b.collections(signal),
          },
          names: namesOf(pair),
          readOnly: { a: false, b: false },
          wanted: { fromA: all || fromA, fromB: all || fromB, ids, mappings },
          onDelete: "skip",
          oneWay: false,
          only: undefined,
          known: [],
        });
        const counts = { adopted: 0, left: 0 };
        for (const collection of theirs.find((it) => it.pair === pair.name)?.collections ?? []) {
          const { a, b } = pairings.find((it) => it.mapping.id === collection.id)?.mapping.sides ??
            {};
          if (a === undefined || b === undefined) {
            counts.left += collection.rows.length;
            continue;
          }
          const moves = await movesOf(storages, { a, b }, collection, signal);
          const key = { id: collection.id, identities: { a: a.identity, b: b.identity } };
          await status.collection(key).settle(moves);
          if (moves.length > 0) {
            await status.collection(key).conclude({ a: seenAs(storages.a), b: seenAs(storages.b) });
          }
          await status.collection(key).setProperties(propertiesOf(collection, { a, b }));
          counts.adopted += moves.length;
          counts.left += collection.rows.length - moves.length;
        }
        const left = counts.left === 0 ? "" : `, ${counts.left} are left to the first run`;
        screen.print(
          line`${name(pair.name)}: ${counted(counts.adopted, "item")} taken over${left}`,
        );
      } finally {
        await status.close();
      }
    }
  } finally {
    await opened.close();
  }
}

const seenAs = ({ view }: Storage): SideConclusion => ({
  observations: [],
  ...(view === undefined ? {} : { view }),
});

/** The properties that both sides had, as each side shows them. */
function propertiesOf(
  { id, properties = {} }: TheirCollection,
  collections: Sides<Collection>,
): PropertyBase {
  const base = new Map<PropertyName, Sides<string>>();
  for (const [name, value] of Object.entries(properties)) {
    const known = value.trim();
    const at = (side: Side): string => {
      const now = collections[side].properties[name as PropertyName] ?? "";
      // Radicale shows a calendar without a name as its path, which we do not take for one.
      return now === "" && known.endsWith(`/${id}`) ? "" : known;
    };
    base.set(name as PropertyName, { a: at("a"), b: at("b") });
  }
  return base;
}

/** What both sides last agreed on, as far as it can still be told. */
async function movesOf(
  storages: Sides<Storage>,
  collections: Sides<Collection>,
  { rows }: TheirCollection,
  signal: AbortSignal,
): Promise<readonly Settlement[]> {
  const now = {
    a: await itemsOf(storages.a, collections.a, signal),
    b: await itemsOf(storages.b, collections.b, signal),
  };
  const settlements: Settlement[] = [];
  for (const row of rows) {
    /** The item of a side that is still as both had it. */
    const unchanged = (side: Side): Item | undefined => {
      const item = now[side].get(plainHref(row[side].href));
      const { etag } = row[side];
      return item !== undefined && etag !== undefined && isTheirEtag(etag, item.etag)
        ? item
        : undefined;
    };
    const sides = { a: unchanged("a"), b: unchanged("b") };
    const known = sides.a ?? sides.b;
    // Both were changed since, or are gone: what they agreed on is nowhere any more.
    if (known === undefined) continue;
    if (sides.a !== undefined && sides.b !== undefined && sides.a.ident !== sides.b.ident) continue;
    const edited = SIDES.flatMap((side) =>
      sides[side] === undefined ? now[side].get(plainHref(row[side].href)) ?? [] : []
    );
    if (await mayHaveLost(known, edited[0])) continue;
    const version = (side: Side): Version => {
      const item = sides[side];
      if (item !== undefined) {
        const { href, etag, digest, flags } = item;
        return { href, etag, digest, flags };
      }
      // What it said then is what the other side still says; its etag is one that it has no more.
      const there = now[side].get(plainHref(row[side].href));
      return {
        href: there?.href ?? row[side].href,
        etag: row[side].etag ?? etag("unknown"),
        digest: known.digest,
        flags: known.flags,
      };
    };
    const item: BaseItem = { ident: known.ident, sides: { a: version("a"), b: version("b") } };
    const body = async (side: Side) => await (sides[side] ?? known).body.bytes();
    const bodies = { a: await body("a"), b: await body("b") };
    settlements.push({ outcome: "done", move: { kind: "set", item, bodies } });
  }
  return settlements;
}

/** What servers lose or cut without a word. */
const AT_RISK = ["ATTACH", "KEY", "LOGO", "PHOTO", "SOUND"];

/**
 * Whether an item that was edited may lack something because its storage had lost it before: nobody
 * wrote down what the storage held. Then the first run asks, and takes nothing from the other side.
 */
async function mayHaveLost(known: Item, edited: Item | undefined): Promise<boolean> {
  if (edited === undefined) return false;
  const whole = propertyNames(await known.body.bytes());
  return AT_RISK.some((name) => whole.has(name)) ||
    !whole.isSubsetOf(propertyNames(await edited.body.bytes()));
}

async function itemsOf(
  storage: Storage,
  collection: Collection,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Item>> {
  const hrefs: Href[] = [];
  for await (const part of storage.changes(collection, undefined, signal)) {
    if (part.type === "end") break;
    for (const entry of part.entries) if (entry.state === "present") hrefs.push(entry.href);
  }
  const items = new Map<string, Item>();
  for await (const batch of storage.fetch(collection, hrefs, { signal, all: true })) {
    for (const it of batch) {
      if (it.state === "present") items.set(plainHref(it.item.href), it.item);
    }
  }
  return items;
}

/**
 * What an item's own name is, decoded: programs spell paths differently, and pimsync names the folder
 * of a file as well.
 */
function plainHref(href: string): string {
  const last = href.split("/").at(-1) ?? href;
  try {
    return decodeURIComponent(last);
  } catch (error) {
    if (error instanceof URIError) return last;
    throw error;
  }
}
