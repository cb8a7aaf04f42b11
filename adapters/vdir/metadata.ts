/** A collection's properties: one small file each, named like the property. */

import { codeOf, fileError } from "../../lib/files/file_error.ts";
import type { Files } from "../../lib/files/files.ts";
import { temporaryName } from "../../lib/files/names.ts";
import { readFile } from "../../lib/files/read_file.ts";
import { SyncError } from "../../lib/model/error.ts";
import type { Properties, PropertyName } from "../../lib/model/storage.ts";
import { FILE_MODE } from "./apply.ts";
import type { Folder } from "./folder.ts";

export const PROPERTY_NAMES: readonly PropertyName[] = [
  "displayname",
  "color",
  "description",
  "order",
];

/** A description may be long; a file beyond this is none. */
const MAX_SIZE = 64 * 1024;

/**
 * The properties of a collection. Spaces and line ends around a value do not count, and an empty
 * file is one that is not there. Throws {@linkcode SyncError} of scope `collection` where one cannot be read:
 * it is not to be taken for one that was removed.
 */
export async function readProperties(files: Files, folder: Folder): Promise<Properties> {
  const properties: Partial<Record<PropertyName, string>> = {};
  for (const name of PROPERTY_NAMES) {
    const value = await readProperty(files, folder.at(name));
    if (value !== "") properties[name] = value;
  }
  return properties;
}

/** The properties as they would be read back. */
export function normalised(properties: Properties): Properties {
  const kept: Partial<Record<PropertyName, string>> = {};
  for (const name of PROPERTY_NAMES) {
    const value = properties[name]?.trim() ?? "";
    if (value !== "") kept[name] = value;
  }
  return kept;
}

async function readProperty(files: Files, path: string): Promise<string> {
  try {
    files.stat(path);
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return "";
    throw fileError(thrown, "collection", path);
  }
  try {
    const { bytes } = await readFile(files, path, MAX_SIZE);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).trim();
  } catch (thrown) {
    const error = fileError(thrown, "collection", path);
    if (error.kind === "missing") return "";
    throw new SyncError(
      thrown instanceof TypeError ? `${path} is not UTF-8 text` : error.message,
      {
        scope: "collection",
        kind: thrown instanceof TypeError ? "malformed" : error.kind,
        retry: error.retry,
        cause: thrown,
        ...(error.hint === undefined ? undefined : { hint: error.hint }),
      },
    );
  }
}

/** Writes a property, or removes it where there is no value, and waits until that is durable. */
export async function writeProperty(
  files: Files,
  folder: Folder,
  name: PropertyName,
  value: string | undefined,
): Promise<void> {
  const path = folder.at(name);
  try {
    folder.look();
    const text = value?.trim() ?? "";
    if (text === "") {
      removeIfThere(files, path);
    } else {
      const temporary = folder.at(temporaryName());
      try {
        await files.writeNew(temporary, new TextEncoder().encode(text), FILE_MODE);
        folder.look();
        files.rename(temporary, path);
      } catch (thrown) {
        removeIfThere(files, temporary);
        throw thrown;
      }
    }
    await files.syncFolder(folder.path);
  } catch (thrown) {
    throw fileError(thrown, "collection", path);
  }
}

function removeIfThere(files: Files, path: string): void {
  try {
    files.remove(path);
  } catch (thrown) {
    if (codeOf(thrown) !== "ENOENT") throw thrown;
  }
}
