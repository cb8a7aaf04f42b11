/** Carries out many actions with one rewriting of a file: whole, durable, or not at all (rule 6). */

import { dirname, join } from "node:path";
import { etagOf } from "../../lib/files/etag.ts";
import { fileError } from "../../lib/files/file_error.ts";
import type { Files } from "../../lib/files/files.ts";
import { temporaryName } from "../../lib/files/names.ts";
import { discard, statOf } from "../../lib/files/place.ts";
import { type Edit, NoItem } from "../../lib/item/split.ts";
import { asSyncError, SyncError } from "../../lib/model/error.ts";
import type { Href, Ident } from "../../lib/model/names.ts";
import type { Action, Content, Result } from "../../lib/model/storage.ts";
import { type Cache, type Contents, type Form, load, takeApart, tooLarge } from "./contents.ts";

/** A new file is for its owner's eyes only. */
export const FILE_MODE = 0o600;
/** How often a rewriting is begun anew because somebody else has written meanwhile. */
const TRIES = 8;

export interface Target {
  readonly files: Files;
  readonly path: string;
  readonly form: Form;
  readonly cache: Cache;
}

/** An action that is to be part of the rewriting, and where its item will be found then. */
interface Written {
  readonly action: Extract<Action, { readonly kind: "create" | "update" }>;
  readonly ident: Ident;
}

/**
 * Carries out the actions, no two of which are about one item, and gives a result for each, in any
 * order. Throws {@linkcode SyncError} where the file cannot be read or written: nothing was done then,
 * or, where `retry` is set, it may have been.
 */
export async function applyAll(target: Target, actions: readonly Action[]): Promise<Result[]> {
  for (let tried = 1; tried <= TRIES; tried++) {
    const results = await applyOnce(target, actions);
    if (results !== undefined) return results;
  }
  throw new SyncError(`${target.path} is written by somebody else all the time`, {
    scope: "collection",
    kind: "changed",
    retry: true,
  });
}

/** Nothing where somebody has written to the file meanwhile, and nothing was done. */
async function applyOnce(
  target: Target,
  actions: readonly Action[],
): Promise<Result[] | undefined> {
  const { files, path, form, cache } = target;
  const before = await load(files, path, form, cache);
  const idents = new Set([...before.entries.values()].map(({ item }) => item.ident));
  const results: Result[] = [];
  const edits: Edit[] = [];
  const written: Written[] = [];
  const removed: Action[] = [];
  for (const action of actions) {
    try {
      const step = await stepOf(action, before, idents, form);
      if ("outcome" in step) {
        results.push(step);
        continue;
      }
      // Each is tried by itself first, so that one that cannot be put in is no fault of the others.
      if (step.edit.kind !== "remove") before.split.joined([step.edit]);
      edits.push(step.edit);
      if (action.kind === "create" || action.kind === "update") {
        written.push({ action, ident: step.ident });
      } else removed.push(action);
    } catch (thrown) {
      results.push({ id: action.id, outcome: "failed", error: unfit(thrown) });
    }
  }
  if (edits.length > 0) {
    const bytes = before.split.joined(edits);
    if (bytes.byteLength > form.maxSize) throw tooLargeFile(path, bytes.byteLength, form.maxSize);
    const after = takeApart(bytes, path, form);
    if (!await replace(target, before, bytes)) return undefined;
    const places = new Map([...after.entries].map(([href, it]) => [it.item.ident, href] as const));
    for (const it of written) {
      // Of cards with one UID, the one that was named stays the one that is meant.
      const stays = after.entries.get(it.action.href)?.item.ident === it.ident;
      const now = stays ? it.action.href : places.get(it.ident);
      results.push(resultOf(it, now, after, form));
    }
    for (const { id } of removed) results.push({ id, outcome: "done" });
  }
  return results;
}

type Step = Result | { readonly edit: Edit; readonly ident: Ident };

