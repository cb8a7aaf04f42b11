/** What `init` finds out, and writes down. */

import type { ItemKind } from "../../config/config.ts";
import type { CollectionId } from "../../model/names.ts";
import type { Secret } from "../../model/secret.ts";

/** How the password is had for a run. */
export type PasswordWay =
  /** By a program. */
  | { readonly kind: "cmd"; readonly argv: readonly string[] }
  /** By a shell's script. */
  | { readonly kind: "shell"; readonly script: string }
  /** It stands in the configuration. */
  | { readonly kind: "text"; readonly password: Secret }
  /** It is asked for each time. */
  | { readonly kind: "prompt" };

export interface Login {
  readonly username: string;
  readonly password: PasswordWay;
  /** The password, where it was typed: to try the login with, and not to be written down. */
  readonly typed?: Secret;
}

/** A server, by what a person said of it. */
export interface Place {
  /** For a person. */
  readonly host: string;
  /** Where to begin for each kind. */
  readonly urls: Readonly<Record<ItemKind, string>>;
  /** http to another machine was meant. */
  readonly insecure: boolean;
  /** Who to log in as, if that was said with it. */
  readonly username?: string;
  /** What is to be known of that provider. */
  readonly note?: string;
}

/** What is kept in step of one kind. */
export interface Half {
  readonly kind: ItemKind;
  /** The folder on this machine, as it is to be written: absolute, or with `~/`. */
  readonly path: string;
  readonly collections: "all" | readonly CollectionId[];
}

export interface Answers {
  readonly place: Place;
  /** Without it nobody is logged in. */
  readonly login?: Login;
  readonly halves: readonly Half[];
}

/** What its items are called, and its pair and folder after them. */
export const PLURAL: Readonly<Record<ItemKind, string>> = {
  calendar: "calendars",
  contacts: "contacts",
};

/** What its collections are called. */
export const COLLECTIONS: Readonly<Record<ItemKind, string>> = {
  calendar: "calendars",
  contacts: "address books",
};
