/** Where a server is, and how it is spoken to. */

import { isIP } from "node:net";
import { SyncError } from "../../model/error.ts";

export type Place =
  | {
    readonly kind: "host";
    readonly host: string;
    /** Default: 993 with TLS from the beginning, otherwise 143. */
    readonly port?: number | undefined;
    /**
     * `tls` from the first byte on, `starttls` before anything is said, or `none`, which is refused
     * but for this machine, unless `insecure` is set. Default: `tls`.
     */
    readonly security?: "tls" | "starttls" | "none" | undefined;
    /** A Unix socket in the place of the network: the host is then only a name. */
    readonly socket?: string | undefined;
  }
  /**
   * A program that speaks IMAP on its standard input and output, such as `ssh host imap`. It is run
   * as it is, without a shell. Whether it wants a login is seen from its greeting.
   */
  | { readonly kind: "tunnel"; readonly argv: readonly string[] };

export type HostPlace = Extract<Place, { kind: "host" }>;

export const portOf = ({ port, security }: HostPlace): number =>
  port ?? (security === "starttls" || security === "none" ? 143 : 993);

const bracketed = (host: string) => isIP(host) === 6 ? `[${host}]` : host;

/** The host and port as a url, which errors and checks of certificates are made of. */
export function urlOf(place: HostPlace): URL {
  const text = `https://${bracketed(place.host)}:${portOf(place)}/`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && url.username === "" && url.pathname === "/" && url.hostname !== "") {
    return url;
  }
  throw new SyncError(`${place.host} is no name of a host`, {
    scope: "storage",
    kind: "refused",
    hint: "Write the name alone, as in imap.example.org.",
  });
}

/** What the place is called in an error. */
export function labelOf(place: Place): string {
  if (place.kind === "tunnel") return `the program ${place.argv[0] ?? ""}`;
  return place.socket === undefined ? place.host : `the socket ${place.socket}`;
}

const STANDARD: ReadonlySet<number> = new Set([143, 993]);

/**
 * The place as the beginning of an absolute url (RFC 5092), without a slash at its end. Ports 143 and
 * 993 lead to one and the same server.
 */
export function placeUrl(place: Place, username: string | undefined): string {
  const user = username === undefined ? "" : `${encodeURIComponent(username)}@`;
  if (place.kind === "tunnel") {
    return `imap+tunnel://${user}${place.argv.map(encodeURIComponent).join("+")}`;
  }
  if (place.socket !== undefined) return `imap+unix://${user}${encodeURIComponent(place.socket)}`;
  const port = portOf(place);
  return `imap://${user}${bracketed(place.host.toLowerCase())}${
    STANDARD.has(port) ? "" : `:${port}`
  }`;
}
