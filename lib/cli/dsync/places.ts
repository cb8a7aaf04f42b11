/** What dsync's arguments come to: two storages and the pair that they make. */

import { createHash } from "node:crypto";
import type { Config, PairConfig, StorageConfig } from "../../config/config.ts";
import { DEFAULTS } from "../../config/schema.ts";
import { type PairName, pairName } from "../../model/names.ts";
import { UsageError } from "../usage_error.ts";
import { NOWHERE } from "./storages.ts";

export interface Places {
  readonly command: "mirror" | "backup";
  /** The one that dsync begins with. */
  readonly first: StorageConfig;
  readonly second: StorageConfig;
  readonly reverse: boolean;
}

/** A configuration with this one pair in it. Throws {@linkcode UsageError} for a place twice. */
export function configOf(
  { command, first, second, reverse }: Places,
  statusPath: Config["statusPath"],
): Config & { readonly pairs: readonly [PairConfig] } {
  if (placeOf(first) === placeOf(second)) {
    throw new UsageError("Both locations are the same place.", []);
  }
  const [from, to] = reverse ? [second, first] : [first, second];
  // A mirror has no direction: whichever of its places is named first, it is the same one, and what
  // is known of it goes on to be known.
  const swapped = command === "mirror" && placeOf(from) > placeOf(to);
  const [a, b] = swapped ? [to, from] : [from, to];
  const storages: readonly StorageConfig[] = command === "backup"
    // Nothing is ever changed where a backup comes from.
    ? [{ ...a, readOnly: true } as StorageConfig, b]
    : [a, b];
  const pair: PairConfig = {
    name: nameOf(command, a, b),
    at: NOWHERE,
    a: a.name,
    b: b.name,
    kind: "mail",
    collections: {
      all: true,
      fromA: false,
      fromB: false,
      patterns: [],
      ids: [],
      mappings: [],
    },
    onEmpty: "sync",
    onDelete: "sync",
    conflicts: { kind: "none" },
    resolveDuring: DEFAULTS.resolveDuring,
    oneWay: command === "backup",
    properties: DEFAULTS.mailProperties,
    mail: { expunge: { a: false, b: false } },
    ...(command === "backup" && { exact: true }),
  };
  return {
    file: NOWHERE.file,
    statusPath,
    storages: new Map(storages.map((it) => [it.name, it])),
    pairs: [pair],
  };
}

/** What tells places apart, however they are written. */
function placeOf(storage: StorageConfig): string {
  if (storage.type === "maildir" || storage.type === "mbox") {
    const { path } = storage;
    const text = path.kind === "text" ? path.value.replace(/\/+(?:\.?\/)*/g, "/") : "";
    return `file ${text === "/" ? text : text.replace(/\/$/, "")}`;
  }
  if (storage.type !== "imap") return `storage ${storage.name}`;
  const { url, auth, tunnel } = storage;
  const user = auth !== undefined && "username" in auth && auth.username?.kind === "text"
    ? auth.username.value
    : "";
  return `imap ${user} ${url?.kind === "text" ? url.value : ""} ${tunnel?.join(" ") ?? ""}`;
}

/** What is known of two places is found again by these alone. */
function nameOf(command: string, a: StorageConfig, b: StorageConfig): PairName {
  const text = [a, b].map((it) => `${it.type} ${placeOf(it)}\n`).join("");
  const hash = createHash("sha256").update(text).digest("hex");
  return pairName(`${command}-${hash.slice(0, 16)}`);
}
