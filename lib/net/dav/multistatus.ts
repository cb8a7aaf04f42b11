/** The multistatus (RFC 4918 section 13): what most answers of a DAV server are. */

import { SyncError } from "../../model/error.ts";
import type { HttpAnswer } from "../http/answer.ts";
import { xmlDecoder } from "../xml/decoder.ts";
import { type XmlElement, XmlError, type XmlLimits, xmlReader } from "../xml/reader.ts";
import { dav } from "./names.ts";

/** What a multistatus says of one resource. */
export interface DavResponse {
  /** As the server wrote it. */
  readonly href: string;
  /** The status of the resource as a whole, where one is given instead of properties. */
  readonly status: number | undefined;
  /** The properties that it has, of all propstats with a status of success. */
  readonly props: ReadonlyMap<string, XmlElement>;
  /** Those that it could not say, with the status that tells why: 404 where it has none. */
  readonly failed: ReadonlyMap<string, number>;
  /** The preconditions that its errors name, in Clark notation. */
  readonly conditions: readonly string[];
}

/** Everything that a multistatus says, piece by piece. */
export type MultistatusPart =
  | { readonly type: "responses"; readonly responses: readonly DavResponse[] }
  | { readonly type: "sync-token"; readonly token: string };

const MULTISTATUS = dav("multistatus");
const RESPONSE = dav("response");
const HREF = dav("href");
const STATUS = dav("status");
const PROPSTAT = dav("propstat");
const PROP = dav("prop");
const ERROR = dav("error");
const TOKEN = dav("sync-token");

const STATUS_LINE = /^\s*HTTP\/\d(?:\.\d)?\s+(\d{3})\b/i;
const BARE_STATUS = /^\s*(\d{3})\b/;

/** The number in a status line; a line that has none counts as a fault of the server. */
export function statusCode(line: string): number {
  const match = STATUS_LINE.exec(line) ?? BARE_STATUS.exec(line);
  return match === null ? 500 : Number(match[1]);
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

/** The child of that name, if there is one. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}

/** The hrefs in an element, as in a home set. */
export function hrefsIn(element: XmlElement | undefined): readonly string[] {
  return (element?.children ?? []).filter((child) => child.name === HREF)
    .map((child) => child.text.trim()).filter((href) => href !== "");
}

/** The longest value of a property that is taken, in characters. Items are no properties here. */
const MAX_VALUE = 65_536;

/** The trimmed text of a property, or `undefined` where it is missing, empty or enormous. */
export function textOf(element: XmlElement | undefined): string | undefined {
  const text = element?.text.trim();
  return text === undefined || text === "" || text.length > MAX_VALUE ? undefined : text;
}

/** Whether there is anything in it at all, however long. */
export function hasText(element: XmlElement | undefined): boolean {
  return element !== undefined && element.text.trim() !== "";
}

/** The longest etag that is taken: it has to fit into a header again. */
const MAX_ETAG = 4_096;

/** The etag in a property, or `undefined` where there is none that could be sent back. */
export function etagIn(element: XmlElement | undefined): string | undefined {
  const etag = textOf(element);
  return etag === undefined || etag.length > MAX_ETAG ? undefined : etag;
}

function readResponse(element: XmlElement): readonly DavResponse[] {
  const hrefs: string[] = [];
  const props = new Map<string, XmlElement>();
  const failed = new Map<string, number>();
  const conditions: string[] = [];
  let status: number | undefined;
  const readError = (error: XmlElement) => {
    for (const condition of error.children) conditions.push(condition.name);
  };
  for (const part of element.children) {
    if (part.name === HREF) hrefs.push(part.text.trim());
    else if (part.name === STATUS) status = statusCode(part.text);
    else if (part.name === ERROR) readError(part);
    else if (part.name === PROPSTAT) {
      const line = childOf(part, STATUS);
      // A propstat without a status breaks the RFC; what it holds was not called a failure.
      const code = line === undefined ? 200 : statusCode(line.text);
      for (const inner of part.children) if (inner.name === ERROR) readError(inner);
      for (const prop of childOf(part, PROP)?.children ?? []) {
        if (isSuccess(code)) props.set(prop.name, prop);
        else failed.set(prop.name, code);
      }
    }
  }
  for (const name of props.keys()) failed.delete(name);
  // One response may name several resources where it has a status alone.
  return hrefs.map((href) => ({ href, status, props, failed, conditions }));
}

export interface ReadOptions extends XmlLimits {
  /** Whether bytes that are no characters are an error: for items, whose text is carried on. */
  readonly strict?: boolean;
}

function malformed(answer: HttpAnswer, reason: string, cause: unknown, hint?: string): SyncError {
  return new SyncError(
    `${answer.url.host} gave an answer that is not what was asked for (${answer.url.pathname}): ` +
      reason,
    { scope: "collection", kind: "malformed", cause, ...(hint === undefined ? {} : { hint }) },
  );
}

/**
 * Reads a multistatus as it comes. Throws `malformed` unless it is one and is complete: what was
 * yielded before that is true, but not the whole.
 */
export async function* readMultistatus(
  answer: HttpAnswer,
  options: ReadOptions = {},
): AsyncGenerator<MultistatusPart, void, undefined> {
  const decoder = xmlDecoder(answer.headers.get("content-type"), options.strict ?? false);
  const reader = xmlReader(options);

  function* parts(text: string): Generator<MultistatusPart> {
    const responses: DavResponse[] = [];
    for (const element of reader.write(text)) {
      if (element.name === RESPONSE) responses.push(...readResponse(element));
      else if (element.name === TOKEN) yield { type: "sync-token", token: textOf(element) ?? "" };
    }
    if (reader.root !== undefined && reader.root !== MULTISTATUS) {
      throw new XmlError("it is XML, but no multistatus");
    }
    if (responses.length > 0) yield { type: "responses", responses };
  }

  try {
    for await (const bytes of answer.chunks()) yield* parts(decoder.decode(bytes));
    yield* parts(decoder.end());
    reader.end();
  } catch (thrown) {
    if (!(thrown instanceof XmlError)) throw thrown;
    const hint = "Is this really the url of a CalDAV or CardDAV server?";
    throw malformed(answer, thrown.message.slice(0, 200), thrown, hint);
  }
}

/** A multistatus as a whole. */
export interface Multistatus {
  readonly responses: readonly DavResponse[];
  readonly token: string | undefined;
}

/** Reads a multistatus to its end. Throws as {@linkcode readMultistatus} does. */
export async function wholeMultistatus(
  answer: HttpAnswer,
  options: ReadOptions = {},
): Promise<Multistatus> {
  const responses: DavResponse[] = [];
  let token: string | undefined;
  for await (const part of readMultistatus(answer, options)) {
    if (part.type === "sync-token") token = part.token;
    else for (const response of part.responses) responses.push(response);
  }
  return { responses, token };
}
