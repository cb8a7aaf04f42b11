/**
 * What really happened, whatever the engine believes. From it follows what the engine may do, and
 * every effect is held against that as it happens.
 */

import type { Stored } from "../../adapters/memory/mod.ts";
import type { CollectionId, Ident, Side } from "../../lib/model/names.ts";
import { otherSide, SIDES } from "../../lib/model/names.ts";
import type { BaseItem, Plan } from "../../lib/model/plan.ts";
import { isEffect } from "../../lib/model/plan.ts";
import type { CollectionKey, Intent } from "../../lib/model/status.ts";
import type { Action, Result } from "../../lib/model/storage.ts";
import { type Agreements, nameOf, newAgreements } from "./agreements.ts";
import { type Estate, newEstate } from "./estate.ts";
import { type Reading, readingOf } from "./readings.ts";
import { newRegistry, type Registry } from "./registry.ts";
import { meaning } from "./text.ts";
import { itemsOf, keepsSilent, type Pair, type World } from "./world.ts";

/** What one run of a pair has seen and planned. */
export interface RunTruth {
  readonly pair: Pair;
  phase: "prepare" | "carry out";
  plan: Plan | undefined;
  /** What was there when it was listed, by side and collection. */
  readonly listed: Map<string, ReadonlySet<Ident | undefined>>;
  /** All of it, as it was. */
  readonly versions: Set<Stored>;
  /** What of that could be read. */
  readonly readable: Map<string, ReadonlySet<Ident | undefined>>;
  readonly intents: Map<string, { readonly intent: Intent; readonly attic: Reading | undefined }>;
  /** What an effect is about to overwrite or delete, by its intent. */
  readonly displaced: Map<string, Reading>;
  /** What the status calls each collection. */
  readonly names: Map<CollectionId, string>;
}

/** One effect, as it takes place. */
export interface Deed {
  readonly run: RunTruth;
  readonly side: Side;
  readonly id: CollectionId;
  readonly action: Action;
}

export interface Truth extends Pick<Estate, "user" | "absorbed">, Pick<Registry, "note"> {
  /** What went against a rule. */
  readonly violations: string[];
  begin(pair: Pair): RunTruth;
  planned(run: RunTruth, plan: Plan): void;
  intends(run: RunTruth, key: CollectionKey, intent: Intent): void;
  begun(run: RunTruth, key: CollectionKey, intent: Intent, bytes: Uint8Array | undefined): void;
  listed(run: RunTruth, side: Side, id: CollectionId): void;
  made(run: RunTruth, id: CollectionId): void;
  acts(deed: Deed): void;
  acted(deed: Deed, result: Result): void;
  /** Holds what the base says, durably, against what was. */
  base(pair: Pair, key: CollectionKey, base: ReadonlyMap<Ident, BaseItem>): void;
  /** Everything that a user wrote and no user undid is somewhere. */
  nothingLost(): void;
}

