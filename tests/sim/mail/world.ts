/** The two storages of a simulation of mail, and the hands of their users. */

import {
  createMemory,
  type Memory,
  type Reading,
  type Stored,
} from "../../../adapters/memory/mod.ts";
import { SyncError } from "../../../lib/model/error.ts";
import { uidOf } from "../../../lib/model/mail.ts";
import { digest, ident } from "../../../lib/model/names.ts";
import type { Collection } from "../../../lib/model/storage.ts";
import { pick } from "../world.ts";
import type { MailEdit, MailSchedule, MailSetting, MailShape } from "./schedule.ts";

export interface MailStore {
  readonly at: number;
  readonly name: string;
  readonly shape: MailShape;
  readonly memory: Memory;
  /** The GUIDs of mailboxes that somebody called otherwise, or gave another UIDVALIDITY. */
  readonly renamed: Set<string | undefined>;
  readonly numbered: Set<string | undefined>;
}

export interface MailWorld {
  readonly setting: MailSetting;
  readonly stores: readonly [MailStore, MailStore];
}

/** Flags of which some storages have all, and some have the first two. */
const FLAGS = ["\\Flagged", "\\Seen", "\\Answered", "work"];
const FEW = FLAGS.slice(0, 2);
const NAMES = ["lists", "work", "work/old", "work/new", "lists/dovetail"];

export function newMailWorld({ setting }: MailSchedule): MailWorld {
  const byGuid = setting.stores.every(({ keeps }) => keeps === "guids");
  const open = (at: 0 | 1): MailStore => {
    const shape = setting.stores[at];
    const name = `s${at}`;
    const memory = createMemory({
      name,
      kind: "mail",
      readOnly: setting.closed === at,
      read,
      keepsUids: shape.keeps !== "nothing",
      keepsGuids: shape.keeps === "guids",
      identBy: byGuid ? "guid" : "digest",
      listsChanges: shape.cursors,
      modseq: shape.modseq,
      etagOnWrite: shape.etags,
      batch: shape.batch === 0 ? Infinity : shape.batch,
      renamesAlone: shape.renamesAlone,
      oneSpelling: shape.oneSpelling,
      ...(shape.fewFlags ? { keeps: FEW } : {}),
    });
    memory.add("INBOX");
    if (at === 0) memory.add("work");
    return { at, name, shape, memory, renamed: new Set(), numbered: new Set() };
  };
  return { setting, stores: [open(0), open(1)] };
}

/** Who a mail is, and all that it says. */
export function read(bytes: Uint8Array): Reading {
  const name = nameIn(bytes);
  if (name === undefined) {
    throw new SyncError("this is no mail", { scope: "item", kind: "malformed" });
  }
  return { ident: ident(name), digest: digest(name) };
}

export const nameIn = (bytes: Uint8Array): string | undefined =>
  /^ID:(.*)$/m.exec(new TextDecoder().decode(bytes))?.[1];
export const nameOf = ({ bytes }: Stored): string => nameIn(bytes) ?? "";
const textOf = (name: string): string => `ID:${name}\n\nThis is ${name}.\n`;

/** The mails of a mailbox, in the order of their UIDs. */
export const mailsIn = ({ memory }: MailStore, id: string): readonly Stored[] =>
  memory.collections().some((it) => it.id === id)
    ? [...memory.items(id).values()].sort((one, other) => uidOf(one.href) - uidOf(other.href))
    : [];

/** Who is told of what users do. */
export interface Account {
  /** A mail was put into a mailbox. Where it was moved, nobody is owed it who was not before. */
  delivered(store: MailStore, name: string, how?: "moved"): void;
  /** Somebody took mails away. */
  removed(store: MailStore, names: readonly string[]): void;
  /** Mails are no longer in the mailbox that they were in, for whoever goes by its name. */
  moved(store: MailStore, names: readonly string[]): void;
  /** A mail cannot be read. */
  hidden(name: string): void;
}

