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
    // A place that has lost all its mailboxes is a disk that is not mounted, more likely than a wish.
    onEmpty: "skip",
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
    return `file ${path.kind === "text" ? realPathOf(path.value) : ""}`;
  }
  if (storage.type !== "imap") return `storage ${storage.name}`;
  const { url, auth, tunnel } = storage;
  const user = auth !== undefined && "username" in auth && auth.username?.kind === "text"
    ? auth.username.value
    : "";
  return `imap ${user} ${url?.kind === "text" ? url.value : ""} ${tunnel?.join(" ") ?? ""}`;
}

/** Without links, as far as it is there. */
function realPathOf(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch (thrown) {
    // What it is, and why it cannot be looked at, is told by whoever opens it.
    if (!(thrown instanceof Error)) throw thrown;
    const text = path.replace(/\/+(?:\.?\/)*/g, "/");
    if (text === "/") return text;
    const bare = text.replace(/\/$/, "");
    const at = bare.lastIndexOf("/");
    return at <= 0 ? bare : `${realPathOf(bare.slice(0, at))}${bare.slice(at)}`;
  }
}

/** How a place is looked at: another layout is another view of it. */
const viewOf = (storage: StorageConfig): string =>
  storage.type === "maildir" && storage.layout !== "maildir++" ? ` ${storage.layout}` : "";

/** What is known of two places is found again by these alone. */
function nameOf(command: string, a: StorageConfig, b: StorageConfig): PairName {
  const text = [a, b].map((it) => `${it.type} ${placeOf(it)}${viewOf(it)}\n`).join("");
  const hash = createHash("sha256").update(text).digest("hex");
  return pairName(`${command}-${hash.slice(0, 16)}`);
}
