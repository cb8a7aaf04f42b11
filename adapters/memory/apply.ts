/** Carries out one action on a collection in memory. */

import { SyncError } from "../../lib/model/error.ts";
import { type Flags, NO_FLAGS } from "../../lib/model/item.ts";
import { type Etag, type Href, href } from "../../lib/model/names.ts";
import type { Action, Result } from "../../lib/model/storage.ts";
import type { Behaviour } from "./behaviour.ts";
import { type Data, displace, place, type Shelf } from "./shelf.ts";

export async function applyTo(
  data: Data,
  shelf: Shelf,
  action: Action,
  behaviour: Behaviour,
): Promise<Result> {
  const { id } = action;
  const done = (etag: Etag, href?: Href): Result => ({
    id,
    outcome: "done",
    ...(behaviour.etagOnWrite === false ? undefined : { etag }),
    ...(href === undefined ? undefined : { href }),
  });
  if (action.kind === "create") {
    const bytes = written(await action.content.body.bytes(), behaviour);
    const target = behaviour.assignsHrefs ? href(`n${data.versions + 1}`) : action.href;
    if (shelf.items.has(target)) return { id, outcome: "exists" };
    data.effects++;
    const flags = sorted(action.content.flags);
    return done(
      place(data, shelf, { href: target, bytes, flags }),
      target === action.href ? undefined : target,
    );
  }
  const bytes = action.kind === "update" ? await action.content.body.bytes() : undefined;
  // Looked up after the last wait, so that nothing comes between the check and the write.
  const stored = shelf.items.get(action.href);
  if (stored === undefined) {
    return { id, outcome: action.kind === "delete" ? "done" : "changed" };
  }
  if (stored.etag !== action.etag) return { id, outcome: "changed" };
  if (action.kind === "setFlags") {
    throw new SyncError(`${data.name} keeps no flags`, { scope: "item", kind: "refused" });
  }
  data.effects++;
  switch (action.kind) {
    case "delete":
      displace(data, shelf, action.href);
      return { id, outcome: "done" };
    case "update":
      return done(place(data, shelf, {
        href: action.href,
        bytes: written(bytes ?? stored.bytes, behaviour),
        flags: sorted(action.content.flags),
      }));
  }
}

function written(bytes: Uint8Array, { rewrite }: Behaviour): Uint8Array {
  return rewrite === undefined ? bytes : rewrite(bytes);
}

export function sorted(flags: Flags): Flags {
  return flags.length === 0 ? NO_FLAGS : [...new Set(flags)].sort();
}
