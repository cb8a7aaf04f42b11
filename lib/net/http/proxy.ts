/**
 * HTTP proxies, as the environment names them: for connections of our own. The runtime's `fetch`
 * knows the same variables by itself (tried with 2.6.10 and 2.9.6).
 */

import type { Duplex } from "node:stream";
import { HttpError } from "./error.ts";
import { isLoopback } from "./trust.ts";

/** The environment variables; `Deno.env` is one. */
export interface ProxyEnvironment {
  get(name: string): string | undefined;
}

const both = (env: ProxyEnvironment, name: string): string | undefined =>
  env.get(name) || env.get(name.toUpperCase()) || undefined;

/** Whether the environment names a proxy for urls without TLS. */
export function namesPlainProxy(env: ProxyEnvironment = Deno.env): boolean {
  return (both(env, "http_proxy") ?? both(env, "all_proxy")) !== undefined;
}

/**
 * The proxy for an https url, if it is to be reached by one. This machine never is, whatever the
 * environment says.
 */
export function proxyFor(url: URL, env: ProxyEnvironment = Deno.env): URL | undefined {
  const named = both(env, "https_proxy") ?? both(env, "all_proxy");
  if (named === undefined || isLoopback(url) || isExcepted(url, both(env, "no_proxy") ?? "")) {
    return undefined;
  }
  const text = named.includes("://") ? named : `http://${named}`;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (proxy?.protocol === "http:") return proxy;
  throw new HttpError("the environment names a proxy that cannot be used for this", {
    scope: "storage",
    kind: "refused",
    again: "never",
    hint: "Where tls_root or tls_fingerprint is used, HTTPS_PROXY must be an http:// url.",
  });
}

/** `no_proxy`: names, each of which stands for what is below it too; addresses; or `*`. */
function isExcepted({ hostname, port }: URL, list: string): boolean {
  return list.split(",").map((entry) => entry.trim().toLowerCase().replace(/^\*?\./, ""))
    .some((entry) => {
      if (entry === "*") return true;
      const [, name = "", wanted] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
      if (name === "" || (wanted !== undefined && wanted !== (port || "443"))) return false;
      return hostname === name || hostname.endsWith(`.${name}`);
    });
}

/** More of a proxy's answer is not read, in bytes. */
const MAX_HEAD = 16_384;

/** Has the proxy at the other end of `socket` connect it to that host and port. */
export async function tunnel(
  socket: Duplex,
  proxy: URL,
  target: { readonly host: string; readonly port: number },
): Promise<void> {
  const { host, port } = target;
  const authority = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  const login = proxy.username === "" ? [] : [
    `Proxy-Authorization: Basic ${
      btoa(`${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`)
    }`,
  ];
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`, ...login, "", ""];
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = "";
  const onData = (chunk: Uint8Array) => {
    for (const byte of chunk) text += String.fromCharCode(byte);
    if (text.includes("\r\n\r\n") || text.length > MAX_HEAD) resolve(text);
  };
  const onClose = () => reject(new TypeError("connection closed by the proxy"));
  socket.on("data", onData);
  socket.once("error", reject);
  socket.once("close", onClose);
  try {
    socket.write(lines.join("\r\n"));
    const [, status] = /^HTTP\/1\.[01] (\d{3})/.exec(await promise) ?? [];
    if (status?.startsWith("2")) return;
    throw refused(proxy, authority, status);
  } finally {
    socket.pause();
    socket.removeListener("data", onData);
    socket.removeListener("error", reject);
    socket.removeListener("close", onClose);
  }
}

function refused(proxy: URL, authority: string, status: string | undefined): HttpError {
  const wantsLogin = status === "407";
  return new HttpError(
    `the proxy ${proxy.host} does not connect to ${authority}` +
      (status === undefined ? "" : ` (${status})`),
    {
      scope: "storage",
      kind: wantsLogin ? "unauthorised" : "unreachable",
      again: "never",
      retry: !wantsLogin,
      hint: wantsLogin
        ? "It wants a login: HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT"
        : "Should it not be used? NO_PROXY names the hosts that are reached without it.",
    },
  );
}
