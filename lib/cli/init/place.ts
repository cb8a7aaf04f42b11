/** From what a person says of a server to where it is. */

import { readHttpUrl } from "../../config/http_url.ts";
import type { Place } from "./answers.ts";

export type PlaceResult =
  | { readonly place: Place; readonly exposed: boolean }
  | { readonly problem: string; readonly help?: string };

/**
 * Reads an address (`hugo@example.com`), a host or an URL. Where calendars and contacts are on it is
 * found out later, by discovery. A password in an URL is left out.
 */
export function readPlace(text: string): PlaceResult {
  if (text === "") return { problem: "nothing was said" };
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return readUrl(text);
  const at = text.lastIndexOf("@");
  const host = text.slice(at + 1).toLowerCase();
  const provider = PROVIDERS.find(({ domains }) => domains.includes(host));
  if (provider !== undefined && "problem" in provider) return provider;
  const username = at > 0 ? { username: text } : {};
  if (provider !== undefined) {
    const { urls, note } = provider;
    return { place: { host, urls, insecure: false, note, ...username }, exposed: false };
  }
  const read = readUrl(`https://${text.slice(at + 1)}`);
  if ("problem" in read) {
    return { problem: "this is neither an address, nor a host, nor an URL", help: EXAMPLES };
  }
  return { ...read, place: { ...read.place, ...username } };
}

const EXAMPLES = "for example hugo@example.com, dav.example.com or https://example.com/dav/";

function readUrl(text: string): PlaceResult {
  const read = readHttpUrl(text);
  if ("problem" in read) return read;
  if (read.feed !== undefined) {
    return {
      problem: "that is the address of a feed, which is a storage of the type webcal",
      help: '"dovetail help config" tells how to write one',
    };
  }
  const url = read.socket === undefined ? read.url : text;
  const { username } = read;
  const place: Place = {
    host: read.socket ?? new URL(read.url).host,
    urls: { calendar: url, contacts: url },
    insecure: false,
    ...(username === undefined ? {} : { username }),
  };
  return { place, exposed: read.exposed };
}

type Provider =
  & { readonly domains: readonly string[] }
  & (
    | Required<Pick<Place, "urls" | "note">>
    | { readonly problem: string; readonly help: string }
  );

/** Those whose addresses do not lead there by themselves, or who want another kind of login. */
const PROVIDERS: readonly Provider[] = [
  {
    domains: ["icloud.com", "me.com", "mac.com"],
    urls: { calendar: "https://caldav.icloud.com/", contacts: "https://contacts.icloud.com/" },
    note: "iCloud wants an app-specific password, which is made at https://account.apple.com/",
  },
  {
    domains: ["gmail.com", "googlemail.com", "google.com"],
    problem: "Google lets programs in by OAuth 2 alone, for which init has no questions",
    help: '"dovetail help config" tells of auth_method oauth2 with "provider google"',
  },
];
