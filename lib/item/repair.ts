/** What is wrong with the UIDs of a collection's items, and the same items without it. */

import { localName } from "../model/local_name.ts";
import type { Digest, Href } from "../model/names.ts";
import { ITEM_LIMITS } from "./components.ts";
import { readCalendarItem } from "./icalendar.ts";
import { byteString, decodeBytes } from "./lines.ts";
import { bytesOf, contentUid, takeName, type TakenNames, takenNames } from "./split.ts";
import {
  type RawComponent,
  scanComponents,
  textWithUid,
  textWithUidLine,
  wholeLines,
} from "./split_scan.ts";
import { readContact } from "./vcard.ts";

export interface RepairItem {
  readonly href: Href;
  readonly bytes: Uint8Array;
}

export interface RepairOptions {
  readonly kind: "calendar" | "contacts";
  /** Whether UIDs that servers may stumble over are replaced too. They do no harm where they work. */
  readonly unsafe: boolean;
}

/** What is wrong with an item. */
export type Flaw =
  /** It, or an override in it, has none: servers refuse it, and an edit makes another item of it. */
  | "no UID"
  /** An item before it has the same: only one of them can be kept in step. */
  | "double UID"
  /** It is very long, or has characters that some servers do not bring back as they were. */
  | "unsafe UID";

/** What was found out about an item. */
export type Finding =
  | { readonly state: "fine"; readonly href: Href }
  | {
    readonly state: "flawed";
    readonly href: Href;
    readonly flaw: Flaw;
    /** The UID it has; none where it has none. */
    readonly uid?: string;
    /** Of a double UID: which item keeps it. */
    readonly keeper?: Href;
    /** None where it is left alone unless it is asked for. */
    readonly mended?: { readonly uid: string; readonly bytes: Uint8Array; readonly digest: Digest };
  }
  | {
    readonly state: "beyond repair";
    readonly href: Href;
    /** To follow "the item". */
    readonly reason: string;
  };

/**
 * Looks at all items of a collection and gives one finding for each, in their order. The same items
 * give the same findings, in whatever order they come. Never throws.
 *
 * A new UID is made of what the item says, and as little as can be is changed of the bytes: a line in
 * each component, put in or replaced. Of two items with one UID the one whose name is made of it
 * keeps it, or else the first by name.
 */
export function repairItems(
  items: readonly RepairItem[],
  options: RepairOptions,
): readonly Finding[] {
  const looked = new Map<Href, Looked>();
  for (const item of items) looked.set(item.href, look(item, options.kind));
  const keepers = keepersOf(looked);
  const taken = takenNames(keepers.keys());
  const findings = new Map<Href, Finding>();
  for (const [href, it] of [...looked].sort(([one], [other]) => one < other ? -1 : 1)) {
    findings.set(href, findingOf(href, it, keepers, taken, options));
  }
  return items.flatMap(({ href }) => findings.get(href) ?? []);
}

/** An item, taken apart as far as its UIDs go. */
type Looked =
  | {
    readonly ok: true;
    readonly text: string;
    readonly components: readonly RawComponent[];
    /** As a byte string; none where it has none. */
    readonly uid: string | undefined;
    readonly overrideOnly: boolean;
  }
  | { readonly ok: false; readonly reason: string };

function look({ bytes }: RepairItem, kind: RepairOptions["kind"]): Looked {
  if (bytes.byteLength > ITEM_LIMITS.bytes) {
    return no(`has ${bytes.byteLength} bytes; ${ITEM_LIMITS.bytes} are allowed`);
  }
  const text = byteString(bytes);
  const scanned = scanComponents(text, ITEM_LIMITS);
  if (!scanned.ok) return no(scanned.reason);
  const [root, ...others] = scanned.roots;
  if (root === undefined) return no("is empty");
  const [wanted, noun] = kind === "calendar" ? ["VCALENDAR", "calendar"] : ["VCARD", "card"];
  if (root.name !== wanted) return no(`is no ${noun}: it begins with BEGIN:${root.name}`);
  if (others.length > 0) return no(`holds ${scanned.roots.length} ${noun}s`);
  const components = kind === "contacts"
    ? [root]
    : root.children.filter(({ name }) => name !== "VTIMEZONE");
  if (components.length === 0) return no("holds no event, todo or journal entry");
  const uids = new Set(components.flatMap(({ uid }) => uid ?? []));
  if (uids.size > 1) return no(`holds ${uids.size} items, each with a UID of its own`);
  const masters = components.filter((it) => !isOverride(text, it));
  // Without a UID, only one of them can be what the others override.
  if (components.some(({ uid }) => uid === undefined) && masters.length > 1) {
    return no(`holds ${masters.length} items, not all with a UID`);
  }
  const [uid] = uids;
  return { ok: true, text, components, uid, overrideOnly: masters.length === 0 };
}

const no = (reason: string): Looked => ({ ok: false, reason });

