/**
 * Survey of a mailbox: what is in it that the base does not hold. A mailbox may hold a hundred
 * thousand mails, so nothing is kept of those that are as they were, and of those that are new no
 * more than a window at a time, where that is asked for.
 */

import { SyncError } from "../../model/error.ts";
import { hrefOfUid, uidOf } from "../../model/mail.ts";
import type { Etag, Href } from "../../model/names.ts";
import type { Known, Observation } from "../../model/status.ts";
import type { Listed, Listing } from "../../model/storage.ts";
import {
  etagIn,
  fetchInto,
  goneFrom,
  isSame,
  presentNow,
  type Seen,
  type SideSurvey,
  type SurveyInput,
  unreadable,
  wasSo,
} from "../survey.ts";
import { listedMail } from "./listed.ts";

export interface MailboxSurveyInput extends SurveyInput {
  /** How many new mails are looked into; the others are only counted. */
  readonly window: number;
}

/** @throws {SyncError} Where the mailbox could not be listed: a short listing never returns. */
export async function surveyMailbox(input: MailboxSurveyInput): Promise<SideSurvey> {
  const { storage, collection, side, status } = input;
  input.onEvent({ type: "listing", collection: collection.id, side });
  const before = new Map(
    (await status?.observations(side) ?? []).map((it) => [it.href, it] as const),
  );
  const found = newFindings(input, before, collection.mailbox?.uidNext ?? 1);
  const end = await readListing(input, found);
  const complete = end.mode === "complete";
  const known = new Map(found.known);
  if (complete) {
    // All that the base knows was listed, or something of it is gone.
    if (found.matched < (await status?.size() ?? 0)) {
      for (const [href, row] of await status?.known(side) ?? []) {
        if (found.listed.has(uidOf(href))) continue;
        known.set(href, row);
        found.seen.set(href, goneFrom(href, before.get(href)));
      }
    }
  } else {
    // It is silent about what did not change: the last word on that stands.
    const silent = [...before].filter(([href]) => !found.mentioned.has(href));
    const rows = await status?.known(side, silent.map(([href]) => href));
    for (const [href, row] of rows ?? []) known.set(href, row);
    for (const [href, last] of silent) {
      const isFit = rows?.has(href) === true || found.isFit(last);
      if (last.state === "unreadable" || !isFit) found.want(href, etagIn(last));
      else found.seen.set(href, last);
    }
    if (input.again !== undefined) await lookAgain(input, found, known);
  }
  const wanted = [...found.wanted.keys()];
  const etags = new Map(
    [...found.wanted].flatMap(([href, etag]) => etag === undefined ? [] : [[href, etag]]),
  );
  await fetchInto(
    found.seen,
    wanted,
    complete && wanted.length === found.listed.size,
    etags,
    input,
  );
  const uidNext = Math.max(found.uidNext(), collection.mailbox?.uidNext ?? 1);
  const later = found.later.length > 0 ? { uids: found.later, cursor: end.cursor } : undefined;
  return {
    cursor: later === undefined ? end.cursor : undefined,
    ...(storage.view === undefined ? {} : { view: storage.view }),
    present: complete ? found.listed.size : await presentNow(status, found.seen, known),
    passing:
      [...found.seen.values()].filter((it) =>
        it.state === "unreadable" && it.error.retry && !wasSo(before.get(it.href), it)
      ).length,
    seen: [...found.seen.values()].sort((one, other) => one.href < other.href ? -1 : 1),
    known,
    uidNext,
    ...(complete ? { isWhole: true } as const : {}),
    ...(end.keeps === undefined ? {} : { keeps: end.keeps }),
    ...(later === undefined ? {} : { later }),
  };
}

/** Those that are to be looked at though nothing of them changed: as the base knows them. */
async function lookAgain(
  { status, side, again }: MailboxSurveyInput,
  found: Findings,
  known: Map<Href, Known>,
): Promise<void> {
  for (const [href, row] of await status?.known(side) ?? []) {
    if (found.seen.has(href) || found.wanted.has(href) || again?.(row) !== true) continue;
    known.set(href, row);
    found.seen.set(href, { state: "present", ...row });
  }
}

type PresentMail = Extract<Listed, { readonly state: "present" }>;

/** What a listing comes to, as it is read. */
interface Findings {
  readonly seen: Map<Href, Seen>;
  /** What has to be fetched to be known, and as which version it was listed. */
  readonly wanted: Map<Href, Etag | undefined>;
  /** What the base holds of those that were looked into. */
  readonly known: Map<Href, Known>;
  /** The UIDs that are there: numbers, as there may be many. */
  readonly listed: Set<number>;
  /** Of the hrefs of the last run's observations. */
  readonly mentioned: Set<Href>;
  /** How many of those listed the base knows. */
  readonly matched: number;
  /** The UIDs of new mails that the window had no room for. */
  readonly later: readonly number[];
  readonly uidNext: () => number;
  readonly isFit: (last: Observation) => boolean;
  readonly want: (href: Href, etag: Etag | undefined) => void;
  readonly take: (entry: Listed, base: Known | undefined) => void;
}

