/** Where we connect to, and to whom we show the credentials. */

import { SyncError } from "../../model/error.ts";

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Whether `url` leads to this machine itself, so that nobody is on the way. */
export function isLoopback(url: URL): boolean {
  return LOOPBACK.test(url.hostname);
}

/**
 * Throws `forbidden` unless `url` is https, or http that stays on this machine, or http that the
 * configuration allows by name.
 */
export function requireSafe(url: URL, insecure: boolean): void {
  if (url.protocol === "https:") return;
  if (url.protocol === "http:" && (insecure || isLoopback(url))) return;
  if (url.protocol === "http:") {
    throw new SyncError(`${url.host} would be spoken to without TLS, in the clear`, {
      scope: "storage",
      kind: "forbidden",
      hint: "Write https:// in the url, or, if you know that nobody listens, insecure.",
    });
  }
  throw new SyncError(`a url that begins with ${url.protocol} is nothing to connect to`, {
    scope: "storage",
    kind: "forbidden",
    hint: "Write https:// in the url.",
  });
}

/**
 * Throws `refused` unless `url` is of the same origin as `home`, which a Unix socket stands for: it
 * leads nowhere else, and nobody can listen on the way.
 */
export function requireSame(url: URL, home: URL): void {
  if (url.origin === home.origin) return;
  throw new SyncError(
    `${url.origin} cannot be reached by the socket that stands for ${home.origin}`,
    {
      scope: "storage",
      kind: "refused",
      hint:
        `Should the server call itself ${url.origin}? Then write that as the url, beside the socket.`,
    },
  );
}

// Names such as co.uk or com.au, under which anybody can have a domain: two letters after a short
// second level. Longer lists exist; where this one is too narrow, the credentials stay at home.
const PUBLIC_SUFFIX = /^[a-z0-9-]{1,3}\.[a-z]{2}$/;
const IP = /^(?:[\d.]+|\[.*\])$/;

/** Whether two hosts belong to one domain, as caldav.icloud.com and p42-caldav.icloud.com do. */
function related(home: string, target: string): boolean {
  if (home === target) return true;
  if (IP.test(home) || IP.test(target)) return false;
  if (home.includes(".") && !PUBLIC_SUFFIX.test(home) && target.endsWith(`.${home}`)) return true;
  const domain = home.slice(home.indexOf(".") + 1);
  return domain.includes(".") && !PUBLIC_SUFFIX.test(domain) &&
    (target === domain || target.endsWith(`.${domain}`));
}

/**
 * Whether the credentials for `home`, the url of the configuration, may be shown to `target`: it is
 * the same origin; or it has TLS, so that its name is proven, and a host of the same domain. Some
 * providers keep each user's calendars on another host of theirs (iCloud), and say so in a home set
 * or by a redirect.
 */
export function mayAuthenticate(home: URL, target: URL): boolean {
  if (home.origin === target.origin) return true;
  return target.protocol === "https:" && related(home.hostname, target.hostname);
}
