/** What the system says of a file, as an error of a storage. */

import { type Scope, SyncError, type SyncErrorOptions } from "../model/error.ts";

type Meaning = Pick<SyncErrorOptions, "kind" | "retry" | "hint"> & {
  readonly says: string;
  /** Set where it is no fault of the one item, so that the next would fail likewise. */
  readonly collection?: true;
};

const MEANINGS: Readonly<Record<string, Meaning>> = {
  ENOENT: { kind: "missing", says: "is not there" },
  ENOTDIR: { kind: "missing", says: "is not a folder" },
  EEXIST: { kind: "exists", says: "is there already" },
  EACCES: {
    kind: "forbidden",
    says: "may not be accessed",
    hint: "Check its owner and permissions, and those of the folders above it.",
  },
  EPERM: {
    kind: "forbidden",
    says: "may not be accessed",
    hint: "Check its owner and permissions, and whether it is marked as immutable.",
  },
  EROFS: {
    kind: "forbidden",
    collection: true,
    says: "lies on a disk that is mounted read-only",
    hint: "Mount it for writing, or set read_only on the storage.",
  },
  ENOSPC: {
    kind: "quota",
    collection: true,
    says: "cannot be written: the disk is full",
    hint: "Make room on it and run again.",
  },
  EDQUOT: {
    kind: "quota",
    collection: true,
    says: "cannot be written: your quota on the disk is used up",
    hint: "Make room and run again.",
  },
  EFBIG: { kind: "too large", says: "is larger than the disk or a limit allows" },
  EMFILE: {
    kind: "refused",
    retry: true,
    collection: true,
    says: "cannot be opened: too many files are open",
    hint: "Raise the limit (ulimit -n) or run again when less is going on.",
  },
  ENFILE: {
    kind: "refused",
    retry: true,
    collection: true,
    says: "cannot be opened: too many files are open on this machine",
    hint: "Run again when less is going on.",
  },
  ENAMETOOLONG: { kind: "refused", says: "has too long a name for the disk" },
  EISDIR: { kind: "refused", says: "is a folder" },
  ELOOP: {
    kind: "refused",
    says: "is a symbolic link, and links are not followed",
    hint: "Put the file itself in its place.",
  },
  ENOTEMPTY: { kind: "refused", says: "is not empty" },
  EIO: {
    kind: "refused",
    says: "cannot be read or written: the disk reports a fault",
    hint: "Look at the system's log, and check the disk.",
  },
  ENXIO: { kind: "refused", says: "is not a regular file" },
};

/** The system's own code of an error, such as `ENOENT`; nothing where it has none. */
export function codeOf(thrown: unknown): string | undefined {
  if (thrown instanceof SyncError || !(thrown instanceof Error)) return undefined;
  const { code } = thrown as { readonly code?: unknown };
  if (typeof code === "string") return code;
  if (thrown instanceof Deno.errors.NotFound) return "ENOENT";
  if (thrown instanceof Deno.errors.AlreadyExists) return "EEXIST";
  if (thrown instanceof Deno.errors.NotADirectory) return "ENOTDIR";
  if (thrown instanceof Deno.errors.PermissionDenied) return "EACCES";
  return undefined;
}

/** `thrown` by a call on the file `path`, as a {@linkcode SyncError} of at least that scope. */
export function fileError(thrown: unknown, scope: Scope, path: string): SyncError {
  if (thrown instanceof SyncError) return thrown;
  // A permission that the runtime was not given is for whoever started it to give.
  if (thrown instanceof Deno.errors.NotCapable) {
    return new SyncError(thrown.message, { scope: "storage", kind: "forbidden", cause: thrown });
  }
  const meaning = MEANINGS[codeOf(thrown) ?? ""];
  if (meaning === undefined) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new SyncError(`${path}: ${message}`, { scope, kind: "internal", cause: thrown });
  }
  const { says, collection, ...options } = meaning;
  return new SyncError(`${path} ${says}`, {
    ...options,
    scope: collection && scope === "item" ? "collection" : scope,
    cause: thrown,
  });
}
