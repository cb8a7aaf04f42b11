/** Basic authentication (RFC 7617), sent with the first request. */

import { REDACTED, type Secret } from "../../model/secret.ts";

export interface Credentials {
  readonly username: string;
  readonly password: Secret;
}

/** The value of the Authorization header. UTF-8, as RFC 7617 section 2.1 has it. */
export function basic(credentials: Credentials): string {
  const bytes = new TextEncoder().encode(
    `${credentials.username}:${credentials.password.reveal()}`,
  );
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return `Basic ${btoa(binary)}`;
}

/** A text of the server's without the login, should it send back what it was sent. */
export function withoutLogin(text: string, authorization: string | undefined): string {
  if (authorization === undefined) return text;
  const encoded = authorization.replace(/^Basic /, "");
  const bytes = Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
  const login = new TextDecoder().decode(bytes);
  const password = login.slice(login.indexOf(":") + 1);
  const hidden = text.replaceAll(encoded, REDACTED);
  return password === "" ? hidden : hidden.replaceAll(password, REDACTED);
}
