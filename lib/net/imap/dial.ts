/** Opens what IMAP is spoken over, up to the point where a login may be sent. */

import type { Duplex } from "node:stream";
import { cancelled, SyncError } from "../../model/error.ts";
import { overProxy, overSocket, overTcp, secured } from "../http/connect.ts";
import { unreachable } from "../http/reason.ts";
import { proxyFor } from "../http/proxy.ts";
import { checksStrangers, type TlsOptions } from "../http/tls.ts";
import { isLoopback } from "../http/trust.ts";
import { readerOf } from "./connection.ts";
import { lost, malformed, refusedBy } from "./error.ts";
import { type HostPlace, labelOf, type Place, urlOf } from "./place.ts";
import type { Reader } from "./reader.ts";
import { responseOf, type Status } from "./response.ts";
import { latin1Bytes } from "./value.ts";
import { type ChildWire, childWire, connWire, socketWire, type Wire } from "./wire.ts";

export interface DialOptions {
  readonly place: Place;
  readonly tls?: TlsOptions | undefined;
  /** Speak without TLS to other machines too. */
  readonly insecure?: boolean | undefined;
}

/** What is connected, and was greeted. */
export interface Dialled {
  readonly wire: Wire;
  readonly reader: Reader;
  readonly greeting: Status;
  /** TLS was begun after the greeting: what it said of the server no longer counts. */
  readonly upgraded: boolean;
}

/** ALPN's name of IMAP (IANA); Dovecot 2.4 refuses another one. */
const PROTOCOLS = ["imap"];

/**
 * Connects and reads the greeting; with `starttls`, TLS is spoken afterwards, and nothing that came
 * before counts. Throws `forbidden` where it would be in the clear, before anything is connected to.
 */
export async function dial(options: DialOptions, signal: AbortSignal): Promise<Dialled> {
  if (signal.aborted) throw cancelled(signal.reason);
  const { place, tls = {} } = options;
  if (place.kind === "tunnel") return await throughProgram(place.argv, labelOf(place), signal);
  const { security = "tls", socket: path } = place;
  const url = urlOf(place);
  if (security === "none" && path === undefined) requireSafe(url, options.insecure ?? false);
  try {
    if (security === "starttls" && path === undefined && startsNatively(url, tls)) {
      return await dialNatively(url, labelOf(place), signal);
    }
    const under = path === undefined
      ? await overProxy(url, signal) ??
        (security === "tls" ? undefined : await overTcp(url, signal))
      : await overSocket(path, signal);
    const socket = security === "tls"
      ? await secured(url, tls, signal, under, PROTOCOLS)
      : under as Duplex;
    return await stoppable(socket, signal, async () => {
      const wire = socketWire(socket);
      const first = await greeted(wire, labelOf(place));
      if (security !== "starttls") return first;
      return await upgraded(first, labelOf(place), () => socket.readableLength > 0, async () => {
        for (const event of ["readable", "end", "close", "error"]) socket.removeAllListeners(event);
        return socketWire(await secured(url, tls, signal, socket, PROTOCOLS));
      });
    });
  } catch (thrown) {
    if (signal.aborted) throw cancelled(signal.reason);
    throw thrown instanceof SyncError ? thrown : inOurWords(unreachable(thrown, url), place);
  }
}

/** Nobody is on the way to this machine itself. */
function requireSafe(url: URL, insecure: boolean): void {
  if (insecure || isLoopback(url)) return;
  throw new SyncError(`${url.host} would be spoken to without TLS, in the clear`, {
    scope: "storage",
    kind: "forbidden",
    hint: "Use TLS, or, if you know that nobody listens, insecure.",
  });
}

/** What is said of urls helps nobody who has written a host and a port. */
function inOurWords(error: SyncError, place: HostPlace): SyncError {
  const notTls = / does not speak TLS on that port$/.test(error.message);
  if (error.hint === undefined || !(notTls || /\burl\b/.test(error.hint))) return error;
  return new SyncError(error.message.replace("speak HTTP", "speak IMAP"), {
    scope: error.scope,
    kind: error.kind,
    retry: error.retry,
    hint: notTls
      ? "Port 993 has TLS from the beginning; on port 143 it is begun with starttls."
      : `Are the host ${place.host} and the port right, and is the server running?`,
    cause: error.cause,
  });
}

