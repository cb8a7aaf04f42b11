/** The block of `auth_method oauth2`. */

import type { MethodContext } from "./auth.ts";
import { readBlock } from "./block.ts";
import type { OauthConfig, StorageKind } from "./config.ts";
import { directiveOf, plainOf, secretOf, textOf, valueOf, wordsOf } from "./given.ts";
import { defaultTokenFile } from "./paths.ts";
import type { Directive } from "./tree.ts";

interface Provider {
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  readonly deviceUrl: string;
  readonly scopes: Readonly<Record<StorageKind, string>>;
}

/** <https://developers.google.com/identity/protocols/oauth2>, as of 2026. */
const GOOGLE: Provider = {
  authorizationUrl: "https://accounts.google.com/o/oauth2/v2/auth",
  tokenUrl: "https://oauth2.googleapis.com/token",
  deviceUrl: "https://oauth2.googleapis.com/device/code",
  scopes: {
    calendar: "https://www.googleapis.com/auth/calendar",
    contacts: "https://www.googleapis.com/auth/carddav",
    mail: "https://mail.google.com/",
  },
};

/** Reads the block; undefined after reporting why it cannot be used. */
export function readOauth(directive: Directive, context: MethodContext): OauthConfig | undefined {
  const { env, report, own, kinds } = context;
  const owner = directive.params[0] ?? directive.name;
  const title = `the oauth2 of ${context.title}`;
  const block = readBlock(directive.block ?? [], { place: "oauth2", owner, title }, context);
  const provider = textOf(block, "provider") === "google" ? GOOGLE : undefined;
  const isGuessed = block.has("provider") && provider === undefined;
  const missing = (what: string) => {
    if (isGuessed) return undefined;
    const help = "add it, or a provider that is known: provider google";
    report({ severity: "error", message: `${title} has no ${what}`, at: owner.span, help });
    return undefined;
  };
  const authorizationUrl = textOf(block, "authorization_url") ?? provider?.authorizationUrl;
  const tokenUrl = textOf(block, "token_url") ?? provider?.tokenUrl;
  const deviceUrl = textOf(block, "device_url") ?? provider?.deviceUrl;
  const scopes = wordsOf(block, "scope") ??
    (provider ? kinds.map((kind) => provider.scopes[kind]) : []);
  const clientId = valueOf(block, "client_id");
  const clientSecret = secretOf(block, "client_secret");
  if (tokenUrl === undefined && !block.has("token_url")) return missing('"token_url"');
  const isAllowed = block.has("authorization_url") || block.has("device_url");
  if (provider === undefined && !isAllowed) {
    return missing('"authorization_url" and no "device_url"');
  }
  const tokenFile = plainOf(block, "token_file") ?? defaultTokenFile(env, own);
  if (tokenFile === undefined && directiveOf(block, "token_file") === undefined) {
    const message = "there is no place for the tokens: $HOME is not set";
    report({ severity: "error", message, at: owner.span, help: "set it, or add a token_file" });
  }
  if (clientId === undefined || tokenUrl === undefined || tokenFile === undefined) {
    return undefined;
  }
  return {
    method: "oauth2",
    ...(provider && { provider: "google" }),
    ...(authorizationUrl !== undefined && { authorizationUrl }),
    tokenUrl,
    ...(deviceUrl !== undefined && { deviceUrl }),
    clientId,
    ...(clientSecret && { clientSecret }),
    scopes,
    tokenFile,
  };
}
