/** The properties of a collection: as we name them, and how they are set (RFC 4918 section 9.2). */

import { SyncError } from "../../model/error.ts";
import type { Properties, PropertyName } from "../../model/storage.ts";
import { statusOf } from "../http/error.ts";
import { statusError } from "../http/status.ts";
import type { XmlElement } from "../xml/reader.ts";
import { element, type XmlNode } from "../xml/write.ts";
import { meaningOf } from "./conditions.ts";
import type { DavContext } from "./context.ts";
import { pathKey } from "./href.ts";
import { type DavResponse, hasText, textOf, wholeMultistatus } from "./multistatus.ts";
import { dav } from "./names.ts";
import { propfind, requireSuccess, XML_TYPE, xmlBody } from "./requests.ts";
import { isGone } from "./rows.ts";
import type { DavService } from "./service.ts";

/**
 * The properties that a server has and does not say now: only a 404 (RFC 4918 section 9.1) means that
 * it has none. Those that it never shows to this account are among them, too, and so is a value that
 * is longer than any that we take.
 */
export function unreadOf(service: DavService, row: DavResponse): readonly PropertyName[] {
  return (Object.entries(service.properties) as [PropertyName, string][])
    .filter(([, clark]) => {
      const status = row.failed.get(clark);
      if (status !== undefined) return !isGone(status);
      return textOf(row.props.get(clark)) === undefined && hasText(row.props.get(clark));
    })
    .map(([name]) => name);
}

/** The properties that a server gives for the collection at `url`, with the names that we use. */
export function propertiesOf(
  service: DavService,
  props: ReadonlyMap<string, XmlElement>,
  url: URL,
): Properties {
  const found: Partial<Record<PropertyName, string>> = {};
  for (const [name, clark] of Object.entries(service.properties) as [PropertyName, string][]) {
    const text = textOf(props.get(clark));
    if (text === undefined || (name === "displayname" && isPath(text, url))) continue;
    found[name] = name === "color" ? plainColor(text) : text;
  }
  return found;
}

/** A collection's own path, not encoded, which Radicale gives out as the name of one that has none. */
function isPath(text: string, url: URL): boolean {
  if (!text.includes("/")) return false;
  const path = `/${text.toWellFormed().replace(/^\/+/, "")}`;
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  return [path, encoded].some((it) => pathKey(it) === pathKey(url.pathname));
}

/** `#RRGGBB`, also where the server says how opaque it is. Anything else as it is. */
function plainColor(text: string): string {
  return /^#[0-9a-f]{8}$/i.test(text) ? text.slice(0, 7) : text;
}

/**
 * Sets a property of the collection at `url`, or takes it away. Throws `refused` or `forbidden` where
 * the server does not do that, or says that it does and keeps nothing: the next run would take
 * it for a removal there.
 */
export async function patchProperty(
  context: DavContext,
  url: URL,
  name: PropertyName,
  value: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { service } = context;
  const clark = service.properties[name];
  if (clark === undefined) throw refused(`${service.noun}s have no ${name} here`);
  const property = { name, clark };
  const wanted = value?.trim() ?? "";
  if (wanted === "") return await take(context, url, property, signal);
  const node = element(dav("set"), element(dav("prop"), element(clark, wanted)));
  await patch(context, url, property, node, signal);
  if (await read(context, url, clark, signal) !== undefined) return;
  throw refused(`${url.host} says that it has set the ${name}, and has not`);
}

interface Property {
  readonly name: PropertyName;
  readonly clark: string;
}

async function take(
  context: DavContext,
  url: URL,
  property: Property,
  signal: AbortSignal,
): Promise<void> {
  const { clark } = property;
  const prop = element(dav("prop"), element(clark));
  try {
    await patch(context, url, property, element(dav("remove"), prop), signal);
  } catch (thrown) {
    const status = statusOf(thrown);
    if (status === 404) return;
    // Xandikos fails over every removal, and DAViCal calls a name read-only then (409); an empty
    // value is as good, and nothing better still.
    if (status === undefined || (status < 500 && status !== 409)) throw thrown;
    if (await read(context, url, clark, signal) === undefined) return;
    await patch(context, url, property, element(dav("set"), prop), signal);
  }
}

async function patch(
  { http }: DavContext,
  url: URL,
  { name, clark }: Property,
  change: XmlNode,
  signal: AbortSignal,
): Promise<void> {
  await http.exchange({
    method: "PROPPATCH",
    url,
    headers: { "content-type": XML_TYPE },
    body: xmlBody(element(dav("propertyupdate"), change)),
    // To do it twice does no harm: the second time it is so already.
    repeat: "safe",
    signal,
  }, async (answer) => {
    await requireSuccess(answer, "collection");
    if (answer.status !== 207) return;
    // A 207 says inside whether it was done.
    const { responses } = await wholeMultistatus(answer);
    for (const { status = 200, failed, conditions } of responses) {
      const code = failed.get(clark) ?? [...failed.values()][0] ?? status;
      if (code < 300) continue;
      const words = meaningOf(conditions)?.meaning.words;
      throw statusError(
        { status: code, url, text: `the ${name} was not set${words ? `: ${words}` : ""}` },
        "collection",
      );
    }
  });
}

/** The property's text; nothing where there is none. Throws where the server does not say. */
async function read(
  { http }: DavContext,
  url: URL,
  clark: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const scope = "collection";
  const { responses } = await propfind(http, { url, depth: 0, props: [clark], scope, signal });
  const [row] = responses;
  const status = row?.failed.get(clark) ?? row?.status ?? 200;
  if (status >= 300 && !isGone(status)) throw statusError({ status, url }, scope);
  return textOf(row?.props.get(clark));
}

function refused(message: string): SyncError {
  return new SyncError(message, { scope: "collection", kind: "refused" });
}
