/**
 * Digest authentication (RFC 7616; RFC 2617 and RFC 2069 for servers that know no better).
 *
 * The challenge of the first 401 is remembered, so that the requests after it need none: each takes
 * the next number of its nonce (nc). With many requests under way these may arrive in another order;
 * a server that minds says so with a fresh nonce, and the request is sent once more.
 */

import { createHash, randomBytes } from "node:crypto";
import { SyncError } from "../../model/error.ts";
import type { Secret } from "../../model/secret.ts";
import { type Challenge, parseParams } from "./challenge.ts";

/** What a request's header is computed from. */
export interface DigestRequest {
  readonly method: string;
  readonly url: URL;
}

/** A challenge that is being answered. */
export interface DigestState {
  readonly challenge: Challenge;
  readonly nonce: string;
  /** How many requests there were with this nonce. */
  count: number;
  /** Names the session of a `-sess` algorithm: its client nonce is that of the first request. */
  readonly session: string;
}

export interface DigestLogin {
  readonly username: string;
  readonly password: Secret;
}

// The names of node:crypto, the better ones first.
const HASHES: ReadonlyMap<string, string> = new Map([
  ["sha-256", "sha256"],
  ["sha-512-256", "sha512-256"],
  ["md5", "md5"],
]);

const newNonce = () => randomBytes(16).toString("hex");

function refused(message: string, hint?: string): SyncError {
  return new SyncError(message, {
    scope: "storage",
    kind: "unauthorised",
    ...(hint === undefined ? {} : { hint }),
  });
}

function algorithmOf({ params }: Challenge): { readonly hash: string; readonly sess: boolean } {
  const name = params.get("algorithm")?.toLowerCase() ?? "md5";
  const sess = name.endsWith("-sess");
  return { hash: sess ? name.slice(0, -5) : name, sess };
}

const wordsOf = (text: string | undefined) =>
  (text ?? "").split(",").map((word) => word.trim().toLowerCase()).filter((word) => word !== "");

/**
 * The challenge to answer: the one with the best hash, if there is one for Digest.
 * @throws {SyncError} `unauthorised` where there are such challenges, and none that we can answer.
 */
export function chooseDigest(
  challenges: readonly Challenge[],
  host: string,
): Challenge | undefined {
  const all = challenges.filter(({ scheme, params }) => scheme === "digest" && params.has("nonce"));
  if (all.length === 0) return undefined;
  const known = [...HASHES.keys()].flatMap((hash) =>
    all.filter((it) => algorithmOf(it).hash === hash)
  );
  if (known.length === 0) {
    const names = all.map(({ params }) => params.get("algorithm") ?? "").join(", ").slice(0, 80);
    throw refused(`${host} wants Digest authentication with ${names}, which we do not know`);
  }
  const usable = known.find(({ params }) =>
    !params.has("qop") || wordsOf(params.get("qop")).includes("auth")
  );
  if (usable !== undefined) return usable;
  throw refused(
    `${host} wants Digest authentication with a protected body (auth-int) only`,
    "That is not supported. If the server is yours, allow qop auth there.",
  );
}

/** Begins to answer a challenge. */
export function answerTo(challenge: Challenge): DigestState {
  const nonce = challenge.params.get("nonce") ?? "";
  return { challenge, nonce, count: 0, session: newNonce() };
}

/** What follows where an answer's Authentication-Info names the next nonce (RFC 7616 section 3.5). */
export function nextState(state: DigestState, info: string | null): DigestState {
  const nonce = info === null ? undefined : parseParams(info).get("nextnonce");
  if (nonce === undefined || nonce === "" || nonce === state.nonce) return state;
  // A session's key goes on with the nonce that it began with, which not all servers agree about.
  if (algorithmOf(state.challenge).sess) return state;
  return { ...state, nonce, count: 0 };
}

const quote = (text: string) => `"${text.replace(/["\\]/g, "\\$&")}"`;

// deno-lint-ignore no-control-regex -- these would end the header
const CONTROL = /[\u0000-\u001f\u007f]/;
const ASCII = /^[\u0020-\u007e]*$/;

/** The value of the Authorization header for the next request, and what in it is worth hiding. */
export function digestHeader(
  login: DigestLogin,
  state: DigestState,
  { method, url }: DigestRequest,
  clientNonce: string = newNonce(),
): { readonly header: string; readonly response: string } {
  const { challenge: { params }, nonce } = state;
  const { username } = login;
  if (CONTROL.test(username)) throw refused("the username has a control character in it");
  const { hash: name, sess } = algorithmOf(state.challenge);
  const hash = (text: string) =>
    createHash(HASHES.get(name) ?? "md5").update(text, "utf8").digest("hex");
  const realm = params.get("realm") ?? "";
  const uri = url.pathname + url.search;
  const qop = params.has("qop");
  const cnonce = sess ? state.session : clientNonce;
  const nc = (++state.count).toString(16).padStart(8, "0");

  const key = hash(`${username}:${realm}:${login.password.reveal()}`);
  const session = sess ? hash(`${key}:${nonce}:${cnonce}`) : key;
  const asked = hash(`${method}:${uri}`);
  const response = hash(
    qop ? `${session}:${nonce}:${nc}:${cnonce}:auth:${asked}` : `${session}:${nonce}:${asked}`,
  );

  const hashed = params.get("userhash")?.toLowerCase() === "true";
  const named = hashed
    ? `username="${hash(`${username}:${realm}`)}"`
    : ASCII.test(username)
    ? `username=${quote(username)}`
    : `username*=UTF-8''${extended(username)}`;
  const algorithm = params.get("algorithm");
  const opaque = params.get("opaque");
  const parts = [
    named,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(uri)}`,
    `response="${response}"`,
    ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
    ...(qop ? [`qop=auth`, `nc=${nc}`] : []),
    ...(qop || sess ? [`cnonce="${cnonce}"`] : []),
    ...(hashed ? ["userhash=true"] : []),
  ];
  return { header: `Digest ${parts.join(", ")}`, response };
}

/** A value of RFC 8187 section 3.2.1. */
function extended(text: string): string {
  return encodeURIComponent(text).replace(
    /['()*!]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
