/** Values and statuses for the tests of `lib/status/`. */

import type { Version } from "../../../lib/model/item.ts";
import * as names from "../../../lib/model/names.ts";
import type { Ident, Side } from "../../../lib/model/names.ts";
import type { BaseItem } from "../../../lib/model/plan.ts";
import type {
  CollectionKey,
  CollectionStatus,
  Intent,
  KeptBodies,
  Known,
  Observation,
  Settlement,
  Status,
} from "../../../lib/model/status.ts";
import type { PairStatus, StatusOptions } from "../../../lib/status/mod.ts";
import { openStatus } from "../../../lib/status/mod.ts";
import { memoryStatus } from "../../support/memory_status.ts";

export const KEY: CollectionKey = {
  id: names.collectionId("work"),
  identities: { a: "/home/me/calendars/work", b: "https://dav.example.org/me/work/" },
};

export const identOf = (text: string): Ident => names.ident(text);

/** A version whose words are all made from one. */
export function version(word: string, over: Partial<Record<keyof Version, string>> = {}): Version {
  return {
    href: names.href(over.href ?? `${word}.ics`),
    etag: names.etag(over.etag ?? `"${word}-1"`),
    digest: names.digest(over.digest ?? `digest of ${word}`),
    flags: (over.flags ?? "").split(" ").filter((it) => it !== ""),
  };
}

/** An item that both sides hold under different names. */
export const item = (
  word: string,
  over: Partial<Record<keyof Version, string>> = {},
): BaseItem => ({
  ident: identOf(word),
  sides: { a: version(word, over), b: version(word, { href: `/b/${word}`, ...over }) },
});

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : new TextDecoder().decode(bytes);

export const set = (item: BaseItem, bodies: KeptBodies = {}): Settlement => ({
  outcome: "done",
  move: { kind: "set", item, bodies },
});
export const forget = (word: string): Settlement => ({
  outcome: "done",
  move: { kind: "forget", ident: identOf(word) },
});

export function intent(id: number, word: string, over: Partial<Intent> = {}): Intent {
  const { href, digest } = version(word);
  return { id, kind: "create", on: "b", ident: identOf(word), href, digest, ...over };
}

export const known = (ident: string, { href, etag, digest, flags }: Version): Known => ({
  href,
  etag,
  ident: identOf(ident),
  digest,
  flags,
});

/** What an attic holds of a version. */
export interface Kept {
  readonly ident: Ident;
  readonly side: Side;
  readonly href: string;
  readonly etag: string | undefined;
  readonly why: Intent["kind"];
  readonly text: string | undefined;
}

/** A status under test. */
export interface Subject {
  /** Changes with `reopen`. */
  status(): Status;
  /** Ends the run properly and begins another one. */
  reopen(): Promise<void>;
  /** What is in the attic, the oldest first. */
  attic(): Promise<readonly Kept[]>;
  end(): Promise<void>;
}

export function inMemory(): Promise<Subject> {
  let status = memoryStatus();
  return Promise.resolve({
    status: () => status,
    async reopen() {
      await status.close();
      status = memoryStatus(status.snapshot());
    },
    attic: () =>
      Promise.resolve(
        status.attic().map(({ intent, bytes }) => ({
          ident: intent.ident,
          side: intent.on,
          href: intent.href,
          etag: intent.etag,
          why: intent.kind,
          text: text(bytes),
        })),
      ),
    end: () => status.close(),
  });
}

export const options = (directory: string, over: Partial<StatusOptions> = {}): StatusOptions => ({
  directory,
  pair: names.pairName("calendars"),
  mode: "read-write",
  now: () => new Date(),
  version: "0.0.1",
  ...over,
});

export async function inDatabase(): Promise<Subject> {
  const directory = await Deno.makeTempDir();
  let status: PairStatus = await openStatus(options(directory));
  return {
    status: () => status,
    async reopen() {
      await status.close();
      status = await openStatus(options(directory));
    },
    async attic() {
      const entries = [...await status.history.attic()].reverse();
      return await Promise.all(entries.map(async ({ id, ident, side, href, etag, why }) => ({
        ident,
        side,
        href,
        etag,
        why,
        text: text(await status.history.atticBody(id)),
      })));
    },
    async end() {
      await status.close();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** Everything that a status says of a collection. */
export interface View {
  readonly size: number;
  readonly known: Readonly<Record<Side, readonly Known[]>>;
  readonly base: readonly BaseItem[];
  readonly bodies: readonly (readonly [string, string | undefined, string | undefined])[];
  readonly cursors: Readonly<Record<Side, string | undefined>>;
  readonly observations: Readonly<Record<Side, readonly Observation[]>>;
  readonly open: readonly Intent[];
  readonly next: number;
}

/** Reads everything, of the items named; in an order that is always the same. */
export async function view(status: CollectionStatus, words: readonly string[]): Promise<View> {
  const idents = words.map(identOf);
  const knownOf = async (side: Side) => {
    const found = await status.known(side);
    return [...found.values()].sort((one, other) => order(one.href, other.href));
  };
  const observed = async (side: Side) => {
    const found = await status.observations(side);
    return [...found].sort((one, other) => order(one.href, other.href));
  };
  const bodies = [];
  for (const ident of idents) {
    const a = text(await status.baseBody(ident, "a"));
    const b = text(await status.baseBody(ident, "b"));
    bodies.push([ident, a, b] as const);
  }
  const base = await status.base(idents);
  return {
    size: await status.size(),
    known: { a: await knownOf("a"), b: await knownOf("b") },
    base: [...base.values()].sort((one, other) => order(one.ident, other.ident)),
    bodies,
    cursors: { a: await status.cursor("a"), b: await status.cursor("b") },
    observations: { a: await observed("a"), b: await observed("b") },
    open: await status.openIntents(),
    next: await status.nextIntent(),
  };
}

const order = (one: string, other: string): number => one < other ? -1 : one > other ? 1 : 0;
