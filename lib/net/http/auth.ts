/** Basic authentication (RFC 7617), sent with the first request. */

import type { Secret } from "../../model/secret.ts";

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