function newFindings(
  input: MailboxSurveyInput,
  before: ReadonlyMap<Href, Observation>,
  uidNext: number,
): Findings {
  const seen = new Map<Href, Seen>();
  const wanted = new Map<Href, Etag | undefined>();
  const known = new Map<Href, Known>();
  const listed = new Set<number>();
  const mentioned = new Set<Href>();
  const later: number[] = [];
  const count = { matched: 0, fresh: 0, next: uidNext };
  const isFit = (last: Observation) =>
    last.state !== "present" || !input.needsExtent || last.extent !== undefined;

  const takeNew = (entry: PresentMail, last?: Observation) => {
    if (count.fresh >= input.window) {
      later.push(uidOf(entry.href));
      return;
    }
    count.fresh += 1;
    const mail = listedMail(entry, last?.state === "present" ? last : undefined);
    if (mail === undefined || !isTold(entry, input)) wanted.set(entry.href, entry.etag);
    else seen.set(entry.href, mail);
  };

  return {
    seen,
    wanted,
    known,
    listed,
    mentioned,
    get matched() {
      return count.matched;
    },
    later,
    uidNext: () => count.next,
    isFit,
    want: (href, etag) => void wanted.set(href, etag),
    take(entry, base) {
      const { href } = entry;
      const last = before.get(href);
      if (last !== undefined) mentioned.add(href);
      if (entry.state !== "gone") {
        const uid = uidOf(href);
        // What cannot be read may have none.
        if (Number.isSafeInteger(uid)) {
          listed.add(uid);
          count.next = Math.max(count.next, uid + 1);
        }
        if (base !== undefined) count.matched += 1;
      }
      if (entry.state === "unreadable") {
        if (base !== undefined) known.set(href, base);
        seen.set(href, unreadable(href, entry.error, undefined));
      } else if (entry.state === "gone") {
        if (base === undefined) return;
        known.set(href, base);
        seen.set(href, goneFrom(href, last));
      } else if (base !== undefined) {
        // What was seen of it and not dealt with, or has changed since.
        const isAsWas = base.etag === entry.etag && last === undefined;
        if (isAsWas && input.again?.(base) !== true) return;
        known.set(href, base);
        const mail = listedMail(entry, base);
        if (mail !== undefined) seen.set(href, mail);
      } else if (isSame(last, entry.etag) && isFit(last)) {
        // It was looked into before, and is still held for some reason: it takes no room.
        seen.set(href, last);
      } else takeNew(entry, last);
    },
  };
}

/**
 * The next of the new mails that a survey left for later, beside what was seen and not dealt with.
 * Nothing is listed for it.
 */
export async function surveyNext(
  input: MailboxSurveyInput,
  before: SideSurvey,
): Promise<SideSurvey> {
  const { status, side, window } = input;
  const uids = before.later?.uids ?? [];
  const rest = uids.slice(window);
  const seen = new Map<Href, Seen>();
  const observations = await status?.observations(side) ?? [];
  const known = await status?.known(side, observations.map(({ href }) => href)) ?? new Map();
  const hrefs = uids.slice(0, window).map(hrefOfUid);
  await fetchInto(seen, hrefs, false, new Map(), input);
  // One that went meanwhile was never ours to miss.
  for (const [href, it] of seen) {
    if (it.state === "unreadable" && it.error.kind === "missing") seen.delete(href);
  }
  for (const last of observations) if (last.state !== "unreadable") seen.set(last.href, last);
  const { later: _done, cursor: _none, ...as } = before;
  const cursor = rest.length > 0 ? undefined : before.later?.cursor ?? before.cursor;
  return {
    ...as,
    cursor,
    // Both hold what is agreed on by now.
    present: Math.max(before.present, await status?.size() ?? 0),
    passing: 0,
    seen: [...seen.values()].sort((one, other) => one.href < other.href ? -1 : 1),
    known,
    ...(rest.length > 0 ? { later: { uids: rest, cursor: before.later?.cursor } } : {}),
  };
}

/** Whether a listing told what filters ask for: otherwise the mail has to be looked at. */
const isTold = ({ mail }: PresentMail, { needsExtent }: MailboxSurveyInput): boolean =>
  needsExtent !== true || mail?.size !== undefined && mail.received !== undefined;

type End = Extract<Listing, { readonly type: "end" }>;

async function readListing(input: MailboxSurveyInput, found: Findings): Promise<End> {
  const { storage, collection, side, status, signal } = input;
  const cursor = await status?.cursor(side);
  for await (const part of storage.changes(collection, cursor, signal)) {
    if (part.type === "end") return part;
    const hrefs = part.entries.map(({ href }) => href);
    const base = await status?.known(side, hrefs);
    for (const entry of part.entries) found.take(entry, base?.get(entry.href));
  }
  throw new SyncError(`the listing of "${collection.id}" has no end`, {
    scope: "collection",
    kind: "malformed",
    hint: "It was cut short, so nothing was concluded from it. Run again.",
  });
}
