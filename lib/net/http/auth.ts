/** How we log in: Basic, Digest, or a token. */

import { cancelled, SyncError } from "../../model/error.ts";
import { REDACTED, type Secret } from "../../model/secret.ts";
import { parseChallenges } from "./challenge.ts";
import { answerTo, chooseDigest, digestHeader, type DigestState, nextState } from "./digest.ts";

/** A name and a password. Without a method: Basic. */
export interface PasswordCredentials {
  readonly method?: "basic" | "digest";
  readonly username: string;
  readonly password: Secret;
}

/**
 * Gives a token to be sent. It is asked once, and again with the token that a server has refused:
 * then it gives another, or throws.
 */
export type TokenSource = (signal: AbortSignal, refused?: Secret) => Promise<Secret>;

export type Credentials =
  | PasswordCredentials
  | { readonly method: "bearer"; readonly token: TokenSource };

/** What goes with one request. */
export interface Login {
  /** The value of the Authorization header; none where the server has to be asked first. */
  readonly header?: string;
  /** What must not be seen, should the server send it back. */
  readonly hidden: readonly string[];
}

/** What has to do with the credentials of one client. */
export interface Authenticator {
  /** The login for a request. Throws where none can be had. */
  login(method: string, url: URL, signal: AbortSignal): Promise<Login>;
  /**
   * Whether a request with that login is to be sent once more, after this 401. Throws where the
   * server wants what we cannot give.
   */
  refused(login: Login, url: URL, headers: Headers, signal: AbortSignal): Promise<boolean>;
  /** Learns from an answer that was no 401. */
  accepted(url: URL, headers: Headers): void;
}

/** The value of the Authorization header (RFC 7617). UTF-8, as its section 2.1 has it. */
export function basic(username: string, password: Secret): string {
  const bytes = new TextEncoder().encode(`${username}:${password.reveal()}`);
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return `Basic ${btoa(binary)}`;
}

export function authenticator(credentials: Credentials): Authenticator {
  switch (credentials.method) {
    case "bearer":
      return withToken(credentials.token);
    case "digest":
      return withDigest(credentials);
    default:
      return withBasic(credentials);
  }
}

function withBasic({ username, password }: PasswordCredentials): Authenticator {
  const header = basic(username, password);
  const login: Login = { header, hidden: [header.slice("Basic ".length), password.reveal()] };
  return {
    login: () => Promise.resolve(login),
    refused: () => Promise.resolve(false),
    accepted() {},
  };
}

function withDigest(credentials: PasswordCredentials): Authenticator {
  // What one server asks for says nothing of another.
  const states = new Map<string, DigestState>();
  /** The nonces with which the password was found to be right. */
  const good = new Map<string, string>();
  return {
    login(method, { href }) {
      const url = new URL(href);
      const state = states.get(url.origin);
      const hidden = [credentials.password.reveal()];
      if (state === undefined) return Promise.resolve({ hidden });
      const { header, response } = digestHeader(credentials, state, { method, url });
      return Promise.resolve({ header, hidden: [response, ...hidden] });
    },
    refused({ header }, url, headers) {
      const challenges = parseChallenges(headers.get("www-authenticate"));
      const challenge = chooseDigest(challenges, url.host);
      // Without a challenge there is nothing to answer; a password is never sent instead.
      if (challenge === undefined) return Promise.resolve(false);
      const stale = challenge.params.get("stale")?.toLowerCase() === "true";
      // Nonces run out; not every server says so.
      const worn = good.get(url.origin) === states.get(url.origin)?.nonce;
      states.set(url.origin, answerTo(challenge));
      return Promise.resolve(header === undefined || stale || worn);
    },
    accepted({ origin }, headers) {
      const state = states.get(origin);
      if (state === undefined) return;
      good.set(origin, state.nonce);
      const next = nextState(state, headers.get("authentication-info"));
      if (next === state) return;
      states.set(origin, next);
      good.set(origin, next.nonce);
    },
  };
}

function withToken(source: TokenSource): Authenticator {
  let token: Secret | undefined;
  let asking: Promise<Secret> | undefined;

  async function ask(signal: AbortSignal, refused?: Secret): Promise<Secret> {
    while (asking !== undefined) {
      try {
        return await asking;
      } catch (thrown) {
        // The one who asked was stopped; we were not.
        const stopped = thrown instanceof SyncError && thrown.kind === "cancelled";
        if (!stopped || signal.aborted) throw thrown;
      }
    }
    const mine = source(signal, refused);
    asking = mine;
    try {
      return token = await mine;
    } catch (thrown) {
      throw signal.aborted ? cancelled(thrown) : thrown;
    } finally {
      if (asking === mine) asking = undefined;
    }
  }

  return {
    async login(_method, url, signal) {
      const current = token ?? await ask(signal);
      const text = current.reveal();
      // RFC 6750 section 2.1; anything else would not be one header.
      if (!/^[\x21-\x7e]+$/.test(text)) {
        throw new SyncError(`the token for ${url.host} has characters in it that no token has`, {
          scope: "storage",
          kind: "unauthorised",
          hint: "Does the command print nothing but the token?",
        });
      }
      return { header: `Bearer ${text}`, hidden: [text] };
    },
    async refused({ hidden: [used] }, _url, _headers, signal) {
      // Another request may have had a new one meanwhile.
      if (token === undefined || token.reveal() !== used) return true;
      const next = await ask(signal, token);
      return next.reveal() !== used;
    },
    accepted() {},
  };
}

/** A text of the server's without the login, should it send back what it was sent. */
export function withoutLogin(text: string, login: Login | undefined): string {
  // The longest first: one may be a part of another.
  const hidden = (login?.hidden ?? []).filter((it) => it !== "")
    .toSorted((a, b) => b.length - a.length);
  return hidden.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
}
