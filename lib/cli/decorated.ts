/** A storage with what its configuration wants around it: hooks. */

import type { ResolvedStorage } from "../config/secrets.ts";
import type { Storage } from "../model/storage.ts";
import type { StorageTalk } from "./open_storage.ts";

export async function decorated(
  storage: Storage,
  config: ResolvedStorage,
  talk: StorageTalk,
): Promise<Storage> {
  return await withConfiguredHooks(storage, config, talk);
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
