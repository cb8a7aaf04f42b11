/** Locations of dsync's as storages of a configuration. */

import type { Config, ImapConfig, StorageConfig } from "../../config/config.ts";
import { expandLocation, type Owner } from "../../config/expand_location.ts";
import type { MailLocation } from "../../config/mail_location.ts";
import { DEFAULTS } from "../../config/schema.ts";
import type { Span } from "../../config/tree.ts";
import { type StorageName, storageName } from "../../model/names.ts";
import { UsageError } from "../usage_error.ts";

/** What stands for a place in a file: there is none. */
export const NOWHERE: Span = { file: "the command line", line: 0, column: 0, length: 1 };

export interface LocationInput {
  readonly location: MailLocation;
  /** As it was written: what the storage is called. */
  readonly text: string;
  /** Where it was written, for what is wrong with it. */
  readonly what: string;
  readonly owner: Owner;
  readonly config: Config | undefined;
  readonly altChar: string | undefined;
  readonly passwordCommand: string | undefined;
}

/** The storage that a location is. Throws {@linkcode UsageError} where that cannot be told. */
export function storageOf(input: LocationInput): StorageConfig {
  const { location: given, text, what, owner, config, altChar } = input;
  const location = expandLocation(given, owner, Deno.cwd());
  if ("problem" in location) {
    throw new UsageError(`${what}: ${location.problem}.`, [`${location.help}.`]);
  }
  const name = storageName(text);
  const common = { ...COMMON, name, ...(altChar !== undefined && { altChar }) };
  const place = (path: string) => ({ kind: "text", value: path }) as const;
  switch (location.driver) {
    case "maildir": {
      const { layout, path, inbox, control, index } = location;
      return {
        ...common,
        type: "maildir",
        path: place(path),
        layout,
        ...(inbox !== undefined && { inbox }),
        ...(control !== undefined && { control }),
        ...(index !== undefined && { index }),
      };
    }
    case "mbox": {
      const { path, inbox } = location;
      return {
        ...common,
        type: "mbox",
        path: place(path),
        ...(inbox !== undefined && { inbox }),
      };
    }
    case "imap":
      return imapOf(location, common, input);
    case "storage":
      return configured(location.name, config, altChar);
  }
}

/** What holds where a configuration says nothing. */
const COMMON = {
  kind: "mail",
  readOnly: false,
  noDelete: false,
  interval: 1000 * DEFAULTS.interval,
  filters: [],
  at: NOWHERE,
} as const;

function imapOf(
  { url, username }: MailLocation & { readonly driver: "imap" },
  common: typeof COMMON & { readonly name: StorageName },
  { owner, passwordCommand }: LocationInput,
): ImapConfig {
  const user = username ?? owner.user;
  if (user === undefined) {
    throw new UsageError("It is not known who logs in to the IMAP server.", [
      "Write the name into the location: imaps://USER@HOST",
    ]);
  }
  return {
    ...common,
    type: "imap",
    url: { kind: "text", value: url },
    auth: {
      method: "basic",
      username: { kind: "text", value: user },
      password: passwordCommand === undefined
        ? { kind: "prompt", text: `Password of ${user} at ${new URL(url).host}`, at: NOWHERE }
        : { kind: "shell", script: passwordCommand, at: NOWHERE },
    },
    tls: {},
    insecure: false,
    timeout: 1000 * DEFAULTS.timeout,
    connections: DEFAULTS.imapConnections,
  };
}

/** A storage of the configuration, as it is there. */
function configured(
  name: string,
  config: Config | undefined,
  altChar: string | undefined,
): StorageConfig {
  const storage = config?.storages.get(storageName(name));
  if (storage === undefined) {
    throw new UsageError(`storage:${name}: the configuration has no such storage.`, [
      '"dovetail list storages" names those that there are.',
    ]);
  }
  if (storage.kind !== "mail") {
    throw new UsageError(`storage:${name}: this storage holds no mail.`, []);
  }
  return { ...storage, ...(altChar !== undefined && { altChar }) };
}
