/**
 * The ledger of one collection's execution: what has really happened, written to the status as it
 * does, and counted for the report. The base moves here and nowhere else, and only by results.
 */

import type { SyncError } from "../model/error.ts";
import type { Version } from "../model/item.ts";
import type { CollectionId, Ident, Side, Sides } from "../model/names.ts";
import { SIDES } from "../model/names.ts";
import type { BaseItem, Effect, PlannedAction, Problem } from "../model/plan.ts";
import type { Outcome, Report, RunEvent } from "../model/run.ts";
import type {
  BaseMove,
  CollectionStatus,
  Intent,
  KeptBodies,
  Observation,
  SideConclusion,
} from "../model/status.ts";
import { chunksOf } from "./bounded.ts";
import type { Seen, SideSurvey } from "./survey.ts";

/** What a run counts. One for all collections. */
export interface Tally {
  readonly done: Sides<Record<Effect["kind"], number>>;
  changed: number;
  skipped: number;
  readonly failures: Problem[];
}

export const newTally = (): Tally => ({
  done: {
    a: { create: 0, update: 0, delete: 0, setFlags: 0 },
    b: { create: 0, update: 0, delete: 0, setFlags: 0 },
  },
  changed: 0,
  skipped: 0,
  failures: [],
});

export const reportOf = (plan: Report["plan"], tally: Tally): Report => ({ plan, ...tally });

/** What an effect came to: the version that its side holds now, none after a deletion. */
export interface Landed {
  readonly version: Version | undefined;
  readonly bodies: KeptBodies;
}

export interface Ledger {
  /** Moves the base where both sides agree already. */
  agree(actions: readonly PlannedAction[]): Promise<void>;
  done(effect: Effect, intent: number, landed: Landed): Promise<void>;
  /** It was no longer as planned, and was left. */
  changed(effect: Effect, intent: number | undefined, reason: string): Promise<void>;
  failed(effect: Effect, intent: number | undefined, error: SyncError): Promise<void>;
  /** Closes an intent that another one takes the place of. */
  superseded(intent: number, reason: string): Promise<void>;
  /** Moves the cursors, and keeps what was seen and not dealt with. */
  conclude(surveys: Sides<SideSurvey>, open: readonly Intent[]): Promise<void>;
}

export interface LedgerInput {
  readonly collection: CollectionId;
  readonly status: CollectionStatus;
  readonly tally: Tally;
  /** All that is going to be carried out, to know which items take more than one effect. */
  readonly effects: readonly Effect[];
  readonly onEvent: (event: RunEvent) => void;
}

const MOVES_AT_ONCE = 1_000;