/** `hasty`: items cannot be read for longer than anybody waits for that. */
export function newTruth(world: World, hasty: boolean): Truth {
  const violations: string[] = [];
  const registry = newRegistry(world);
  const estate = newEstate(world);
  const all = new Map<string, Agreements>();
  const wrong = (rule: string, what: string) => void violations.push(`${rule}: ${what}`);

  const agreementsOf = (pair: Pair, name: string | undefined): Agreements => {
    const key = `${pair.name} ${name}`;
    const known = all.get(key) ?? newAgreements(estate.edits);
    all.set(key, known);
    return known;
  };
  /** A storage that adds something of its own edits: what is told apart here is not enough then. */
  const additions = world.stores.some((it) => it.shape.rewrites === "content");

  function mayDelete({ run, side, id }: Deed, gone: Reading): void {
    const other = otherSide(side);
    const agreed = agreementsOf(run.pair, run.names.get(id));
    const what = `deleted ${gone.ident} in ${id} on ${run.pair.stores[side].name}`;
    if (!agreed.asAgreed(side, gone.ident, gone.digest, true)) {
      wrong("I1", `${what}, which was edited or made anew since it was agreed on`);
    }
    const there = run.listed.get(`${other} ${id}`);
    if (there === undefined) return wrong("I7", `${what} without a look at the other side`);
    if (there.size === 0 && run.pair.policy.onEmpty === "skip") {
      wrong("I7", `${what} because the other side is empty`);
    }
    // Somebody may have deleted it after the listing, or made it anew after it was found gone.
    const still = itemsOf(run.pair.stores[other], id)
      .some((it) => run.versions.has(it) && readingOf(it.bytes)?.ident === gone.ident);
    if (still) wrong("I5", `${what}, which the other side has`);
  }

  function mayCreate({ run, side, id, action }: Deed, digest: string, at: string): void {
    const others = itemsOf(run.pair.stores[side], id).filter((it) =>
      it.href !== at && readingOf(it.bytes)?.ident === action.ident
    );
    // One that cannot be read does not keep others from being copied: it may be anything. But where
    // the pair agreed on the item, that is what it may be.
    const agreements = agreementsOf(run.pair, run.names.get(id));
    const agreed = agreements.find(action.ident);
    const looks = agreed?.confirmed ? run.listed : run.readable;
    const seen = others.some((it) => run.versions.has(it));
    if (seen && !hasty && looks.get(`${side} ${id}`)?.has(action.ident)) {
      wrong("I4", `made a second ${action.ident} on ${run.pair.stores[side].name}`);
    }
    if (others.length > 0 || additions || agreed?.meaning !== meaning(digest)) return;
    // It is not known whether an effect that was cut off took place. One that was to be deleted on
    // one side, and is gone, and is there on the other, may have been made anew there.
    if (!agreed.confirmed && agreed.wrote === side) return;
    // Nor is what users did to and fro since.
    if (!agreed.confirmed && estate.edits(action.ident) > agreed.edits + 1) return;
    if (agreements.meantToGo(action.ident, side)) return;
    wrong("D", `brought ${action.ident} back on ${run.pair.stores[side].name}, deleted there`);
  }

  function mayUpdate({ run, side, id }: Deed, over: Reading): void {
    const agreed = agreementsOf(run.pair, run.names.get(id));
    if (agreed.asAgreed(side, over.ident, over.digest, false)) return;
    wrong("I9", `overwrote ${over.ident} on ${run.pair.stores[side].name}, which was edited`);
  }

  function journalled({ run, side, id, action }: Deed): void {
    const found = run.intents.get(`${run.names.get(id)} ${action.id}`);
    const what = `${action.kind} ${action.ident} on ${run.pair.stores[side].name}`;
    if (found === undefined) return wrong("I4", `${what} is not in the journal`);
    const { kind, on, ident, href, etag, digest } = found.intent;
    const written = "content" in action ? action.content.digest : undefined;
    const actsOn = "etag" in action ? action.etag : undefined;
    if (
      kind !== action.kind || on !== side || ident !== action.ident || href !== action.href ||
      etag !== actsOn || digest !== written
    ) wrong("I4", `${what} is not what the journal says`);
    const over = run.displaced.get(`${run.names.get(id)} ${action.id}`);
    if (over === undefined || action.kind === "setFlags") return;
    if (found.attic?.digest !== over.digest) {
      wrong("I1", `${what} displaced "${over.digest}", the attic has "${found.attic?.digest}"`);
    }
  }

  return {
    violations,
    absorbed: estate.absorbed,
    note: registry.note,

    user(run) {
      estate.user(run);
      registry.note();
    },

    begin: (pair) => ({
      pair,
      phase: "prepare",
      plan: undefined,
      listed: new Map(),
      readable: new Map(),
      versions: new Set(),
      intents: new Map(),
      displaced: new Map(),
      names: new Map(),
    }),

    planned(run, plan) {
      run.plan = plan;
      for (const { mapping: { id, sides: { a, b } }, conflicts } of plan.collections) {
        if (a === undefined || b === undefined) continue;
        const name = nameOf(id, { a: a.identity, b: b.identity });
        run.names.set(id, name);
        for (const { ident, sides } of conflicts) {
          const agreed = agreementsOf(run.pair, name).find(ident);
          if (agreed?.meaning === undefined || additions || estate.absorbed.has(ident)) continue;
          // What users did to and fro cannot be told from an effect that never took place.
          if (!agreed.confirmed && estate.edits(ident) > agreed.edits + 1) continue;
          const unedited = SIDES.filter((side) =>
            (agreed.confirmed || agreed.wrote === side) &&
            meaning(sides[side].digest) === agreed.meaning
          );
          if (unedited.length > 0) {
            wrong("C", `${ident} conflicts, but ${unedited} did not edit it`);
          }
        }
      }
    },

    intends(run, { id, identities }, { ident, on, kind, digest }) {
      if (kind === "setFlags") return;
      agreementsOf(run.pair, nameOf(id, identities)).intended(ident, on, digest);
    },

    begun(run, { id, identities }, intent, bytes) {
      const reading = bytes === undefined ? undefined : readingOf(bytes);
      run.intents.set(`${nameOf(id, identities)} ${intent.id}`, { intent, attic: reading });
      if (reading !== undefined) estate.kept(id, reading);
    },

    listed(run, side, id) {
      const items = itemsOf(run.pair.stores[side], id);
      for (const it of items) run.versions.add(it);
      const idents = (some: typeof items) => new Set(some.map((it) => readingOf(it.bytes)?.ident));
      run.listed.set(`${side} ${id}`, idents(items));
      run.readable.set(
        `${side} ${id}`,
        idents(items.filter((it) => it.unreadable === undefined)),
      );
    },

    made(run, id) {
      registry.note();
      if (run.phase !== "carry out") wrong("I20", `made ${id} before the plan was known`);
      const planned = run.plan?.collections.find((it) => it.mapping.id === id)?.mapping.sides;
      const identity = (side: Side) =>
        (planned?.[side] ??
          run.pair.stores[side].memory.collections().find((it) => it.id === id))?.identity;
      const [a, b] = [identity("a"), identity("b")];
      if (a !== undefined && b !== undefined) run.names.set(id, nameOf(id, { a, b }));
    },

    acts({ run, side, id, action }) {
      const store = run.pair.stores[side];
      const what = `${action.kind} ${action.ident} on ${store.name}`;
      registry.note();
      if (run.phase !== "carry out") wrong("I20", `${what} before the plan was known`);
      if (store.shape.readOnly) wrong("I23", `${what}, where nothing may be written`);
      const planned = run.plan?.collections.find((it) => it.mapping.id === id)?.actions.some((it) =>
        isEffect(it) && it.kind === action.kind && it.on === side && it.ident === action.ident
      );
      if (!planned) wrong("I20", `${what} is not in the plan`);
      if (keepsSilent(store) && action.kind !== "delete") estate.unsure(store, id, action.ident);
      if (action.kind === "create") return;
      const there = itemsOf(store, id).find((it) => it.href === action.href);
      const over = registry.find(store, id, action.href, action.etag);
      if (there?.etag !== action.etag || over === undefined) return;
      run.displaced.set(`${run.names.get(id)} ${action.id}`, over);
    },

    acted(deed, result) {
      const { run, side, id, action } = deed;
      registry.note();
      if (result.outcome !== "done") return;
      journalled(deed);
      const over = run.displaced.get(`${run.names.get(id)} ${action.id}`);
      const written = "content" in action
        ? { digest: action.content.digest, flags: action.content.flags }
        : action.kind === "setFlags" && over !== undefined
        ? { digest: over.digest, flags: action.flags }
        : undefined;
      if (result.etag !== undefined && written !== undefined) {
        // Somebody may have edited it since it was written, a moment ago.
        const { digest, flags } = written;
        const at = { href: result.href ?? action.href, etag: result.etag, flags };
        registry.add(run.pair.stores[side], id, { ident: action.ident, digest }, at);
      }
      if (action.kind === "setFlags" || estate.absorbed.has(action.ident)) return;
      const agreed = agreementsOf(run.pair, run.names.get(id));
      if (action.kind === "delete") {
        if (over === undefined) return;
        mayDelete(deed, over);
        return agreed.wrote(action.ident, side, undefined);
      }
      const { digest } = action.content;
      const other = run.pair.stores[otherSide(side)];
      if (!registry.said(other, id, { ident: action.ident, digest })) {
        wrong("I15", `wrote ${action.ident}, "${digest}", which ${other.name} never held`);
      }
      if (action.kind === "create") mayCreate(deed, digest, result.href ?? action.href);
      else if (over !== undefined) mayUpdate(deed, over);
      agreed.wrote(action.ident, side, digest);
    },

    base(pair, { id, identities }, base) {
      for (const [ident, { sides }] of base) {
        for (const side of SIDES) {
          if (registry.held(pair.stores[side], id, ident, sides[side])) continue;
          const { href, digest, flags } = sides[side];
          const what = `${href} ${JSON.stringify(digest)} ${flags}`;
          wrong("I10", `the base has ${ident} as ${pair.stores[side].name} never did: ${what}`);
        }
        const same = meaning(sides.a.digest) === meaning(sides.b.digest);
        if (!same && !estate.absorbed.has(ident)) {
          wrong("I10", `the base holds two things of ${ident}`);
        }
      }
      agreementsOf(pair, nameOf(id, identities)).base(base);
      estate.sure();
    },

    nothingLost() {
      for (const it of estate.lost()) wrong("I1", `lost: ${JSON.stringify(it)}`);
    },
  };
}
