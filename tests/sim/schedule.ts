/**
 * What a simulation is given: storages with their manners, a base on which they agree, and then
 * rounds of edits and runs in which things go wrong. Plain data, so that one that found a fault can
 * be kept as a line of `seeds.txt`.
 */

import fc from "fast-check";

/** How one storage behaves. */
export interface Shape {
  /** Whether it lists what changed since a cursor. */
  readonly cursors: boolean;
  /** What it does to what is written: nothing, add what the digest ignores, add what it does not. */
  readonly rewrites: "nothing" | "noise" | "content";
  readonly etags: "given" | "not given" | "restless";
  readonly twice: boolean;
  readonly assigns: boolean;
  /** Items and entries at a time. 0: all. */
  readonly batch: number;
  readonly readOnly: boolean;
  /** Actions at a time. */
  readonly width: number;
}

export interface Setting {
  /** Of mail there is another simulation. */
  readonly kind: "calendar";
  /** The first is kept in step with each of the others. */
  readonly stores: readonly Shape[];
  readonly collections: number;
  readonly onEmpty: "skip" | "sync";
  readonly from: "both" | "a" | "ids";
}

export const EDITS = [
  "put",
  "put unique",
  "delete",
  "move",
  "copy",
  "change uid",
  "take name",
  "foresee",
  "put everywhere",
  "put without uid",
  "touch",
  "hide",
  "show",
  "spoil",
  "stranger",
  "clear",
  "expire",
  "drop",
  "bring back",
  "make anew",
  "point elsewhere",
] as const;

/** Something that the user of one storage does. */
export interface Edit {
  readonly do: typeof EDITS[number];
  /** Storage, collection, item, another item, and what it is to say. */
  readonly s: number;
  readonly c: number;
  readonly i: number;
  readonly j: number;
  readonly v: number;
}

export const FAULTS = [
  "fail before",
  "fail after",
  "break",
  "short",
  "endless",
  "unknown",
  "unreadable",
  "refuse",
  "away",
  "status",
] as const;

/** From here on, the moment of a happening counts actions and not steps. */
export const AT_ACTION = 1_000;

/** What happens at some step of a run. */
export type Happening<E = Edit> =
  | { readonly at: number; readonly edit: E }
  | {
    readonly at: number;
    readonly fault: typeof FAULTS[number];
    readonly s: number;
    readonly scope: number;
  }
  /** The process dies; of what was being written into the status, so many transactions are kept. */
  | { readonly at: number; readonly dies: number }
  | { readonly at: number; readonly cancel: true };

export interface Round {
  readonly edits: readonly Edit[];
  readonly happens: readonly Happening[];
  /** Whether all pairs run at once. */
  readonly together: boolean;
}

export interface Schedule {
  readonly setting: Setting;
  /** What both sides hold before the first round. */
  readonly base: readonly Edit[];
  /** Whether a run comes before the first round. */
  readonly agreed: boolean;
  readonly rounds: readonly Round[];
  /** Decides how long each step takes against the others. */
  readonly pace: number;
}

/** One of these, each as often as it says. */
export const often = <T extends string>(weights: Readonly<Record<T, number>>): fc.Arbitrary<T> =>
  fc.constantFrom(
    ...Object.entries<number>(weights).flatMap(([word, weight]) => Array(weight).fill(word) as T[]),
  );
/** True once in so many times. */
export const oneIn = (times: number): fc.Arbitrary<boolean> =>
  fc.nat(times - 1).map((it) => it === 1);

const shape: fc.Arbitrary<Shape> = fc.record({
  cursors: fc.boolean(),
  rewrites: often({ nothing: 6, noise: 2, content: 1 }),
  etags: often({ "given": 6, "not given": 3, "restless": 1 }),
  twice: oneIn(8),
  assigns: oneIn(8),
  batch: fc.constantFrom(0, 0, 0, 1, 2),
  readOnly: oneIn(16),
  width: fc.constantFrom(1, 1, 2, 4),
});

