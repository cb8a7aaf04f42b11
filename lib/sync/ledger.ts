/**
 * The ledger of one collection's execution: what has really happened, written to the status as it
 * does, and counted for the report. The base moves here and nowhere else, and only by results.
 */

import type { SyncError } from "../model/error.ts";
import type { Version } from "../model/item.ts";
import type { CollectionId, Digest, Href, Ident, Side, Sides } from "../model/names.ts";
import { SIDES } from "../model/names.ts";
import type { BaseItem, Effect, PlannedAction, Problem } from "../model/plan.ts";
import type { Altered, Outcome, Report, RunEvent } from "../model/run.ts";
import type {
  BaseMove,
  CollectionStatus,
  Intent,
  KeptBodies,
  Known,
  SideConclusion,
} from "../model/status.ts";
import { chunksOf } from "./bounded.ts";
import { conclusion } from "./conclusion.ts";
import { interruptedAt, openMoves } from "./moves.ts";
import type { Resumed } from "./resume.ts";
import type { SideSurvey } from "./survey.ts";

/** What a run counts. One for all collections. */
export interface Tally {
  readonly done: Sides<Record<Effect["kind"], number>>;
  changed: number;
  /** Effects that came to nothing yet. The intents of those that were begun are still open. */
  skipped: number;
  readonly failures: Problem[];
  readonly altered: Altered[];
  properties: number;
}

export const newTally = (): Tally => ({
  done: {
    a: { create: 0, update: 0, delete: 0, setFlags: 0 },
    b: { create: 0, update: 0, delete: 0, setFlags: 0 },
  },
  changed: 0,
  skipped: 0,
  failures: [],
  altered: [],
  properties: 0,
});

export const reportOf = (plan: Report["plan"], tally: Tally, interrupted: boolean): Report => ({
  plan,
  ...tally,
  interrupted,
});

/** What an effect came to: the version that its side holds now, none after a deletion. */
export interface Landed {
  readonly version: Version | undefined;
  readonly bodies: KeptBodies;
}

export interface Ledger {
  /** Moves the base where both sides agree already. */
  agree(actions: readonly PlannedAction[]): Promise<void>;
  done(effect: Effect, intent: number, landed: Landed): Promise<void>;
  /** A filter kept it from being written, as it is meant to. */
  leftOut(effect: Effect, intent: number): Promise<void>;
  /** The storage keeps something else than it was given. */
  altered(effect: Effect, what: readonly string[]): void;
  /** Whether an item came to be on both sides in this run. */
  hasMoved(ident: Ident): boolean;
  isDone(effect: Effect): boolean;
  /** It was no longer as planned, and was left. */
  changed(effect: Effect, intent: number | undefined, reason: string): Promise<void>;
  failed(effect: Effect, intent: number | undefined, error: SyncError): Promise<void>;
  /** Takes note of what the base holds under hrefs that are going to be written to. */
  expect(side: Side, known: ReadonlyMap<Href, Known>): void;
  /** Closes an intent that another one takes the place of. */
  superseded(intent: number, reason: string): Promise<void>;
  /** Where this run wrote on a side, and whether there is something now. */
  written(side: Side): ReadonlyMap<Href, "present" | "gone">;
  /**
   * Makes the cursors fit for what the base is about to learn: they move to where the surveys began,
   * and everything that was seen is kept. `writing`: sides that are going to have no cursor at all.
   */
  advance(surveys: Sides<SideSurvey>, writing: readonly Side[]): Promise<void>;
  /** Moves the cursors, and keeps what was seen and not dealt with. */
  conclude(surveys: Sides<SideSurvey>): Promise<void>;
}

/** What an interrupted run had begun, and what became of it. */
export interface Interrupted {
  readonly open: readonly Intent[];
  readonly resumed: Pick<Resumed, "happened" | "waiting">;
}

export interface LedgerInput {
  readonly collection: CollectionId;
  readonly status: CollectionStatus;
  readonly tally: Tally;
  /** All that is going to be carried out, to know which items take more than one effect. */
  readonly effects: readonly Effect[];
  readonly found: Interrupted;
  readonly onEvent: (event: RunEvent) => void;
}

const MOVES_AT_ONCE = 1_000;

