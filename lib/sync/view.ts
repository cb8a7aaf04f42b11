/** What both sides hold of each item that was touched, from the base and what was seen. Pure. */

import { SyncError } from "../model/error.ts";
import type { Href, Ident, Side, Sides, StorageName } from "../model/names.ts";
import { SIDES } from "../model/names.ts";
import type { BaseItem, Problem, Source } from "../model/plan.ts";
import type { Seen, SideSurvey } from "./survey.ts";

/** One side's state of one item. Unreadable is a third state next to present and absent. */
export type ItemState =
  | { readonly state: "absent" }
  | { readonly state: "present"; readonly version: Source }
  | { readonly state: "unreadable"; readonly problem: Problem }
  /** A filter keeps it from being seen. */
  | { readonly state: "left out" };

/** Everything that reconcile may know about one item. */
export interface ItemView {
  readonly ident: Ident;
  readonly base: BaseItem | undefined;
  readonly sides: Sides<ItemState>;
}

/** The idents that something was seen of: what the base knew under the hrefs, and what is there. */
export function touchedIdents(surveys: Sides<SideSurvey>): ReadonlySet<Ident> {
  const touched = new Set<Ident>();
  for (const side of SIDES) {
    for (const seen of surveys[side].seen) {
      if (seen.state === "present") touched.add(seen.ident);
      if (seen.state === "left out" && seen.ident !== undefined) touched.add(seen.ident);
      const known = surveys[side].known.get(seen.href);
      if (known !== undefined) touched.add(known.ident);
    }
  }
  return touched;
}

/** Things that were seen and cannot be read, and that no known item can be held responsible for. */
export function strangers(side: Side, survey: SideSurvey): readonly Problem[] {
  return survey.seen.flatMap((seen) =>
    seen.state === "unreadable" && !survey.known.has(seen.href)
      ? [{ side, href: seen.href, error: seen.error }]
      : []
  );
}

/**
 * How many things were seen and cannot be read. Any of them may be any item, also where something
 * known was under its href: one file may have been moved over another.
 */
export const unreadables = (survey: SideSurvey): number =>
  survey.seen.filter((seen) => seen.state === "unreadable").length;

/** One view for each touched ident, sorted by ident. `base` holds all of them that it knows. */
export function itemViews(
  surveys: Sides<SideSurvey>,
  base: ReadonlyMap<Ident, BaseItem>,
  names: Sides<StorageName>,
): readonly ItemView[] {
  const looks: Sides<SideLook> = {
    a: lookOf("a", surveys.a, names.a),
    b: lookOf("b", surveys.b, names.b),
  };
  return [...touchedIdents(surveys)].sort().map((ident) => {
    const known = base.get(ident);
    return {
      ident,
      base: known,
      sides: {
        a: stateOf(ident, known, looks.a),
        b: stateOf(ident, known, looks.b),
      },
    };
  });
}

interface SideLook {
  readonly side: Side;
  readonly name: StorageName;
  readonly byHref: ReadonlyMap<Href, Seen>;
  readonly byIdent: ReadonlyMap<Ident, readonly Source[]>;
  /** Whom a filter hides, under whatever href. */
  readonly hidden: ReadonlySet<Ident>;
}

function lookOf(side: Side, survey: SideSurvey, name: StorageName): SideLook {
  const byIdent = new Map<Ident, Source[]>();
  for (const seen of survey.seen) {
    if (seen.state !== "present") continue;
    const { href, etag, digest, flags, body, extent } = seen;
    const version = {
      href,
      etag,
      digest,
      flags,
      ...(body === undefined ? {} : { body }),
      ...(extent === undefined ? {} : { extent }),
    };
    const others = byIdent.get(seen.ident);
    if (others === undefined) byIdent.set(seen.ident, [version]);
    else others.push(version);
  }
  return {
    side,
    name,
    byHref: new Map(survey.seen.map((seen) => [seen.href, seen] as const)),
    byIdent,
    hidden: new Set(survey.seen.flatMap((it) => it.state === "left out" ? it.ident ?? [] : [])),
  };
}

function stateOf(ident: Ident, base: BaseItem | undefined, look: SideLook): ItemState {
  if (look.hidden.has(ident)) return { state: "left out" };
  const versions: Source[] = [...look.byIdent.get(ident) ?? []];
  const last = base?.sides[look.side];
  if (last !== undefined) {
    const now = look.byHref.get(last.href);
    if (now?.state === "unreadable") {
      return {
        state: "unreadable",
        problem: { side: look.side, ident, href: now.href, error: now.error },
      };
    }
    if (now?.state === "left out") return { state: "left out" };
    // Nothing was seen under its href, so nothing changed there.
    if (now === undefined) versions.push(last);
  }
  const [version, ...more] = versions;
  if (version === undefined) return { state: "absent" };
  if (more.length === 0) return { state: "present", version };
  return { state: "unreadable", problem: duplicate(ident, versions, look) };
}

function duplicate(ident: Ident, versions: readonly Source[], look: SideLook): Problem {
  const hrefs = versions.map((it) => it.href).sort();
  return {
    side: look.side,
    ident,
    error: new SyncError(
      `${hrefs.length} items on ${look.name} have the UID "${ident}": ${hrefs.join(", ")}`,
      {
        scope: "item",
        kind: "duplicate",
        hint: "Delete one of them, or give it a UID of its own. Until then all are left alone.",
      },
    ),
  };
}
