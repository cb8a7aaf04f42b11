/** A provider of tokens for tests (RFC 6749, RFC 7636, RFC 8628), strict, with faults on demand. */

/** What it does wrong, or has to say. */
export interface OauthFaults {
  /** The answer to every request for tokens. */
  error?: { readonly status: number; readonly body: string };
  /** Answers to polls, before the tokens. */
  polls: string[];
  /** A refresh gives no new refresh token. */
  keepsRefresh?: boolean;
  /** How long an access token lasts, in seconds; not said where undefined. */
  lasts?: number;
  /** An answer with who the person is, which no key fits. */
  idToken?: boolean;
}

export interface OauthServer {
  readonly origin: string;
  readonly faults: OauthFaults;
  /** Every request's form, in their order. */
  readonly forms: Readonly<Record<string, string>>[];
  /** The tokens that are good now. */
  readonly access: Set<string>;
  readonly refresh: Set<string>;
  stop(): Promise<void>;
}

export interface OauthServerOptions {
  /** For an https origin. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** How long is to be waited between two polls, in seconds. Default: 2. */
  readonly interval?: number;
}

/** Starts the provider. It knows the client `client` with the secret `hush`. */
export function startOauthServer({ tls, interval = 2 }: OauthServerOptions = {}): OauthServer {
  const faults: OauthFaults = { polls: [], lasts: 3_600 };
  const forms: Record<string, string>[] = [];
  const [access, refresh] = [new Set<string>(), new Set<string>()];
  const codes = new Map<string, { readonly challenge: string; readonly redirect: string }>();
  let count = 0;

  const json = (value: unknown, status = 200) =>
    new Response(JSON.stringify(value), {
      status,
      headers: { "content-type": "application/json", "cache-control": "no-store" },
    });
  const error = (code: string, status = 400) =>
    json({ error: code, error_description: `because of ${code}` }, status);

  function tokens(old?: string): Response {
    const number = ++count;
    access.add(`access-${number}`);
    const renews = old === undefined || faults.keepsRefresh !== true;
    if (renews) {
      if (old !== undefined) refresh.delete(old);
      refresh.add(`refresh-${number}`);
    }
    return json({
      access_token: `access-${number}`,
      token_type: "Bearer",
      ...(faults.lasts === undefined ? {} : { expires_in: faults.lasts }),
      ...(renews ? { refresh_token: `refresh-${number}` } : {}),
      ...(faults.idToken === true ? { id_token: "e30.e30.x" } : {}),
    });
  }

  function authorize(url: URL): Response {
    const param = (name: string) => url.searchParams.get(name) ?? "";
    const back = new URL(param("redirect_uri"));
    back.searchParams.set("state", param("state"));
    back.searchParams.set("iss", "https://issuer.example");
    const right = param("response_type") === "code" && param("client_id") === "client" &&
      param("code_challenge_method") === "S256" && param("scope") === "calendar contacts";
    if (!right) return new Response("not so", { status: 400 });
    const code = `code-${++count}`;
    codes.set(code, { challenge: param("code_challenge"), redirect: param("redirect_uri") });
    back.searchParams.set("code", code);
    return Response.redirect(back, 302);
  }

  async function grant(form: Readonly<Record<string, string>>): Promise<Response> {
    if (faults.error !== undefined) {
      const { status, body } = faults.error;
      return new Response(body, {
        status,
        headers: {
          "content-type": "application/json",
          ...(status === 401 ? { "www-authenticate": 'Basic realm="tokens"' } : {}),
        },
      });
    }
    if (form["client_id"] !== "client" || form["client_secret"] !== "hush") {
      return error("invalid_client", 401);
    }
    switch (form["grant_type"]) {
      case "authorization_code": {
        const known = codes.get(form["code"] ?? "");
        codes.delete(form["code"] ?? "");
        const hash = new Uint8Array(
          await crypto.subtle.digest("SHA-256", new TextEncoder().encode(form["code_verifier"])),
        );
        const right = known?.redirect === form["redirect_uri"] &&
          known?.challenge === hash.toBase64({ alphabet: "base64url", omitPadding: true });
        return right ? tokens() : error("invalid_grant");
      }
      case "refresh_token": {
        const old = form["refresh_token"] ?? "";
        return refresh.has(old) ? tokens(old) : error("invalid_grant");
      }
      case "urn:ietf:params:oauth:grant-type:device_code": {
        const next = faults.polls.shift();
        return next === undefined ? tokens() : error(next);
      }
      default:
        return error("unsupported_grant_type");
    }
  }

  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {}, ...tls },
    async (request) => {
      const url = new URL(request.url);
      if (url.pathname === "/authorize") return authorize(url);
      const form = Object.fromEntries(new URLSearchParams(await request.text()));
      forms.push(form);
      if (url.pathname === "/token") return await grant(form);
      if (url.pathname !== "/device") return new Response("", { status: 404 });
      return json({
        device_code: "device-1",
        user_code: "ABCD-EFGH",
        verification_uri: "https://provider.example/device",
        expires_in: 100,
        interval,
      });
    },
  );
  return {
    origin: `${tls === undefined ? "http" : "https"}://127.0.0.1:${server.addr.port}`,
    faults,
    forms,
    access,
    refresh,
    stop: () => server.shutdown(),
  };
}
