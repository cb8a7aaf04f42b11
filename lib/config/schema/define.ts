/** How the directives of a place are written down. */

import type { DirectiveSpec, Place, StorageType } from "../schema_types.ts";

/** A directive without what is understood where nothing is said of it. */
export type Given =
  & Pick<DirectiveSpec, "name" | "params" | "help" | "example">
  & Partial<DirectiveSpec>;

/** Directives of one place: optional, given once and without a block unless they say otherwise. */
export const at = (place: Place, ...given: readonly Given[]): readonly DirectiveSpec[] =>
  given.map((directive) => ({
    aliases: [],
    dynamic: false,
    required: false,
    repeatable: false,
    ...directive,
    place,
  }));

/** The same, of storages of these types alone. */
export const only = (
  types: readonly StorageType[],
  ...given: readonly Given[]
): readonly DirectiveSpec[] => at("storage", ...given.map((it) => ({ types, ...it })));

export const VDIR = ["vdir/icalendar", "vdir/vcard"] as const;
export const SINGLEFILE = ["singlefile/icalendar", "singlefile/vcard"] as const;
export const DAV = ["caldav", "carddav"] as const;
/** Those that are asked over HTTP. */
export const HTTP = ["caldav", "carddav", "webcal"] as const;
export const NETWORK = [...HTTP, "imap"] as const;
export const MAIL_FILES = ["maildir", "mbox"] as const;
export const MAIL = [...MAIL_FILES, "imap"] as const;
/** Those whose items are events or contacts. */
export const ITEMS = [...VDIR, ...SINGLEFILE, ...HTTP] as const;
export const CALENDARS = ["vdir/icalendar", "singlefile/icalendar", "caldav", "webcal"] as const;
