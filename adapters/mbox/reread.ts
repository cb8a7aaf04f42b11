/** Reads a mailbox again after a change that left most of it where it stood. */

import { hrefOfUid } from "../../lib/model/mail.ts";
import type { Box } from "./box.ts";
import { readBox, remember, type World } from "./contents.ts";
import type { Wanted } from "./layout.ts";
import type { Opened } from "./locked.ts";
import type { Mails } from "./mails.ts";
import { scan, scanInto } from "./scan.ts";

/**
 * Reads only what was changed or added.
 *
 * @param reflagged Mails whose lines were written over, the first one aside, which always may be.
 */
export async function reread(
  world: World,
  { target, box }: Opened,
  reflagged: readonly Wanted[],
  signal: AbortSignal,
): Promise<Box> {
  const { file, path } = target;
  const stat = file.stat();
  const read = (into: Uint8Array, at: number) => file.read(into, at);
  const grown = stat.size > box.stat.size || box.mails.length === 0;
  // The last mail is read again too, as its last line may have had no end.
  const mails: Mails = box.mails.upTo(box.mails.length - (grown && box.mails.length > 0 ? 1 : 0));
  const places = reflagged.map(({ uid }) => box.entries.placeOf(hrefOfUid(uid)));
  for (
    const place of new Set([
      0,
      ...places.map((it) => it + box.mails.length - box.entries.length),
    ])
  ) {
    if (place >= mails.length) continue;
    const { from, next, hidden } = mails.at(place);
    const [again] = await scan(read, next, path, signal, from);
    if (again?.hidden.length !== hidden.length) return await readBox(world, path, file, signal);
    mails.put(place, again);
  }
  if (grown) {
    const from = box.mails.length === 0 ? 0 : box.mails.at(box.mails.length - 1).from;
    await scanInto((mail) => mails.add(mail), read, stat.size, path, signal, from);
  }
  // It is locked until it is settled.
  return remember(world, path, mails, stat, Number.POSITIVE_INFINITY);
}
