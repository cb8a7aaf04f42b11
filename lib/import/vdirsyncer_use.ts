/** How a pair uses a storage of vdirsyncer's, which decides what the storage becomes. */

import type { StorageKind } from "../config/config.ts";
import type { Section } from "./ini.ts";

/** Which storage of ours one side of a pair is. */
export interface Used {
  /** Its name in vdirsyncer's configuration. */
  readonly storage: string;
  /** Its name in ours. */
  readonly name: string;
  /**
   * As a place that holds collections, as vdirsyncer does where they have names; or pointing at one
   * collection, as it does for `null`.
   */
  readonly way: "root" | "single";
  /** The names that this side's collections have. */
  readonly collections: readonly string[];
}

/** The same, of all pairs together. */
export interface StorageUse {
  readonly name: string;
  readonly way: "root" | "single";
  readonly collections: string[];
}

const textOf = (section: Section, key: string): string | undefined => {
  const value = section.options.get(key)?.value;
  return typeof value === "string" ? value : undefined;
};

export const typeOf = (section: Section): string => textOf(section, "type") ?? "";

/** The types of its own; others come from plugins, or are of a version that is long gone. */
const TYPES: ReadonlySet<string> = new Set([
  "filesystem",
  "filesystem/icalendar",
  "filesystem/vcard",
  "singlefile",
  "caldav",
  "carddav",
  "http",
  "google_calendar",
  "google_contacts",
]);

/** Whether there is a storage of ours that does the same. */
export const isKnown = (section: Section): boolean => TYPES.has(typeOf(section));

/** What a storage's items are, where it says so itself. */
export function kindOf(section: Section): StorageKind | undefined {
  const type = typeOf(section);
  if (/^(caldav|google_calendar|http|.*\/icalendar)$/.test(type)) return "calendar";
  if (/^(carddav|google_contacts|.*\/vcard)$/.test(type)) return "contacts";
  const ending = textOf(section, "fileext") ?? textOf(section, "path") ?? "";
  if (/\.ics$/i.test(ending)) return "calendar";
  return /\.vcf$/i.test(ending) ? "contacts" : undefined;
}

/** The id of the one collection that a storage points at; undefined where that is not known. */
export function singleId(section: Section): string | undefined {
  switch (typeOf(section).replace(/\/.*/, "")) {
    case "filesystem": {
      const path = textOf(section, "path")?.replace(/\/+$/, "");
      return path?.includes("/") ? path.slice(path.lastIndexOf("/") + 1) : undefined;
    }
    case "singlefile": {
      const path = textOf(section, "path");
      const name = path?.slice(path.lastIndexOf("/") + 1);
      return name?.replace(/(.)\.[^.]*$/, "$1");
    }
    case "http":
      return section.name;
    case "caldav":
    case "carddav": {
      const url = URL.parse(textOf(section, "url") ?? "");
      const segment = url?.pathname.split("/").filter((each) => each !== "").at(-1);
      if (segment === undefined) return undefined;
      try {
        return decodeURIComponent(segment);
      } catch (error) {
        if (error instanceof URIError) return segment;
        throw error;
      }
    }
    default:
      return undefined;
  }
}