export function openLedger(input: LedgerInput): Ledger {
  const { status, tally, collection } = input;
  const moved = new Set<Ident>();
  const flagging = new Map<Ident, { left: number; landed: Partial<Sides<Version>> }>();
  for (const effect of input.effects) {
    if (effect.kind !== "setFlags") continue;
    const entry = flagging.get(effect.ident) ?? { left: 0, landed: {} };
    flagging.set(effect.ident, { ...entry, left: entry.left + 1 });
  }

  const tell = (effect: Effect, outcome: Outcome, error?: SyncError) =>
    input.onEvent({
      type: "effect",
      collection,
      effect,
      outcome,
      ...(error === undefined ? {} : { error }),
    });

  const settle = async (
    intent: number | undefined,
    outcome: "done" | "left" | "failed",
    rest: { readonly reason?: string; readonly move?: BaseMove },
  ) => {
    if (intent === undefined && rest.move === undefined) return;
    await status.settle([{ ...(intent === undefined ? {} : { intent }), outcome, ...rest }]);
  };

  /** The move that an effect leads to; none while another effect on the same item is under way. */
  const moveFor = (effect: Effect, { version, bodies }: Landed): BaseMove | undefined => {
    if (effect.kind === "delete" || version === undefined) {
      return { kind: "forget", ident: effect.ident };
    }
    let sides = oneEach(effect.on, version, effect.from);
    if (effect.kind === "setFlags") {
      const entry = flagging.get(effect.ident);
      if (entry !== undefined) {
        entry.left -= 1;
        entry.landed = { ...entry.landed, [effect.on]: version };
        if (entry.left > 0) return undefined;
        sides = { ...sides, ...entry.landed };
      }
    }
    return { kind: "set", item: { ident: effect.ident, sides }, bodies };
  };

  return {
    async agree(actions) {
      const moves: BaseMove[] = [];
      for (const action of actions) {
        if (action.kind === "forget") moves.push({ kind: "forget", ident: action.ident });
        if (action.kind === "record") moves.push(await recorded(action.ident, action.sides));
      }
      for (const chunk of chunksOf(moves, MOVES_AT_ONCE)) {
        await status.settle(chunk.map((move) => ({ outcome: "done", move })));
        for (const move of chunk) moved.add(identOf(move));
      }
    },

    async done(effect, intent, landed) {
      const move = moveFor(effect, landed);
      await settle(intent, "done", move === undefined ? {} : { move });
      if (move !== undefined) moved.add(effect.ident);
      tally.done[effect.on][effect.kind] += 1;
      tell(effect, "done");
    },

    async changed(effect, intent, reason) {
      await settle(intent, "left", { reason });
      tally.changed += 1;
      tell(effect, "changed");
    },

    async failed(effect, intent, error) {
      await settle(intent, "failed", { reason: error.message });
      tally.failures.push({ side: effect.on, ident: effect.ident, error });
      tell(effect, "failed", error);
    },

    superseded: (intent, reason) => settle(intent, "left", { reason }),

    async conclude(surveys, open) {
      if (open.length > 0) {
        await status.settle(open.map((intent) => ({
          intent: intent.id,
          outcome: happened(intent, surveys[intent.on]) ? "done" : "left",
          reason: "the run was interrupted",
        })));
      }
      await status.conclude({
        a: conclusion(surveys.a, moved),
        b: conclusion(surveys.b, moved),
      });
    },
  };
}

const oneEach = (side: Side, here: Version, there: Version): Sides<Version> =>
  side === "a" ? { a: bare(here), b: bare(there) } : { a: bare(there), b: bare(here) };

const bare = ({ href, etag, digest, flags }: Version): Version => ({ href, etag, digest, flags });

async function recorded(
  ident: Ident,
  sides: Extract<PlannedAction, { readonly kind: "record" }>["sides"],
): Promise<BaseMove> {
  const bodies: Partial<Record<Side, Uint8Array>> = {};
  for (const side of SIDES) {
    const bytes = await sides[side].body?.bytes();
    if (bytes !== undefined) bodies[side] = bytes;
  }
  const item: BaseItem = { ident, sides: { a: bare(sides.a), b: bare(sides.b) } };
  return { kind: "set", item, bodies };
}

const identOf = (move: BaseMove): Ident => move.kind === "set" ? move.item.ident : move.ident;

/** Whether what an interrupted run intended is what the survey then found. */
function happened(intent: Intent, survey: SideSurvey): boolean {
  const seen = survey.seen.find((it) => it.href === intent.href);
  if (intent.kind === "delete") return seen?.state === "gone";
  return seen?.state === "present" && seen.digest === intent.digest;
}

/** Everything seen stays on record until the base holds it, for each item that it concerns. */
function conclusion(survey: SideSurvey, moved: ReadonlySet<Ident>): SideConclusion {
  const observations = survey.seen.filter((seen) => {
    const known = survey.known.get(seen.href);
    if (seen.state === "unreadable") return true;
    if (seen.state === "gone") return known === undefined || !moved.has(known.ident);
    const asKnown = known?.ident === seen.ident && known.etag === seen.etag &&
      known.digest === seen.digest;
    const others = known !== undefined && known.ident !== seen.ident && !moved.has(known.ident);
    return others || !(asKnown || moved.has(seen.ident));
  }).map(observationOf);
  return { observations, ...(survey.cursor === undefined ? {} : { cursor: survey.cursor }) };
}

function observationOf(seen: Seen): Observation {
  if (seen.state === "gone") return { state: "gone", href: seen.href };
  if (seen.state === "unreadable") {
    const { state, href, etag, reason } = seen;
    return { state, href, reason, ...(etag === undefined ? {} : { etag }) };
  }
  const { state, href, etag, ident, digest, flags } = seen;
  return { state, href, etag, ident, digest, flags };
}
