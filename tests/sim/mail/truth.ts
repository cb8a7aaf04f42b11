/** What must hold of mail at every moment, whatever happens. */

import { hrefOfUid, type Numbers, uidOf } from "../../../lib/model/mail.ts";
import type { CollectionId } from "../../../lib/model/names.ts";
import type { Action } from "../../../lib/model/storage.ts";
import type { Account, MailStore, MailWorld } from "./world.ts";
import { mailsIn, nameOf } from "./world.ts";

export interface MailTruth extends Account {
  readonly violations: string[];
  /** A storage is listed: what it had then is what the run goes by. */
  listed(store: MailStore, id: CollectionId): void;
  /** Just before something is done to a mail, or to the numbers of a mailbox. */
  acts(store: MailStore, id: CollectionId, action: Action): void;
  numbers(store: MailStore, id: CollectionId, numbers: Numbers): void;
  renames(store: MailStore, id: CollectionId): void;
  /**
   * A UID that was some mail's for a moment in the middle of a run may still be the one that the run
   * gives another mail: nobody can tell it from one that is free for a lost mail. A known limit.
   */
  excuse(): void;
  /** Looks whether everything is as it should be now. */
  look(): void;
  /**
   * Whether a mail may be in a mailbox so often: it was delivered so often; or it could not be read,
   * so that nobody knew what it is when its mailbox became another one.
   */
  mayBeDoubled(name: string, times: number): boolean;
}

export function newMailTruth(world: MailWorld): MailTruth {
  const violations: string[] = [];
  /** What users put somewhere and nobody took away. */
  const owed = new Set<string>();
  const deliveries = new Map<string, number>();
  const hidden = new Set<string>();
  const removedFrom = new Map<MailStore, Set<string>>(
    world.stores.map((it) => [it, new Set<string>()]),
  );
  /** Which mail a UID is, for whoever looks at a mailbox of that identity. */
  const meanings = new Map<string, string>();
  /** Storages of which a mailbox was given a UIDVALIDITY of elsewhere. */
  const forgotten = new Set<MailStore>();
  const isCopied = world.setting.oneWay !== "no";
  const isOneWay = world.setting.oneWay !== "no" || world.setting.closed === 0;
  const nextAt = new Map<string, number>();

  const boxOf = ({ memory }: MailStore, id: string) =>
    memory.collections().find((it) => it.id === id);

  function contents(store: MailStore): Set<string> {
    const ids = store.memory.collections().map(({ id }) => id);
    return new Set(ids.flatMap((id) => mailsIn(store, id).map(nameOf)));
  }

  return {
    violations,
    delivered(store, name, how) {
      deliveries.set(name, (deliveries.get(name) ?? 0) + 1);
      // What the copy has of its own goes.
      if (how !== "moved" && (!isCopied || store.at === 0)) owed.add(name);
    },
    mayBeDoubled: (name, times) => times <= (deliveries.get(name) ?? 0) || hidden.has(name),
    removed(store, names) {
      for (const name of names) {
        removedFrom.get(store)?.add(name);
        if (!isCopied || store.at === 0) owed.delete(name);
      }
    },
    moved(store, names) {
      for (const name of names) removedFrom.get(store)?.add(name);
    },
    hidden: (name) => void hidden.add(name),

    listed(store, id) {
      const box = boxOf(store, id);
      if (box !== undefined) nextAt.set(`${store.name} ${id}`, box.mailbox?.uidNext ?? 1);
    },

    acts(store, id, action) {
      const next = nextAt.get(`${store.name} ${id}`) ?? 1;
      if (action.kind === "update") violations.push(`M4: a mail is updated: ${action.href}`);
      if (isOneWay) return;
      if (action.kind === "create" && store.shape.keeps !== "nothing") {
        const isTaken = store.memory.items(id).has(action.href);
        if (uidOf(action.href) < next && !isTaken) {
          violations.push(
            `M5: ${store.name} ${id}: UID ${action.href} is given though UIDNEXT was ${next}`,
          );
        }
      }
      if (action.kind !== "delete") return;
      const mail = store.memory.items(id).get(action.href);
      const other = world.stores.find((it) => it !== store);
      if (mail === undefined || other === undefined || mail.etag !== action.etag) return;
      if (removedFrom.get(other)?.has(nameOf(mail))) return;
      violations.push(
        `M2: ${nameOf(mail)} is deleted on ${store.name} though nobody deleted it on ${other.name}`,
      );
    },

    numbers(store, id, { uids, uidValidity }) {
      const next = nextAt.get(`${store.name} ${id}`) ?? 1;
      if (isOneWay) return;
      if (uidValidity !== undefined) {
        // It may have had that one before it was made anew.
        forgotten.add(store);
        return;
      }
      for (const [href, uid] of uids) {
        if (uid >= next || hrefOfUid(uid) === href) continue;
        violations.push(
          `M5: ${store.name} ${id}: UID ${href} becomes ${uid} though UIDNEXT was ${next}`,
        );
      }
    },

    renames(store, id) {
      if (store.shape.keeps === "guids") return;
      const ids = store.memory.collections().map((it) => it.id)
        .filter((it) => it === id || it.startsWith(`${id}/`));
      this.moved(store, ids.flatMap((it) => mailsIn(store, it).map(nameOf)));
    },

    excuse() {
      const now = new Set(
        world.stores.flatMap((store) =>
          store.memory.collections().flatMap(({ id, identity }) =>
            mailsIn(store, id).map(({ href }) => `${store.name} ${identity} ${href}`)
          )
        ),
      );
      for (const at of meanings.keys()) if (!now.has(at)) meanings.delete(at);
    },

    look() {
      for (const store of forgotten) {
        for (const at of meanings.keys()) if (at.startsWith(`${store.name} `)) meanings.delete(at);
      }
      forgotten.clear();
      const there = world.stores.map(contents);
      for (const name of owed) {
        if (!there.some((it) => it.has(name))) violations.push(`M1: ${name} is lost`);
      }
      for (const store of world.stores) {
        for (const { id, identity, mailbox } of store.memory.collections()) {
          for (const mail of mailsIn(store, id)) {
            const at = `${store.name} ${identity} ${mail.href}`;
            const meant = meanings.get(at) ?? nameOf(mail);
            meanings.set(at, meant);
            if (meant !== nameOf(mail) && !(isOneWay && store.at === 1)) {
              violations.push(`M3: ${at} was ${meant} and is ${nameOf(mail)}`);
            }
            if (uidOf(mail.href) >= (mailbox?.uidNext ?? 0)) {
              violations.push(`M6: ${at} is not below UIDNEXT ${mailbox?.uidNext}`);
            }
          }
        }
      }
    },
  };
}
