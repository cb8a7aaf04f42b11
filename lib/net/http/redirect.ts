/**
 * Redirects, by our own rules. Those of a browser turn a PROPFIND into a GET (303) and send a PUT's
 * body to any other host (measured with Deno's fetch), neither of which a sync tool can want.
 */

import { SyncError } from "../../model/error.ts";

/** How often one request may be sent on. */
export const MAX_HOPS = 5;

const CODES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Whether an answer with this status sends the request elsewhere. */
export function isRedirect(status: number): boolean {
  return CODES.has(status);
}

export interface RedirectRules {
  /** Whether another origin may be followed to. Only discovery may. */
  readonly crossOrigin: boolean;
  /** How many redirects there were before this one. */
  readonly hops: number;
}

function refused(message: string, hint?: string): SyncError {
  return new SyncError(message, {
    scope: "storage",
    kind: "refused",
    ...(hint === undefined ? {} : { hint }),
  });
}

/**
 * Where a request to `from` goes on, with its method and body unchanged whatever the code was.
 * Throws `refused` where it must not: no or no usable location, too many hops, away from TLS, or to
 * another origin unless the rules allow it.
 */
export function nextHop(from: URL, location: string | null, rules: RedirectRules): URL {
  if (location === null || !URL.canParse(location, from.href)) {
    throw refused(`${from.host} redirects to nowhere`);
  }
  const to = new URL(location, from.href);
  to.hash = "";
  // What the server puts there is not ours to send.
  to.username = "";
  to.password = "";
  const where = to.href.slice(0, 200);
  if (rules.hops >= MAX_HOPS) throw refused(`${from.host} redirects in circles, last to ${where}`);
  if (to.protocol !== "https:" && to.protocol !== "http:") {
    throw refused(`${from.host} redirects to ${where}, which is not HTTP`);
  }
  if (from.protocol === "https:" && to.protocol !== "https:") {
    throw refused(`${from.host} redirects away from TLS, to ${where}`);
  }
  if (from.origin !== to.origin && !rules.crossOrigin) {
    throw refused(
      `${from.host} redirects to another place, ${where}`,
      "If that is the right place, write it into the url.",
    );
  }
  return to;
}
