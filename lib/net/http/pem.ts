/** Files in PEM: roots to trust, and the certificate that we show. */

import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { SyncError } from "../../model/error.ts";
import { certificatesIn, type TlsOptions } from "./tls.ts";

/** Larger files than this are not what they should be, in bytes. */
const MAX_FILE = 1024 * 1024;

const KEY = /-----BEGIN ([A-Z ]*)PRIVATE KEY-----[^-]+-----END \1PRIVATE KEY-----/;

function problem(
  message: string,
  kind: "missing" | "forbidden" | "malformed",
  hint?: string,
  cause?: unknown,
): SyncError {
  return new SyncError(message, { scope: "storage", kind, ...(hint && { hint }), cause });
}

async function readText(path: string, what: string): Promise<string> {
  try {
    using file = await Deno.open(path);
    const { size, isFile } = await file.stat();
    if (!isFile || size > MAX_FILE) throw problem(`${what} ${path} is no PEM file`, "malformed");
    return await new Response(file.readable).text();
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound || thrown instanceof Deno.errors.NotADirectory) {
      throw problem(`${what} ${path} does not exist`, "missing", undefined, thrown);
    }
    if (thrown instanceof Deno.errors.PermissionDenied) {
      throw problem(`${what} ${path} cannot be read by this user`, "forbidden", undefined, thrown);
    }
    throw thrown;
  }
}

/** The certificates of a file, each of which can be read. */
function certificatesOf(text: string, path: string, what: string): readonly string[] {
  const found = certificatesIn([text]);
  if (found.length === 0) {
    throw problem(
      `${what} ${path} has no certificate in it`,
      "malformed",
      "A PEM file has lines that say BEGIN CERTIFICATE. One in DER is turned into that by: " +
        "openssl x509 -inform der -in FILE",
    );
  }
  for (const [index, pem] of found.entries()) {
    try {
      new X509Certificate(pem);
    } catch (thrown) {
      const message = `certificate ${index + 1} in ${path} cannot be read`;
      throw problem(message, "malformed", "Was it cut short?", thrown);
    }
  }
  return found;
}

/**
 * The certificates of a file with roots, for `tls_root`.
 * @throws {SyncError} `missing`, `forbidden` or `malformed`, which name the file.
 */
export async function readRoots(path: string): Promise<readonly string[]> {
  const what = "the file of roots";
  return certificatesOf(await readText(path, what), path, what);
}

/**
 * A client certificate, with those between it and its root if they are in the file too, and its key,
 * which stands in the same file unless it has its own. For `auth_cert`.
 * @throws {SyncError} `missing`, `forbidden` or `malformed`, which name the file; also where the key
 * is another certificate's.
 */
export async function readIdentity(
  certificatePath: string,
  keyPath?: string,
): Promise<NonNullable<TlsOptions["identity"]>> {
  const text = await readText(certificatePath, "the client certificate");
  const chain = certificatesOf(text, certificatePath, "the client certificate");
  const keyText = keyPath === undefined ? text : await readText(keyPath, "the key");
  const path = keyPath ?? certificatePath;
  const key = KEY.exec(keyText)?.[0];
  if (key === undefined) {
    throw problem(
      `there is no private key in ${path}`,
      "malformed",
      keyPath === undefined ? "Name the file of the key after that of the certificate." : undefined,
    );
  }
  if (/ENCRYPTED/.test(key)) {
    throw problem(
      `the private key in ${path} is encrypted`,
      "malformed",
      "Decrypt it into a file that only you can read: openssl pkey -in FILE -out NEW",
    );
  }
  const [leaf = ""] = chain;
  if (!keyOf(key, path).equals(spki(new X509Certificate(leaf).publicKey))) {
    throw problem(
      `the private key in ${path} is not that of the certificate in ${certificatePath}`,
      "malformed",
      chain.length > 1 ? "The certificate that we show must be the first of its file." : undefined,
    );
  }
  return { certificate: chain.join("\n") + "\n", key: key + "\n" };
}

const spki = (key: KeyObject) => key.export({ type: "spki", format: "der" });

/** The public part of a private key, to be compared. */
function keyOf(pem: string, path: string) {
  try {
    return spki(createPublicKey(createPrivateKey(pem)));
  } catch (thrown) {
    throw problem(`the private key in ${path} cannot be read`, "malformed", undefined, thrown);
  }
}
