/**
 * Keeps the path of a feed's url out of errors and logs: for a private feed it is the password
 * ("anyone with the link"), whoever sees it can read the calendar.
 */

import { SyncError } from "../../lib/model/error.ts";

const HIDDEN = "/...";
/** How many causes of an error are followed. */
const DEPTH = 8;

/** An url with nothing but its origin. */
export function concealedUrl(url: string): string {
  return URL.canParse(url) ? `${new URL(url).origin}${HIDDEN}` : HIDDEN;
}

/** A text without the path of the feed's url, and without that of any other. */
export function concealedText(text: string, url: URL): string {
  let shown = text.replace(
    /\b([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/@]*@)?([^\s/?#"')>]*)[/?#][^\s"')>]*/gi,
    `$1$2${HIDDEN}`,
  );
  const path = url.pathname + url.search;
  for (const secret of [path, url.pathname, decoded(path), decoded(url.pathname)]) {
    if (secret.length > 1) shown = shown.replaceAll(secret, HIDDEN);
  }
  return shown;
}

/** The same error, and the same causes, without the path of the feed's url. */
export function concealed(thrown: unknown, url: URL, depth = 0): unknown {
  if (!(thrown instanceof Error)) {
    return typeof thrown === "string" ? concealedText(thrown, url) : thrown;
  }
  const message = concealedText(thrown.message, url);
  const cause = thrown.cause === undefined || depth === DEPTH
    ? {}
    : { cause: concealed(thrown.cause, url, depth + 1) };
  if (!(thrown instanceof SyncError)) {
    return Object.assign(new Error(message, cause), named(thrown));
  }
  const { scope, kind, retry, retryAfter, hint } = thrown;
  return new SyncError(message, {
    scope,
    kind,
    retry,
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(hint === undefined ? {} : { hint: concealedText(hint, url) }),
    ...cause,
  });
}

const named = ({ name }: Error): { readonly name: string } => ({ name });

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (thrown) {
    if (thrown instanceof URIError) return text;
    throw thrown;
  }
}
