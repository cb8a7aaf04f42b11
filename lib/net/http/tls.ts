/** Whom we believe, and who we are. */

import { createHash, X509Certificate } from "node:crypto";
import { HttpError } from "./error.ts";

export interface TlsOptions {
  /** PEM certificates of the only roots that are trusted, instead of the system's. */
  readonly roots?: readonly string[] | undefined;
  /** A client certificate and its key, in PEM. */
  readonly identity?: { readonly certificate: string; readonly key: string } | undefined;
  /**
   * The SHA-256 of the only certificate that the server may have, as hexadecimal digits; colons and
   * capitals make no difference. Without roots nothing else of the certificate is checked, neither
   * its name nor its dates nor who signed it; with roots both must be right.
   */
  readonly fingerprint?: string | undefined;
}

/** A fingerprint as it is compared. */
export function plainFingerprint(text: string): string {
  return text.replaceAll(":", "").toLowerCase();
}

/** The fingerprint of a certificate (DER). */
export function fingerprintOf(certificate: Uint8Array): string {
  return createHash("sha256").update(certificate).digest("hex");
}

/** A fingerprint as people compare it, and as `openssl x509 -fingerprint` prints it. */
export function shownFingerprint(text: string): string {
  return plainFingerprint(text).toUpperCase().replace(/..(?!$)/g, "$&:");
}

/** The error of a server that has another certificate than the one that is pinned. */
export function wrongFingerprint(host: string, found: string): HttpError {
  return new HttpError(
    `${host} shows another certificate than the one that is pinned: its fingerprint is ` +
      shownFingerprint(found),
    {
      scope: "storage",
      kind: "unreachable",
      again: "never",
      hint:
        "Nothing was sent. If its certificate was renewed, and you have this fingerprint from " +
        "somebody you trust, write it into tls_fingerprint; else somebody may be listening in.",
    },
  );
}

/**
 * Whether this runtime checks, of a server with a certificate that it does not know, that the server
 * has the key of it; and whether it can do without the system's roots. Before 2.8 it does neither
 * (tried with 2.6.10): anybody can show a copied certificate then, so that a fingerprint alone
 * proves nothing.
 */
export function checksStrangers(version: string = Deno.version.deno): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 2 || (major === 2 && minor >= 8);
}

/**
 * Whether one of `roots`, by its name, is the issuer of the certificate (DER), or is that itself. This
 * says who is meant where a runtime has verified the certificate, but may have done so with the
 * system's roots: those issue nothing in the name of somebody else's root.
 */
export function isIssuedByOneOf(certificate: Uint8Array, roots: readonly string[]): boolean {
  const leaf = new X509Certificate(certificate);
  return certificatesIn(roots).some((pem) => {
    const root = new X509Certificate(pem);
    return leaf.fingerprint256 === root.fingerprint256 || leaf.issuer === root.subject;
  });
}

/** Each certificate of these PEM texts by itself. */
export function certificatesIn(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) =>
    text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  );
}
