/** The bytes of a mail: a range of its mailbox's file, without the lines that are the mailbox's. */

import { asSyncError, SyncError } from "../../lib/model/error.ts";
import type { Body } from "../../lib/model/item.ts";
import { type Href } from "../../lib/model/names.ts";
import type { Box } from "./box.ts";
import { glance, withFile, type World } from "./contents.ts";
import { type DiskFile, versionOf } from "./disk.ts";
import type { Entry } from "./entries.ts";
import type { Mail, Range } from "./mail.ts";
import { scan } from "./scan.ts";

const PIECE = 256 * 1024;
/** How often a piece is read anew because the file was written meanwhile. */
const TRIES = 8;
const NEVER = new AbortController().signal;

/**
 * The body of a mail. It is looked up anew as often as the file has changed since, by its UID, and
 * must still be the same mail then: each piece that is given away stood in a file that nobody wrote to.
 */
export function bodyAt(world: World, path: string, href: Href, box: Box, entry: Entry): Body {
  const { size } = entry.mail;
  const source = { world, path, href, uidValidity: box.uidValidity, entry };
  return {
    size,
    bytes: async () => {
      const bytes = new Uint8Array(size);
      for (let at = 0; at < size; at += PIECE) {
        bytes.set(await piece(source, at, Math.min(PIECE, size - at)), at);
      }
      if (size === 0) await piece(source, 0, 0);
      return bytes;
    },
    stream: () => {
      let at = 0;
      return new ReadableStream({
        pull: async (controller) => {
          try {
            const bytes = await piece(source, at, Math.min(PIECE, size - at));
            at += bytes.byteLength;
            if (bytes.byteLength > 0) controller.enqueue(bytes);
            if (at === size) controller.close();
          } catch (thrown) {
            controller.error(asSyncError(thrown, "item"));
          }
        },
      });
    },
  };
}

interface Source {
  readonly world: World;
  readonly path: string;
  readonly href: Href;
  readonly uidValidity: number;
  readonly entry: Entry;
}

async function piece(source: Source, at: number, length: number): Promise<Uint8Array> {
  const { world, path } = source;
  for (let tried = 1; tried <= TRIES; tried++) {
    const box = await glance(world, path, NEVER);
    const { mail } = found(source, box);
    const bytes = await withFile(world, path, "read", async (file) => {
      if (versionOf(file.stat()) !== box.version) return undefined;
      if (!box.settled && !await isWhere(mail, file, path)) {
        world.cache.delete(path);
        return undefined;
      }
      const bytes = new Uint8Array(length);
      let done = 0;
      let skip = at;
      for (const [from, to] of visible(mail)) {
        const start = from + Math.min(skip, to - from);
        skip -= start - from;
        const wanted = Math.min(to - start, length - done);
        if (wanted > 0) done += file.read(bytes.subarray(done, done + wanted), start);
      }
      const same = versionOf(file.stat()) === box.version;
      return same && done === length ? bytes : undefined;
    });
    if (bytes !== undefined) return bytes;
  }
  throw new SyncError(`${path} is written to all the time`, {
    scope: "item",
    kind: "changed",
    retry: true,
  });
}

function found({ path, href, uidValidity, entry }: Source, box: Box): Entry {
  const now = box.entries.of(href);
  const same = now?.mail.digest === entry.mail.digest && now.mail.size === entry.mail.size;
  if (now !== undefined && same && box.uidValidity === uidValidity) return now;
  throw new SyncError(`the mail ${href} is no longer in ${path}`, {
    scope: "item",
    kind: "missing",
  });
}

/** Whether the mail still stands there, and what is hidden in it. */
async function isWhere(mail: Mail, file: DiskFile, path: string): Promise<boolean> {
  if (file.stat().size < mail.next) return false;
  try {
    const read = (into: Uint8Array, at: number) => file.read(into, at);
    const [again] = await scan(read, mail.next, path, NEVER, mail.from);
    return again?.digest === mail.digest && again.size === mail.size &&
      again.hidden.flat().join() === mail.hidden.flat().join();
  } catch (thrown) {
    if (thrown instanceof SyncError && thrown.kind === "malformed") return false;
    throw thrown;
  }
}

/** What of the file is the mail. */
function visible(mail: Mail): readonly Range[] {
  const ranges: Range[] = [];
  let at = mail.header;
  for (const [from, to] of mail.hidden) {
    if (from > at) ranges.push([at, from]);
    at = Math.max(at, to);
  }
  if (mail.end > at) ranges.push([at, mail.end]);
  return ranges;
}
