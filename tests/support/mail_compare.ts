/** Whether clients can notice a difference between two mail accounts, told in words. */

import assert from "node:assert/strict";
import type { Seen, SeenByPop3, SeenMail, SeenMailbox } from "./mail_reader.ts";

/** What a storage cannot keep, and is not compared. */
export interface MailComparison {
  /** UIDs, UIDVALIDITY, UIDNEXT and what POP3 makes of them. Default: true. */
  readonly uids?: boolean;
  /** UIDVALIDITY and UIDNEXT of mailboxes that hold no mail. Default: the same as `uids`. */
  readonly emptyNumbers?: boolean;
  /** UIDNEXT may be higher in the second than in the first: it never becomes lower. */
  readonly uidNextMayGrow?: boolean;
  /** The order of the mails; it is that of the UIDs. Default: the same as `uids`. */
  readonly order?: boolean;
  /** GUIDs of mails. Default: true. */
  readonly guids?: boolean;
  /** GUIDs of mailboxes. Default: the same as `guids`. */
  readonly mailboxGuids?: boolean;
  /** Whether a mail ends in a line end. Default: true. */
  readonly lastLineEnd?: boolean;
  /** Folders that hold no mail, only others. Default: true. */
  readonly folders?: boolean;
  /** Subscriptions to mailboxes that are not there. Default: true. */
  readonly absentSubscriptions?: boolean;
  /** Mailboxes that are not compared. */
  readonly except?: readonly string[];
}

/** The differences, each in a line, `a` and `b` being what the accounts are called. */
export function differences(
  one: Seen,
  other: Seen,
  comparison: MailComparison = {},
  [a, b]: readonly [string, string] = ["a", "b"],
): readonly string[] {
  const lines: string[] = [];
  const isCompared = (name: string) =>
    !(comparison.except ?? []).includes(name) &&
    ((comparison.folders ?? true) ||
      (one.mailboxes[name] ?? other.mailboxes[name])?.selectable !== false);
  const names = [...new Set([...Object.keys(one.mailboxes), ...Object.keys(other.mailboxes)])]
    .filter(isCompared).sort();
  for (const name of names) {
    const [left, right] = [one.mailboxes[name], other.mailboxes[name]];
    if (left === undefined) lines.push(`${name} is only in ${b}`);
    else if (right === undefined) lines.push(`${name} is only in ${a}`);
    else {
      const told = ofMailboxes(left, right, comparison, [a, b]);
      lines.push(...told.map((line) => `${name}: ${line}`));
    }
  }
  const subscribed = ({ subscribed, mailboxes }: Seen) =>
    comparison.absentSubscriptions === false
      ? subscribed.filter((name) => mailboxes[name]?.selectable === true)
      : subscribed;
  lines.push(...ofSets("subscribed", subscribed(one), subscribed(other), [a, b]));
  lines.push(...ofPop3(one.pop3, other.pop3, comparison, [a, b]).map((line) => `POP3: ${line}`));
  return lines;
}

/** Fails, and tells the first differences, unless clients see the same in both. */
export function assertAlike(
  one: Seen,
  other: Seen,
  comparison: MailComparison = {},
  names: readonly [string, string] = ["a", "b"],
): void {
  const lines = differences(one, other, comparison, names);
  const more = lines.length > 20 ? [`… and ${lines.length - 20} more`] : [];
  assert.equal([...lines.slice(0, 20), ...more].join("\n"), "");
}

type Names = readonly [string, string];

