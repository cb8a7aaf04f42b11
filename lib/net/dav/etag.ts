/** Etags as preconditions. */

/**
 * The value of If-Match for an etag. A weak one never matches there (RFC 9110 section 13.1.1); most
 * are strong ones that a proxy has weakened because it compresses, and behind it the strong one
 * still holds. Where it does not, the server answers 412 and nothing is overwritten. Everything else
 * is sent as it was received. `undefined` for what a header cannot hold.
 */
export function ifMatch(etag: string): string | undefined {
  const strong = etag.startsWith("W/") ? etag.slice(2) : etag;
  return /^[\u0020-\u007e\u0080-\u00ff]+$/.test(strong) ? strong : undefined;
}

/**
 * The etag in the answer to a write, if it can be trusted to be that of what was written: a weak one
 * says itself that the bytes may be others.
 */
export function writtenEtag(headers: Headers): string | undefined {
  const etag = headers.get("etag")?.trim();
  return etag === undefined || etag === "" || etag.startsWith("W/") ? undefined : etag;
}

/** Whether two spellings of an etag, from a header and from a listing, mean the same version. */
export function sameEtag(a: string, b: string): boolean {
  const core = (etag: string) => etag.replace(/^W\//, "").replace(/^"+|"+$/g, "");
  return core(a) === core(b);
}
