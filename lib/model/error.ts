/** What can go wrong with a storage, as one closed set: the scope says what is skipped for it. */

/** What an error stops: one item, one collection, one storage, or the whole run of a pair. */
export type Scope = "item" | "collection" | "storage" | "run";

/** What kind of thing went wrong. It decides the exit status. */
export type ErrorKind =
  /** No connection, no name, no certificate that fits, no answer in time. */
  | "unreachable"
  /** The credentials were refused, or there are none and some are wanted. */
  | "unauthorised"
  /** Known, and not allowed to. */
  | "forbidden"
  /** It is not there. */
  | "missing"
  /** It is no longer what the precondition named. */
  | "changed"
  /** Something is there already. */
  | "exists"
  /** The storage understood and says no, or fails for a reason of its own. */
  | "refused"
  /** The answer, or the item, is not what it claims to be. */
  | "malformed"
  /** Over a limit, ours or the storage's. */
  | "too large"
  /** The storage is full. */
  | "quota"
  /** A filter of the configuration keeps it from passing, as it is meant to. */
  | "left out"
  /** Two items of one collection claim the same ident. */
  | "duplicate"
  /** Another run holds the lock. */
  | "locked"
  /** The person, or a signal, asked to stop. */
  | "cancelled"
  /** A fault of our own. */
  | "internal";

export interface SyncErrorOptions {
  readonly scope: Scope;
  readonly kind: ErrorKind;
  /** Whether the same request may succeed later without anybody doing anything. Default: false. */
  readonly retry?: boolean;
  /** How long the storage asked to wait before that, in milliseconds. */
  readonly retryAfter?: number;
  /** What the person can do about it, as a sentence. */
  readonly hint?: string;
  /** What went wrong below. Always kept, and shown. */
  readonly cause?: unknown;
}

/** The only error that an adapter throws on purpose. Anything else is a fault of our own. */
export class SyncError extends Error {
  override readonly name = "SyncError";
  readonly scope: Scope;
  readonly kind: ErrorKind;
  readonly retry: boolean;
  readonly retryAfter: number | undefined;
  readonly hint: string | undefined;

  constructor(message: string, options: SyncErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.scope = options.scope;
    this.kind = options.kind;
    this.retry = options.retry ?? false;
    this.retryAfter = options.retryAfter;
    this.hint = options.hint;
  }
}

/** `thrown` as a {@linkcode SyncError}: itself, or wrapped as a fault of our own of that scope. */
export function asSyncError(thrown: unknown, scope: Scope): SyncError {
  if (thrown instanceof SyncError) return thrown;
  if (thrown instanceof DOMException && thrown.name === "AbortError") return cancelled(thrown);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new SyncError(message, { scope, kind: "internal", cause: thrown });
}

/** The error of a run that was asked to stop. */
export function cancelled(cause?: unknown): SyncError {
  return new SyncError("stopped before it was done", { scope: "run", kind: "cancelled", cause });
}
