/** `dovecot-uidvalidity`: the last UIDVALIDITY that was given to a mailbox here. */

import { join } from "node:path";
import { codeOf, fileError } from "../../lib/files/file_error.ts";
import { MOST } from "../../lib/model/mail.ts";
import { type Disk, makeFolders, readWhole, removeIfThere, statIfThere } from "./disk.ts";

const FILE = "dovecot-uidvalidity";

/**
 * A UIDVALIDITY that no mailbox here has had: the one after the last, or the time. The empty file
 * whose name it is part of is what two programs cannot both rename, as Dovecot does it.
 */
export function nextUidValidity(disk: Disk, control: string, mode: number): number {
  try {
    makeFolders(disk, control, mode);
    for (let tried = 0;; tried++) {
      const last = lastOf(disk, control);
      const next = last === undefined ? Math.floor(disk.now() / 1000) : last.value % MOST + 1;
      if (last?.file === undefined) {
        disk.create(join(control, `${FILE}.${hex(next)}`), 0o444).close();
      } else if (!renamed(disk, last.file, join(control, `${FILE}.${hex(next)}`)) && tried < 10) {
        continue;
      }
      write(disk, control, next, mode & 0o666);
      return next;
    }
  } catch (thrown) {
    throw fileError(thrown, "storage", join(control, FILE));
  }
}

/** Makes sure that none up to this one is given to a mailbox again. */
export function noteUidValidity(disk: Disk, control: string, value: number, mode: number): void {
  try {
    makeFolders(disk, control, mode);
    const last = lastOf(disk, control);
    if (last !== undefined && last.value >= value) return;
    const path = join(control, `${FILE}.${hex(value)}`);
    if (last?.file === undefined) disk.create(path, 0o444).close();
    else renamed(disk, last.file, path);
    write(disk, control, value, mode & 0o666);
  } catch (thrown) {
    throw fileError(thrown, "storage", join(control, FILE));
  }
}

const hex = (value: number): string => value.toString(16).padStart(8, "0");

function lastOf(
  disk: Disk,
  control: string,
): { readonly value: number; readonly file: string | undefined } | undefined {
  const bytes = readWhole(disk, join(control, FILE), 1024);
  const written = /^[0-9a-f]{8}/i.exec(new TextDecoder().decode(bytes ?? new Uint8Array()))?.[0];
  if (written !== undefined) {
    // As it should be: there is only one such file, and nobody need look through the folder for it.
    const file = join(control, `${FILE}.${written.toLowerCase()}`);
    if (statIfThere(disk, file) !== undefined) return { value: Number.parseInt(written, 16), file };
  }
  const named = disk.names(control)
    .flatMap((name) => /^dovecot-uidvalidity\.([0-9a-f]{8})$/i.exec(name)?.[1] ?? [])
    .map((digits) => Number.parseInt(digits, 16));
  const highest = Math.max(0, ...named);
  const value = Math.max(highest, written === undefined ? 0 : Number.parseInt(written, 16));
  if (value === 0) return undefined;
  return { value, file: highest === 0 ? undefined : join(control, `${FILE}.${hex(highest)}`) };
}

function renamed(disk: Disk, from: string, to: string): boolean {
  try {
    disk.rename(from, to);
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return false;
    throw thrown;
  }
}

/** Others read the file without a lock, and take what they find for the last one or an earlier. */
function write(disk: Disk, control: string, value: number, mode: number): void {
  const temporary = join(control, `${FILE}.tmp-${disk.pid}`);
  removeIfThere(disk, temporary);
  const writer = disk.create(temporary, mode | 0o600);
  writer.write(new TextEncoder().encode(hex(value)));
  writer.close();
  disk.rename(temporary, join(control, FILE));
}
