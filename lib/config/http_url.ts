/** The URL of a server: what is accepted, and what is taken out of it. */

import { Secret } from "../model/secret.ts";
import { hasControl } from "./value_text.ts";

/** An URL without a login, and the login that it had. */
export interface HttpUrl {
  /** http or https. */
  readonly url: string;
  readonly username: string | undefined;
  readonly password: Secret | undefined;
  /** Anyone on the way can read it: http, and to another machine. */
  readonly exposed: boolean;
  /** It was written as that of a feed. What is `webcal:` is read as https. */
  readonly feed?: "webcal" | "webcals";
  /** The Unix socket that it names instead of a host. */
  readonly socket?: string;
  /** It is that of an IMAP server. */
  readonly mail?: "imap" | "imaps";
}

/** Why it is none; the texts do not hold the URL, which may hold a password. */
export interface NoHttpUrl {
  readonly problem: string;
  readonly help?: string;
}

/** Reads the URL of a server: http, https, webcal, webcals, or unix. */
export function readHttpUrl(text: string): HttpUrl | NoHttpUrl {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1]?.toLowerCase();
  if (scheme === "unix") return readUnixUrl(text);
  if (scheme === "webcal" || scheme === "webcals") return readFeedUrl(text, scheme);
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

/** `unix:///run/server.sock`: all that is behind the host, of which there is none, is the path. */
function readUnixUrl(text: string): HttpUrl | NoHttpUrl {
  const help = "write it like this: unix:///run/server.sock";
  const path = /^unix:\/\/(\/.+)$/is.exec(text)?.[1];
  if (path === undefined) return { problem: "a unix URL has three slashes and a path", help };
  if (hasControl(path)) return { problem: "a path has no control characters" };
  const socket = decoded(path);
  return {
    url: "http://localhost/",
    username: undefined,
    password: undefined,
    exposed: false,
    socket,
  };
}

/** To this machine itself http, which nobody overhears; https to every other. */
function readFeedUrl(text: string, feed: "webcal" | "webcals"): HttpUrl | NoHttpUrl {
  const rest = text.slice(feed.length + 1);
  const read = readHttpUrl(`https:${rest}`);
  if ("problem" in read) return { problem: read.problem, help: `begin it with "${feed}://"` };
  if (feed === "webcals" || !isLoopback(new URL(read.url).hostname)) return { ...read, feed };
  const plain = readHttpUrl(`http:${rest}`);
  return "problem" in plain ? plain : { ...plain, feed };
}

/** What a storage is reached at. */
export interface Endpoint {
  readonly url: string;
  readonly socket?: string;
}

/** What decides how an URL of a storage is meant. */
export interface UrlUse {
  readonly type: "caldav" | "carddav" | "webcal";
  /** http is allowed to other machines too. */
  readonly insecure: boolean;
  readonly socket?: string;
  /** Whatever is configured of a login. */
  readonly auth?: unknown;
}

/** Where a storage with this URL is reached, or why that URL is none for it. */
export function endpointOf(
  read: HttpUrl,
  { type, insecure, socket, auth }: UrlUse,
): Endpoint | NoHttpUrl {
  if (read.mail !== undefined) {
    const problem = `${read.mail}: is the URL of mail, and this storage is ${type}`;
    return { problem, help: 'give it "type imap", or write the URL with "https://"' };
  }
  if (read.feed !== undefined && type !== "webcal") {
    const problem = `${read.feed}: is the URL of a feed, and this storage is ${type}`;
    return { problem, help: 'give it "type webcal", or write the URL with "https://"' };
  }
  const there = socket ?? read.socket;
  if (there !== undefined) return { url: read.url, socket: there };
  // A feed that anybody may read has nothing to hide; pimsync takes it as well.
  const isPublic = type === "webcal" && auth === undefined && read.username === undefined;
  if (read.exposed && !insecure && !isPublic) return EXPOSED;
  const isPlain = read.feed === "webcal" && insecure;
  return { url: isPlain ? read.url.replace(/^https:/, "http:") : read.url };
}

/** Said of an URL that is exposed, where `insecure` is not given. */
const EXPOSED: NoHttpUrl = {
  problem: "http:// sends everything, the password too, for anyone on the way to read",
  help: 'use https://, or add "insecure" to this storage if that is meant',
};

/** This machine by itself: no name that a resolver would have to be trusted for. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}

/** The text that `%XX` in an URL stands for. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    // A "%" that stands for itself, as people write it.
    if (error instanceof URIError) return text;
    throw error;
  }
}
