/** What is to be known of a storage's server: its certificate, its clock, what it allows. */

import { SyncError } from "../../model/error.ts";
import type { Collection } from "../../model/storage.ts";
import { certificateEnd } from "../../net/probe/certificate.ts";
import { type CollectionFacts, foldersOf, probeCollections } from "../../net/probe/collections.ts";
import { probeServer, type ServerFacts } from "../../net/probe/server.ts";
import { isLoopback } from "../../net/http/trust.ts";
import type { HttpLogEntry } from "../../net/http/request.ts";
import { connect, type OnServer } from "./connection.ts";
import type { Looked } from "./files.ts";
import type { Finder, Finding } from "./finding.ts";

export interface ServerInput {
  readonly written: boolean;
  readonly verbose: boolean;
  readonly log?: (entry: HttpLogEntry) => void;
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly finder: Finder;
}

/** What is known of a server. */
interface Facts {
  readonly server: ServerFacts | undefined;
  readonly collections: ReadonlyMap<string, CollectionFacts> | undefined;
  readonly certificate: Date | undefined;
}

/**
 * Asks the server of a storage that has just been used. What it does not tell is left out: that it
 * can be used is known already.
 */
export async function checkServer(
  config: OnServer,
  collections: readonly Collection[],
  input: ServerInput,
): Promise<Looked> {
  const { finder, verbose, now } = input;
  const facts = await factsOf(config, collections, input);
  const { server, certificate } = facts;
  const day = certificate?.toISOString().slice(0, 10);
  const remarks = day === undefined ? [] : [`certificate until ${day}`];
  const findings = [
    ...overheard(config, finder),
    ...certificateFindings(certificate, now(), finder),
    ...clockFindings(server?.clock, finder),
    ...privilegeFindings(config, collections, facts, input),
    ...verbose ? capabilities(config, collections, facts, finder) : [],
  ];
  return { remarks, findings };
}

async function factsOf(
  config: OnServer,
  collections: readonly Collection[],
  { now, signal, log }: ServerInput,
): Promise<Facts> {
  const url = new URL(config.url);
  const isFeed = config.type === "webcal";
  // What a server announces may be another thing at its root (Cyrus) than where its collections are.
  const [place = url] = isFeed ? [] : foldersOf(collections);
  const http = await connect(config, log);
  try {
    const [server, known, certificate] = await Promise.all([
      ifAnswered(
        probeServer(http, { url: place, method: isFeed ? "HEAD" : "OPTIONS", now, signal }),
      ),
      isFeed ? undefined : ifAnswered(probeCollections(http, collections, signal)),
      // Behind a socket there is a program of this machine, which needs none.
      url.protocol === "https:" && config.socket === undefined
        ? certificateEnd(url, signal)
        : undefined,
    ]);
    return { server, collections: known, certificate };
  } finally {
    http.close();
  }
}

/** Some servers have no OPTIONS, and some have rights only for what they are asked for. */
async function ifAnswered<Value>(value: Promise<Value>): Promise<Value | undefined> {
  try {
    return await value;
  } catch (thrown) {
    if (thrown instanceof SyncError && !NOT_ABOUT_THEM.has(thrown.kind)) return undefined;
    throw thrown;
  }
}

const NOT_ABOUT_THEM: ReadonlySet<string> = new Set(["cancelled", "internal"]);

function overheard({ url, socket, auth }: OnServer, finder: Finder): readonly Finding[] {
  const place = new URL(url);
  if (place.protocol !== "http:" || socket !== undefined || isLoopback(place)) return [];
  const what = auth === undefined ? "everything" : "everything, the password too,";
  return [
    finder.warning(
      `${what} goes to ${place.host} without TLS, for anyone on the way to read`,
      "Write https:// in the url if the server has that, and leave out insecure.",
    ),
  ];
}

const DAY = 24 * 60 * 60 * 1_000;
/** Of a certificate that is renewed by a program, less than this should never be left, in days. */
const LEAST_DAYS = 14;

function certificateFindings(end: Date | undefined, now: number, finder: Finder) {
  if (end === undefined) return [];
  const days = Math.floor((end.getTime() - now) / DAY);
  if (days >= LEAST_DAYS) return [];
  const left = days < 0
    ? "has run out"
    : days === 0
    ? "runs out within a day"
    : `${days} days left`;
  const message = `the server's certificate ${days > 0 ? "has only " : ""}${left}`;
  return [finder.warning(message, "Tell whoever runs the server: once it is over, nothing works.")];
}

/** More than this is no delay on the way, in milliseconds. */
const MOST_APART = 60_000;

function clockFindings(clock: number | undefined, finder: Finder): readonly Finding[] {
  if (clock === undefined || Math.abs(clock) <= MOST_APART) return [];
  const where = clock > 0 ? "ahead of" : "behind";
  return [
    finder.warning(
      `the server's clock is ${lengthOf(Math.abs(clock))} ${where} this machine's: ` +
        '"newest" picks the wrong side of a conflict, and certificates and tokens seem to run ' +
        "out too early or too late",
      "Is the clock of this machine right? date -u tells; else tell whoever runs the server.",
    ),
  ];
}

/** A time in its largest unit, so that it can be imagined. */
function lengthOf(milliseconds: number): string {
  const units = [[DAY, "day"], [3_600_000, "hour"], [60_000, "minute"]] as const;
  for (const [unit, name] of units) {
    const count = Math.floor(milliseconds / unit);
    if (count > 0) return `${count} ${name}${count === 1 ? "" : "s"}`;
  }
  return `${Math.round(milliseconds / 1_000)} seconds`;
}

function privilegeFindings(
  { name }: OnServer,
  collections: readonly Collection[],
  { collections: known }: Facts,
  { written, finder }: ServerInput,
): readonly Finding[] {
  if (!written) return [];
  const closed = collections.filter(({ identity }) => known?.get(identity)?.writable === false);
  return closed.map(({ id }) =>
    finder.warning(
      `the server says that "${id}" may be read and not written to`,
      "Changes to it on the other side cannot be carried over. Keep it in step by a pair of its " +
        `own, as a storage like ${name} with read_only, or leave it out of the pair.`,
    )
  );
}

/** For whoever looks for a fault: what it says that it can do. None of it is needed. */
function capabilities(
  { type }: OnServer,
  collections: readonly Collection[],
  { server, collections: known }: Facts,
  finder: Finder,
): readonly Finding[] {
  const found: Finding[] = [];
  if (server !== undefined && server.classes.length > 0) {
    found.push(finder.ok(`the server says that it speaks ${server.classes.join(", ")}`));
  }
  const wanted = CLASSES[type];
  if (server !== undefined && wanted !== undefined && !server.classes.includes(wanted)) {
    const note = `the server does not announce ${wanted} there, which some leave out`;
    found.push(finder.ok(note));
  }
  if (known !== undefined && known.size > 0) {
    const syncing = collections.filter(({ identity }) => known.get(identity)?.syncs === true);
    const count = `${syncing.length} of ${collections.length}`;
    found.push(finder.ok(`it can list what changed since a run before in ${count} collections`));
  }
  return found;
}

const CLASSES: Readonly<Record<OnServer["type"], string | undefined>> = {
  caldav: "calendar-access",
  carddav: "addressbook",
  webcal: undefined,
};
