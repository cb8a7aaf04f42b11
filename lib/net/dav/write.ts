/** Writing items: every request with a precondition, and what to make of an answer that was lost. */

import { SyncError } from "../../model/error.ts";
import { etag as asEtag, href as asHref } from "../../model/names.ts";
import type { Action, Result } from "../../model/storage.ts";
import type { HttpAnswer } from "../http/answer.ts";
import { HttpError } from "../http/error.ts";
import { davFailure } from "./conditions.ts";
import type { DavContext, KnownCollection } from "./context.ts";
import { ifMatch, sameEtag, writtenEtag } from "./etag.ts";
import { getItem } from "./get.ts";
import { persistently, type Seen, type Sent } from "./persist.ts";
import { hrefKey, isWithin, keepHref, resolveHref } from "./href.ts";
import { wholeMultistatus } from "./multistatus.ts";
import { lookAt } from "./look.ts";

type Create = Extract<Action, { kind: "create" }>;
type Update = Extract<Action, { kind: "update" }>;
type Delete = Extract<Action, { kind: "delete" }>;

/**
 * Carries out one action. Throws only where nothing is known to have been done and the error is one
 * of the whole storage; all else is a result.
 */
export async function writeItem(
  context: DavContext,
  known: KnownCollection,
  action: Action,
  signal: AbortSignal,
): Promise<Result> {
  const { id } = action;
  switch (action.kind) {
    case "create":
    case "update":
      return await put(context, known, action, signal);
    case "delete":
      return await remove(context, known, action, signal);
    case "setFlags": {
      const error = refusal("items here have no flags");
      return { id, outcome: "failed", error };
    }
  }
}

function refusal(message: string): SyncError {
  return new SyncError(message, { scope: "item", kind: "refused" });
}

async function put(
  context: DavContext,
  known: KnownCollection,
  action: Create | Update,
  signal: AbortSignal,
): Promise<Result> {
  const { id, kind } = action;
  const headers = {
    "content-type": context.service.contentType,
    "accept-encoding": "identity",
    ...precondition(action),
  };
  const body = await action.content.body.bytes();
  const send = () => sendWrite(context, known, { method: "PUT", action, headers, body }, signal);
  const look = async (): Promise<Seen> => {
    const seen = await getItem(context, known, action.href, signal);
    if (seen.state === "unknown") return { type: kind === "create" ? "not done" : "other" };
    if (seen.state === "unreadable") throw seen.error;
    if (seen.item.digest === action.content.digest) return { type: "done", etag: seen.item.etag };
    const untouched = kind === "update" && sameEtag(seen.item.etag, action.etag);
    return { type: untouched ? "not done" : "other" };
  };
  const outcome = await persistently(context.environment, send, look, signal);
  switch (outcome.type) {
    case "done":
      return {
        id,
        outcome: "done",
        ...(outcome.etag === undefined ? {} : { etag: asEtag(outcome.etag) }),
        ...(outcome.href === undefined ? {} : { href: asHref(outcome.href) }),
      };
    case "precondition": {
      const refused = await refusedAfterAll(context, known, action, outcome.error, signal);
      if (refused !== undefined) return { id, outcome: "failed", error: refused };
      return { id, outcome: kind === "create" ? "exists" : "changed" };
    }
    case "nothing":
      if (kind === "update") return { id, outcome: "changed" };
      return { id, outcome: "failed", error: noPlace(known) };
    case "lost":
      return { id, outcome: "failed", error: outcome.error };
  }
}

/**
 * The refusal that a 412 is where the precondition does hold: DAViCal 1.1 answers so to content that
 * it does not like. Taken for `exists` or `changed`, the item would be tried again for ever.
 */
async function refusedAfterAll(
  context: DavContext,
  known: KnownCollection,
  action: Create | Update,
  said: SyncError,
  signal: AbortSignal,
): Promise<SyncError | undefined> {
  const seen = await lookAt(context, known, action.href, signal);
  const holds = action.kind === "create"
    ? seen.state === "gone"
    : seen.state === "there" && seen.etag === action.etag;
  if (!holds) return undefined;
  return new SyncError(`${known.url.host} does not take the item: ${said.message}`, {
    scope: "item",
    kind: "refused",
    cause: said,
  });
}

