/** What pairs of mail storages have, and others have not; and the other way round. */

import type { Block, CheckContext } from "./block.ts";
import type { PairMailConfig, StorageKind } from "./config.ts";
import { directiveOf, givenOf, numberOf, textOf } from "./given.ts";

/** What is said about mail alone, where that makes sense or not. */
export function readPairMail(block: Block): PairMailConfig {
  const maxSize = numberOf(block, "max_size");
  const since = givenOf(block, "max_age", "date")?.bound;
  const flags = givenOf(block, "sync_flags", "flags")?.flags;
  const expunge = textOf(block, "expunge") ?? "none";
  return {
    ...(maxSize !== undefined && { maxSize }),
    ...(since && { since }),
    ...(flags && { flags }),
    expunge: {
      a: expunge === "a" || expunge === "both",
      b: expunge === "b" || expunge === "both",
    },
  };
}

const OF_MAIL = ["max_size", "max_age", "sync_flags", "expunge"];
const NOT_OF_MAIL = ["conflict_resolution", "resolve_during"];
const OWN_PROPERTIES: ReadonlySet<string> = new Set(["subscribed"]);

/** Reports what makes no sense for what the storages of the pair hold. */
export function checkKind(block: Block, kind: StorageKind, { report }: CheckContext): void {
  const isMail = kind === "mail";
  const things = kind === "calendar" ? "calendars" : kind;
  for (const name of isMail ? NOT_OF_MAIL : OF_MAIL) {
    const at = directiveOf(block, name)?.name.span;
    if (at === undefined) continue;
    if (isMail) {
      const message = `"${name}" is of no use in a pair of mail: a mail never changes, and ` +
        "flags are merged one by one";
      report({ severity: "warning", message, at, help: "leave it out" });
    } else {
      const message = `"${name}" belongs to pairs of mail; this one is of ${things}`;
      report({ severity: "error", message, at });
    }
  }
  const [properties] = block.all("properties");
  if (properties?.given?.kind === "words") {
    for (const [index, name] of properties.given.texts.entries()) {
      if (name === "all" || name === "none" || OWN_PROPERTIES.has(name) === isMail) continue;
      const message = isMail
        ? `mailboxes have no "${name}"; they have "subscribed"`
        : `${things} have no "${name}"`;
      const word = properties.directive.params[index];
      report({ severity: "error", message, at: (word ?? properties.directive.name).span });
    }
  }
}
