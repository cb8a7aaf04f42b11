/** Asking who gives out tokens, by OAuth 2 (RFC 6749, with PKCE as in RFC 7636). */

import * as oauth from "oauth4webapi";
import { SyncError } from "../../model/error.ts";
import { Secret } from "../../model/secret.ts";
import { REAL_ENVIRONMENT } from "../environment.ts";
import { collected, limited } from "../http/body.ts";
import type { Fetch } from "../http/request.ts";
import { statusError } from "../http/status.ts";
import { isLoopback } from "../http/trust.ts";
import { oauthError } from "./errors.ts";
import type { OauthOptions } from "./options.ts";
import type { Tokens } from "./token_file.ts";

/** How long one answer may take, in milliseconds. */
const TIMEOUT = 30_000;
/** The largest answer that is taken, in bytes. */
const MAX_ANSWER = 1024 * 1024;

export interface CodeGrant {
  readonly parameters: URLSearchParams;
  readonly redirectUri: string;
  readonly verifier: string;
  readonly state: string;
}

export interface DeviceGrant {
  readonly deviceCode: Secret;
  readonly userCode: string;
  readonly url: string;
  readonly complete?: string;
  /** How long it is good for, in milliseconds. */
  readonly lasts: number;
  /** How long to wait between two questions, in milliseconds. */
  readonly interval: number;
}

/** What a poll for a device's tokens comes to. */
export type Polled = Tokens | "pending" | "slow down";

/** All that a provider can be asked. What goes wrong is a {@linkcode SyncError} of the storage. */
export interface Provider {
  refresh(refresh: Secret, signal: AbortSignal): Promise<Tokens>;
  /** The url that the person has to open. */
  authorizationUrl(redirectUri: string, verifier: string, state: string): Promise<URL>;
  exchange(grant: CodeGrant, signal: AbortSignal): Promise<Tokens>;
  startDevice(signal: AbortSignal): Promise<DeviceGrant>;
  pollDevice(grant: DeviceGrant, signal: AbortSignal): Promise<Polled>;
}

// Google gives a refresh token only to those who ask for it so, and only when asked again.
const EXTRA: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  google: { access_type: "offline", prompt: "consent" },
};

