/** What actions on a mailbox come to, before anything is written. */

import { flagsOf } from "../../lib/item/mail/flags.ts";
import { SyncError } from "../../lib/model/error.ts";
import type { Flags } from "../../lib/model/item.ts";
import { hrefOfUid, MOST, uidOf } from "../../lib/model/mail.ts";
import type { Href } from "../../lib/model/names.ts";
import type { Action, Result } from "../../lib/model/storage.ts";
import type { Box } from "./box.ts";
import type { Layout, Wanted } from "./layout.ts";
import { unchanged } from "./locked.ts";
import type { Staged } from "./stage.ts";

/** What is to be done, and the results that it will have. */
export interface Change {
  readonly results: readonly (Result & { readonly uid?: number })[];
  readonly layout: Layout;
  /** With ascending UIDs. */
  readonly added: readonly Wanted[];
  readonly reflagged: readonly Wanted[];
  readonly removed: number;
  /** Some were put where UIDs had been given already: Dovecot's index would not take them. */
  readonly putBack: boolean;
}

export function decide(
  box: Box,
  actions: readonly Action[],
  staged: ReadonlyMap<number, Staged>,
): Change {
  const changed = new Map<Href, Wanted | "removed">();
  const results: (Result & { readonly uid?: number })[] = [];
  const added: Wanted[] = [];
  const reflagged: Wanted[] = [];
  const keywords = new Map(box.keywords.map((name) => [name.toLowerCase(), name] as const));
  const spelt = (flags: Flags): Flags =>
    flagsOf(flags.map((flag) => keywords.get(flag.toLowerCase()) ?? flag));
  let { uidNext } = box;
  let removed = 0;
  let putBack = false;
  for (const action of actions) {
    const { id, href } = action;
    const entry = box.entries.of(href);
    if (action.kind === "create") {
      const mail = staged.get(id);
      if (mail === undefined) continue;
      const asked = uidOf(href);
      const uid = Number.isInteger(asked) && asked > 0 && asked < MOST ? asked : uidNext;
      const where = hrefOfUid(uid);
      if (changed.get(where) !== "removed" && (changed.has(where) || box.entries.has(where))) {
        results.push({ id, outcome: "exists" });
        continue;
      }
      if (uid < box.uidNext) putBack = true;
      uidNext = Math.max(uidNext, uid + 1);
      const received = action.content.mail?.received ?? Date.now();
      const wanted: Wanted = {
        uid,
        flags: spelt(action.content.flags),
        source: { staged: mail, received },
      };
      changed.set(where, wanted);
      added.push(wanted);
      const altered = mail.altered ? { altered: true } as const : {};
      results.push({
        id,
        outcome: "done",
        uid,
        ...(where === href ? {} : { href: where }),
        ...altered,
      });
      continue;
    }
    if (action.kind === "update") {
      results.push({ id, outcome: "failed", error: noUpdate() });
    } else if (entry === undefined) {
      results.push({ id, outcome: action.kind === "delete" ? "done" : "changed" });
    } else if (entry.etag !== action.etag) results.push({ id, outcome: "changed" });
    else if (action.kind === "delete") {
      changed.set(href, "removed");
      removed++;
      results.push({ id, outcome: "done" });
    } else {
      const wanted: Wanted = { ...unchanged(entry), flags: spelt(action.flags) };
      changed.set(href, wanted);
      reflagged.push(wanted);
      results.push({ id, outcome: "done", uid: entry.uid });
    }
  }
  added.sort((one, other) => one.uid - other.uid);
  const mails = { [Symbol.iterator]: () => inOrder(box, changed, added) };
  const layout = { uidValidity: box.uidValidity, uidNext, mails };
  return { results, layout, added, reflagged, removed, putBack };
}

/** The mails that are there and those that are added, each as it is to be, by UID. */
function* inOrder(
  box: Box,
  changed: ReadonlyMap<Href, Wanted | "removed">,
  added: readonly Wanted[],
): Generator<Wanted, void, undefined> {
  let next = 0;
  for (const entry of box.entries) {
    for (let it = added[next]; it !== undefined && it.uid <= entry.uid; it = added[++next]) {
      yield it;
    }
    const wanted = changed.get(hrefOfUid(entry.uid)) ?? unchanged(entry);
    // One that was added in the place of one that is removed has been given already.
    if (wanted !== "removed" && !("staged" in wanted.source)) yield wanted;
  }
  yield* added.slice(next);
}

function noUpdate(): SyncError {
  return new SyncError("the text of a mail never changes", { scope: "item", kind: "refused" });
}