function isOverride(text: string, { start, end }: RawComponent): boolean {
  return /^RECURRENCE-ID[;:]/im.test(text.slice(start, end).replaceAll("\r", "\n"));
}

/** Which item keeps which UID. */
function keepersOf(looked: ReadonlyMap<Href, Looked>): ReadonlyMap<string, Href> {
  const keepers = new Map<string, Href>();
  for (const [href, it] of [...looked].sort(([one], [other]) => one < other ? -1 : 1)) {
    if (!it.ok || it.uid === undefined || (it.overrideOnly && keepers.has(it.uid))) continue;
    const before = keepers.get(it.uid);
    const beforeIs = before === undefined ? undefined : looked.get(before);
    const better = beforeIs === undefined || (beforeIs.ok && beforeIs.overrideOnly) ||
      (isNamedAfter(href, it.uid) && !(before && isNamedAfter(before, it.uid)));
    if (better) keepers.set(it.uid, href);
  }
  return keepers;
}

function isNamedAfter(href: Href, uid: string): boolean {
  const name = href.slice(href.lastIndexOf("/") + 1).replace(/\.[^.]*$/, "");
  const text = decodeBytes(uid);
  return name === text || name === encodeURIComponent(text) || name === localName(text, 0);
}

function findingOf(
  href: Href,
  it: Looked,
  keepers: ReadonlyMap<string, Href>,
  taken: TakenNames,
  { kind, unsafe }: RepairOptions,
): Finding {
  if (!it.ok) return { state: "beyond repair", href, reason: it.reason };
  const { text, components, uid } = it;
  const keeper = uid === undefined ? undefined : keepers.get(uid);
  const shown = uid === undefined ? {} : { uid: decodeBytes(uid) };
  const renamed = (): { readonly uid: string; readonly bytes: Uint8Array } => {
    const content = components.map(({ start, end }) => text.slice(start, end));
    const fresh = takeName(taken, contentUid(content));
    return { uid: fresh, bytes: rewritten(it, (one) => textWithUid(text, one, fresh)) };
  };
  if (uid !== undefined && keeper !== href) {
    if (it.overrideOnly) {
      const reason = `only overrides what ${
        keeper ?? "another item"
      } holds: put both into one file`;
      return { state: "beyond repair", href, reason };
    }
    const about = { href, flaw: "double UID", ...shown, ...(keeper && { keeper }) } as const;
    return flawed(about, renamed(), kind);
  }
  if (uid === undefined) return flawed({ href, flaw: "no UID" }, renamed(), kind);
  if (components.some((one) => one.uid === undefined)) {
    const from = components.find((one) => one.uid !== undefined)?.uidLines[0];
    const line = from === undefined ? `UID:${uid}\r\n` : wholeLines(text, from);
    const bytes = rewritten(
      it,
      (one) => one.uid === undefined ? textWithUidLine(text, one, line) : undefined,
    );
    return flawed({ href, flaw: "no UID", ...shown }, { uid: decodeBytes(uid), bytes }, kind);
  }
  if (isSafe(uid)) {
    const read = READ[kind](bytesOf(text));
    return read.state === "read" ? { state: "fine", href } : unreadable(href, read.error);
  }
  const about = { href, flaw: "unsafe UID", ...shown } as const;
  return unsafe ? flawed(about, renamed(), kind) : { state: "flawed", ...about };
}

/** The whole text with other texts in the place of some components. */
function rewritten(
  { text, components }: Extract<Looked, { readonly ok: true }>,
  instead: (component: RawComponent) => string | undefined,
): Uint8Array {
  let result = "";
  let at = 0;
  for (const component of components) {
    const { start, end } = component;
    result += text.slice(at, start) + (instead(component) ?? text.slice(start, end));
    at = end;
  }
  return bytesOf(result + text.slice(at));
}

interface Flawed {
  readonly href: Href;
  readonly flaw: Flaw;
  readonly uid?: string;
  readonly keeper?: Href;
}

/** What is to be done about a flaw, unless nobody could read the item even then. */
function flawed(
  about: Flawed,
  { uid, bytes }: { readonly uid: string; readonly bytes: Uint8Array },
  kind: RepairOptions["kind"],
): Finding {
  const read = READ[kind](bytes);
  return read.state === "read"
    ? { state: "flawed", ...about, mended: { uid, bytes, digest: read.digest } }
    : unreadable(about.href, read.error);
}

const READ = { calendar: readCalendarItem, contacts: readContact };

function unreadable(href: Href, { message }: Error): Finding {
  return { state: "beyond repair", href, reason: message.replace(/^the item /, "") };
}

/** The longest UID that no server was seen to have trouble with, in bytes. */
const MOST_BYTES = 200;

/**
 * The characters of the UIDs that programs make: of UUIDs, also as URNs, and of addresses. Servers
 * that make names of UIDs were seen to encode others twice, or not at all.
 */
function isSafe(uid: string): boolean {
  return uid.length <= MOST_BYTES && /^[A-Za-z0-9_.+@:-]+$/.test(uid);
}
