/** The configuration as the rest of the program sees it. */

import type { CollectionId, Href, PairName, Side, Sides, StorageName } from "../model/names.ts";
import type { Secret } from "../model/secret.ts";
import type { Kind, PropertyName } from "../model/storage.ts";
import type { MailConfig, PairMailConfig, PatternConfig } from "./config_mail.ts";
import type { Span } from "./tree.ts";

export type * from "./config_mail.ts";

/** What gives a value when it is wanted. It is run by `secrets.ts` and nowhere else. */
export type Command =
  /** Run without a shell; the program is the first. */
  | { readonly kind: "cmd"; readonly argv: readonly string[]; readonly at: Span }
  /** Given to `sh -c`. */
  | { readonly kind: "shell"; readonly script: string; readonly at: Span }
  /** Asked of the person on the terminal, in these words. */
  | { readonly kind: "prompt"; readonly text: string; readonly at: Span };

/** A value, or the command that gives it. `at` is absent for a default. */
export type Value = Command | { readonly kind: "text"; readonly value: string; readonly at?: Span };

/** The same for what must not be seen. */
export type SecretValue =
  | Command
  | { readonly kind: "text"; readonly value: Secret; readonly at: Span };

/** What a storage's items are. */
export type StorageKind = Kind;

/** The same without mail: what lies in files of its own, one for each. */
export type ItemKind = Exclude<Kind, "mail">;

/** The components of a calendar that are items. */
export type ItemType = "VEVENT" | "VTODO" | "VJOURNAL";

/** A day. What it comes to is told by `windowAt()` in `date_bound.ts`. */
export type DateBound =
  /** `2026-01-31`. */
  | { readonly kind: "date"; readonly date: string }
  /** Counted from the day of the run; a negative count lies before it, 0 is that day. */
  | {
    readonly kind: "relative";
    readonly count: number;
    readonly unit: "day" | "week" | "month" | "year";
  };

/** The days whose items are looked at; both are included. One of them at least is there. */
export interface WindowConfig {
  readonly from?: DateBound;
  readonly to?: DateBound;
}

/** What is done to an item's content on its way. They are done in the order of the file. */
export type FilterConfig =
  & {
    /** On its way out of the storage, into it, or both. */
    readonly direction: "both" | "read" | "write";
    readonly at: Span;
  }
  & (
    /** Leaves out the properties and components of these names, in capitals. */
    | { readonly kind: "drop"; readonly names: readonly string[] }
    /** Leaves nothing of an event but when it is. */
    | { readonly kind: "busy_only" }
    /** A program that reads the item and prints what becomes of it. */
    | { readonly kind: "cmd"; readonly argv: readonly string[] }
  );

/** What all storages have. */
export interface AnyStorageConfig {
  readonly name: StorageName;
  readonly kind: StorageKind;
  /** Nothing may be written to it. */
  readonly readOnly: boolean;
  /** Nothing may be deleted from it. */
  readonly noDelete: boolean;
  /** How often the daemon looks at it by itself, in milliseconds. */
  readonly interval: number;
  /** Only these are looked at; all without it. Calendars only. */
  readonly itemTypes?: readonly ItemType[];
  /** Only what happens in these days is looked at. Calendars only. */
  readonly window?: WindowConfig;
  readonly filters: readonly FilterConfig[];
  /** Its name in the file. */
  readonly at: Span;
}

export interface VdirConfig extends AnyStorageConfig {
  readonly type: "vdir/icalendar" | "vdir/vcard";
  readonly kind: ItemKind;
  /** Absolute, where it is a text. */
  readonly path: Value;
  /** Without a dot. */
  readonly fileext: string;
  /** Files whose names end so are no items, whatever `fileext` is. With whatever dots it has. */
  readonly fileignoreext: string;
  /** Run with the path of a file after that was written. */
  readonly postHook?: readonly string[];
  /** Run with the path of a file before that is deleted. */
  readonly preDeletionHook?: readonly string[];
}

export interface SinglefileConfig extends AnyStorageConfig {
  readonly type: "singlefile/icalendar" | "singlefile/vcard";
  readonly kind: ItemKind;
  /** Absolute, where it is a text. `%s` in it stands for a collection's id. */
  readonly path: Value;
  /** Of a path without `%s`: the id of its one collection; without it, the file's name. */
  readonly collectionId?: CollectionId;
  /** Run with the path of a file after that was written. */
  readonly postHook?: readonly string[];
}

/** How to log in. Without a username nobody is logged in. */
export type AuthConfig =
  | {
    readonly method: "basic" | "digest";
    readonly username?: Value;
    readonly password?: SecretValue;
  }
  | { readonly method: "bearer"; readonly token: SecretValue }
  | OauthConfig;

/** OAuth 2 (RFC 6749). What a provider is known to have is filled in. */
export interface OauthConfig {
  readonly method: "oauth2";
  readonly provider?: "google";
  /** Where a person allows it with a browser on this machine; https. */
  readonly authorizationUrl?: string;
  /** https. */
  readonly tokenUrl: string;
  /** Where a person allows it on another machine (RFC 8628); https. */
  readonly deviceUrl?: string;
  readonly clientId: Value;
  readonly clientSecret?: SecretValue;
  readonly scopes: readonly string[];
  /** Where the tokens are kept. Absolute. */
  readonly tokenFile: string;
}

