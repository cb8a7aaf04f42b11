/** Surveys both mailboxes of a mapping, as much of them at a time as is safe. */

import type { Side, Sides } from "../../model/names.ts";
import { otherSide, SIDES } from "../../model/names.ts";
import type { Mapping } from "../../model/plan.ts";
import type { Run } from "../../model/run.ts";
import type { CollectionStatus } from "../../model/status.ts";
import { allOf } from "../bounded.ts";
import { NOTHING_THERE, type SideSurvey } from "../survey.ts";
import { expunges, isMarked } from "./rules.ts";
import { type MailboxSurveyInput, surveyMailbox, surveyNext } from "./survey_mailbox.ts";

/** How many new mails of one mailbox are dealt with at a time. */
const WINDOW = 10_000;

export async function surveyMailboxes(
  run: Run,
  mapping: Mapping,
  status: CollectionStatus | undefined,
): Promise<Sides<SideSurvey>> {
  const both = async (window: number): Promise<Sides<SideSurvey>> => {
    const survey = async (side: Side): Promise<SideSurvey> => {
      const input = inputOf(run, mapping, side, status, window);
      return input === undefined ? NOTHING_THERE : await surveyMailbox(input);
    };
    if (SIDES.every((side) => !isLarge(mapping, side))) {
      const [a, b] = await allOf([survey("a"), survey("b")]);
      return { a, b };
    }
    // One after the other, so that not both of the lists are in memory.
    return { a: await survey("a"), b: await survey("b") };
  };
  const part = await both(WINDOW);
  const isSafe = SIDES.every((side) => part[side].later === undefined || isAlone(part, side));
  return isSafe ? part : await both(Infinity);
}

/** What the surveys have left for later, as much of it as is dealt with at a time. */
export async function surveyMore(
  run: Run,
  mapping: Mapping,
  status: CollectionStatus | undefined,
  before: Sides<SideSurvey>,
): Promise<Sides<SideSurvey>> {
  const survey = async (side: Side): Promise<SideSurvey> => {
    const input = inputOf(run, mapping, side, status, WINDOW);
    return input === undefined ? NOTHING_THERE : await surveyNext(input, before[side]);
  };
  return { a: await survey("a"), b: await survey("b") };
}

const isLarge = ({ sides }: Mapping, side: Side): boolean =>
  (sides[side]?.mailbox?.messages ?? 0) > WINDOW;

function inputOf(
  run: Run,
  mapping: Mapping,
  side: Side,
  status: CollectionStatus | undefined,
  window: number,
): MailboxSurveyInput | undefined {
  const collection = mapping.sides[side];
  if (collection === undefined) return undefined;
  return {
    storage: run.storages[side],
    collection,
    side,
    status,
    keep: () => undefined,
    window,
    needsExtent: SIDES.some((it) => run.policy.accepts[it] !== undefined),
    ...(expunges(run, side) ? { again: isMarked } : {}),
    signal: run.signal,
    onEvent: run.onEvent,
  };
}

/**
 * Whether what is new on a side can be dealt with part by part: nothing on the other side may be the
 * same as one of the later mails, nor may one of these be what seems to be gone.
 */
const isAlone = (surveys: Sides<SideSurvey>, side: Side): boolean =>
  !surveys[side].seen.some((it) => it.state === "gone") &&
  isWithoutNew(surveys[otherSide(side)]);

const isWithoutNew = ({ seen, known, later }: SideSurvey): boolean =>
  later === undefined && seen.every((it) => it.state !== "present" || known.has(it.href));
