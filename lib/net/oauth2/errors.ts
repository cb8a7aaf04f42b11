/** What goes wrong between us and who gives out tokens, in words. */

import { AuthorizationResponseError, ResponseBodyError } from "oauth4webapi";
import { cancelled, SyncError, type SyncErrorOptions } from "../../model/error.ts";
import { unreachable } from "../http/reason.ts";
import { shortText } from "../http/status.ts";
import type { OauthOptions } from "./options.ts";

/** What the person does who has to log in again. */
export function loginHint(storage: string): string {
  return `Log in again with: dovetail login ${storage}`;
}

/** The error of a storage that nobody has logged in to, or whose login is no longer good. */
export function notLoggedIn(message: string, storage: string, cause?: unknown): SyncError {
  return new SyncError(message, {
    scope: "storage",
    kind: "unauthorised",
    hint: loginHint(storage),
    cause,
  });
}

type Words = readonly [message: string, options: Pick<SyncErrorOptions, "kind" | "hint" | "retry">];

/** The codes of RFC 6749 section 4.1.2.1 and 5.2, and of RFC 8628 section 3.5. */
function wordsFor(code: string, options: OauthOptions): Words {
  const again = loginHint(options.storage);
  switch (code) {
    case "invalid_grant":
      return ["the login has run out, or was taken back", { kind: "unauthorised", hint: again }];
    case "invalid_client":
    case "unauthorized_client":
      return [
        "the provider does not know this client",
        { kind: "unauthorised", hint: "Check client_id and client_secret." },
      ];
    case "access_denied":
      return ["it was not allowed", { kind: "unauthorised", hint: again }];
    case "expired_token":
      return ["the code was not used in time", { kind: "unauthorised", hint: again }];
    case "invalid_scope":
      return [
        "the provider does not give these rights to this client",
        {
          kind: "forbidden",
          hint:
            "Check scope. Google gives none to calendars and contacts to a login by code: leave " +
            "out --device then.",
        },
      ];
    case "temporarily_unavailable":
    case "server_error":
      return ["the provider has a fault of its own", { kind: "refused", retry: true }];
    default:
      return [
        "the provider refuses it",
        { kind: "refused", hint: "Check what the oauth2 block of the storage says." },
      ];
  }
}

/** What was thrown while asking `url`, as the error of a storage. */
export function oauthError(
  thrown: unknown,
  url: URL,
  options: OauthOptions,
  signal: AbortSignal,
): SyncError {
  if (signal.aborted) return cancelled(thrown);
  if (thrown instanceof SyncError) return thrown;
  if (thrown instanceof ResponseBodyError || thrown instanceof AuthorizationResponseError) {
    const [message, meaning] = wordsFor(thrown.error, options);
    const said = shortText(`${thrown.error}: ${thrown.error_description ?? ""}`)
      .replace(/: ?$/, "").slice(0, 300);
    return new SyncError(`${message} (${url.host} says ${said})`, {
      scope: "storage",
      ...meaning,
    });
  }
  const late = thrown instanceof DOMException && thrown.name === "TimeoutError";
  if (late || (thrown instanceof TypeError && !("code" in thrown))) {
    return unreachable(late ? new TypeError("timed out") : thrown, url);
  }
  // The message of the library; its cause may hold what was received, and so a token.
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new SyncError(`${url.host} gave an answer that is none of OAuth 2: ${message}`, {
    scope: "storage",
    kind: "malformed",
    hint: "Is the url the one that the provider names?",
  });
}