export interface TlsConfig {
  /** The PEM file of the only roots that are trusted. Absolute. */
  readonly roots?: string;
  /** The SHA-256 of the server's certificate: 64 hexadecimal digits in small letters. */
  readonly fingerprint?: string;
  /** What we show to the server: PEM files; without a key, that stands in the first. Absolute. */
  readonly identity?: { readonly certificate: string; readonly key?: string };
}

/** What all storages on servers have. */
export interface NetworkConfig {
  /** Where it is a text: http or https, without a login in it. */
  readonly url: Value;
  /** A Unix socket to connect to instead of the URL's host. Absolute. */
  readonly socket?: string;
  /** Absent where nothing of a login is given. */
  readonly auth?: AuthConfig;
  readonly tls: TlsConfig;
  readonly userAgent?: string;
  /** http is allowed to other machines too. */
  readonly insecure: boolean;
  /** How long the server may be silent, in milliseconds. */
  readonly timeout: number;
}

interface AnyDavConfig extends AnyStorageConfig, NetworkConfig {
  /** How many requests may be on their way at the same time. */
  readonly connections: number;
  /** Which segment of a collection's path is its id. */
  readonly collectionIdSegment: "last" | "second-last";
}

export interface CaldavConfig extends AnyDavConfig {
  readonly type: "caldav";
  /** Who tells the guests of an event that we copy here: `client`, and so nobody, or the server. */
  readonly scheduleAgent: "client" | "server";
}

export interface CarddavConfig extends AnyDavConfig {
  readonly type: "carddav";
  /** The version of vCard that is asked for; the server's own choice without it. */
  readonly vcardVersion?: "3.0" | "4.0";
}

export type DavConfig = CaldavConfig | CarddavConfig;

/** Read-only by its nature. */
export interface WebcalConfig extends AnyStorageConfig, NetworkConfig {
  readonly type: "webcal";
  /** The id of its one collection. */
  readonly collectionId: CollectionId;
  /** The feed gives its events new UIDs each time: they are named by what they say instead. */
  readonly stableUids: boolean;
}

/** A storage, by its type. */
export type StorageConfig = VdirConfig | SinglefileConfig | DavConfig | WebcalConfig | MailConfig;

/** A collection of one storage: by its id, or by its href where ids clash. */
export type CollectionRef = { readonly id: CollectionId } | { readonly href: Href };

/** Two collections that have different names: `collection { … }`. */
export interface MappingConfig extends Sides<CollectionRef> {
  /** What it is called on the command line and in what is shown. */
  readonly alias: CollectionId;
  /** The `collection` in the file. */
  readonly at: Span;
}

/** Which collections of a pair are kept in step: those of every member that holds. */
export interface CollectionsConfig {
  readonly all: boolean;
  readonly fromA: boolean;
  readonly fromB: boolean;
  /**
   * Which of those that are found are meant, in the order of the file; the last that fits decides.
   * Empty where all are.
   */
  readonly patterns: readonly PatternConfig[];
  /** Each once, in the order of the file. */
  readonly ids: readonly CollectionId[];
  /** No two have one alias, nor one collection; none has an alias that is one of the ids. */
  readonly mappings: readonly MappingConfig[];
}

/** What becomes of an item that was changed on both sides. */
export type ConflictConfig =
  | { readonly kind: "keep"; readonly side: Side }
  | { readonly kind: "newest" | "merge" | "both" | "none" }
  | { readonly kind: "cmd"; readonly argv: readonly string[] };

/** More deletions than both of these, of one collection at once, are held back. */
export interface MaxDeleteConfig {
  /** Of the items that were in step, from 0 to 100. */
  readonly percent: number;
  readonly count: number;
}

export interface PairConfig {
  readonly name: PairName;
  readonly a: StorageName;
  readonly b: StorageName;
  /** What the items of both storages are. */
  readonly kind: StorageKind;
  readonly collections: CollectionsConfig;
  /** What becomes of a collection that was emptied on one side. */
  readonly onEmpty: "skip" | "sync";
  /** What becomes of a collection that was deleted on one side, once it is empty. */
  readonly onDelete: "skip" | "sync";
  /** Absent where any number may be deleted. */
  readonly maxDelete?: MaxDeleteConfig;
  readonly conflicts: ConflictConfig;
  /** When the command of `conflicts` is run. */
  readonly resolveDuring: "sync" | "command";
  /** B is made like A, and nothing of B goes to A. */
  readonly oneWay: boolean;
  /** The properties of collections that are kept in step. */
  readonly properties: readonly PropertyName[];
  /** Where both storages hold mail. */
  readonly mail?: PairMailConfig;
  /** One way: collections that B alone has are deleted too. Of `dovetail backup` alone. */
  readonly exact?: true;
  /** Run after each run of the pair, with a summary of it in JSON on its standard input. */
  readonly hook?: readonly string[];
  /** Its name in the file. */
  readonly at: Span;
}

/** A configuration without errors. The storages of its pairs are all there. */
export interface Config {
  readonly file: string;
  readonly statusPath: Value;
  readonly storages: ReadonlyMap<StorageName, StorageConfig>;
  readonly pairs: readonly PairConfig[];
  /** Where the mail of this user is, as Dovecot writes it: what `mirror` and `backup` begin with. */
  readonly mailLocation?: string;
}
