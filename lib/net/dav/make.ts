/** Making a collection (MKCALENDAR, RFC 4791 section 5.3.1; extended MKCOL, RFC 5689). */

import { SyncError } from "../../model/error.ts";
import { href } from "../../model/names.ts";
import type { Properties, PropertyName } from "../../model/storage.ts";
import type { HttpAnswer } from "../http/answer.ts";
import { HttpError } from "../http/error.ts";
import { element, type XmlNode } from "../xml/write.ts";
import { collectionProps, isCollectionOf, ownRow } from "./collections.ts";
import { davFailure, meaningOf } from "./conditions.ts";
import { type DavContext, knownCollection } from "./context.ts";
import { wholeMultistatus } from "./multistatus.ts";
import { CALDAV, dav, RESOURCETYPE } from "./names.ts";
import { patchProperty, propertiesOf } from "./properties.ts";
import { type Answered, propfind, XML_TYPE, xmlBody } from "./requests.ts";
import { lookAt } from "./look.ts";

type Method = "MKCALENDAR" | "MKCOL";

/** What a new collection is to have. */
export interface Wanted {
  readonly properties: Properties;
  /** The types of item that it is to take; whatever the server likes without them. */
  readonly components: readonly string[];
}

const NOTHING: Wanted = { properties: {}, components: [] };

/**
 * Makes a collection at `url` and gives back what the server then says of it. Properties that the
 * server refuses are left out: what it says shows it. Throws `exists` where there is something, and
 * else what the server said first.
 */
export async function makeCollection(
  context: DavContext,
  url: URL,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<Answered> {
  const { properties, components } = wanted;
  // Asked beforehand, as some refuse and make it all the same (Xandikos, for a body that it does
  // not like): only so is what is there afterwards known to be ours.
  if (await isThere(context, url, signal)) throw exists(url);
  const { makeMethod } = context.service;
  const methods: Method[] = makeMethod === undefined ? ["MKCOL"] : [makeMethod, "MKCOL"];
  // What it takes can only be said now, and what it is called also later.
  const tries = [
    ...(Object.keys(properties).length === 0 ? [] : [wanted]),
    ...(components.length === 0 ? [] : [{ ...NOTHING, components }]),
    NOTHING,
  ];
  let refusal: SyncError | undefined;
  for (const method of methods) {
    for (const given of tries) {
      try {
        await make(context, url, method, given, signal);
        return await withAll(context, url, properties, signal);
      } catch (thrown) {
        if (!(thrown instanceof HttpError) || !worthAnotherWay(thrown)) throw thrown;
        if (thrown.kind === "exists") throw thrown;
        if (await isThere(context, url, signal)) {
          return await withAll(context, url, properties, signal);
        }
        refusal ??= thrown;
      }
    }
  }
  throw refusal ?? exists(url);
}

/** Whether the server understood, said no, and may say yes to another request for the same. */
function worthAnotherWay(error: HttpError): boolean {
  const { status } = error;
  return status !== undefined && error.scope !== "storage" && error.kind !== "quota" &&
    ![429, 502, 503, 504].includes(status);
}

async function make(
  { http, service }: DavContext,
  url: URL,
  method: Method,
  { properties, components }: Wanted,
  signal: AbortSignal,
): Promise<void> {
  const props: XmlNode[] = [];
  if (method === "MKCOL") {
    const type = element(service.collectionType);
    props.push(element(RESOURCETYPE, element(dav("collection")), type));
  }
  for (const [name, value] of Object.entries(properties) as [PropertyName, string][]) {
    const clark = service.properties[name];
    if (clark !== undefined) props.push(element(clark, value));
  }
  if (components.length > 0 && service.componentSet !== undefined) {
    props.push(service.componentSet(components));
  }
  const root = method === "MKCOL" ? dav("mkcol") : `{${CALDAV}}mkcalendar`;
  const set = element(dav("set"), element(dav("prop"), ...props));
  await http.exchange({
    method,
    url,
    ...(props.length === 0
      ? {}
      : { headers: { "content-type": XML_TYPE }, body: xmlBody(element(root, set)) }),
    repeat: "undone",
    signal,
  }, async (answer) => {
    // 207 says that a property could not be set, and that for this nothing was made.
    if (answer.status === 207) throw await refusedProperties(answer);
    if (answer.status < 200 || answer.status > 299) throw await davFailure(answer, "collection");
  });
}

async function refusedProperties(answer: HttpAnswer): Promise<HttpError> {
  const { responses } = await wholeMultistatus(answer);
  const words = meaningOf(responses.flatMap(({ conditions }) => conditions))?.meaning.words;
  return new HttpError(`${answer.url.host} did not make it: ${words ?? "a property was refused"}`, {
    scope: "collection",
    kind: "refused",
    status: answer.status,
    again: "never",
  });
}

async function isThere(context: DavContext, url: URL, signal: AbortSignal): Promise<boolean> {
  try {
    const known = knownCollection(url, new Map());
    return (await lookAt(context, known, href(url.pathname), signal)).state === "there";
  } catch (thrown) {
    // What was said to the request itself is then worth more than what was said to this look.
    if (!(thrown instanceof SyncError) || thrown.scope === "storage") throw thrown;
    return false;
  }
}

/**
 * What the server says of the new collection, after the properties that it lacks were set one by
 * one: some ignore them when they make it (Xandikos), some refuse all for one of them.
 */
async function withAll(
  context: DavContext,
  url: URL,
  properties: Properties,
  signal: AbortSignal,
): Promise<Answered> {
  const { service } = context;
  const made = await describe(context, url, signal);
  const has = propertiesOf(service, ownRow(made)?.props ?? new Map(), url);
  const lacking = (Object.entries(properties) as [PropertyName, string][])
    .filter(([name]) => name in service.properties && has[name] === undefined);
  if (lacking.length === 0) return made;
  for (const [name, value] of lacking) {
    try {
      await patchProperty(context, url, name, value, signal);
    } catch (thrown) {
      // The collection is there, which is what was asked for; whoever made it is told its
      // properties, and sees which are missing.
      if (!(thrown instanceof SyncError) || thrown.scope !== "collection") throw thrown;
    }
  }
  return await describe(context, url, signal);
}

async function describe(context: DavContext, url: URL, signal: AbortSignal): Promise<Answered> {
  const { http, service } = context;
  const props = collectionProps(service);
  const answer = await propfind(http, { url, depth: 0, props, scope: "collection", signal });
  const row = ownRow(answer);
  if (row !== undefined && isCollectionOf(service, row)) return answer;
  throw new SyncError(`${url.host} made something at ${url.href}, but no ${service.noun}`, {
    scope: "collection",
    kind: "refused",
  });
}

function exists(url: URL, cause?: unknown): SyncError {
  return new SyncError(`there is something at ${url.href} already`, {
    scope: "collection",
    kind: "exists",
    cause,
  });
}
