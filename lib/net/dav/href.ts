/**
 * Hrefs: how a server names its resources, and how we compare and send back what it said.
 *
 * An href is sent back byte for byte, as far as a url can hold it. Compared are keys: servers write
 * the same resource as a path and as a whole url, with `@` and with `%40`, with and without a slash
 * at the end.
 */

/** The longest href that is taken, in characters. */
export const MAX_HREF = 8_192;

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;
const ABSOLUTE = /^(https?:\/\/[^/?#]*)(.*)$/is;

/**
 * The url that an href of an answer from `base` stands for. Unlike a browser, a path that begins
 * with two slashes is a path: servers that join paths carelessly write that. An http url of the same
 * host in an answer that came by https is meant as https: behind a proxy, servers do not know that
 * they have it. `undefined` for what leads nowhere.
 */
export function resolveHref(href: string, base: URL): URL | undefined {
  const trimmed = href.trim().replaceAll("#", "%23");
  if (trimmed.length > MAX_HREF) return undefined;
  const text = trimmed.startsWith("/") ? base.origin + trimmed : trimmed;
  if (SCHEME.test(trimmed) && !/^https?:/i.test(trimmed)) return undefined;
  const url = URL.parse(text, base.href);
  if (url === null) return undefined;
  if (url.username !== "") url.username = "";
  if (url.password !== "") url.password = "";
  const unaware = base.protocol === "https:" && url.protocol === "http:" &&
    url.hostname === base.hostname;
  return unaware ? new URL(base.origin + url.pathname + url.search) : url;
}

/**
 * An href as it is kept and sent back: the path as the server wrote it. Of a whole url the server's
 * own name is taken off, since some refuse it in a report (iCloud); one on another host stays whole.
 * `undefined` for what leads nowhere.
 */
export function keepHref(href: string, base: URL): string | undefined {
  const trimmed = href.trim();
  if (trimmed.length > MAX_HREF) return undefined;
  if (trimmed.startsWith("/")) return trimmed;
  const url = resolveHref(trimmed, base);
  if (url === undefined) return undefined;
  const [, , path] = ABSOLUTE.exec(trimmed) ?? [];
  if (url.origin !== base.origin) return url.href;
  if (path !== undefined) return path === "" ? "/" : path;
  return url.pathname + url.search;
}

/**
 * The same for an href of what is in `folder`: its path, even if the server calls itself by a name
 * that only it knows, as one behind a proxy does.
 */
export function memberHref(href: string, folder: URL): string | undefined {
  const kept = keepHref(href, folder);
  const [, , path] = ABSOLUTE.exec(kept ?? "") ?? [];
  return path !== undefined && isWithin(path, folder.pathname) ? path : kept;
}

/** The key of an href of what is in `folder`. */
export function memberKey(href: string, folder: URL): string | undefined {
  const kept = memberHref(href, folder);
  return kept === undefined ? undefined : hrefKey(kept, folder);
}

const UNRESERVED = /[A-Za-z0-9\-._~]/;

/** One percent-encoding of a path, as its key has it. */
function canonicalTriplet(triplet: string): string {
  const char = String.fromCharCode(parseInt(triplet.slice(1), 16));
  return UNRESERVED.test(char) ? char : triplet.toUpperCase();
}

// What may stand in a path unencoded beside what is unreserved (RFC 3986 section 3.3) and is
// encoded by some servers all the same: the key has it encoded. The slash is not among them: as %2F
// it belongs to a name.
const SUB_DELIMITERS = /[!$&'()*+,;=:@]/g;

/**
 * What two spellings of one path have in common: characters that need no encoding are decoded, all
 * others encoded in capitals, slashes at the end left off. An encoded percent sign stays as it is, so that what
 * was encoded twice is not decoded once.
 */
export function pathKey(path: string): string {
  let encoded = path;
  if (/[^\u0021-\u007e]|["<>\\^`{|}]/.test(path)) {
    encoded = path.replace(
      /[^\u0021-\u007e]+|["<>\\^`{|}]/gu,
      (part) => encodeURIComponent(part.toWellFormed()),
    );
  }
  if (encoded.includes("%")) {
    encoded = encoded.replace(/%[0-9A-Fa-f]{2}/g, canonicalTriplet);
  }
  encoded = encoded.replace(
    SUB_DELIMITERS,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return encoded.length > 1 ? encoded.replace(/\/+$/, "") : encoded;
}

/** The key of an href of an answer from `base`: its origin, if that is another, and its path's key. */
export function hrefKey(href: string, base: URL): string | undefined {
  const kept = keepHref(href, base);
  if (kept === undefined) return undefined;
  const [, origin = "", path = kept] = ABSOLUTE.exec(kept) ?? [];
  return origin + pathKey(path);
}

/** The last segment of a path, percent-decoded; `""` for the root. */
export function lastSegment(path: string): string {
  const segment = path.replace(/[?#].*$/s, "").replace(/\/+$/, "").split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(segment);
  } catch {
    // It is not UTF-8 under the encoding: then it stands for itself.
    return segment;
  }
}

/** The path of the folder that a path is in, with a slash at its end. */
export function parentPath(path: string): string {
  return path.replace(/[^/]*\/*$/, "");
}

/** Whether `path` is `folder` or lies below it. */
export function isWithin(path: string, folder: string): boolean {
  const outer = pathKey(folder).replace(/\/$/, "");
  const inner = pathKey(path);
  return inner === outer || inner.startsWith(`${outer}/`);
}
