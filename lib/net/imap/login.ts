/** How we log in (RFC 3501 section 6.2, RFC 4959, RFC 4616, RFC 7628). */

import { SyncError } from "../../model/error.ts";
import { REDACTED, type Secret } from "../../model/secret.ts";
import type { TokenSource } from "../http/auth.ts";
import { textPart } from "./command.ts";
import type { Connection } from "./connection.ts";
import { ImapError } from "./error.ts";

export type Credentials =
  | {
    /** `plain` and `login` say how the password is sent. Default: as the server likes it. */
    readonly method?: "plain" | "login" | undefined;
    readonly username: string;
    readonly password: Secret;
  }
  | { readonly method: "oauth"; readonly username: string; readonly token: TokenSource }
  /** By the certificate that was shown (RFC 4422 appendix A). */
  | { readonly method: "external"; readonly username?: string | undefined };

/** What is asked about the server, for OAUTHBEARER. */
export interface LoginPlace {
  readonly host: string;
  readonly port: number;
}

/** Logs in. Throws `unauthorised` where that is refused. */
export async function login(
  connection: Connection,
  credentials: Credentials | undefined,
  place: LoginPlace,
  signal: AbortSignal,
): Promise<void> {
  if (credentials === undefined) {
    throw new SyncError(`${connection.server} wants a login, and none is configured`, {
      scope: "storage",
      kind: "unauthorised",
      hint: "Name the user and the password.",
    });
  }
  switch (credentials.method) {
    case "oauth":
      return await withToken(connection, credentials, place, signal);
    case "external":
      return await authenticate(connection, "EXTERNAL", credentials.username ?? "", "", signal);
    default:
      return await withPassword(connection, credentials, signal);
  }
}

async function withPassword(
  connection: Connection,
  { method, username, password }: Extract<Credentials, { password: Secret }>,
  signal: AbortSignal,
): Promise<void> {
  const plain = method === "plain" || (method === undefined && connection.has("AUTH=PLAIN"));
  if (plain) {
    const message = `\0${username}\0${password.reveal()}`;
    return await authenticate(connection, "PLAIN", message, "", signal, [password.reveal()]);
  }
  if (connection.has("LOGINDISABLED")) {
    throw new SyncError(`${connection.server} takes no password in this way`, {
      scope: "storage",
      kind: "unauthorised",
      hint: "Does it want TLS, or OAuth?",
    });
  }
  const parts = ["LOGIN ", textPart(username), " ", textPart(password.reveal())];
  await sent(
    connection,
    [password.reveal()],
    () => connection.run(parts, { doing: "the login", signal }),
  );
}

async function withToken(
  connection: Connection,
  { username, token: source }: Extract<Credentials, { method: "oauth" }>,
  { host, port }: LoginPlace,
  signal: AbortSignal,
): Promise<void> {
  const bearer = connection.has("AUTH=OAUTHBEARER");
  const attempt = (token: Secret) => {
    const text = token.reveal();
    if (!/^[\x21-\x7e]+$/.test(text)) {
      throw new SyncError(`the token for ${host} has characters in it that no token has`, {
        scope: "storage",
        kind: "unauthorised",
        hint: "Does the command print nothing but the token?",
      });
    }
    const escaped = username.replaceAll("=", "=3D").replaceAll(",", "=2C");
    return bearer
      ? authenticate(
        connection,
        "OAUTHBEARER",
        `n,a=${escaped},\x01host=${host}\x01port=${port}\x01auth=Bearer ${text}\x01\x01`,
        "AQ==",
        signal,
        [text],
      )
      : authenticate(
        connection,
        "XOAUTH2",
        `user=${username}\x01auth=Bearer ${text}\x01\x01`,
        "",
        signal,
        [text],
      );
  };
  const token = await source(signal);
  try {
    await attempt(token);
  } catch (thrown) {
    if (!(thrown instanceof SyncError) || thrown.kind !== "unauthorised" || connection.closed) {
      throw thrown;
    }
    await attempt(await source(signal, token));
  }
}

/**
 * AUTHENTICATE with one message of ours.
 * @param dismissal What is answered to a server that explains its refusal before it refuses.
 */
async function authenticate(
  connection: Connection,
  mechanism: string,
  message: string,
  dismissal: string,
  signal: AbortSignal,
  hidden: readonly string[] = [],
): Promise<void> {
  const encoded = base64(message);
  const atOnce = connection.has("SASL-IR");
  let said = atOnce;
  const answers = () => {
    if (said) return dismissal;
    said = true;
    return encoded;
  };
  const initial = atOnce ? ` ${encoded === "" ? "=" : encoded}` : "";
  await sent(
    connection,
    [encoded, ...hidden],
    () =>
      connection.run([`AUTHENTICATE ${mechanism}${initial}`], {
        doing: "the login",
        signal,
        answers,
      }),
  );
}

function base64(text: string): string {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** A login that was refused, without what the server may have sent back. */
async function sent(
  connection: Connection,
  hidden: readonly string[],
  run: () => Promise<unknown>,
): Promise<void> {
  try {
    await run();
  } catch (thrown) {
    if (!(thrown instanceof ImapError)) throw thrown;
    const message = hidden.filter((it) => it !== "").toSorted((a, b) => b.length - a.length)
      .reduce((text, secret) => text.replaceAll(secret, REDACTED), thrown.message);
    // What has a code of its own, such as a server that is busy, is no matter of the password.
    const crowded = thrown.code === "LIMIT" || thrown.code === "INUSE";
    const busy = thrown.kind === "unreachable" || thrown.kind === "forbidden";
    throw new SyncError(message, {
      scope: "storage",
      kind: crowded ? "unreachable" : busy ? thrown.kind : "unauthorised",
      retry: crowded || thrown.retry,
      hint: thrown.hint ??
        `Are the user name and the password for ${connection.server} right? Some providers want a ` +
          "password for applications.",
    });
  }
}
