/** The URL of a server: what is accepted, and what is taken out of it. */

import { Secret } from "../model/secret.ts";

/** An URL without a login, and the login that it had. */
export interface HttpUrl {
  readonly url: string;
  readonly username: string | undefined;
  readonly password: Secret | undefined;
  /** Anyone on the way can read it: http, and to another machine. */
  readonly exposed: boolean;
}

/** Why it is none; the texts do not hold the URL, which may hold a password. */
export interface NoHttpUrl {
  readonly problem: string;
  readonly help?: string;
}

/** Reads the URL of a server. */
export function readHttpUrl(text: string): HttpUrl | NoHttpUrl {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1]?.toLowerCase();
  if (scheme === "unix") return { problem: "Unix sockets are not supported by this version yet" };
  if (scheme === "webcal" || scheme === "webcals") {
    return { problem: `${scheme}: names no protocol`, help: 'write it with "https://"' };
  }
  if (!/^https?:\/\//i.test(text)) {
    const help = 'begin it with "https://" or "http://"';
    return { problem: "this is no http or https URL", help };
  }
  const url = URL.parse(text);
  if (url === null || /\s/.test(text)) {
    const help = "write special characters in a name or a password as %XX";
    return { problem: "this URL cannot be read", ...(text.includes("@") && { help }) };
  }
  const username = url.username === "" ? undefined : decoded(url.username);
  const password = url.password === "" ? undefined : new Secret(decoded(url.password));
  url.username = "";
  url.password = "";
  url.hash = "";
  const exposed = url.protocol === "http:" && !isLoopback(url.hostname);
  return { url: url.href, username, password, exposed };
}

/** Said of an URL that is exposed, where `insecure` is not given. */
export const EXPOSED: NoHttpUrl = {
  problem: "http:// sends everything, the password too, for anyone on the way to read",
  help: 'use https://, or add "insecure" to this storage if that is meant',
};

/** This machine by itself: no name that a resolver would have to be trusted for. */
function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    // A "%" that stands for itself, as people write it.
    if (error instanceof URIError) return text;
    throw error;
  }
}
