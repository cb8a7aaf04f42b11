/** What is left of the configuration for one run, with every value known. */

import type { StorageName } from "../model/names.ts";
import type { ImapPlace } from "./imap_url.ts";
import type { Secret } from "../model/secret.ts";
import type {
  AuthConfig,
  CaldavConfig,
  CarddavConfig,
  ImapConfig,
  MaildirConfig,
  MboxConfig,
  NetworkConfig,
  OauthConfig,
  PairConfig,
  SinglefileConfig,
  VdirConfig,
  WebcalConfig,
} from "./config.ts";

/** A storage's configuration with every value known: what an adapter is made from. */
export type ResolvedStorage =
  | ResolvedVdir
  | ResolvedSinglefile
  | ResolvedCaldav
  | ResolvedCarddav
  | ResolvedWebcal
  | ResolvedMaildir
  | ResolvedMbox
  | ResolvedImap;

/** The path is absolute. */
export type ResolvedVdir = Known<VdirConfig, { readonly path: string }>;

/** The path is absolute, and may have a `%s` in it. */
export type ResolvedSinglefile = Known<SinglefileConfig, { readonly path: string }>;

export type ResolvedCaldav = Known<CaldavConfig, KnownNetwork>;
export type ResolvedCarddav = Known<CarddavConfig, KnownNetwork>;
export type ResolvedDav = ResolvedCaldav | ResolvedCarddav;
export type ResolvedWebcal = Known<WebcalConfig, KnownNetwork>;

/** The path is absolute. */
export type ResolvedMaildir = Known<MaildirConfig, { readonly path: string }>;
export type ResolvedMbox = Known<MboxConfig, { readonly path: string }>;

export type ResolvedImap = Omit<Known<ImapConfig, unknown>, "username"> & {
  /** Absent where a tunnel leads there, and nobody says who is there. */
  readonly place?: ImapPlace;
  /** Absent where nobody is to be logged in. A token is of no use without it. */
  readonly username?: string;
  readonly auth?: ResolvedAuth;
};

/** Those of the storages that are reached over HTTP. */
export type ResolvedNetwork = Known<NetworkConfig, KnownNetwork>;

interface KnownNetwork {
  /** http or https, without a login in it. */
  readonly url: string;
  /** Absent where nobody is to be logged in. */
  readonly auth?: ResolvedAuth;
}

type Known<Config, With> = Omit<Config, "path" | "url" | "auth"> & With;

/** How to log in, with every value known. */
export type ResolvedAuth =
  | {
    readonly method: Extract<AuthConfig, { readonly username?: unknown }>["method"];
    readonly username: string;
    /** Empty where none is given. */
    readonly password: Secret;
  }
  | {
    readonly method: "bearer";
    readonly token: Secret;
    /**
     * Asks for the token again, for one that has run out. Absent where it cannot be another. Throws
     * `ConfigError` where there is none, and `cancelled`.
     */
    readonly renew?: (signal: AbortSignal) => Promise<Secret>;
  }
  | ResolvedOauth;

export type ResolvedOauth = Omit<OauthConfig, "clientId" | "clientSecret"> & {
  readonly clientId: string;
  readonly clientSecret?: Secret;
};

/** What a run of these pairs needs. */
export interface Resolved {
  /** Absolute. */
  readonly statusPath: string;
  readonly pairs: readonly PairConfig[];
  /** Those that the pairs use, and no others. */
  readonly storages: ReadonlyMap<StorageName, ResolvedStorage>;
}