async function remove(
  context: DavContext,
  known: KnownCollection,
  action: Delete,
  signal: AbortSignal,
): Promise<Result> {
  const { id } = action;
  const headers = precondition(action);
  const send = () => sendWrite(context, known, { method: "DELETE", action, headers }, signal);
  const look = async (): Promise<Seen> => {
    const seen = await lookAt(context, known, action.href, signal);
    if (seen.state === "gone") return { type: "done", etag: undefined };
    const untouched = seen.etag !== undefined && sameEtag(seen.etag, action.etag);
    return { type: untouched ? "not done" : "other" };
  };
  const outcome = await persistently(context.environment, send, look, signal);
  if (outcome.type === "lost") return { id, outcome: "failed", error: outcome.error };
  if (outcome.type !== "precondition") return { id, outcome: "done" };
  // What is not there cannot match either (RFC 9110 section 13.1.1), and then all is well.
  const now = await look();
  return { id, outcome: now.type === "done" ? "done" : "changed" };
}

interface Write {
  readonly method: "PUT" | "DELETE";
  readonly action: Create | Update | Delete;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

async function sendWrite(
  context: DavContext,
  known: KnownCollection,
  write: Write,
  signal: AbortSignal,
): Promise<Sent> {
  const { method, action, headers, body } = write;
  const url = resolveHref(action.href, known.url);
  if (url === undefined || url.origin !== known.url.origin) {
    throw refusal(`${action.href.slice(0, 200)} is no place in this collection`);
  }
  try {
    return await context.http.exchange(
      { method, url, headers, ...(body && { body }), repeat: "undone", signal },
      (answer) => readAnswer(answer, known, url, method),
    );
  } catch (thrown) {
    if (thrown instanceof HttpError && thrown.again === "safe") {
      return { type: "lost", error: thrown };
    }
    throw thrown;
  }
}

async function readAnswer(
  answer: HttpAnswer,
  known: KnownCollection,
  url: URL,
  method: Write["method"],
): Promise<Sent> {
  const { status } = answer;
  if (status === 412) return { type: "precondition", error: await davFailure(answer, "item") };
  if (status === 404 || status === 410) {
    return method === "DELETE" ? { type: "done", etag: undefined } : { type: "nothing" };
  }
  if (status === 207) {
    return await readMultiple(answer);
  }
  if (status < 200 || status > 299) throw await davFailure(answer, "item");
  const href = method === "PUT" ? placeOf(answer, known, url) : undefined;
  return {
    type: "done",
    etag: writtenEtag(answer.headers),
    ...(href === undefined ? {} : { href }),
  };
}

/** A multistatus, with which Xandikos answers some writes. One that makes no sense is no answer. */
async function readMultiple(answer: HttpAnswer): Promise<Sent> {
  let statuses: readonly (number | undefined)[];
  try {
    statuses = (await wholeMultistatus(answer)).responses.map(({ status }) => status);
  } catch (thrown) {
    if (!(thrown instanceof SyncError) || thrown.kind !== "malformed") throw thrown;
    return { type: "lost", error: thrown };
  }
  const failed = statuses.find((status) => status !== undefined && status > 299);
  if (failed !== undefined) throw refusal(`the server refuses it (${failed})`);
  return { type: "done", etag: undefined };
}

/** Where the server put the item, if elsewhere than it was told (Google Contacts, Zimbra). */
function placeOf(answer: HttpAnswer, known: KnownCollection, url: URL): string | undefined {
  const location = answer.headers.get("location");
  if (location === null && answer.url.href === url.href) return undefined;
  const said = location ?? answer.url.href;
  const place = resolveHref(said, answer.url);
  if (place === undefined || place.origin !== known.url.origin) return undefined;
  if (hrefKey(place.href, known.url) === hrefKey(url.href, known.url)) return undefined;
  return isWithin(place.pathname, known.url.pathname) ? keepHref(said, known.url) : undefined;
}

function precondition(action: Create | Update | Delete): Readonly<Record<string, string>> {
  if (action.kind === "create") return { "if-none-match": "*" };
  const value = ifMatch(action.etag);
  if (value === undefined) throw refusal("its etag cannot be sent back to the server");
  return { "if-match": value };
}

function noPlace(known: KnownCollection): SyncError {
  return new SyncError(`there is no collection at ${known.url.href} to put it into`, {
    scope: "item",
    kind: "missing",
  });
}
