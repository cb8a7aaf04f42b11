/** What is to be known of who gives out tokens, and what the person is told. */

import type { Secret } from "../../model/secret.ts";
import type { Environment } from "../environment.ts";
import type { Fetch } from "../http/request.ts";

export interface OauthOptions {
  /** The storage that the tokens are for, as the person calls it. */
  readonly storage: string;
  /** A provider whose peculiarities are known. */
  readonly provider?: "google" | undefined;
  /** Where a person allows it with a browser on this machine (RFC 6749). https. */
  readonly authorizationUrl?: string | undefined;
  /** Where tokens come from. https. */
  readonly tokenUrl: string;
  /** Where a person allows it with a browser on any machine (RFC 8628). https. */
  readonly deviceUrl?: string | undefined;
  readonly clientId: string;
  readonly clientSecret?: Secret | undefined;
  readonly scopes: readonly string[];
  /** Where the tokens are kept. Absolute. */
  readonly tokenFile: string;
  /** What tests put in place of the world. */
  readonly environment?: Environment;
  readonly fetch?: Fetch;
}

/** What the person has to do now. */
export type Instruction =
  /** Open this url with a browser on this machine. */
  | { readonly type: "open"; readonly url: string }
  /** Open this url with any browser, and type in the code. */
  | {
    readonly type: "code";
    readonly url: string;
    readonly code: string;
    /** The same with the code in it, where the provider gives that. */
    readonly complete?: string;
    /** How long the code is good for, in milliseconds. */
    readonly lasts: number;
  };

/** With a browser on this machine, which comes back to us; or with a code, on any machine. */
export type LoginWay = "loopback" | "device";
