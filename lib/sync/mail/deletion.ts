/**
 * A mailbox that was deleted on one side goes on the other with its mails, each of which goes to the
 * attic first. Not where it has mail that the other side never had: whoever deleted the mailbox has
 * not seen it.
 */

import type { Side } from "../../model/names.ts";
import { otherSide } from "../../model/names.ts";
import type { CollectionPlan, Held, PlannedAction } from "../../model/plan.ts";
import type { Run } from "../../model/run.ts";
import type { Known } from "../../model/status.ts";
import type { Listed } from "../../model/storage.ts";
import { digest, ident } from "../../model/names.ts";
import { guardDeletion } from "../guard.ts";
import type { Pairing } from "../pairing_types.ts";
import type { Planned, Surveyed } from "../plan_collection.ts";
import { list, NOTHING_THERE } from "../survey.ts";

type Present = Extract<Listed, { readonly state: "present" }>;

export async function planMailboxDeletion(
  run: Run,
  empty: CollectionPlan,
  on: Side,
  { key, inDoubt }: Pairing,
): Promise<Planned> {
  const { mapping } = empty;
  const collection = mapping.sides[on];
  const nothing: Planned = { plan: empty, found: undefined };
  if (collection === undefined || key === undefined) return nothing;
  if (inDoubt !== undefined) return { ...nothing, plan: { ...empty, held: [inDoubt] } };
  const storage = run.storages[on];
  const { entries } = await list(storage, collection, undefined, run.signal);
  const status = run.status.collection(key);
  const known = await status.known(on);
  const mails = [...entries.values()].filter((it): it is Present => it.state === "present");
  const unread = entries.size - mails.length;
  const strangers = mails.filter(({ href }) => !known.has(href)).length;
  const isCopy = run.policy.oneWay && on === "b";
  if (unread > 0 || strangers > 0 && !isCopy) {
    const held = heldFor(run, empty, on, strangers, unread);
    return { ...nothing, plan: { ...empty, held: [held] } };
  }
  const actions = mails.map((mail) => deletionOf(mail, known.get(mail.href), on));
  const present = on === "a" ? { a: mails.length, b: 0 } : { a: 0, b: mails.length };
  const guarded = (plan: CollectionPlan): CollectionPlan => {
    const after = guardDeletion({
      plan,
      policy: { ...run.policy, onEmpty: "skip" },
      names: { a: run.storages.a.name, b: run.storages.b.name },
      readOnly: {
        a: run.storages.a.capabilities.readOnly,
        b: run.storages.b.capabilities.readOnly,
      },
      present,
      agreed: known.size,
      strangers: { a: 0, b: 0 },
      passing: { a: 0, b: 0 },
      stillHeld: { a: new Map(), b: new Map() },
    });
    // It is deleted when nothing is left in it, and not before.
    return after.actions.length < plan.actions.length
      ? { ...after, actions: [], deletes: [] }
      : after;
  };
  const found: Surveyed = {
    status,
    surveys: { a: NOTHING_THERE, b: NOTHING_THERE },
    open: await status.openIntents(),
    resumed: { views: [], happened: new Set(), waiting: new Set() },
    guarded,
    renew: () => Promise.resolve(),
    deletionKey: key,
  };
  return { plan: guarded({ ...empty, actions, deletes: [on] }), found };
}

function deletionOf(mail: Present, known: Known | undefined, on: Side): PlannedAction {
  const { href, etag, flags } = mail;
  // What was never in step has no ident yet that were its alone.
  const name = known?.ident ?? ident(`${mail.mail?.ident ?? "mail"} ${on}${href}`);
  const version = { href, etag, flags, digest: known?.digest ?? digest(name) };
  return { kind: "delete", on, ident: name, target: version };
}

function heldFor(
  run: Run,
  { mapping }: CollectionPlan,
  on: Side,
  strangers: number,
  unread: number,
): Held {
  const [here, gone] = [run.storages[on].name, run.storages[otherSide(on)].name];
  return {
    guard: "missing collection",
    on,
    actions: 0,
    message: `mailbox "${mapping.id}" was deleted on ${gone}; on ${here} it has ${
      unread > 0
        ? `${unread} mails that cannot be read`
        : `${strangers} mails that never were there`
    }`,
    hint: `Delete it on ${here} as well, move these mails elsewhere, or make it on ${gone} again.`,
  };
}
