/** Where the mailboxes of a Maildir lie: Maildir++ and Dovecot's `LAYOUT=fs`. */

import { join } from "node:path";
import { decodeMutf7, encodeMutf7 } from "../../lib/item/mail/mutf7.ts";
import { mailboxId, partsOf } from "../../lib/item/mail/mailbox_id.ts";
import { localName } from "../../lib/model/local_name.ts";
import type { CollectionId } from "../../lib/model/names.ts";

export type LayoutName = "maildir++" | "fs";

/** The folders of a Maildir, as Dovecot's `mail_location` tells them. All absolute. */
export interface Places {
  readonly root: string;
  readonly layout: LayoutName;
  readonly inbox: string;
  /** Where the lists of UIDs, the keywords and the subscriptions lie, if elsewhere. */
  readonly control: string | undefined;
  /** Where Dovecot's own indexes lie, if elsewhere. */
  readonly index: string | undefined;
}

/** The folders of one mailbox. */
export interface MailboxPlaces {
  readonly mail: string;
  readonly control: string;
  readonly index: string;
}

/** The href of INBOX, in either layout. */
export const INBOX = "INBOX";

/** Folders of a mailbox with that href, which is the name of its folder in the root, or its path. */
export function placesOf(places: Places, href: string): MailboxPlaces {
  const mail = href === INBOX ? places.inbox : join(places.root, href);
  // Dovecot gives INBOX a folder like any other where these lie elsewhere.
  const name = href === INBOX && places.layout === "maildir++" ? ".INBOX" : href;
  return {
    mail,
    control: places.control === undefined ? mail : join(places.control, name),
    index: places.index === undefined ? mail : join(places.index, name),
  };
}

/**
 * The parts of the name of the mailbox with that href; nothing where it can be none. What is not in
 * modified UTF-7 is taken as it stands.
 */
export function partsOfHref(layout: LayoutName, href: string): readonly string[] | undefined {
  if (href === INBOX) return [INBOX];
  const spelt = layout === "fs" ? href.split("/") : href.slice(1).split(".");
  if (layout === "maildir++" && !href.startsWith(".")) return undefined;
  if (spelt.some((part) => part === "")) return undefined;
  // A folder that looks like INBOX and is not: Dovecot does not show it either.
  if (spelt.length === 1 && spelt[0]?.toUpperCase() === INBOX) return undefined;
  if (layout === "fs" && spelt.some((part) => isReserved(part))) return undefined;
  return spelt.map((part) => decodeMutf7(part) ?? part);
}

/** A name that is no UTF-8 is told by the system with something in place of what it cannot tell. */
export const isUnnamable = (name: string): boolean => name.includes("\ufffd");

/** The href of the mailbox with that id, which must be what {@linkcode localIdOf} makes of it. */
export function hrefOfId(layout: LayoutName, id: CollectionId): string {
  if (id === INBOX) return INBOX;
  const parts = partsOf(id).map(encodeMutf7);
  return layout === "fs" ? parts.join("/") : `.${parts.join(".")}`;
}

/**
 * The full name as Dovecot spells it for people, which its log has hashes of: with the separator of
 * the layout, which is Dovecot's own default. A namespace may be given another one there, and then
 * Dovecot does not recognise what we log of a mailbox within another.
 */
export const fullNameOf = (layout: LayoutName, id: CollectionId): string =>
  partsOf(id).join(layout === "fs" ? "/" : ".");

/** The most bytes of a folder's name; disks take 255. */
const MAX_NAME = 240;

/**
 * What a mailbox of that id is called here: the separator, what is a path of its own and what
 * cannot be seen becomes `altChar`; a name that is too long is cut, and told from others by a hash.
 */
export function localIdOf(layout: LayoutName, altChar: string, id: CollectionId): CollectionId {
  const separator = layout === "fs" ? "/" : ".";
  const parts = partsOf(id).map((part, at) => {
    const clean = part.toWellFormed()
      .replaceAll("/", altChar)
      .replaceAll(separator, altChar)
      .replace(/\p{Cc}/gu, altChar);
    const first = at === 0 ? clean.replace(/^~/, altChar) : clean;
    const named = first === "" || layout === "fs" && isReserved(first) ? altChar + first : first;
    return layout === "fs" ? fitting(named, part, MAX_NAME) : named;
  });
  if (layout === "maildir++") {
    const length = parts.reduce((sum, part) => sum + encodeMutf7(part).length + 1, 0);
    if (length > MAX_NAME) {
      const each = Math.floor(MAX_NAME / parts.length) - 1;
      // So many levels leave no room for their names; they are one then.
      if (each < 24) return mailboxId([fitting(parts.join(altChar), id, MAX_NAME - 1)]);
      return mailboxId(parts.map((part) => fitting(part, part, each)));
    }
  }
  return mailboxId(parts);
}

/** As much of a name as fits, and a hash of what it was. */
function fitting(name: string, original: string, most: number): string {
  if (encodeMutf7(name).length <= most) return name;
  const hash = localName(`${original}\n`, 1).slice(-16);
  let kept = [...name];
  while (encodeMutf7(`${kept.join("")}-${hash}`).length > most) kept = kept.slice(0, -1);
  return `${kept.join("")}-${hash}`;
}

/** Names in a folder of mailboxes that are no mailboxes (`LAYOUT=fs`). */
const isReserved = (part: string): boolean =>
  /^(?:cur|new|tmp|subscriptions|maildirfolder)$/.test(part) || /^(?:\.|dovecot[.-])/.test(part);
