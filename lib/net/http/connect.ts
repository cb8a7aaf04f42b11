/**
 * Connections whose certificate is checked by our own rules, before anything is written to them.
 *
 * The runtime's `fetch` takes further roots, but always the system's as well, and has no word for a
 * fingerprint; `node:tls` has both.
 */

import { X509Certificate } from "node:crypto";
import { connect as connectTcp, isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import { HttpError } from "./error.ts";
import type { Connect } from "./own_fetch.ts";
import { peerCertificate } from "./peer_certificate.ts";
import { proxyFor, tunnel } from "./proxy.ts";
import { unreachable } from "./reason.ts";
import {
  certificatesIn,
  checksStrangers,
  fingerprintOf,
  isIssuedByOneOf,
  plainFingerprint,
  type TlsOptions,
  wrongFingerprint,
} from "./tls.ts";

/** How often a certificate is looked for that is not there yet. */
const LOOK_EVERY = 5;

/** What opens connections to a server, or to a Unix socket in its place. */
export function connector(tls: TlsOptions, socketPath?: string): Connect {
  return async (url, signal) => {
    const under = socketPath === undefined
      ? await overProxy(url, signal)
      : await overSocket(socketPath, signal);
    if (url.protocol === "https:") return await secured(url, tls, signal, under);
    return under ?? await overTcp(url, signal);
  };
}

/**
 * A connection to the host and port of `url` that goes through the proxy which the environment names
 * for https urls; none where it names none.
 */
export async function overProxy(url: URL, signal: AbortSignal): Promise<Duplex | undefined> {
  const proxy = url.protocol === "https:" ? proxyFor(url) : undefined;
  if (proxy === undefined) return undefined;
  const socket = connectTcp(addressOf(proxy));
  try {
    await opened(socket, "connect", signal);
  } catch (thrown) {
    throw signal.aborted ? thrown : unreachable(thrown, proxy);
  }
  socket.setNoDelay(true);
  const stop = () => socket.destroy(new DOMException("stopped", "AbortError"));
  signal.addEventListener("abort", stop, { once: true });
  try {
    await tunnel(socket, proxy, addressOf(url));
    return socket;
  } catch (thrown) {
    socket.destroy();
    throw thrown;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** A connection to a Unix socket. */
export async function overSocket(path: string, signal: AbortSignal): Promise<Duplex> {
  try {
    return await opened(connectTcp({ path }), "connect", signal);
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    const code = codeOf(thrown);
    const [words, hint] = SOCKET_REASONS[code] ?? ["cannot be connected to"];
    throw new HttpError(`the socket ${path} ${words}`, {
      scope: "storage",
      kind: "unreachable",
      again: "never",
      retry: code !== "EACCES",
      ...(hint === undefined ? {} : { hint }),
      cause: thrown,
    });
  }
}

const SOCKET_REASONS: Readonly<Record<string, readonly [words: string, hint: string]>> = {
  ENOENT: ["does not exist", "Is the server running, and the path right?"],
  ECONNREFUSED: ["has nobody who listens at it", "Is the server running?"],
  EACCES: ["must not be used by this user", "Who may use it is a matter of its permissions."],
};

function addressOf(url: URL): { readonly host: string; readonly port: number } {
  const standard = url.protocol === "https:" ? 443 : 80;
  return { host: bare(url.hostname), port: url.port === "" ? standard : Number(url.port) };
}

/** A host without the brackets around an IPv6 address. */
const bare = (host: string) => host.replace(/^\[(.*)\]$/, "$1");

/** A connection without TLS. */
export async function overTcp(url: URL, signal: AbortSignal): Promise<Duplex> {
  const socket = connectTcp(addressOf(url));
  socket.setNoDelay(true);
  return await opened(socket, "connect", signal);
}

/** Waits until a socket is open; it is destroyed where that fails or is no longer wanted. */
async function opened<Socket extends Duplex>(
  socket: Socket,
  event: "connect" | "secureConnect",
  signal: AbortSignal,
): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = () => reject(new DOMException("stopped", "AbortError"));
  const closed = () => reject(new TypeError("connection closed before it was open"));
  // Whoever reads from it sees what goes wrong; an error that nobody listens to ends the process.
  socket.on("error", () => {});
  socket.once(event, resolve);
  socket.once("error", reject);
  socket.once("close", closed);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    await promise;
    return socket;
  } catch (thrown) {
    socket.destroy();
    throw thrown;
  } finally {
    socket.removeListener("error", reject);
    socket.removeListener("close", closed);
    signal.removeEventListener("abort", stop);
  }
}

/**
 * Speaks TLS with the host that `url` names, over `under` where that is given, once the certificate
 * was found to be right. The protocols are those that ALPN offers (RFC 7301).
 */
export async function secured(
  url: URL,
  tls: TlsOptions,
  signal: AbortSignal,
  under: Duplex | undefined,
  protocols: readonly string[] = ["http/1.1"],
): Promise<TLSSocket> {
  const { roots, identity, fingerprint } = tls;
  const { host, port } = addressOf(url);
  const pinnedOnly = fingerprint !== undefined && roots === undefined;
  if (pinnedOnly && !checksStrangers()) throw tooOld("check tls_fingerprint without tls_root");
  if (under !== undefined && !checksStrangers()) throw tooOld("speak TLS over a socket or a proxy");
  const options: ConnectionOptions = {
    // Whatever it goes through, this is whom the certificate must name.
    host,
    port,
    ...(under === undefined ? {} : { socket: under }),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ALPNProtocols: [...protocols],
    rejectUnauthorized: !pinnedOnly,
    ...(roots === undefined ? {} : { ca: [...certificatesIn(roots)] }),
    ...(identity === undefined ? {} : { cert: identity.certificate, key: identity.key }),
  };
  const socket = connectTls(options);
  socket.setNoDelay(true);
  try {
    await opened(socket, "secureConnect", signal);
    const certificate = await certificateOf(socket, signal);
    if (roots !== undefined && !checksStrangers() && !isIssuedByOneOf(certificate, roots)) {
      throw tooOld("check tls_root where a certificate stands in between");
    }
    const found = fingerprintOf(certificate);
    if (fingerprint !== undefined && found !== plainFingerprint(fingerprint)) {
      throw wrongFingerprint(url.host, found);
    }
    return socket;
  } catch (thrown) {
    socket.destroy();
    if (pinnedOnly && isAboutCertificate(thrown)) throw unproven(url, thrown);
    throw under === undefined && isUnverified(thrown)
      ? await reasonOf(url, thrown, signal)
      : thrown;
  }
}

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";

const isUnverified = (thrown: unknown) => codeOf(thrown) === "UNABLE_TO_VERIFY_LEAF_SIGNATURE";

// Where only the fingerprint counts, nothing is left that could be said against a certificate, but
// that the server has not its key.
const isAboutCertificate = (thrown: unknown) =>
  isUnverified(thrown) || /SELF_SIGNED_CERT|^CERT_/.test(codeOf(thrown));

function unproven(url: URL, cause: unknown): HttpError {
  return new HttpError(`${url.host} cannot prove that the certificate it shows is its own`, {
    scope: "storage",
    kind: "unreachable",
    again: "never",
    hint: "Nothing was sent. Somebody may be listening in.",
    cause,
  });
}

/**
 * The better reason: that is what the runtime also says of a certificate that has run out (2.9.6).
 * The server is asked for it once more, and nothing is sent.
 */
async function reasonOf(url: URL, thrown: unknown, signal: AbortSignal): Promise<unknown> {
  const socket = connectTls({ ...addressOf(url), rejectUnauthorized: false });
  try {
    await opened(socket, "secureConnect", signal);
    const { validFrom, validTo } = new X509Certificate(await certificateOf(socket, signal));
    const now = Date.now();
    const cause = { cause: thrown };
    if (Date.parse(validTo) < now) return new Error("invalid peer certificate: Expired", cause);
    if (Date.parse(validFrom) > now) return new Error("certificate not valid yet", cause);
    return thrown;
  } catch {
    // The first reason stands.
    return thrown;
  } finally {
    socket.destroy();
  }
}

/** The server's own certificate, which is there once the handshake is done. */
async function certificateOf(socket: TLSSocket, signal: AbortSignal): Promise<Uint8Array> {
  let failure: unknown;
  const fail = (thrown: unknown) => failure ??= thrown;
  const close = () => failure ??= new TypeError("connection closed during the handshake");
  socket.on("error", fail);
  socket.on("close", close);
  try {
    for (;;) {
      const raw = peerCertificate(socket);
      if (raw !== undefined) return raw;
      if (failure !== undefined) throw failure;
      signal.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
    }
  } finally {
    socket.removeListener("error", fail);
    socket.removeListener("close", close);
  }
}

function tooOld(what: string): HttpError {
  return new HttpError(
    `the runtime in this build, Deno ${Deno.version.deno}, cannot safely ${what}`,
    {
      scope: "storage",
      kind: "refused",
      again: "never",
      hint: "Nothing was sent. Use a build with Deno 2.8 or newer.",
    },
  );
}
