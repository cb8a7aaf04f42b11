/** What an HTTP status means to us: one table, from which every error answer is made. */

import type { ErrorKind, Scope } from "../../model/error.ts";
import { parseChallenges } from "./challenge.ts";
import { type Again, HttpError } from "./error.ts";

interface Meaning {
  readonly kind: ErrorKind;
  readonly words: string;
  /** Where it is not the caller's to say what is skipped. */
  readonly scope?: Scope;
  readonly retry?: boolean;
  readonly again?: Again;
  readonly hint?: string;
}

const MEANINGS: Readonly<Record<number, Meaning>> = {
  400: { kind: "refused", words: "could not make sense of the request" },
  401: {
    kind: "unauthorised",
    scope: "storage",
    words: "does not accept the credentials",
    hint: "Check username and password. Some providers want a password made for one application.",
  },
  402: { kind: "forbidden", words: "wants a payment" },
  403: { kind: "forbidden", words: "does not allow it" },
  404: { kind: "missing", words: "has nothing there" },
  405: { kind: "refused", words: "does not know this request there" },
  407: { kind: "unauthorised", scope: "storage", words: "is behind a proxy that wants a login" },
  408: {
    kind: "unreachable",
    words: "waited too long for the request",
    again: "safe",
    retry: true,
  },
  409: { kind: "refused", words: "sees a conflict" },
  410: { kind: "missing", words: "has nothing there any more" },
  412: { kind: "changed", words: "says that it is not as it was" },
  413: { kind: "too large", words: "finds it too large" },
  414: { kind: "too large", words: "finds the url too long" },
  415: { kind: "refused", words: "does not take this kind of content" },
  421: { kind: "refused", words: "is not responsible for it", again: "safe", retry: true },
  422: { kind: "refused", words: "cannot process it" },
  423: { kind: "refused", words: "has it locked", retry: true },
  424: { kind: "refused", words: "did not do it because something else failed" },
  425: { kind: "refused", words: "finds it too early", again: "always", retry: true },
  429: { kind: "refused", words: "asks to wait", again: "always", retry: true },
  431: { kind: "too large", words: "finds the headers too large" },
  451: { kind: "forbidden", words: "must not give it out" },
  500: { kind: "refused", words: "has a fault of its own", retry: true },
  501: { kind: "refused", words: "cannot do this" },
  502: { kind: "refused", words: "cannot reach what is behind it", again: "safe", retry: true },
  503: { kind: "refused", words: "is not available at the moment", again: "safe", retry: true },
  504: { kind: "refused", words: "got no answer from behind it", again: "safe", retry: true },
  507: { kind: "quota", words: "is full" },
  508: { kind: "refused", words: "found a loop" },
};

/** How much of what a server says in an error is kept, in characters. */
export const MAX_ERROR_TEXT = 1_024;

// Google answers 403, with a reason in the text, where it means 429. Its domain usageLimits also
// holds what no waiting helps against: an API that is not switched on, or the day's share used up.
const USAGE_LIMIT = /\b(?:rateLimitExceeded|userRateLimitExceeded|usageLimits|quotaExceeded)\b/;
const LASTING_LIMIT = /\b(?:accessNotConfigured|dailyLimitExceeded\w*)\b/;

// nginx has no status for this, and so says it in its page.
const WANTS_CERTIFICATE = /No required SSL certificate was sent|The SSL certificate error/;
const CERTIFICATE: Meaning = {
  kind: "unauthorised",
  scope: "storage",
  words: "wants to see a client certificate that it knows",
  hint: "Name the file that holds it, and its key, with auth_cert.",
};

/** `sent`, as a name and a password; `token`; `withheld` where there are some, not for this host. */
export type CredentialsUse = "sent" | "token" | "none" | "withheld";

export interface FailedAnswer {
  readonly status: number;
  readonly url: URL;
  /** The beginning of the body, if it is text. */
  readonly text?: string;
  /** How long the server asked to wait, in milliseconds. */
  readonly retryAfter?: number;
  /** Whether credentials were sent. */
  readonly credentials?: CredentialsUse;
  /** The WWW-Authenticate header: how it could be logged in to. */
  readonly offered?: string | null;
}

/** A body made short enough for a message: without markup, and in one line. */
export function shortText(text: string): string {
  const plain = text.replace(
    /<(script|style)\b[\s\S]*?<\/\1>|<!--[\s\S]*?-->|<[^>]{0,2000}>/gi,
    " ",
  )
    .replace(/\s+/g, " ").trim();
  return plain.length > MAX_ERROR_TEXT ? plain.slice(0, MAX_ERROR_TEXT - 1) + "\u2026" : plain;
}

function fallback(status: number): Meaning {
  if (status >= 500) return { kind: "refused", words: "has a fault of its own", retry: true };
  if (status >= 400) return { kind: "refused", words: "refuses it" };
  return { kind: "malformed", words: "gave an answer that does not fit the request" };
}

/**
 * The error of an answer that was no success. `scope` is what the caller asked for; some statuses
 * widen it.
 */
export function statusError(answer: FailedAnswer, scope: Scope): HttpError {
  const { status, url, retryAfter } = answer;
  const text = answer.text ?? "";
  const limited = status === 403 && USAGE_LIMIT.test(text) && !LASTING_LIMIT.test(text);
  const meaning = status === 400 && WANTS_CERTIFICATE.test(text)
    ? CERTIFICATE
    : MEANINGS[limited ? 429 : status] ?? fallback(status);
  // A 503 that names a time was given by a server that did not begin.
  const again = status === 503 && retryAfter !== undefined ? "always" : meaning.again ?? "never";
  const said = shortText(text);
  const hint = status === 401 ? loginHint(answer) : meaning.hint;
  return new HttpError(
    `${url.host} ${meaning.words} (${status}, ${url.pathname})${said === "" ? "" : `: ${said}`}`
      .slice(0, 2 * MAX_ERROR_TEXT),
    {
      scope: meaning.scope ?? scope,
      kind: meaning.kind,
      status,
      again,
      retry: meaning.retry ?? false,
      ...(retryAfter === undefined ? {} : { retryAfter }),
      ...(hint === undefined ? {} : { hint }),
    },
  );
}

function loginHint({ credentials, url, offered }: FailedAnswer): string | undefined {
  if (credentials === "withheld") {
    return `The credentials were not shown to ${url.host}, as the url names another place. If it ` +
      `is the right one, write ${url.origin} into the url.`;
  }
  const schemes = parseChallenges(offered ?? null).map(({ scheme }) => scheme);
  const offers = (scheme: string) => schemes.includes(scheme);
  const others = (scheme: string) => schemes.length > 0 && !offers(scheme);
  if (credentials === "token") {
    return others("bearer") && offers("basic")
      ? "It takes no token; it wants a username and a password."
      : "The token is not valid, or has run out, or does not allow this. Get another one.";
  }
  if (credentials === "none") {
    return others("basic") && offers("bearer")
      ? "It wants a token: write auth_method bearer or auth_method oauth2."
      : "It wants a username and a password.";
  }
  if (others("basic") && offers("digest")) {
    return "Check username and password. It offers Digest authentication alone: if auth_method " +
      "is not digest, write that.";
  }
  if (others("digest") && offers("basic")) {
    return "Check username and password. It offers Basic authentication: if auth_method is " +
      "digest, leave it out.";
  }
  return MEANINGS[401]?.hint;
}