const setting = (stores: fc.Arbitrary<readonly Shape[]>): fc.Arbitrary<Setting> =>
  fc.record({
    kind: fc.constant("calendar" as const),
    stores,
    collections: fc.constantFrom(1, 1, 1, 2),
    onEmpty: often({ skip: 3, sync: 1 }),
    from: often({ both: 4, a: 1, ids: 1 }),
  });

/** Items and what they say are few, so that both sides often mean the same one. */
const where = {
  s: fc.nat(3),
  c: fc.nat(1),
  i: fc.nat(3),
  j: fc.nat(3),
  v: fc.nat(7),
};

const edit: fc.Arbitrary<Edit> = fc.record({
  do: often<Edit["do"]>({
    "put": 16,
    "put unique": 8,
    "delete": 12,
    "move": 5,
    "copy": 2,
    "change uid": 4,
    "take name": 2,
    "foresee": 2,
    "put everywhere": 4,
    "put without uid": 2,
    "touch": 3,
    "hide": 3,
    "show": 3,
    "spoil": 2,
    "stranger": 2,
    "clear": 1,
    "expire": 2,
    "drop": 1,
    "bring back": 1,
    "make anew": 1,
    "point elsewhere": 1,
  }),
  ...where,
});

/** What is done while a run goes on: above all to what it is about to act on. */
const meanwhile: fc.Arbitrary<Edit> = fc.record({
  do: often<Edit["do"]>({
    "put": 8,
    "put unique": 8,
    "delete": 10,
    "move": 3,
    "copy": 2,
    "change uid": 3,
    "take name": 2,
    "foresee": 12,
    "put everywhere": 1,
    "put without uid": 1,
    "touch": 4,
    "hide": 2,
    "show": 1,
    "spoil": 1,
    "stranger": 1,
    "clear": 1,
    "expire": 1,
    "drop": 1,
    "bring back": 1,
    "make anew": 1,
    "point elsewhere": 1,
  }),
  ...where,
});

/** At that step, or (from 1,000) when so many actions have come to be carried out. */
const step: fc.Arbitrary<number> = fc.oneof(fc.nat(48), fc.nat(5).map((it) => AT_ACTION + it));
/** @param meanwhile What is done while a run goes on. */
export const happenings = <E>(meanwhile: fc.Arbitrary<E>): fc.Arbitrary<Happening<E>> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ at: step, edit: meanwhile }) },
    {
      weight: 4,
      arbitrary: fc.record({
        at: step,
        fault: fc.constantFrom(...FAULTS),
        s: fc.nat(3),
        scope: fc.nat(2),
      }),
    },
    { weight: 3, arbitrary: fc.record({ at: step, dies: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ at: step, cancel: fc.constant(true as const) }) },
  );
const happening: fc.Arbitrary<Happening> = happenings(meanwhile);

const round: fc.Arbitrary<Round> = fc.record({
  edits: fc.array(edit, { maxLength: 7 }),
  happens: fc.array(happening, { maxLength: 5 }),
  together: fc.boolean(),
});

/** As CanopyCheck does: a base that both sides share, and then each of them is changed. */
const schedule = (stores: fc.Arbitrary<readonly Shape[]>): fc.Arbitrary<Schedule> =>
  fc.record({
    setting: setting(stores),
    base: fc.array(
      fc.record({ do: often({ "put": 8, "put without uid": 1 }), ...where }),
      { maxLength: 6 },
    ),
    agreed: fc.constantFrom(true, true, true, false),
    rounds: fc.array(round, { minLength: 1, maxLength: 3 }),
    pace: fc.nat(255),
  });

/** Two storages. */
export const onePair: fc.Arbitrary<Schedule> = schedule(fc.tuple(shape, shape));
/** Two or three pairs, which share a storage. */
export const manyPairs: fc.Arbitrary<Schedule> = schedule(
  fc.array(shape, { minLength: 3, maxLength: 4 }),
);
