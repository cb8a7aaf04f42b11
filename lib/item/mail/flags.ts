/** The flags and keywords of mails, in the spelling of IMAP (RFC 3501 section 2.3.2). */

import type { Flags } from "../../model/item.ts";
import { type Etag, etag } from "../../model/names.ts";

/** The system flags that are kept. `\Recent` is no property of a mail but of who looks at it. */
export const SYSTEM_FLAGS = ["\\Answered", "\\Deleted", "\\Draft", "\\Flagged", "\\Seen"] as const;

const SPELLINGS: ReadonlyMap<string, string> = new Map(
  SYSTEM_FLAGS.map((flag) => [flag.toLowerCase(), flag]),
);

/**
 * The flags of a mail: sorted by code unit, each once, system flags in their usual case, without
 * `\Recent`. Keywords have no case; of those that differ in nothing else the first one stays.
 */
export function flagsOf(flags: Iterable<string>): Flags {
  const kept = new Map<string, string>();
  for (const flag of flags) {
    const folded = flag.toLowerCase();
    if (folded === "\\recent" || flag === "" || kept.has(folded)) continue;
    kept.set(folded, SPELLINGS.get(folded) ?? flag);
  }
  return [...kept.values()].sort();
}

/**
 * The canonical text of flags as {@linkcode flagsOf} gives them: none of them holds a blank. It is
 * never empty, as no etag is.
 */
export const etagOfFlags = (flags: Flags): Etag => etag(`(${flags.join(" ")})`);
