/** A storage with what its configuration wants around it: hooks, filters, scheduling. */

import { createHash } from "node:crypto";
import type { FilterConfig } from "../config/config.ts";
import type { ResolvedStorage } from "../config/secrets.ts";
import type { Storage } from "../model/storage.ts";
import type { StorageTalk } from "./open_storage.ts";

export async function decorated(
  storage: Storage,
  config: ResolvedStorage,
  talk: StorageTalk,
): Promise<Storage> {
  const hooked = await withConfiguredHooks(storage, config, talk);
  const scheduled = await withConfiguredScheduling(hooked, config);
  return await withConfiguredFilters(scheduled, config);
}

async function withConfiguredHooks(
  storage: Storage,
  config: ResolvedStorage,
  { onProblem }: StorageTalk,
): Promise<Storage> {
  if (!("postHook" in config || "preDeletionHook" in config)) return storage;
  const { postHook } = config;
  const deletion = "preDeletionHook" in config ? config.preDeletionHook : undefined;
  if (postHook === undefined && deletion === undefined) return storage;
  const { withHooks } = await import("../../adapters/with_hooks.ts");
  const { runOnFile } = await import("./file_hook.ts");
  const single = config.type.startsWith("singlefile/");
  return withHooks(storage, {
    pathOf: ({ identity }, href) => single ? identity : `${identity}/${href}`,
    ...(postHook === undefined
      ? {}
      : { written: (path, signal) => runOnFile("post_hook", postHook, path, signal) }),
    ...(deletion === undefined ? {} : {
      deleting: (path, signal) => runOnFile("pre_deletion_hook", deletion, path, signal),
    }),
    onProblem,
  });
}

/** Guests are told by whoever made the event, and not a second time by a server it is copied to. */
async function withConfiguredScheduling(
  storage: Storage,
  config: ResolvedStorage,
): Promise<Storage> {
  if (config.type !== "caldav") return storage;
  const { withScheduleAgent } = await import("../../adapters/with_schedule_agent.ts");
  return withScheduleAgent(storage, config.scheduleAgent);
}

async function withConfiguredFilters(
  storage: Storage,
  { filters, kind }: ResolvedStorage,
): Promise<Storage> {
  if (filters.length === 0) return storage;
  const { withFilter } = await import("../../adapters/with_filter.ts");
  const { transformOf } = await import("./transform.ts");
  const readItem = kind === "calendar"
    ? (await import("../item/icalendar.ts")).readCalendarItem
    : (await import("../item/vcard.ts")).readContact;
  const towards = (way: "read" | "write") => (it: FilterConfig) =>
    it.direction === "both" || it.direction === way;
  const reading = filters.filter(towards("read"));
  const read = transformOf(reading);
  const write = transformOf(filters.filter(towards("write")));
  return withFilter(storage, {
    readItem,
    view: viewOf(reading),
    ...(read === undefined ? {} : { read }),
    ...(write === undefined ? {} : { write }),
  });
}

/** Which filters there are, wherever they stand; of their words, as there may be secrets, a digest. */
function viewOf(filters: readonly FilterConfig[]): string {
  const words = JSON.stringify(filters.map(({ at: _, ...filter }) => filter));
  return `filter ${createHash("sha256").update(words).digest("hex").slice(0, 16)}`;
}