/** What is to be done for an action, or what its result is already. */
async function stepOf(
  action: Action,
  { entries }: Contents,
  idents: ReadonlySet<Ident>,
  form: Form,
): Promise<Step> {
  const { id, href } = action;
  const entry = entries.get(href);
  switch (action.kind) {
    case "create": {
      if (entry !== undefined) return { id, outcome: "exists" };
      const { bytes, ident } = await incoming(action.content, form);
      if (idents.has(ident)) return { id, outcome: "exists" };
      return { edit: { kind: "add", bytes }, ident };
    }
    case "update": {
      if (entry?.etag !== action.etag) return { id, outcome: "changed" };
      const { bytes, ident } = await incoming(action.content, form);
      if (ident !== entry.item.ident && idents.has(ident)) {
        throw new SyncError("the file holds another item with this UID", {
          scope: "item",
          kind: "exists",
        });
      }
      return { edit: { kind: "replace", item: entry.item, bytes }, ident };
    }
    case "delete": {
      if (entry === undefined) return { id, outcome: "done" };
      if (entry.etag !== action.etag) return { id, outcome: "changed" };
      return { edit: { kind: "remove", item: entry.item }, ident: entry.item.ident };
    }
    case "setFlags":
      throw new SyncError("a file of calendars or contacts keeps no flags", {
        scope: "item",
        kind: "refused",
      });
  }
}

/** The bytes of what is to be written, and what it will be known by in the file. */
async function incoming(
  { body }: Content,
  form: Form,
): Promise<{ readonly bytes: Uint8Array; readonly ident: Ident }> {
  // What we write, we must be able to read.
  if (body.size > form.maxItemSize) throw tooLarge(body.size, form.maxItemSize);
  const bytes = await body.bytes();
  const said = form.read(bytes);
  if (said.state === "malformed") throw said.error;
  const split = form.split(bytes);
  if (split.state === "malformed") throw new NoItem(split.reason);
  const [item] = split.items;
  if (item?.ident === said.ident) return { bytes, ident: said.ident };
  throw new SyncError("the item has no UID, by which it would be found in a file with others", {
    scope: "item",
    kind: "refused",
    hint: "Let repair give it one, in the storage that it comes from.",
  });
}

function resultOf(
  { action: { id, href, content } }: Written,
  now: Href | undefined,
  { entries }: Omit<Contents, "version">,
  form: Form,
): Result {
  const entry = now === undefined ? undefined : entries.get(now);
  if (now === undefined || entry === undefined) return { id, outcome: "done" };
  const said = form.read(entry.item.bytes());
  // Where the wrapper or a time zone of the file changed what it says, it is looked at again.
  const same = said.state === "read" && said.digest === content.digest;
  return {
    id,
    outcome: "done",
    ...(now === href ? {} : { href: now }),
    ...(same ? { etag: entry.etag } : {}),
  };
}

/**
 * Puts new bytes in the place of those that were read, if they are still there. POSIX has no call
 * that does that: between the last look and the renaming an edit by somebody else can be lost. These
 * are microseconds, as nothing waits in between.
 */
async function replace(
  { files, path }: Target,
  { version }: Contents,
  bytes: Uint8Array,
): Promise<boolean> {
  const folder = dirname(path);
  const temporary = join(folder, temporaryName());
  let renamed = false;
  try {
    const stat = await files.writeNew(temporary, bytes, FILE_MODE);
    const old = statOf(files, path);
    if (old?.kind !== "file" || etagOf(old) !== version) return false;
    // Who may read the file was its owner's decision.
    if (old.mode !== stat.mode) files.setMode(temporary, old.mode);
    files.rename(temporary, path);
    renamed = true;
  } catch (thrown) {
    throw fileError(thrown, "collection", path);
  } finally {
    if (!renamed) discard(files, temporary);
  }
  try {
    await files.syncFolder(folder);
  } catch (thrown) {
    const { message, kind, hint } = fileError(thrown, "collection", folder);
    throw new SyncError(message, {
      scope: "collection",
      kind,
      // It is done and may still be undone by a power cut, so that it may have to be repeated.
      retry: true,
      cause: thrown,
      ...(hint === undefined ? {} : { hint }),
    });
  }
  return true;
}

function unfit(thrown: unknown): SyncError {
  if (!(thrown instanceof NoItem)) return asSyncError(thrown, "item");
  return new SyncError(`it cannot be put into a file with others: ${thrown.message}`, {
    scope: "item",
    kind: "malformed",
    cause: thrown,
  });
}

function tooLargeFile(path: string, size: number, most: number): SyncError {
  return new SyncError(`${path} would have ${size} bytes; ${most} are allowed`, {
    scope: "collection",
    kind: "too large",
    hint: "Keep these items in a vdir, which has a file for each.",
  });
}
