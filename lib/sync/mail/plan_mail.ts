/** What is done for mail between survey and plan: who is who, and which UID each mail gets. */

import { uidOf } from "../../model/mail.ts";
import type { Href, Side, Sides } from "../../model/names.ts";
import { SIDES } from "../../model/names.ts";
import type { CollectionPlan, Mapping, PlannedAction } from "../../model/plan.ts";
import type { Run } from "../../model/run.ts";
import type { CollectionStatus } from "../../model/status.ts";
import type { SideSurvey } from "../survey.ts";
import { identified, newKeys } from "./idents.ts";
import { planUids, type UidSide } from "./uids.ts";

export const isMail = ({ storages }: Run): boolean => storages.a.capabilities.kind === "mail";

/** The surveys of two mailboxes, with an ident for each mail that is unique on its side. */
export async function withIdents(
  { storages }: Run,
  { sides }: Mapping,
  status: CollectionStatus | undefined,
  surveys: Sides<SideSurvey>,
): Promise<Sides<SideSurvey>> {
  const keys = newKeys(surveys);
  const taken = new Set((await status?.base([...keys]))?.keys() ?? []);
  const keep = SIDES.every((side) => storages[side].capabilities.keepsUids);
  const validities = SIDES.map((side) => sides[side]?.mailbox?.uidValidity);
  const sameUids = keep && validities[0] !== undefined && validities[0] === validities[1];
  const open = await status?.openIntents() ?? [];
  const deletingOn = (side: Side) =>
    new Set(
      open.flatMap(({ on, etag, digest, ident }) =>
        on === side && etag !== undefined && digest === undefined ? [ident] : []
      ),
    );
  const deleting = { a: deletingOn("a"), b: deletingOn("b") };
  return identified({ surveys, taken, sameUids, deleting });
}

/** A plan with the UIDs that its mails are to have. Whatever the guards stop is out of it already. */
export async function withUids(
  run: Run,
  plan: CollectionPlan,
  status: CollectionStatus | undefined,
  surveys: Sides<SideSurvey>,
  closed: Sides<boolean>,
): Promise<CollectionPlan> {
  const { mapping } = plan;
  const side = (side: Side): UidSide => {
    const { capabilities } = run.storages[side];
    const mailbox = mapping.sides[side]?.mailbox;
    return {
      mailbox,
      uidNext: surveys[side].uidNext ?? 1,
      keepsUids: capabilities.keepsUids,
      keepsGuids: capabilities.keepsGuids === true,
      writable: !closed[side],
    };
  };
  const oneWay = run.policy.oneWay || closed.a;
  const { numbers, uidNext, actions } = planUids({
    sides: { a: side("a"), b: side("b") },
    oneWay,
    isKnown: (await status?.size() ?? 0) > 0,
    actions: plan.actions,
    inUse: oneWay ? await usedIn(plan.actions, status, surveys) : () => false,
  });
  return { ...plan, numbers, uidNext, actions: inOrderOfUids(actions) };
}

/** Which of the UIDs that are asked about are in use on b. */
async function usedIn(
  actions: readonly PlannedAction[],
  status: CollectionStatus | undefined,
  { b }: Sides<SideSurvey>,
): Promise<(side: Side, uid: number) => boolean> {
  const wanted = actions.flatMap((action): readonly Href[] => {
    if (action.kind === "create") return [action.from.href];
    if (action.kind === "setFlags") return [action.from.href];
    return action.kind === "record" ? [action.sides.a.href] : [];
  });
  const used = new Set((await status?.known("b", wanted))?.keys() ?? []);
  for (const seen of b.seen) {
    if (seen.state === "gone") used.delete(seen.href);
    else used.add(seen.href);
  }
  const uids = new Set([...used].map(uidOf));
  return (side, uid) => side === "b" && uids.has(uid);
}

/** New mails come in the order in which they stand: a storage that gives UIDs gives them in turn. */
function inOrderOfUids(actions: readonly PlannedAction[]): readonly PlannedAction[] {
  const creates = actions.filter((it) => it.kind === "create");
  if (creates.length < 2) return actions;
  const place = (it: Extract<PlannedAction, { readonly kind: "create" }>) =>
    it.uid ?? uidOf(it.from.href);
  const sorted = [...creates].sort((one, other) => place(one) - place(other));
  return [...actions.filter((it) => it.kind !== "create"), ...sorted];
}
