/** Whether a storage can be used, and what is to be known of it. */

import type { PairConfig } from "../../config/config.ts";
import type { ResolvedStorage } from "../../config/secrets.ts";
import { asSyncError, type SyncError } from "../../model/error.ts";
import type { Collection, Storage } from "../../model/storage.ts";
import type { HttpLogEntry } from "../../net/http/request.ts";
import { counted } from "../show/count.ts";
import { type AskAccess, askAccess } from "./access.ts";
import { isOnServer } from "./connection.ts";
import { checkFiles } from "./files.ts";
import { type Finder, finderOf, type Finding } from "./finding.ts";
import { checkServer } from "./server.ts";

/** What was found out about a storage. */
export interface CheckedStorage {
  readonly findings: readonly Finding[];
  /** None where they cannot be listed. */
  readonly collections?: readonly Collection[];
}

/** A storage to be checked, and how it is meant to be used. */
export interface StorageInput {
  readonly config: ResolvedStorage;
  /** Whether a run may have something to write there. */
  readonly written: boolean;
  /** Also what is of interest only where a fault is looked for. */
  readonly verbose: boolean;
  readonly log?: (entry: HttpLogEntry) => void;
  readonly askAccess?: AskAccess;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** Throws nothing: whatever is thrown is what was found. Opens the storage and closes it. */
export async function checkStorage(
  open: () => Promise<Storage>,
  input: StorageInput,
): Promise<CheckedStorage> {
  const finder = finderOf("storage", input.config.name);
  try {
    const storage = await open();
    try {
      return await lookAt(storage, input, finder);
    } finally {
      await storage.close();
    }
  } catch (thrown) {
    return { findings: [finder.failure(asSyncError(thrown, "storage"))] };
  }
}

async function lookAt(
  storage: Storage,
  input: StorageInput,
  finder: Finder,
): Promise<CheckedStorage> {
  const { config, signal } = input;
  const { collections, counts } = await whatIsIn(storage, config, signal);
  const { remarks, findings } = isOnServer(config)
    ? await checkServer(config, collections, { ...input, finder })
    : config.type === "imap"
    ? { remarks: [], findings: overheard(config, finder) }
    : await checkFiles(config, collections, {
      ...input,
      askAccess: input.askAccess ?? askAccess,
      finder,
      unlisted: await unlistedIn(storage, collections, signal),
    });
  const readOnly = storage.capabilities.readOnly ? ["read only"] : [];
  return {
    collections,
    findings: [finder.ok([counts, ...readOnly, ...remarks].join(", ")), ...findings],
  };
}

/** What goes to an IMAP server without TLS. */
function overheard(
  { place, insecure }: Extract<ResolvedStorage, { readonly type: "imap" }>,
  finder: Finder,
): readonly Finding[] {
  if (!insecure || place?.security !== "none") return [];
  return [
    finder.warning(
      `everything, the password too, goes to ${place.host} without TLS, for anyone on the way to read`,
      "Write imaps:// in the url if the server has that, and leave out insecure.",
    ),
  ];
}

/** Why folders and files cannot be listed. It costs little there, and on a server much. */
async function unlistedIn(
  storage: Storage,
  collections: readonly Collection[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Collection, SyncError>> {
  const errors = new Map<Collection, SyncError>();
  for (const collection of collections) {
    try {
      // Its first part shows whether there is a listing at all.
      for await (const _part of storage.changes(collection, undefined, signal)) break;
    } catch (thrown) {
      const error = asSyncError(thrown, "collection");
      if (error.kind === "cancelled") throw error;
      errors.set(collection, error);
    }
  }
  return errors;
}

interface Found {
  readonly collections: readonly Collection[];
  readonly counts: string;
}

async function whatIsIn(
  storage: Storage,
  { type }: ResolvedStorage,
  signal: AbortSignal,
): Promise<Found> {
  if (type !== "webcal") {
    await storage.check(signal);
    const collections = await storage.collections(signal);
    return { collections, counts: counted(collections.length, "collection") };
  }
  // A feed's collections are known without asking; its items are the one thing that can be had.
  const collections = await storage.collections(signal);
  let items = 0;
  let unreadable = 0;
  for (const collection of collections) {
    for await (const part of storage.changes(collection, undefined, signal)) {
      if (part.type === "end") continue;
      for (const { state } of part.entries) {
        if (state === "present") items++;
        if (state === "unreadable") unreadable++;
      }
    }
  }
  const broken = unreadable === 0 ? "" : `, ${unreadable} that cannot be read`;
  return { collections, counts: `${counted(items, "item")}${broken}` };
}

/** Whether a run of these pairs may write to the storage of that name. */
export function isWritten(
  { name, readOnly }: ResolvedStorage,
  pairs: readonly PairConfig[],
): boolean {
  return !readOnly && pairs.some(({ a, b, oneWay }) => b === name || (a === name && !oneWay));
}
