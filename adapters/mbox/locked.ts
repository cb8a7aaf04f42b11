/** A mailbox that is locked: what it holds, and how it is made to hold something else. */

import type { Box } from "./box.ts";
import { confirm, readBox, settled, withFile, type World } from "./contents.ts";
import { type DiskFile, versionOf } from "./disk.ts";
import type { Entry } from "./entries.ts";
import { type Layout, segmentsOf, type Wanted } from "./layout.ts";
import { withLock } from "./lock.ts";
import { isLeftHalf, recover, type Redo } from "./overwrite.ts";
import { rewrite, type Target } from "./write.ts";

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
  const now = disk.now();
  world.cache.delete(path);
  await rewrite(target, box, (look) => segmentsOf(box, layout, look, now), signal);
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
      mails: unchangedIn(box),
    }, signal);
  });
  const known = world.cache.get(place.path);
  return known?.version === now.version ? known : now;
}

const hasBase = (box: Box): boolean =>
  (box.pseudo ?? box.entries.at(0)?.mail)?.said.base !== undefined;

export const unchanged = (entry: Entry): Wanted => ({
  uid: entry.uid,
  flags: entry.flags,
  source: entry,
});

/** All mails as they are, one after another whenever it is gone through. */
export const unchangedIn = ({ entries }: Box): Iterable<Wanted> => ({
  *[Symbol.iterator]() {
    for (const entry of entries) yield unchanged(entry);
  },
});