function ofMailboxes(
  one: SeenMailbox,
  other: SeenMailbox,
  comparison: MailComparison,
  names: Names,
): readonly string[] {
  const { uids = true, guids = true, uidNextMayGrow = false } = comparison;
  const { mailboxGuids = guids, order = uids, emptyNumbers = uids } = comparison;
  const isEmpty = one.mails?.length === 0 && other.mails?.length === 0;
  const numbers = isEmpty ? emptyNumbers : uids;
  const lines = [
    ...ofValues("selectable", one.selectable, other.selectable, names),
    ...ofSets("special use", one.specialUse, other.specialUse, names),
    ...numbers ? ofValues("UIDVALIDITY", one.uidValidity, other.uidValidity, names) : [],
    ...numbers && !(uidNextMayGrow && (one.uidNext ?? 0) < (other.uidNext ?? 0))
      ? ofValues("UIDNEXT", one.uidNext, other.uidNext, names)
      : [],
    ...mailboxGuids ? ofValues("GUID", one.guid, other.guid, names) : [],
  ];
  const [left, right] = [one.mails ?? [], other.mails ?? []];
  if (!order) {
    const [ours, theirs] = [left, right].map((mails) =>
      mails.map((mail) => inWords(mail, comparison))
    );
    return [...lines, ...ofSets("mails", ours ?? [], theirs ?? [], names)];
  }
  lines.push(...ofValues("number of mails", left.length, right.length, names));
  if (left.length !== right.length) {
    const [ours, theirs] = [left, right].map((mails) => mails.map(inShort));
    return [...lines, ...ofSets("mails", ours ?? [], theirs ?? [], names)];
  }
  for (const [at, mail] of left.entries()) {
    const theirs = right[at];
    if (theirs === undefined) continue;
    const told = ofMails(mail, theirs, comparison, names);
    lines.push(...told.map((line) => `mail ${at + 1}, ${inShort(mail)}: ${line}`));
  }
  return lines;
}

function ofMails(
  one: SeenMail,
  other: SeenMail,
  { uids = true, guids = true, lastLineEnd = true }: MailComparison,
  names: Names,
): readonly string[] {
  const body = (mail: SeenMail) => lastLineEnd ? mail.sha256 : mail.sha256Ended;
  return [
    ...uids ? ofValues("UID", one.uid, other.uid, names) : [],
    ...ofValues("flags", one.flags.join(" "), other.flags.join(" "), names),
    ...ofValues("INTERNALDATE", secondsOf(one), secondsOf(other), names),
    ...lastLineEnd ? ofValues("RFC822.SIZE", one.size, other.size, names) : [],
    ...ofValues("body", body(one), body(other), names),
    ...guids ? ofValues("GUID", one.guid, other.guid, names) : [],
  ];
}

/** In seconds: the zone that a server tells it in is its own. */
const secondsOf = ({ received }: SeenMail): number =>
  Date.parse(received.replace(/^(\d+)-(\w+)-(\d+)/, "$1 $2 $3")) / 1000;

const inShort = (mail: SeenMail): string => `UID ${mail.uid} (${mail.about.slice(0, 40)})`;

/** What is compared of a mail that stands anywhere. */
function inWords(mail: SeenMail, { guids = true, lastLineEnd = true }: MailComparison): string {
  return [
    mail.about.slice(0, 40),
    mail.flags.join(" "),
    secondsOf(mail),
    ...lastLineEnd ? [mail.size, mail.sha256] : [mail.sha256Ended],
    ...guids ? [mail.guid] : [],
  ].join(" | ");
}

function ofPop3(
  one: readonly SeenByPop3[],
  other: readonly SeenByPop3[],
  { uids = true, order = uids, lastLineEnd = true }: MailComparison,
  names: Names,
): readonly string[] {
  const told = (mails: readonly SeenByPop3[]) =>
    mails.map(({ uidl, size, sha256 }, at) =>
      [
        ...order ? [`mail ${at + 1}`] : [],
        ...uids ? [uidl] : [],
        ...lastLineEnd ? [size] : [],
        sha256,
      ].join(" ")
    );
  return ofSets("mails", told(one), told(other), names);
}

function ofValues<T>(what: string, one: T, other: T, [a, b]: Names): readonly string[] {
  return one === other ? [] : [`${what} is ${one} in ${a}, ${other} in ${b}`];
}

/** Each as often as it stands there. */
function ofSets(
  what: string,
  one: readonly string[],
  other: readonly string[],
  [a, b]: Names,
): readonly string[] {
  const counts = new Map<string, number>();
  for (const it of one) counts.set(it, (counts.get(it) ?? 0) + 1);
  for (const it of other) counts.set(it, (counts.get(it) ?? 0) - 1);
  return [...counts].flatMap(([it, count]) => {
    if (count === 0) return [];
    const often = Math.abs(count) === 1 ? "" : ` (${Math.abs(count)} times)`;
    return [`${what}: only in ${count > 0 ? a : b}: ${it}${often}`];
  });
}
