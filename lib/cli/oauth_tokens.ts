/** The tokens of a storage, from what the configuration says. */

import type { ResolvedOauth } from "../config/resolved.ts";
import type { StorageName } from "../model/names.ts";
import { type OauthTokens, openTokens } from "../net/oauth2/tokens.ts";

export function openTokensOf(auth: ResolvedOauth, storage: StorageName): OauthTokens {
  const { method: _, ...options } = auth;
  return openTokens({ ...options, storage });
}
