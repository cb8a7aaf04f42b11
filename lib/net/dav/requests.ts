/** The requests of WebDAV that only read, and their answers as values. */

import type { Scope } from "../../model/error.ts";
import type { HttpAnswer } from "../http/answer.ts";
import type { HttpClient } from "../http/client.ts";
import { document, element, type XmlNode } from "../xml/write.ts";
import { davFailure } from "./conditions.ts";
import { type Multistatus, wholeMultistatus } from "./multistatus.ts";
import { dav, NAMESPACES } from "./names.ts";

export const XML_TYPE = "application/xml; charset=utf-8";

/** A document of ours, ready to be sent. */
export function xmlBody(root: XmlNode): string {
  return document(root, NAMESPACES);
}

/** A DAV:prop that names properties. */
export function propNames(names: readonly string[]): XmlNode {
  return element(dav("prop"), ...names.map((name) => element(name)));
}

export interface PropfindRequest {
  readonly url: URL;
  readonly depth: 0 | 1;
  readonly props: readonly string[];
  readonly scope: Scope;
  readonly crossOrigin?: boolean;
  readonly signal: AbortSignal;
}

/** What an answer says, and where it came from in the end. */
export interface Answered extends Multistatus {
  readonly url: URL;
}

/**
 * Throws the error of an answer that is no success. A 200 where 207 belongs is let pass, as its
 * text still has to be a multistatus.
 */
export async function requireSuccess(answer: HttpAnswer, scope: Scope): Promise<void> {
  if (answer.status < 200 || answer.status > 299) throw await davFailure(answer, scope);
}

/** A PROPFIND (RFC 4918 section 9.1). */
export function propfind(http: HttpClient, request: PropfindRequest): Promise<Answered> {
  const { url, depth, props, scope, signal } = request;
  return http.exchange({
    method: "PROPFIND",
    url,
    headers: { depth: String(depth), "content-type": XML_TYPE },
    body: xmlBody(element(dav("propfind"), propNames(props))),
    repeat: "safe",
    crossOrigin: request.crossOrigin ?? false,
    signal,
  }, async (answer) => {
    await requireSuccess(answer, scope);
    return { url: answer.url, ...await wholeMultistatus(answer) };
  });
}

export interface ReportRequest<Value> {
  readonly url: URL;
  readonly depth: 0 | 1;
  readonly body: XmlNode;
  readonly scope: Scope;
  readonly limit?: number;
  readonly streamed?: boolean;
  readonly signal: AbortSignal;
  readonly read: (answer: HttpAnswer) => Promise<Value>;
}

/** A REPORT (RFC 3253 section 3.6), its answer read by `read`. */
export function report<Value>(http: HttpClient, request: ReportRequest<Value>): Promise<Value> {
  const { url, depth, body, scope, limit, streamed, signal, read } = request;
  return http.exchange({
    method: "REPORT",
    url,
    headers: { depth: String(depth), "content-type": XML_TYPE },
    body: xmlBody(body),
    repeat: "safe",
    ...(limit === undefined ? {} : { limit }),
    ...(streamed === undefined ? {} : { streamed }),
    signal,
  }, async (answer) => {
    await requireSuccess(answer, scope);
    return await read(answer);
  });
}