export function openLedger(input: LedgerInput): Ledger {
  const { status, tally, collection } = input;
  const moves = openMoves(status, input.found.open, input.found.resumed.happened);
  const known = new Set<Effect>();
  const succeeded = new Set<Effect>();
  const written: Sides<Map<Href, "present" | "gone">> = { a: new Map(), b: new Map() };
  // Items that are written on both sides: flags, and what was merged. The base moves with the last.
  const joint = new Map<Ident, Joint>();
  for (const effect of input.effects) {
    const entry = joint.get(effect.ident) ?? { left: 0, landed: {}, bodies: {} };
    joint.set(effect.ident, { ...entry, left: entry.left + 1 });
  }

  const tell = (effect: Effect, outcome: Outcome, error?: SyncError) => {
    if (!known.has(effect)) tally.skipped -= 1;
    known.add(effect);
    if (outcome === "done") succeeded.add(effect);
    input.onEvent({
      type: "effect",
      collection,
      effect,
      outcome,
      ...(error === undefined ? {} : { error }),
    });
  };

  const settle = async (
    intent: number | undefined,
    outcome: "done" | "left" | "failed",
    rest: { readonly reason?: string; readonly move?: BaseMove },
  ) => {
    if (intent === undefined && rest.move === undefined) return;
    await moves.settle([{ ...(intent === undefined ? {} : { intent }), outcome, ...rest }]);
  };

  /** The move that an effect leads to; none while another effect on the same item is under way. */
  const moveFor = async (
    effect: Effect,
    { version, bodies }: Landed,
  ): Promise<BaseMove | undefined> => {
    if (effect.kind === "delete" || version === undefined) {
      const both = joint.get(effect.ident);
      if (both !== undefined) both.left -= 1;
      // One that goes on both sides is known until it is gone from both.
      const isHalf = effect.kind === "delete" && effect.why === "expunged on both";
      return isHalf && both !== undefined && both.left > 0
        ? undefined
        : { kind: "forget", ident: effect.ident };
    }
    const { ident, on } = effect;
    const half = effect.kind === "update" ? effect.half : undefined;
    // Read before anything is decided: the halves may land at once, and the last must have its say.
    const halfBytes = await half?.body.bytes();
    const entry = joint.get(ident);
    if (entry !== undefined) {
      entry.left -= 1;
      entry.landed = { ...entry.landed, [on]: version };
      entry.bodies = { ...bodies, ...entry.bodies, ...(on in bodies ? { [on]: bodies[on] } : {}) };
      const alone = Object.keys(entry.landed).length < SIDES.length;
      if (effect.kind === "update" && half !== undefined && halfBytes !== undefined && alone) {
        return halfMove(effect, half.digest, { ...bodies, [on]: halfBytes });
      }
      const isHalfCopy = effect.kind === "create" && effect.why === "copy" && alone;
      if (entry.left > 0 || isHalfCopy) return undefined;
    }
    const sides = { ...oneEach(on, version, effect.from), ...entry?.landed };
    return { kind: "set", item: { ident, sides }, bodies: entry?.bodies ?? bodies };
  };

  return {
    async agree(actions) {
      const agreed: BaseMove[] = [];
      for (const action of actions) {
        if (action.kind === "forget") agreed.push({ kind: "forget", ident: action.ident });
        if (action.kind === "record") agreed.push(await recorded(action.ident, action.sides));
      }
      for (const chunk of chunksOf(agreed, MOVES_AT_ONCE)) {
        await moves.settle(chunk.map((move) => ({ outcome: "done", move })));
      }
    },

    async done(effect, intent, landed) {
      const move = await moveFor(effect, landed);
      await settle(intent, "done", move === undefined ? {} : { move });
      // A change of flags that waits for the other side's has not come to an end: what was seen
      // there is all that is known of it.
      const isHalf = effect.kind === "setFlags" && move === undefined;
      if (landed.version !== undefined && !isHalf) {
        written[effect.on].set(landed.version.href, "present");
      }
      if (effect.kind === "delete") written[effect.on].set(effect.target.href, "gone");
      tally.done[effect.on][effect.kind] += 1;
      tell(effect, "done");
    },

    async leftOut(effect, intent) {
      await settle(intent, "left", { reason: "left out by a filter" });
      tell(effect, "changed");
    },

    altered({ on, ident }, what) {
      const altered = { collection, side: on, ident, what };
      tally.altered.push(altered);
      input.onEvent({ type: "altered", ...altered });
    },

    hasMoved: (ident) => moves.has(ident),

    isDone: (effect) => succeeded.has(effect),

    async changed(effect, intent, reason) {
      await settle(intent, "left", { reason });
      tally.changed += 1;
      tell(effect, "changed");
    },

    async failed(effect, intent, error) {
      // Where a retry may help, it may have been done all the same: the next run looks it up.
      if (!error.retry) await settle(intent, "failed", { reason: error.message });
      tally.failures.push({ side: effect.on, ident: effect.ident, error });
      tell(effect, "failed", error);
    },

    superseded: (intent, reason) => settle(intent, "left", { reason }),

    expect: (side, known) => moves.expect(side, known),

    written: (side) => written[side],

    async advance(surveys, writing) {
      const sides: Partial<Record<Side, SideConclusion>> = {};
      for (const side of SIDES) {
        // Without one, the next listing is of everything, and misses nothing.
        if (await status.cursor(side) === undefined) continue;
        const { cursor, ...rest } = conclusion(surveys[side], moves, written[side]);
        sides[side] = cursor === undefined || writing.includes(side) ? rest : { ...rest, cursor };
      }
      if (Object.keys(sides).length > 0) await status.conclude(sides);
    },

    async conclude(surveys) {
      const { happened, waiting } = input.found.resumed;
      // What was done stays open until the base says so: only the journal knows of it.
      const over = moves.open().filter(({ id }) => !waiting.has(id));
      if (over.length > 0) await status.settle(over.map(({ id }) => interruptedAt(id, happened)));
      await status.conclude({
        a: conclusion(surveys.a, moves, written.a),
        b: conclusion(surveys.b, moves, written.b),
      });
    },
  };
}

/** An item that more than one effect is about. */
interface Joint {
  left: number;
  landed: Partial<Sides<Version>>;
  bodies: KeptBodies;
}

/**
 * One half of a merge has landed. The base takes in the edits of the other side; this side's own are
 * still edits of it, and its etag is one that it has no more, so that it is looked at again.
 */
function halfMove(
  { ident, on, target, from }: Extract<Effect, { readonly kind: "update" }>,
  digest: Digest,
  bodies: KeptBodies,
): BaseMove {
  const { href, etag, flags } = target;
  const sides = oneEach(on, { href, etag, digest, flags }, from);
  return { kind: "set", item: { ident, sides }, bodies };
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
