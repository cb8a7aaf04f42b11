/** Carries out actions on a mailbox: all that are at hand at once, under one lock. */

import { join } from "node:path";
import { fileError } from "../../lib/files/file_error.ts";
import { flagsOf } from "../../lib/item/mail/flags.ts";
import { asSyncError, SyncError } from "../../lib/model/error.ts";
import type { Flags } from "../../lib/model/item.ts";
import { hrefOfUid, MOST, uidOf } from "../../lib/model/mail.ts";
import type { Action, Result } from "../../lib/model/storage.ts";
import { blockOfSize, pseudoBlockOfSize, tenDigits } from "./block.ts";
import type { Box, Entry } from "./box.ts";
import { confirm, readBox, remember, settled, withFile, type World } from "./contents.ts";
import { type DiskFile, versionOf } from "./disk.ts";
import { dropIndexes } from "./dovecot_index.ts";
import { hiddenName } from "./hidden_name.ts";
import { appended, keywordsOf, type Layout, type Look, segmentsOf, type Wanted } from "./layout.ts";
import { withLock } from "./lock.ts";
import { isLeftHalf, recover, type Redo } from "./overwrite.ts";
import type { Mail } from "./mail.ts";
import { scan } from "./scan.ts";
import { stage, type Staged } from "./stage.ts";
import { append, patch, rewrite, type Target } from "./write.ts";

const NEVER = new AbortController().signal;

/** A mailbox that is to be changed. */
export interface Place {
  readonly path: string;
  /** Where files may be made for it: new mails wait there. */
  readonly folder: string;
  readonly redo: Redo;
  /** Where Dovecot keeps its indexes of this mailbox. */
  readonly index: string;
}

/** A mailbox that is locked, open and read. */
export interface Opened {
  readonly target: Target;
  readonly box: Box;
}

/**
 * Runs with the mailbox locked for writing, as it is now; first finishes what a run that was stopped
 * has left.
 */
export async function withBox<T>(
  world: World,
  place: Place,
  staged: DiskFile | undefined,
  signal: AbortSignal,
  use: (opened: Opened) => Promise<T>,
): Promise<T> {
  const { disk, locks } = world;
  const { path, redo } = place;
  return await withLock(
    disk,
    path,
    "exclusive",
    locks,
    signal,
    (held) =>
      withFile(world, path, "write", async (file) => {
        const target: Target = { disk, path, file, held, redo, staged };
        if (isLeftHalf(disk, redo, path)) {
          world.cache.delete(path);
          await recover(target);
        }
        const box = await readBox(world, path, file, signal);
        const result = await use({ target, box });
        const after = disk.stat(path);
        // While it is locked, so that whatever others write now has another time.
        if (after !== undefined && versionOf(after) !== box.version) {
          confirm(world, path, await settled(world, path));
        }
        return result;
      }),
  );
}

/** Makes the file what the layout says, and reads it again. */
export async function lay(
  world: World,
  { target, box }: Opened,
  layout: Layout,
  signal: AbortSignal,
): Promise<Box> {
  const { path, disk } = target;
  const segments = segmentsOf(box, layout, lookInto(target.file), disk.now());
  world.cache.delete(path);
  await rewrite(target, box, segments, signal);
  return await withFile(world, path, "read", (file) => readBox(world, path, file, signal));
}

/** Gives every mail its UID in the file, so that it keeps it. */
export async function assign(
  world: World,
  place: Place,
  uidValidity: number,
  signal: AbortSignal,
): Promise<Box> {
  const now = await withBox(world, place, undefined, signal, async (opened) => {
    const { box } = opened;
    if (box.written) return box;
    return await lay(world, opened, {
      // One that is there is kept; one that was only made up for the listing gives way.
      uidValidity: hasBase(box) ? box.uidValidity : uidValidity,
      uidNext: box.uidNext,
      mails: box.entries.map(unchanged),
    }, signal);
  });
  const known = world.cache.get(place.path);
  return known?.version === now.version ? known : now;
}

const hasBase = (box: Box): boolean =>
  (box.pseudo ?? box.entries[0]?.mail)?.said.base !== undefined;

export const unchanged = (entry: Entry): Wanted => ({
  uid: entry.uid,
  flags: entry.flags,
  source: entry,
});

/**
 * Carries out the actions, no two of which are about one item, and gives a result for each. Throws
 * {@linkcode SyncError} where the mailbox cannot be read or written: nothing was done then, or, where
 * `retry` is set, it may have been.
 */
