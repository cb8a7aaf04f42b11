/** Carries out actions on a mailbox: all that are at hand at once, under one lock. */

import { join } from "node:path";
import { fileError } from "../../lib/files/file_error.ts";
import { asSyncError, SyncError } from "../../lib/model/error.ts";
import { hrefOfUid } from "../../lib/model/mail.ts";
import type { Action, Result } from "../../lib/model/storage.ts";
import type { Box } from "./box.ts";
import type { World } from "./contents.ts";
import { type Change, decide } from "./decide.ts";
import { type DiskFile, versionOf } from "./disk.ts";
import { dropIndexes } from "./dovecot_index.ts";
import { hiddenName } from "./hidden_name.ts";
import { appended, lookInto } from "./layout.ts";
import { lay, type Opened, type Place, withBox } from "./locked.ts";
import { patchesFor } from "./patches.ts";
import { reread } from "./reread.ts";
import { stage, type Staged } from "./stage.ts";
import { append, patch } from "./write.ts";

const NEVER = new AbortController().signal;

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

function withEtag(
  { uid, ...result }: Result & { readonly uid?: number },
  box: Box,
): Result {
  if (result.outcome !== "done" || uid === undefined) return result;
  const etag = box.entries.of(hrefOfUid(uid))?.etag;
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
    await append(target, patched, appended(box, added, lookInto(target.file)), signal);
  }
  return await reread(world, opened, reflagged, signal);
}

const restat = (box: Box, file: DiskFile): Box => {
  const stat = file.stat();
  return { ...box, stat, version: versionOf(stat) };
};

function another(path: string): SyncError {
  return new SyncError(`${path} has another UIDVALIDITY than it had`, {
    scope: "collection",
    kind: "changed",
    retry: true,
  });
}