/** Ends the socket where `work` fails or the signal fires. */
async function stoppable<Result>(
  socket: Duplex,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  const stop = () => socket.destroy();
  signal.addEventListener("abort", stop, { once: true });
  try {
    if (signal.aborted) throw cancelled(signal.reason);
    return await work();
  } catch (thrown) {
    socket.destroy();
    throw thrown;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function greeted(wire: Wire, server: string): Promise<Dialled> {
  const reader = readerOf(wire, server);
  const raw = await reader.next();
  if (raw === undefined) throw lost(server);
  const greeting = responseOf(raw, (what) => malformed(server, what));
  if (greeting.type !== "status" || greeting.tag !== undefined) {
    throw malformed(server, "its greeting is none; does it speak IMAP on that port?");
  }
  if (greeting.status === "BYE" || greeting.status === "NO" || greeting.status === "BAD") {
    const refusal = refusedBy(server, "the connection", greeting);
    throw new SyncError(refusal.message, {
      scope: "storage",
      kind: refusal.kind === "forbidden" ? "forbidden" : "unreachable",
      retry: true,
    });
  }
  return { wire, reader, greeting, upgraded: false };
}

/**
 * STARTTLS (RFC 9051 section 6.2.1). Whatever came before TLS, and whatever was slipped in with the
 * answer to it, may be somebody else's (CVE-2011-0411 and its kind).
 */
async function upgraded(
  { wire, reader, greeting }: Dialled,
  server: string,
  hasMore: () => boolean,
  secure: () => Promise<Wire>,
): Promise<Dialled> {
  const fail = (what: string) => malformed(server, what);
  // Who is greeted like that cannot begin TLS any more (RFC 9051 section 7.1.4).
  if (greeting.status === "PREAUTH") throw slippedIn(server);
  await wire.write(latin1Bytes("s1 STARTTLS\r\n"));
  for (;;) {
    const raw = await reader.next();
    if (raw === undefined) throw lost(server);
    const response = responseOf(raw, fail);
    if (response.type !== "status" || response.tag === undefined) continue;
    if (response.tag !== "s1") throw fail("an answer to something that was not asked");
    if (response.status === "OK") break;
    throw new SyncError(
      `${server} does not speak TLS on this port: ${response.text.slice(0, 200)}`,
      {
        scope: "storage",
        kind: "unreachable",
        hint: "Nothing was sent. Does it on port 993? Else somebody may be listening in.",
      },
    );
  }
  if (reader.buffered > 0 || hasMore()) throw slippedIn(server);
  const safe = await secure();
  return { wire: safe, reader: readerOf(safe, server), greeting, upgraded: true };
}

/**
 * Whether STARTTLS has to be the runtime's own: older ones do not check certificates over a socket
 * of node's. That knows the system's roots alone.
 */
const startsNatively = (url: URL, { roots, identity, fingerprint }: TlsOptions): boolean =>
  !checksStrangers() && roots === undefined && identity === undefined &&
  fingerprint === undefined && proxyFor(url) === undefined;

/** The same as above, by the runtime's own means. */
export async function dialNatively(
  url: URL,
  server: string,
  signal: AbortSignal,
): Promise<Dialled> {
  const hostname = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const plain = await Deno.connect({ hostname, port: Number(url.port || 443), signal });
  let conn: Deno.Conn = plain;
  const stop = () => conn.close();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const first = await greeted(connWire(plain), server);
    return await upgraded(first, server, () => false, async () => {
      const safe = await Deno.startTls(plain, { hostname, alpnProtocols: PROTOCOLS });
      conn = safe;
      await safe.handshake();
      return connWire(safe);
    });
  } catch (thrown) {
    // Where TLS has failed it is closed already.
    try {
      conn.close();
    } catch (late) {
      if (!(late instanceof Deno.errors.BadResource)) throw late;
    }
    throw thrown;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function slippedIn(server: string): SyncError {
  return new SyncError(
    `what ${server} says before TLS must not be believed, and it says too much`,
    {
      scope: "storage",
      kind: "unreachable",
      hint: "Nothing was sent. Somebody may be listening in.",
    },
  );
}

async function throughProgram(
  argv: readonly string[],
  server: string,
  signal: AbortSignal,
): Promise<Dialled> {
  let wire: ChildWire;
  try {
    wire = childWire(argv);
  } catch (cause) {
    throw new SyncError(`${server} cannot be run`, {
      scope: "storage",
      kind: "unreachable",
      hint: "Is it installed, and in the PATH?",
      cause,
    });
  }
  const stop = () => void wire.ended();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await greeted(wire, server);
  } catch (thrown) {
    await wire.ended();
    if (signal.aborted) throw cancelled(signal.reason);
    throw withComplaints(thrown, wire, server);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** What the program wrote to standard error says more than that it has ended. */
function withComplaints(thrown: unknown, wire: ChildWire, server: string): unknown {
  const complaints = wire.complaints();
  if (complaints === "" || !(thrown instanceof SyncError)) return thrown;
  return new SyncError(`${server} ended before it greeted us: ${complaints}`, {
    scope: "storage",
    kind: "unreachable",
    retry: true,
    cause: thrown,
  });
}