export async function applyAll(
  world: World,
  place: Place,
  uidValidity: number | undefined,
  actions: readonly Action[],
  signal: AbortSignal,
): Promise<readonly Result[]> {
  const waiting = await stageAll(world, place, actions);
  try {
    return await withBox(world, place, waiting.file, signal, async (opened) => {
      if (uidValidity !== undefined && opened.box.uidValidity !== uidValidity) {
        throw another(place.path);
      }
      const change = decide(opened.box, actions, waiting.mails);
      // What has begun is brought to its end.
      const box = await write(world, place, opened, change, NEVER);
      return [...waiting.failed, ...change.results.map((result) => withEtag(result, box))];
    });
  } finally {
    waiting.file?.close();
  }
}

interface Waiting {
  readonly file: DiskFile | undefined;
  readonly mails: ReadonlyMap<number, Staged>;
  readonly failed: readonly Result[];
}

async function stageAll(world: World, place: Place, actions: readonly Action[]): Promise<Waiting> {
  const mails = new Map<number, Staged>();
  const failed: Result[] = [];
  let file: DiskFile | undefined;
  let at = 0;
  for (const action of actions) {
    if (action.kind !== "create") continue;
    try {
      file ??= nameless(world, place);
      const staged = await stage(action.content.body, file, at);
      mails.set(action.id, staged);
      at = staged.to;
    } catch (thrown) {
      const error = thrown instanceof SyncError
        ? asSyncError(thrown, "item")
        : fileError(thrown, "item", place.folder);
      failed.push({ id: action.id, outcome: "failed", error });
    }
  }
  return { file, mails, failed };
}

/** A file that goes with its descriptor, whatever happens. */
function nameless({ disk }: World, { folder }: Place): DiskFile {
  const path = join(folder, hiddenName());
  const file = disk.create(path, 0o600);
  disk.remove(path);
  return file;
}

/** What is to be done, and the results that it will have. */
interface Change {
  readonly results: readonly (Result & { readonly uid?: number })[];
  readonly layout: Layout;
  readonly added: readonly Wanted[];
  readonly reflagged: readonly Wanted[];
  readonly removed: number;
  /** Some were put where UIDs had been given already: Dovecot's index would not take them. */
  readonly putBack: boolean;
}

function decide(
  box: Box,
  actions: readonly Action[],
  staged: ReadonlyMap<number, Staged>,
): Change {
  const mails = new Map(box.entries.map((entry) => [hrefOfUid(entry.uid), unchanged(entry)]));
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
    const entry = box.byHref.get(href);
    if (action.kind === "create") {
      const mail = staged.get(id);
      if (mail === undefined) continue;
      const asked = uidOf(href);
      const uid = Number.isInteger(asked) && asked > 0 && asked < MOST ? asked : uidNext;
      const where = hrefOfUid(uid);
      if (mails.has(where)) {
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
      mails.set(where, wanted);
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
      mails.delete(href);
      removed++;
      results.push({ id, outcome: "done" });
    } else {
      const wanted: Wanted = { ...unchanged(entry), flags: spelt(action.flags) };
      mails.set(href, wanted);
      reflagged.push(wanted);
      results.push({ id, outcome: "done", uid: entry.uid });
    }
  }
  const sorted = [...mails.values()].sort((one, other) => one.uid - other.uid);
  const layout = { uidValidity: box.uidValidity, uidNext, mails: sorted };
  return { results, layout, added, reflagged, removed, putBack };
}

function withEtag(
  { uid, ...result }: Result & { readonly uid?: number },
  box: Box,
): Result {
  if (result.outcome !== "done" || uid === undefined) return result;
  const etag = box.byHref.get(hrefOfUid(uid))?.etag;
  return etag === undefined ? result : { ...result, etag };
}

/** Writes the change the cheapest way that there is for it. */
async function write(
  world: World,
  place: Place,
  opened: Opened,
  change: Change,
  signal: AbortSignal,
): Promise<Box> {
  const { target, box } = opened;
  const { added, reflagged, removed, putBack, layout } = change;
  if (added.length === 0 && reflagged.length === 0 && removed === 0) return box;
  if (putBack) dropIndexes(world.disk, place.index);
  const small = removed === 0 && !putBack ? patchesFor(box, change) : undefined;
  if (small === undefined) return await lay(world, opened, layout, signal);
  world.cache.delete(target.path);
  if (small.length > 0) patch(target, box, small);
  const patched = small.length === 0 ? box : restat(box, target.file);
  if (added.length > 0) {
    const sorted = added.toSorted((one, other) => one.uid - other.uid);
    await append(target, patched, appended(box, sorted, lookInto(target.file)), signal);
  }
  return await reread(world, opened, reflagged, signal);
}

