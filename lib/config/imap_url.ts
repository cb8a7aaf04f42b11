/** The URL of an IMAP server (RFC 5092), and that of any storage. */

import { Secret } from "../model/secret.ts";
import { decoded, type HttpUrl, isLoopback, type NoHttpUrl, readHttpUrl } from "./http_url.ts";

/** Reads the URL of a storage, whatever its type. */
export const readUrl = (text: string): HttpUrl | NoHttpUrl =>
  /^imaps?:/i.test(text) ? readImapUrl(text) : readHttpUrl(text);

/** Reads `imaps://HOST` or `imap://HOST`, with a login and a port if there are any. */
function readImapUrl(text: string): HttpUrl | NoHttpUrl {
  const scheme = /^imaps:/i.test(text) ? "imaps" : "imap";
  const url = URL.parse(text);
  if (url === null || url.hostname === "" || /\s/.test(text)) {
    const help = "write it like this: imaps://HOST; special characters in a name as %XX";
    return { problem: "this URL cannot be read", help };
  }
  if (!/^\/?$/.test(url.pathname) || url.search !== "" || url.hash !== "") {
    const help = "which mailboxes are kept in step is said in the pair";
    return { problem: "the URL of an IMAP server ends behind its host", help };
  }
  const username = url.username === "" ? undefined : decoded(url.username);
  const password = url.password === "" ? undefined : new Secret(decoded(url.password));
  const port = url.port === "" ? "" : `:${url.port}`;
  return {
    url: `${scheme}://${url.hostname}${port}`,
    username,
    password,
    exposed: false,
    mail: scheme,
  };
}

/** Where an IMAP server is, and what is demanded of the way there. */
export interface ImapPlace {
  readonly host: string;
  readonly port: number;
  /** `none`: nobody can overhear it, or it was said that this does not matter. */
  readonly security: "tls" | "starttls" | "none";
}

/** What an URL of {@linkcode readUrl} comes to. */
export function imapPlaceOf(text: string, insecure: boolean): ImapPlace {
  const { protocol, hostname, port } = new URL(text);
  const isTls = protocol === "imaps:";
  return {
    // The brackets of an IPv6 address are the URL's.
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: port === "" ? (isTls ? 993 : 143) : Number(port),
    security: isTls ? "tls" : insecure || isLoopback(hostname) ? "none" : "starttls",
  };
}
