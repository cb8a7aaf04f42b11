/** What changed since an earlier listing, as far as that is remembered. */

import { hrefOfUid } from "../../lib/model/mail.ts";
import type { Cursor } from "../../lib/model/names.ts";
import type { Listed } from "../../lib/model/storage.ts";
import type { Box } from "./box.ts";
import type { Entry } from "./entries.ts";

/** Mailboxes as they were listed, by cursor: the latest two of each, which share what did not change. */
export class Earlier {
  readonly #boxes = new Map<string, Map<string, Box>>();
  static readonly #most = 2;

  get(path: string, since: Cursor | undefined): Box | undefined {
    return since === undefined ? undefined : this.#boxes.get(path)?.get(since);
  }

  set(path: string, cursor: Cursor, box: Box): void {
    const known = this.#boxes.get(path) ?? new Map<string, Box>();
    known.delete(cursor);
    known.set(cursor, box);
    for (const oldest of [...known.keys()].slice(0, -Earlier.#most)) known.delete(oldest);
    this.#boxes.set(path, known);
  }

  clear(): void {
    this.#boxes.clear();
  }
}

export const listed = ({ uid, etag, flags, told }: Entry): Listed => ({
  state: "present",
  href: hrefOfUid(uid),
  etag,
  flags,
  mail: told,
});

/** Those that are new, or have other flags; all of them in a mailbox that was numbered anew. */
export function* news(before: Box, now: Box): Iterable<Entry> {
  if (before === now) return;
  for (const entry of now.entries) {
    const was = before.entries.of(hrefOfUid(entry.uid));
    if (was?.etag !== entry.etag || was.mail.digest !== entry.mail.digest) yield entry;
  }
}

/** Those that are no longer there. */
export function* losses(before: Box, now: Box): Iterable<Entry> {
  if (before === now) return;
  for (const entry of before.entries) if (!now.entries.has(hrefOfUid(entry.uid))) yield entry;
}