/** What somebody does, or nothing where it makes no sense. `unique` is a number never given before. */
export function editMail(
  world: MailWorld,
  what: MailEdit,
  account: Account,
  unique: () => number,
): void {
  const store = pick(world.stores, what.s);
  const { memory } = store;
  const box: Collection = pick(memory.collections(), what.c);
  const { id } = box;
  const mails = mailsIn(store, id);
  const mail = mails.length === 0 ? undefined : pick(mails, what.i);
  // Each user has a spelling of the keyword.
  const flags = FLAGS.filter((_, at) => (what.v >> at) % 2 === 1)
    .map((flag) => flag === "work" && store.at === 1 ? "Work" : flag);
  const deliver = (to: MailStore, id: string, name: string, guid: string | undefined) => {
    account.delivered(to, name);
    const known = { received: 1_000_000 * what.v, ...(guid === undefined ? {} : { guid }) };
    to.memory.deliver(id, textOf(name), { flags, mail: known });
  };
  const remove = (gone: Stored) => {
    account.removed(store, [nameOf(gone)]);
    memory.remove(id, gone.href);
  };
  switch (what.do) {
    case "deliver":
      return deliver(store, id, `m${unique()}`, undefined);
    case "deliver to all": {
      const name = `m${unique()}`;
      for (const it of world.stores) {
        const there = it.memory.collections().some((other) => other.id === id);
        // The same mail to several mailboxes is another one in each; in a copy of all it is the same.
        if (there) deliver(it, id, name, what.v % 3 === 0 ? `${it.name}-${name}` : undefined);
      }
      return;
    }
    case "copy":
    case "move": {
      if (mail === undefined) return;
      const to = pick(memory.collections(), what.j).id;
      if (what.do === "move" && to === id) return;
      if (what.do === "copy") return deliver(store, to, nameOf(mail), mail.mail?.guid);
      const { bytes, flags: had, mail: known = {} } = mail;
      account.moved(store, [nameOf(mail)]);
      account.delivered(store, nameOf(mail), "moved");
      memory.remove(id, mail.href);
      memory.deliver(to, new TextDecoder().decode(bytes), { flags: had, mail: known });
      return;
    }
    case "flag":
      return mail === undefined ? undefined : void memory.setFlags(id, mail.href, flags);
    case "expunge":
      return mail === undefined ? undefined : remove(mail);
    case "expunge all":
      return mails.forEach(remove);
    case "make": {
      const name = pick(NAMES, what.j);
      if (memory.collections().every((it) => it.id !== name)) memory.add(name);
      return;
    }
    case "drop":
    case "make anew":
      if (id === "INBOX") return;
      account.removed(store, mails.map(nameOf));
      memory.drop(id);
      if (what.do === "make anew") memory.add(id);
      return;
    case "rename": {
      const name = pick([...NAMES, `new-${what.v}`], what.j);
      const ids = memory.collections().map((it) => it.id as string);
      if (id === "INBOX" || ids.some((it) => it === name || it.startsWith(`${name}/`))) return;
      if (name.startsWith(`${id}/`)) return;
      // Where a mailbox has no GUID, or another UIDVALIDITY, it is another one under another name.
      const moved = ids.filter((it) => it === id || it.startsWith(`${id}/`));
      const isOther = (name: string) =>
        store.shape.keeps !== "guids" ||
        store.numbered.has(memory.collections().find((it) => it.id === name)?.mailbox?.guid);
      for (const it of memory.collections()) {
        if (moved.includes(it.id)) store.renamed.add(it.mailbox?.guid);
      }
      for (const it of moved.filter(isOther)) account.moved(store, mailsIn(store, it).map(nameOf));
      memory.rename(id, name);
      return;
    }
    case "number anew": {
      memory.setMailbox(id, { uidValidity: 5_000 + unique() });
      store.numbered.add(box.mailbox?.guid);
      if (store.renamed.has(box.mailbox?.guid)) account.moved(store, mails.map(nameOf));
      if (what.v % 2 === 0) return;
      memory.renumber(
        id,
        Object.fromEntries(mails.map(({ href }, n) => [href, (box.mailbox?.uidNext ?? 1) + n])),
      );
      return;
    }
    case "subscribe":
      return memory.setProperty(id, "subscribed", what.v % 2 === 0 ? "yes" : undefined);
    case "hide":
      if (mail === undefined) return;
      account.hidden(nameOf(mail));
      return memory.setUnreadable(id, mail.href, true);
    case "show":
      return showAll(store);
    case "expire":
      return memory.expireCursors(id);
  }
}

/** What could not be read can be again. */
export function showAll(store: MailStore): void {
  for (const { id } of store.memory.collections()) {
    for (const { href, unreadable } of mailsIn(store, id)) {
      if (unreadable !== undefined) store.memory.setUnreadable(id, href, false);
    }
  }
}
