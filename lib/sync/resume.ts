/**
 * What an interrupted run did and could not write down, found out from its journal and from what is
 * there now. Pure.
 */

import type { Version } from "../model/item.ts";
import type { Href, Ident, Sides } from "../model/names.ts";
import { otherSide } from "../model/names.ts";
import type { BaseItem } from "../model/plan.ts";
import type { Intent } from "../model/status.ts";
import type { SideSurvey } from "./survey.ts";
import type { ItemState, ItemView } from "./view.ts";

export interface Resumed {
  readonly views: readonly ItemView[];
  /** The intents that were carried out. */
  readonly happened: ReadonlySet<number>;
  /** Those that were, or may have been as far as can be seen, and that the base does not know of. */
  readonly waiting: ReadonlySet<number>;
}

/**
 * The views as they would be if the results of the open intents had been written down. What is
 * found on a side as it was intended was put there by us and is nobody's edit: without this, whoever
 * edits, deletes or makes anew the other side's item before the next run is in conflict with a copy,
 * or has it undone.
 */
export function resumed(
  views: readonly ItemView[],
  open: readonly Intent[],
  surveys: Sides<SideSurvey>,
): Resumed {
  const byIdent = new Map<Ident, ItemView>(views.map((view) => [view.ident, view]));
  const unreadable = { a: unreadableIn(surveys.a), b: unreadableIn(surveys.b) };
  const happened = new Set<number>();
  const waiting = new Set<number>();
  for (const intent of open) {
    const view = byIdent.get(intent.ident);
    const now = view?.sides[intent.on];
    if (
      (now !== undefined && isHidden(now)) || unreadable[intent.on].has(intent.href) ||
      surveys[intent.on].passing > 0
    ) waiting.add(intent.id);
    if (view === undefined || now === undefined || !asIntended(intent, now)) continue;
    happened.add(intent.id);
    // It tells nothing about the other side: putting both together again comes to the same.
    if (intent.kind === "merge") continue;
    if (known(view.base?.sides[intent.on], now)) continue;
    waiting.add(intent.id);
    byIdent.set(intent.ident, settled(intent, view));
  }
  return { views: [...byIdent.values()], happened, waiting };
}

const unreadableIn = ({ seen }: SideSurvey): ReadonlySet<Href> =>
  new Set(
    seen.flatMap((it) => it.state === "unreadable" || it.state === "left out" ? [it.href] : []),
  );

/** Nobody can see whether it is as it was meant to be. */
const isHidden = (
  state: ItemState,
): state is Exclude<ItemState, { readonly state: "absent" | "present" }> =>
  state.state === "unreadable" || state.state === "left out";

const asIntended = (intent: Intent, now: ItemState): boolean =>
  intent.kind === "delete"
    ? now.state === "absent"
    : now.state === "present" && now.version.digest === intent.digest;

const known = (base: Version | undefined, now: ItemState): boolean =>
  now.state === "present"
    ? base?.href === now.version.href && base.etag === now.version.etag
    : base === undefined;

function settled(intent: Intent, view: ItemView): ItemView {
  const here = view.sides[intent.on];
  const there = view.sides[otherSide(intent.on)];
  if (isHidden(here) || isHidden(there)) return view;
  if (here.state === "absent") {
    // Both had deleted it. What the other side has is new.
    return there.state === "absent" ? view : { ...view, base: undefined };
  }
  const { href, etag, digest, flags } = here.version;
  // Both still have what was copied: that is decided, and recorded, from the base as it is.
  if (there.state === "present" && there.version.digest === digest) return view;
  const copy: Version = { href, etag, digest, flags };
  const source: Version = there.state === "present" ? { ...copy, href: there.version.href } : copy;
  const base: BaseItem = {
    ident: view.ident,
    sides: intent.on === "a" ? { a: copy, b: source } : { a: source, b: copy },
  };
  return { ...view, base };
}