interface Patch {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/**
 * What is to be written over what stands there, in as many bytes; nothing where that will not do. The
 * last UID comes first: if nothing comes after it, all that happened is that some UIDs are never used.
 */
function patchesFor(box: Box, { added, reflagged, layout }: Change): readonly Patch[] | undefined {
  if (!box.written || layout.mails.length === 0) return undefined;
  const keywords = keywordsOf(box.keywords, [...added, ...reflagged].map(({ flags }) => flags));
  const patches: Patch[] = [];
  const { uidValidity, uidNext } = layout;
  const base = { uidValidity, uidLast: uidNext - 1, keywords };
  const rebase = keywords.length !== box.keywords.length;
  const holder = box.pseudo ?? box.entries[0]?.mail;
  if (rebase && box.pseudo !== undefined) {
    const room = roomOf(box.pseudo);
    const bytes = room === undefined ? undefined : pseudoBlockOfSize(base, room.size);
    if (room === undefined || bytes === undefined) return undefined;
    patches.push({ at: room.at, bytes });
  } else if (uidNext !== box.uidNext || holder?.said.base?.uidLast !== uidNext - 1) {
    if (box.uidLastAt === undefined) return undefined;
    patches.push({ at: box.uidLastAt, bytes: new TextEncoder().encode(tenDigits(uidNext - 1)) });
  }
  const blocks = new Map(reflagged.map((wanted) => [wanted.uid, wanted]));
  const [first] = box.entries;
  if (rebase && box.pseudo === undefined && first !== undefined && !blocks.has(first.uid)) {
    blocks.set(first.uid, unchanged(first));
  }
  for (const { uid, flags, source } of blocks.values()) {
    if ("staged" in source) continue;
    const { mail } = source;
    const room = roomOf(mail);
    const bytes = room === undefined ? undefined : blockOfSize({
      uid,
      flags,
      ...(mail.said.base === undefined ? {} : { base }),
      ...(mail.parted ? { contentLength: mail.end - mail.body } : {}),
    }, room.size);
    if (room === undefined || bytes === undefined) return undefined;
    patches.push({ at: room.at, bytes });
  }
  return patches;
}

/** The lines that are ours, if they stand together. */
function roomOf({ hidden }: Mail): { readonly at: number; readonly size: number } | undefined {
  const [first] = hidden;
  const last = hidden.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const together = hidden.every(([from], index) => index === 0 || hidden[index - 1]?.[1] === from);
  return together ? { at: first[0], size: last[1] - first[0] } : undefined;
}

const restat = (box: Box, file: DiskFile): Box => {
  const stat = file.stat();
  return { ...box, stat, version: versionOf(stat) };
};

/** Reads only what was changed or added: the rest stands where it stood. */
async function reread(
  world: World,
  { target, box }: Opened,
  reflagged: readonly Wanted[],
  signal: AbortSignal,
): Promise<Box> {
  const { file, path } = target;
  const stat = file.stat();
  const old = [
    ...(box.pseudo === undefined ? [] : [box.pseudo]),
    ...box.entries.map((it) => it.mail),
  ];
  const touched = new Set(
    reflagged.flatMap(({ source }) => "staged" in source ? [] : source.mail.from),
  );
  touched.add(0);
  const mails: Mail[] = [];
  const read = (into: Uint8Array, at: number) => file.read(into, at);
  for (const mail of old) {
    const again = touched.has(mail.from)
      ? await scan(read, mail.next, path, signal, mail.from)
      : [mail];
    mails.push(...again);
  }
  const last = mails.at(-1);
  if (stat.size > box.stat.size || last === undefined) {
    // The last mail is read again too, as its last line may have had no end.
    if (last !== undefined) mails.pop();
    mails.push(...await scan(read, stat.size, path, signal, last?.from ?? 0));
  }
  // It is locked until it is settled.
  return remember(world, path, mails, stat, Number.POSITIVE_INFINITY);
}

export const lookInto = (file: DiskFile): Look => (at, length) => {
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, file.read(bytes, at));
};

function another(path: string): SyncError {
  return new SyncError(`${path} has another UIDVALIDITY than it had`, {
    scope: "collection",
    kind: "changed",
    retry: true,
  });
}

function noUpdate(): SyncError {
  return new SyncError("the text of a mail never changes", { scope: "item", kind: "refused" });
}
