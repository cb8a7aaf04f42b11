/** What goes wrong between us and an IMAP server, in the words of the project. */

import { type ErrorKind, type Scope, SyncError } from "../../model/error.ts";
import type { Status } from "./response.ts";

/** A command that the server did not carry out. */
export class ImapError extends SyncError {
  readonly status: "NO" | "BAD";
  /** The response code (RFC 5530), in capitals. */
  readonly code: string | undefined;

  constructor(
    message: string,
    status: "NO" | "BAD",
    code: string | undefined,
    options: ConstructorParameters<typeof SyncError>[1],
  ) {
    super(message, options);
    this.status = status;
    this.code = code;
  }
}

interface Meaning {
  readonly kind: ErrorKind;
  readonly scope?: Scope;
  readonly retry?: true;
  readonly hint?: string;
}

// RFC 5530, RFC 4314, RFC 7889 and RFC 8438 for the codes.
const CODES: Readonly<Record<string, Meaning>> = {
  ALREADYEXISTS: { kind: "exists" },
  APPENDLIMIT: { kind: "too large", scope: "item" },
  AUTHENTICATIONFAILED: { kind: "unauthorised", scope: "storage" },
  AUTHORIZATIONFAILED: { kind: "unauthorised", scope: "storage" },
  EXPIRED: { kind: "unauthorised", scope: "storage", hint: "The password has run out." },
  CANNOT: { kind: "refused" },
  CLIENTBUG: { kind: "refused" },
  CONTACTADMIN: { kind: "refused", hint: "The server asks you to talk to its administrator." },
  CORRUPTION: { kind: "refused", hint: "The server says that it is damaged there." },
  EXPUNGEISSUED: { kind: "changed", retry: true },
  INUSE: { kind: "refused", retry: true },
  LIMIT: { kind: "too large" },
  NONEXISTENT: { kind: "missing" },
  NOPERM: { kind: "forbidden" },
  OVERQUOTA: { kind: "quota" },
  PRIVACYREQUIRED: {
    kind: "forbidden",
    scope: "storage",
    hint: "The server wants TLS before it is told a password.",
  },
  SERVERBUG: { kind: "refused", retry: true },
  THROTTLED: { kind: "unreachable", scope: "storage", retry: true },
  TOOBIG: { kind: "too large", scope: "item" },
  TRYCREATE: { kind: "missing" },
  UNAVAILABLE: { kind: "unreachable", scope: "storage", retry: true },
};

// What Gmail, Office 365 and others say without a code when they want to be left alone for a while.
const BUSY =
  /\b(throttl\w*|too many (?:simultaneous )?(?:connections|commands|requests|logins)|rate limit\w*|bandwidth|try again (?:later|in)|temporar(?:y|ily)|server busy|maximum number of connections|web login required)/i;
const FULL = /\b(over ?quota|quota exceeded|mailbox (?:is )?full|no space left|disk full)/i;
const TOO_BIG = /\b(too (?:large|big)|exceeds?[^.]{0,40}(?:size|limit|maximum))/i;
const NO_BOX =
  /\b(unknown mailbox|mailbox (?:doesn't|does not) exist|no such mailbox|non-?existent)/i;

/** How much of what a server says is kept, in characters. */
const MOST_TEXT = 400;

const meaningOf = ({ code, text }: Status): Meaning => {
  const known = code === undefined ? undefined : CODES[code.name];
  if (known !== undefined) return known;
  if (/web login required/i.test(text)) {
    return {
      kind: "unauthorised",
      scope: "storage",
      hint: "The provider wants you to log in with a browser once.",
    };
  }
  if (FULL.test(text)) return { kind: "quota" };
  if (BUSY.test(text)) return { kind: "unreachable", scope: "storage", retry: true };
  if (TOO_BIG.test(text)) return { kind: "too large", scope: "item" };
  if (NO_BOX.test(text)) return { kind: "missing" };
  return { kind: "refused" };
};

export const shortened = (text: string): string =>
  text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}...` : text;

/** The error of a tagged NO or BAD. */
export function refusedBy(server: string, doing: string, status: Status): ImapError {
  const { kind, scope = "collection", retry, hint } = meaningOf(status);
  const word = status.status === "BAD" ? "BAD" : "NO";
  const said = [status.code === undefined ? "" : `[${status.code.name}]`, status.text]
    .filter((it) => it !== "").join(" ");
  return new ImapError(`${server} refuses ${doing}: ${shortened(said)}`, word, status.code?.name, {
    scope,
    kind,
    ...(retry === undefined ? {} : { retry }),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** The error of an answer that is not IMAP, or not what was asked for. The connection is useless. */
export function malformed(server: string, what: string, scope: Scope = "storage"): SyncError {
  return new SyncError(`${server} gave an answer that makes no sense: ${what}`, {
    scope,
    kind: "malformed",
  });
}

/** The error of a connection that ended before the answer was complete. */
export function lost(server: string, cause?: unknown, said?: string): SyncError {
  const why = said === undefined ? "" : `: ${shortened(said)}`;
  return new SyncError(`${server} closed the connection before its answer was complete${why}`, {
    scope: "storage",
    kind: "unreachable",
    retry: true,
    cause,
  });
}
