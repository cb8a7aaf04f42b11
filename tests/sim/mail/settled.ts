/** What must hold of two storages of mail once nothing goes wrong any more. */

import type { CollectionPlan } from "../../../lib/model/plan.ts";
import { isEffect } from "../../../lib/model/plan.ts";
import { SIDES } from "../../../lib/model/names.ts";
import type { Collection } from "../../../lib/model/storage.ts";
import type { MailRan } from "./simulate.ts";
import type { MailTruth } from "./truth.ts";
import { mailsIn, type MailStore, type MailWorld, nameOf } from "./world.ts";

/** Both sides hold the same mails in the same mailboxes, under the same UIDs where both keep them. */
export function agreed(
  { prepared, report }: MailRan,
  world: MailWorld,
  truth: MailTruth,
): readonly string[] {
  if (prepared === undefined || report === undefined) {
    return ["M7: a run with nothing in its way did not come to its end"];
  }
  // Two mailboxes have the same name, of which one is kept in step with a third: it stays so, and is
  // told, until somebody renames one of them.
  const isTaken = ({ problems }: CollectionPlan) =>
    problems.some(({ error }) => error.message.includes("mapped to another one"));
  if (prepared.plan.collections.some(isTaken)) return [];
  const wrong = report.failures.map(({ error }) => `M7: ${error.message}`);
  const mapped = { a: new Set<string>(), b: new Set<string>() };
  for (const plan of prepared.plan.collections) {
    for (const side of SIDES) {
      const box = plan.mapping.sides[side];
      if (box !== undefined) mapped[side].add(box.id);
    }
    if (plan.held.length > 0 || world.setting.closed !== undefined) continue;
    for (const { error } of plan.problems) wrong.push(`M7: ${plan.mapping.id}: ${error.message}`);
    if (plan.problems.length === 0) wrong.push(...differences(plan, world));
  }
  for (const [at, side] of SIDES.entries()) {
    const store = world.stores[at];
    if (store === undefined) continue;
    for (const { id } of store.memory.collections()) {
      // A copy may have mailboxes of its own, unless it is to be exact.
      const isOwn = world.setting.oneWay === "yes" && side === "b";
      if (!mapped[side].has(id) && !isOwn) {
        wrong.push(`M7: ${store.name} ${id} is kept in step with nothing`);
      }
      wrong.push(...doubled(store, id, truth));
    }
  }
  return wrong;
}

/** No mail is in a mailbox more often than it was delivered. */
function doubled(store: MailStore, id: string, truth: MailTruth): readonly string[] {
  const counts = Map.groupBy(mailsIn(store, id), nameOf);
  return [...counts].flatMap(([name, mails]) =>
    truth.mayBeDoubled(name, mails.length)
      ? []
      : [`M8: ${store.name} ${id} has ${name} ${mails.length} times`]
  );
}

function differences(
  { mapping }: CollectionPlan,
  { stores: [one, two], setting }: MailWorld,
): readonly string[] {
  const { a, b } = mapping.sides;
  if (a === undefined || b === undefined) return [`M7: ${mapping.id} is not on both sides`];
  const wrong: string[] = [];
  const tell = (what: string, ofA: unknown, ofB: unknown) => {
    const [left, right] = [JSON.stringify(ofA), JSON.stringify(ofB)];
    if (left !== right) wrong.push(`M7: ${mapping.id}: ${what} ${left} and ${right}`);
  };
  // A name is not taken from whoever else has it there, as long as that is to stay.
  const isTaken = one.memory.collections().some(({ id }) => id === b.id) ||
    two.memory.collections().some(({ id }) => id === a.id);
  if (a.id !== b.id && !isTaken) wrong.push(`M7: ${a.id} is kept in step with ${b.id}`);
  const few = [one, two].some(({ shape }) => shape.fewFlags);
  const isOneWay = setting.oneWay !== "no";
  const bothKeepUids = two.shape.keeps !== "nothing" &&
    (isOneWay || one.shape.keeps !== "nothing");
  const bothKeepGuids = [one, two].every(({ shape }) => shape.keeps === "guids");
  const words = (store: MailStore, { id }: Collection) =>
    mailsIn(store, id).map((mail) => {
      const flags = mail.flags.filter((it) => !few || ["\\Flagged", "\\Seen"].includes(it));
      const uid = bothKeepUids ? `${mail.href} ` : "";
      const guid = bothKeepGuids ? ` ${mail.mail?.guid}` : "";
      return `${uid}${nameOf(mail)}${guid} ${flags.map((it) => it.toLowerCase()).sort()}`;
    });
  const [inA, inB] = [words(one, a), words(two, b)];
  tell("mails", bothKeepUids ? inA : inA.toSorted(), bothKeepUids ? inB : inB.toSorted());
  tell("subscribed", a.properties.subscribed, b.properties.subscribed);
  if (bothKeepUids) {
    tell("UIDVALIDITY", a.mailbox?.uidValidity, b.mailbox?.uidValidity);
    // That of a copy may have been higher before.
    if (!isOneWay) tell("UIDNEXT", a.mailbox?.uidNext, b.mailbox?.uidNext);
  }
  if (bothKeepGuids) tell("GUID", a.mailbox?.guid, b.mailbox?.guid);
  return wrong;
}

/** A run with nothing to do changes nothing, and fetches nothing. */
export function idle({ prepared, effects, fetched }: MailRan): readonly string[] {
  const wrong: string[] = [];
  if (effects > 0) wrong.push(`M9: ${effects} effects where nothing was to do`);
  if (fetched.length > 0) wrong.push(`M9: ${fetched} were fetched again`);
  for (const plan of prepared?.plan.collections ?? []) {
    const left = plan.actions.filter(isEffect);
    const { numbers = {}, uidNext = {}, renames, creates, deletes, properties } = plan;
    if (left.length + Object.keys(numbers).length + Object.keys(uidNext).length > 0) {
      wrong.push(`M9: ${plan.mapping.id} still plans ${JSON.stringify([left, numbers, uidNext])}`);
    }
    if (renames !== undefined) wrong.push(`M9: ${plan.mapping.id} is still to be renamed`);
    if (creates.length + deletes.length > 0) {
      wrong.push(`M9: ${plan.mapping.id} still comes or goes`);
    }
    if (properties.some(({ kind }) => kind === "set")) {
      wrong.push(`M9: ${plan.mapping.id} is still set`);
    }
  }
  return wrong;
}