export function openProvider(options: OauthOptions): Provider {
  const { now } = options.environment ?? REAL_ENVIRONMENT;
  const tokenUrl = safeUrl(options.tokenUrl, "token_url");
  const client: oauth.Client = { client_id: options.clientId };
  const secret = options.clientSecret;
  const auth = secret === undefined ? oauth.None() : oauth.ClientSecretPost(secret.reveal());
  const server = (issuer = tokenUrl.origin): oauth.AuthorizationServer => ({
    issuer,
    token_endpoint: tokenUrl.href,
    ...(options.deviceUrl === undefined ? {} : {
      device_authorization_endpoint: safeUrl(options.deviceUrl, "device_url").href,
    }),
  });
  const requesting = (signal: AbortSignal) => ({
    signal,
    [oauth.customFetch]: checkedFetch(options.fetch ?? fetch),
    // For a provider on this machine; all else was refused above.
    [oauth.allowInsecureRequests]: true,
  });

  async function asked<Value>(
    url: URL,
    signal: AbortSignal,
    work: () => Promise<Value>,
  ): Promise<Value> {
    try {
      return await work();
    } catch (thrown) {
      throw oauthError(thrown, url, options, signal);
    }
  }

  function tokensOf(answer: oauth.TokenEndpointResponse, before?: Secret): Tokens {
    const refresh = answer.refresh_token === undefined ? before : new Secret(answer.refresh_token);
    return {
      access: new Secret(answer.access_token),
      ...(answer.expires_in === undefined ? {} : { until: now() + answer.expires_in * 1_000 }),
      ...(refresh === undefined ? {} : { refresh }),
    };
  }

  return {
    refresh: (refresh, signal) =>
      asked(tokenUrl, signal, async () => {
        const as = server();
        const text = refresh.reveal();
        const how = requesting(signal);
        const response = await oauth.refreshTokenGrantRequest(as, client, auth, text, how);
        return tokensOf(await oauth.processRefreshTokenResponse(as, client, response), refresh);
      }),

    async authorizationUrl(redirectUri, verifier, state) {
      const { authorizationUrl, scopes, provider } = options;
      if (authorizationUrl === undefined) {
        throw new SyncError("the storage names no authorization_url", {
          scope: "storage",
          kind: "refused",
          hint: "Name the url in its oauth2 block, or log in with --device.",
        });
      }
      const url = safeUrl(authorizationUrl, "authorization_url");
      const parameters = {
        client_id: options.clientId,
        response_type: "code",
        redirect_uri: redirectUri,
        ...(scopes.length === 0 ? {} : { scope: scopes.join(" ") }),
        state,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
        ...(provider === undefined ? {} : EXTRA[provider]),
      };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return url;
    },

    exchange: ({ parameters, redirectUri, verifier, state }, signal) =>
      asked(tokenUrl, signal, async () => {
        // There is one provider only, so that it cannot be taken for another (RFC 9207).
        const as = server(parameters.get("iss") ?? undefined);
        const valid = oauth.validateAuthResponse(as, client, parameters, state);
        const response = await oauth.authorizationCodeGrantRequest(
          as,
          client,
          auth,
          valid,
          redirectUri,
          verifier,
          requesting(signal),
        );
        return tokensOf(await oauth.processAuthorizationCodeResponse(as, client, response));
      }),

    startDevice(signal) {
      const { deviceUrl, scopes } = options;
      if (deviceUrl === undefined) {
        throw new SyncError("the storage names no device_url", {
          scope: "storage",
          kind: "refused",
          hint: "Name the url in its oauth2 block, or log in without --device.",
        });
      }
      return asked(safeUrl(deviceUrl, "device_url"), signal, async () => {
        const as = server();
        const parameters = scopes.length === 0 ? {} : { scope: scopes.join(" ") };
        const how = requesting(signal);
        const response = await oauth.deviceAuthorizationRequest(as, client, auth, parameters, how);
        const answer = await oauth.processDeviceAuthorizationResponse(as, client, response);
        return {
          deviceCode: new Secret(answer.device_code),
          userCode: answer.user_code,
          url: answer.verification_uri,
          ...(answer.verification_uri_complete === undefined
            ? {}
            : { complete: answer.verification_uri_complete }),
          lasts: answer.expires_in * 1_000,
          interval: Math.max(1, answer.interval ?? 5) * 1_000,
        };
      });
    },

    pollDevice: ({ deviceCode }, signal) =>
      asked(tokenUrl, signal, async () => {
        const as = server();
        const how = requesting(signal);
        const code = deviceCode.reveal();
        const response = await oauth.deviceCodeGrantRequest(as, client, auth, code, how);
        try {
          return tokensOf(await oauth.processDeviceCodeResponse(as, client, response));
        } catch (thrown) {
          if (!(thrown instanceof oauth.ResponseBodyError)) throw thrown;
          if (thrown.error === "authorization_pending") return "pending";
          if (thrown.error === "slow_down") return "slow down";
          throw thrown;
        }
      }),
  };
}

/** A url that tokens may be sent to. */
function safeUrl(text: string, directive: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && (url.protocol === "https:" || isLoopback(url))) return url;
  throw new SyncError(`the ${directive} is no https:// url`, {
    scope: "storage",
    kind: "forbidden",
  });
}

/**
 * A fetch whose answers have an end, in time and in size. Of an answer with tokens the one about who
 * the person is (OpenID Connect) is left out: we did not ask for it, and do not look at it.
 */
function checkedFetch(fetch: Fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const time = AbortSignal.timeout(TIMEOUT);
    const signal = init?.signal ? AbortSignal.any([init.signal, time]) : time;
    const response = await fetch(url.href, { ...init, signal });
    const chunks = response.body ?? new ReadableStream<Uint8Array>({ start: (it) => it.close() });
    const bytes = await collected(
      limited(
        chunks,
        MAX_ANSWER,
        () =>
          new SyncError(`${url.host} sent more than ${MAX_ANSWER} bytes`, {
            scope: "storage",
            kind: "too large",
          }),
      ),
    );
    const { status } = response;
    if (status >= 500 || status === 429) {
      throw statusError({ status, url, text: new TextDecoder().decode(bytes) }, "storage");
    }
    const empty = [204, 205, 304].includes(status);
    const headers = new Headers(response.headers);
    // The body says more of why a client is refused.
    headers.delete("www-authenticate");
    return new Response(empty ? null : withoutIdToken(bytes), { status, headers });
  };
}

function withoutIdToken(bytes: Uint8Array): BodyInit {
  const text = new TextDecoder().decode(bytes);
  if (!text.includes('"id_token"')) return text;
  try {
    const { id_token: _, ...rest } = JSON.parse(text);
    return JSON.stringify(rest);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return text;
    throw thrown;
  }
}
