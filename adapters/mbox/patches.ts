/** Changes to a mailbox that need not move what stands in it. */

import { blockOfSize, pseudoBlockOfSize, tenDigits } from "./block.ts";
import type { Box } from "./box.ts";
import type { Change } from "./decide.ts";
import { keywordsOf } from "./layout.ts";
import { unchanged } from "./locked.ts";
import type { Mail } from "./mail.ts";

/** Bytes that are written over as many others. */
export interface Patch {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/**
 * What is to be written over what stands there, in as many bytes; nothing where that will not do. The
 * last UID comes first: if nothing comes after it, all that happened is that some UIDs are never used.
 */
export function patchesFor(
  box: Box,
  { added, reflagged, layout }: Change,
): readonly Patch[] | undefined {
  if (!box.written || box.entries.length + added.length === 0) return undefined;
  const keywords = keywordsOf(box.keywords, [...added, ...reflagged].map(({ flags }) => flags));
  const patches: Patch[] = [];
  const { uidValidity, uidNext } = layout;
  const base = { uidValidity, uidLast: uidNext - 1, keywords };
  const rebase = keywords.length !== box.keywords.length;
  const holder = box.pseudo ?? box.entries.at(0)?.mail;
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
  const first = box.entries.at(0);
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
