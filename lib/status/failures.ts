/** What can go wrong with the database, in the words of the rest. */

import { SyncError } from "../model/error.ts";
import type { ErrorKind } from "../model/error.ts";

/** The error of a status that is not what was written. It is never taken for an empty one. */
export function damaged(path: string, detail: string, cause?: unknown): SyncError {
  return new SyncError(`the status in "${path}" is damaged: ${detail}`, {
    scope: "run",
    kind: "malformed",
    hint: `Move it away, with what is beside it under the same name, and run again: ` +
      `what is on one side only is then copied to the other, ` +
      `and what differs between the sides is a conflict. Nothing is deleted.`,
    cause,
  });
}

/** What SQLite's result codes come to, and what the person can do. The rest is our own fault. */
const KINDS: Readonly<Record<string, { readonly kind: ErrorKind; readonly hint?: string }>> = {
  SQLITE_BUSY: { kind: "locked", hint: "Another program has the file open. Try again later." },
  SQLITE_LOCKED: { kind: "locked", hint: "Another program has the file open. Try again later." },
  SQLITE_FULL: { kind: "quota", hint: "Make room on that disk." },
  SQLITE_TOOBIG: { kind: "too large" },
  SQLITE_READONLY: { kind: "forbidden", hint: "Make the file and its folder writable." },
  SQLITE_PERM: { kind: "forbidden", hint: "Make the file and its folder accessible." },
  SQLITE_AUTH: { kind: "forbidden" },
  SQLITE_CANTOPEN: { kind: "forbidden", hint: "Make the file and its folder accessible." },
  SQLITE_IOERR: { kind: "refused", hint: "Look after that disk." },
  SQLITE_NOLFS: { kind: "refused" },
};

const DAMAGE: ReadonlySet<string> = new Set([
  "SQLITE_CORRUPT",
  "SQLITE_NOTADB",
  "SQLITE_FORMAT",
  "SQLITE_EMPTY",
]);

/** Whatever was thrown while the file was used, as a {@linkcode SyncError} of the whole run. */
export function failure(path: string, thrown: unknown): SyncError {
  if (thrown instanceof SyncError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const code = textProperty(thrown, "code") ?? "";
  const extended = textProperty(thrown, "extendedCode") ?? "";
  // What we ask for is always the same, so it can only be the file that does not fit it.
  const unfit = code === "SQLITE_ERROR" &&
    /no such (?:table|column|index)|JSON|unsupported file format/.test(message);
  if (DAMAGE.has(code) || extended === "SQLITE_IOERR_SHORT_READ" || unfit) {
    return damaged(path, message, thrown);
  }
  const known = KINDS[SYSTEM[code] ?? code];
  return new SyncError(`the status in "${path}" cannot be used: ${message}`, {
    scope: "run",
    kind: known?.kind ?? "internal",
    retry: known?.kind === "locked",
    ...(known?.hint === undefined ? {} : { hint: known.hint }),
    cause: thrown,
  });
}

/** The system's error codes, as Deno passes them on. */
const SYSTEM: Readonly<Record<string, string>> = {
  EACCES: "SQLITE_PERM",
  EPERM: "SQLITE_PERM",
  EROFS: "SQLITE_READONLY",
  ENOSPC: "SQLITE_FULL",
  EDQUOT: "SQLITE_FULL",
  EIO: "SQLITE_IOERR",
  EEXIST: "SQLITE_CANTOPEN",
  ENOENT: "SQLITE_CANTOPEN",
  ENOTDIR: "SQLITE_CANTOPEN",
  EISDIR: "SQLITE_CANTOPEN",
  ELOOP: "SQLITE_CANTOPEN",
  ENAMETOOLONG: "SQLITE_CANTOPEN",
};

function textProperty(thrown: unknown, name: string): string | undefined {
  if (typeof thrown !== "object" || thrown === null) return undefined;
  const value: unknown = Reflect.get(thrown, name);
  return typeof value === "string" ? value : undefined;
}
