/** Until when a server's certificate is good. */

import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { peerCertificate } from "../http/peer_certificate.ts";

/** How often the certificate is looked for that is not there yet, in milliseconds. */
const LOOK_EVERY = 5;
/** How long all of it may take, in milliseconds: it is only to be known, and not needed. */
const PATIENCE = 5_000;

/**
 * The end of the certificate that the server at this https url shows; undefined where that cannot be
 * had. The certificate is not verified, and nothing is sent: whether it is to be trusted is for the
 * requests to say.
 */
export async function certificateEnd(url: URL, signal: AbortSignal): Promise<Date | undefined> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const socket = connect({
    host,
    port: url.port === "" ? 443 : Number(url.port),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    rejectUnauthorized: false,
  });
  try {
    const raw = await certificateOf(socket, limit);
    if (raw === undefined) return undefined;
    const end = new Date(new X509Certificate(raw).validTo);
    return Number.isNaN(end.getTime()) ? undefined : end;
  } finally {
    socket.destroy();
  }
}

/** It may be said too early that the handshake is done: the certificate is waited for. */
async function certificateOf(
  socket: TLSSocket,
  limit: AbortSignal,
): Promise<Uint8Array | undefined> {
  let over = false;
  const end = () => over = true;
  socket.on("error", end);
  socket.on("close", end);
  while (!over && !limit.aborted) {
    const raw = peerCertificate(socket);
    if (raw !== undefined) return raw;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
  return undefined;
}
