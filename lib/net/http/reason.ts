/** What `fetch failed` really means, in words that help. */

import { HttpError } from "./error.ts";
import type { Again } from "./error.ts";

interface Reason {
  readonly pattern: RegExp;
  readonly words: (host: string, match: RegExpExecArray) => string;
  readonly hint?: string;
  readonly again: Again;
  /** Whether it may go by without anybody doing anything. */
  readonly retry: boolean;
}

const NOT_TRUSTED =
  "If it is your own server's, name the certificate's issuer with tls_root, or its fingerprint " +
  "with tls_fingerprint; else somebody may be listening in.";

// The texts are those of Deno's HTTP client (hyper and rustls) and of its node:net and node:tls, from
// 2.6 to 2.9. The first that
// fits is taken, so that what names a cause stands before what names only a step.
const REASONS: readonly Reason[] = [
  {
    pattern: /certificate not valid for name|NotValidForName|match certificate's altnames/,
    words: (host) => `the certificate that ${host} shows is for another name`,
    hint: "Is the host in the url the one that the provider names?",
    again: "never",
    retry: false,
  },
  {
    pattern:
      /invalid peer certificate: (?:certificate )?(?:Expired|expired)|certificate has expired/,
    words: (host) => `the certificate of ${host} has expired`,
    hint: "Its administrator must renew it. Is the clock of this machine right?",
    again: "never",
    retry: false,
  },
  {
    pattern: /NotValidYet|not valid yet/,
    words: (host) => `the certificate of ${host} is not valid yet`,
    hint: "Is the clock of this machine right?",
    again: "never",
    retry: false,
  },
  {
    pattern: /UnknownIssuer|CaUsedAsEndEntity|self-signed certificate|unable to verify the first/,
    words: (host) => `the certificate of ${host} is signed by nobody that this machine trusts`,
    hint: NOT_TRUSTED,
    again: "never",
    retry: false,
  },
  {
    pattern: /invalid peer certificate: (.{1,80})/,
    words: (host, match) => `the certificate of ${host} is not acceptable (${match[1] ?? ""})`,
    hint: NOT_TRUSTED,
    again: "never",
    retry: false,
  },
  {
    pattern: /InvalidContentType|corrupt message/,
    words: (host) => `${host} does not speak TLS on that port`,
    hint:
      "Is the port in the url right? A server without TLS has an http:// url, and needs insecure.",
    again: "never",
    retry: false,
  },
  {
    pattern: /received fatal alert: CertificateRequired|certificate required/,
    words: (host) => `${host} wants to see a client certificate`,
    hint: "Name the file that holds it, and its key, with auth_cert.",
    again: "never",
    retry: false,
  },
  {
    pattern: /received fatal alert: (\w+)/,
    words: (host, match) => `${host} refused to speak TLS with us (${match[1] ?? ""})`,
    again: "never",
    retry: false,
  },
  {
    pattern: /dns error: .*(?:[Tt]emporary failure|try again)|EAI_AGAIN/,
    words: (host) => `the name ${host} cannot be looked up at the moment`,
    hint: "Is this machine connected to the network?",
    again: "never",
    retry: true,
  },
  {
    pattern: /dns error|failed to lookup address|ENOTFOUND/,
    words: (host) => `there is no host named ${host}`,
    hint: "Is the url spelled right, and this machine connected to the network?",
    again: "never",
    retry: true,
  },
  {
    pattern: /Connection refused|ECONNREFUSED|actively refused|os error 111\b|os error 10061\b/,
    words: (host) => `nothing answers at ${host}: the connection was refused`,
    hint: "Is the server running, and the port in the url right?",
    again: "always",
    retry: true,
  },
  {
    pattern: /unreachable|EHOSTUNREACH|ENETUNREACH|No route to host|os error (?:101|113)\b/,
    words: (host) => `there is no way from here to ${host}`,
    hint: "Is this machine connected to the network?",
    again: "never",
    retry: true,
  },
  {
    pattern: /Requests to port (\d+) are blocked/,
    words: (_, match) => `port ${match[1] ?? ""} is one that HTTP must not be used on`,
    hint: "Is the port in the url right?",
    again: "never",
    retry: false,
  },
  {
    pattern: /invalid HTTP version|Parse|parse/,
    words: (host) => `${host} does not speak HTTP on that port`,
    hint: "Is the port in the url right? A server with TLS has an https:// url.",
    again: "never",
    retry: false,
  },
  {
    pattern: /timed out|ETIMEDOUT|os error 110\b/,
    words: (host) => `${host} did not answer in time`,
    again: "safe",
    retry: true,
  },
  {
    pattern:
      /closed|reset|ECONNRESET|EPIPE|socket hang up|[Bb]roken pipe|reading a body|end of file|eof|EOF|IncompleteMessage/,
    words: (host) => `${host} closed the connection before its answer was complete`,
    again: "safe",
    retry: true,
  },
];

/** Everything that an error and its causes say, the outermost first. */
function* messages(thrown: unknown): Generator<string> {
  for (let depth = 0; depth < 8 && thrown !== undefined && thrown !== null; depth++) {
    yield thrown instanceof Error ? thrown.message : String(thrown);
    thrown = thrown instanceof Error ? thrown.cause : undefined;
  }
}

/** What `fetch`, or reading a body, threw at `url`, as an error with its real reason. */
export function unreachable(thrown: unknown, url: URL): HttpError {
  const text = [...messages(thrown)].join("\n").slice(0, 4_096);
  for (const { pattern, words, hint, again, retry } of REASONS) {
    const match = pattern.exec(text);
    if (match === null) continue;
    return new HttpError(words(url.host, match), {
      scope: "storage",
      kind: "unreachable",
      retry,
      again,
      ...(hint === undefined ? {} : { hint }),
      cause: thrown,
    });
  }
  return new HttpError(`${url.host} cannot be reached`, {
    scope: "storage",
    kind: "unreachable",
    retry: true,
    again: "safe",
    cause: thrown,
  });
}

/**
 * The error of an answer that did not come, or did not go on, for `ms` milliseconds. A host that has
 * never answered is not tried again: whoever waits for it has waited long enough.
 */
export function tooSlow(url: URL, ms: number, again: Again, cause?: unknown): HttpError {
  return new HttpError(`${url.host} did not answer for ${Math.round(ms / 1_000)} seconds`, {
    scope: "storage",
    kind: "unreachable",
    retry: true,
    again,
    hint: "It is down or busy. A larger timeout may help.",
    cause,
  });
}
