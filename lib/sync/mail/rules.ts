/** What a run decides about items by. */

import type { Side, Sides } from "../../model/names.ts";
import type { Run } from "../../model/run.ts";
import type { Known } from "../../model/status.ts";
import type { Rules } from "../reconcile.ts";
import { PLAIN_RULES } from "../reconcile.ts";
import type { SideSurvey } from "../survey.ts";
import { DELETED } from "./flags.ts";

export function rulesOf({ policy }: Run, surveys: Sides<SideSurvey>): Rules {
  const { mail, oneWay } = policy;
  const limits = [surveys.a.keeps, surveys.b.keeps].flatMap((it) =>
    it === undefined ? [] : [new Set(it.map((flag) => flag.toLowerCase()))]
  );
  const meant = mail?.flags;
  return {
    ...PLAIN_RULES,
    oneWay,
    isShared: (flag) =>
      (meant === undefined || meant(flag)) &&
      limits.every((kept) => kept.has(flag.toLowerCase())),
    ...(mail === undefined ? {} : { expunge: mail.expunge }),
  };
}

/** Whether mails that are marked as deleted go for good on that side. */
export const expunges = ({ policy }: Run, side: Side): boolean =>
  policy.mail?.expunge[side] === true;

/** What was marked before that was so goes as well. */
export const isMarked = ({ flags }: Known): boolean => flags.includes(DELETED);
