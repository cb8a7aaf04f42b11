/**
 * What must hold of anything that is written into a status. Whatever fails here is a fault of our
 * own, so it is said at once and nothing of it is written (rule: the base is checked before it
 * moves, not when it is read back).
 */

import { SyncError } from "../model/error.ts";
import type { Flags, Version } from "../model/item.ts";
import { SIDES } from "../model/names.ts";
import type {
  CollectionKey,
  Intent,
  Observation,
  Settlement,
  SideConclusion,
} from "../model/status.ts";

/** The error of a caller that broke the contract of the status. */
export function fault(message: string, cause?: unknown): SyncError {
  return new SyncError(`the status was asked to ${message}`, {
    scope: "collection",
    kind: "internal",
    cause,
  });
}

/**
 * Throws unless a name can be kept and given back unchanged: not empty, and text that UTF-8 can
 * carry. A lone half of a surrogate pair would come back as another character, and what follows a
 * NUL might not come back at all.
 */
function checkName(value: string, what: string): void {
  if (value === "") throw fault(`keep an empty ${what}`);
  checkText(value, what);
}

function checkText(value: string, what: string): void {
  if (!value.isWellFormed() || value.includes("\0")) {
    throw fault(`keep a ${what} that is not text: ${JSON.stringify(value.slice(0, 80))}`);
  }
}

/** A reason as it can be kept: it is for people, so what is not text in it is replaced. */
export const cleanReason = (reason: string): string =>
  reason.toWellFormed().replaceAll("\0", "\ufffd");

function checkFlags(flags: Flags): void {
  for (const flag of flags) checkName(flag, "flag");
}

function checkVersion(version: Version): void {
  checkName(version.href, "href");
  checkName(version.etag, "etag");
  checkName(version.digest, "digest");
  checkFlags(version.flags);
}

/** Throws unless the key names two collections. */
export function checkKey(key: CollectionKey): void {
  checkText(key.id, "collection id");
  for (const side of SIDES) checkText(key.identities[side], "collection identity");
}

/** Throws unless the intents can be written down as they are. */
export function checkIntents(intents: readonly Intent[]): void {
  const ids = new Set<number>();
  for (const intent of intents) {
    if (!Number.isSafeInteger(intent.id) || intent.id < 1 || ids.has(intent.id)) {
      throw fault(`begin an intent with the id ${intent.id}, which is no id or taken`);
    }
    ids.add(intent.id);
    checkName(intent.ident, "ident");
    checkName(intent.href, "href");
    if (intent.etag !== undefined) checkName(intent.etag, "etag");
    if (intent.digest !== undefined) checkName(intent.digest, "digest");
  }
}

/** Throws unless the settlements say something that can have happened, each intent once. */
export function checkSettlements(settlements: readonly Settlement[]): void {
  const ids = new Set<number>();
  for (const { intent, move } of settlements) {
    if (intent !== undefined) {
      if (ids.has(intent)) throw fault(`settle the intent ${intent} twice`);
      ids.add(intent);
    }
    if (move?.kind === "forget") checkName(move.ident, "ident");
    if (move?.kind !== "set") continue;
    checkName(move.item.ident, "ident");
    for (const side of SIDES) checkVersion(move.item.sides[side]);
  }
}

function checkObservation(seen: Observation): void {
  if (seen.state === "present") {
    checkVersion(seen);
    checkName(seen.ident, "ident");
    return;
  }
  checkName(seen.href, "href");
  if (seen.state === "unreadable" && seen.etag !== undefined) checkName(seen.etag, "etag");
}

/** Throws unless the conclusion can be kept, one observation for each href. */
export function checkConclusion(conclusion: SideConclusion): void {
  if (conclusion.cursor !== undefined) checkName(conclusion.cursor, "cursor");
  const hrefs = new Set<string>();
  for (const seen of conclusion.observations) {
    checkObservation(seen);
    if (hrefs.has(seen.href)) throw fault("keep two observations of one href");
    hrefs.add(seen.href);
  }
}
