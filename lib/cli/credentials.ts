/** How to log in to a server, from what the configuration says. */

import type { ResolvedAuth } from "../config/resolved.ts";
import type { StorageName } from "../model/names.ts";
import type { Credentials } from "../net/http/auth.ts";

export async function credentialsOf(
  auth: ResolvedAuth,
  storage: StorageName,
): Promise<Credentials> {
  switch (auth.method) {
    case "basic":
    case "digest":
      return auth;
    case "bearer": {
      const { token, renew } = auth;
      return {
        method: "bearer",
        // The command that prints it is run again for one that was refused: it may have run out.
        token: (signal, refused) =>
          refused === undefined || renew === undefined ? Promise.resolve(token) : renew(signal),
      };
    }
    case "oauth2": {
      const { openTokensOf } = await import("./oauth_tokens.ts");
      return { method: "bearer", token: openTokensOf(auth, storage).token };
    }
  }
}
