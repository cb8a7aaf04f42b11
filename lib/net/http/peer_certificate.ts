/** The certificate that a server has shown. */

import type { TLSSocket } from "node:tls";

/**
 * None as long as there is none: runtimes before 2.8 say too early that the handshake is done, and
 * throw where they are asked before the connection is open.
 */
export function peerCertificate(socket: TLSSocket): Uint8Array | undefined {
  let certificate: unknown;
  try {
    certificate = socket.getPeerCertificate(false);
  } catch (thrown) {
    if (thrown instanceof TypeError) return undefined;
    throw thrown;
  }
  const raw = (certificate as { readonly raw?: unknown } | null)?.raw;
  return raw instanceof Uint8Array ? raw : undefined;
}
