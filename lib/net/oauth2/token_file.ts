/** Tokens on the disk: for this user alone, replaced whole, and by one process at a time. */

import { dirname } from "node:path";
import { cancelled, SyncError } from "../../model/error.ts";
import { Secret } from "../../model/secret.ts";

export interface Tokens {
  readonly access: Secret;
  /** Until when it is good, in milliseconds since 1970; unknown where the provider does not say. */
  readonly until?: number;
  /** What gets the next one. */
  readonly refresh?: Secret;
}

/** Larger files than this are not ours, in bytes. */
const MAX_FILE = 256 * 1024;
/** How long another process is waited for that has the lock, in milliseconds. */
const PATIENCE = 60_000;

function unusable(path: string, why: string, cause?: unknown): SyncError {
  return new SyncError(`the token file ${path} ${why}`, {
    scope: "storage",
    kind: "malformed",
    hint: "Remove it and log in again.",
    cause,
  });
}

/** The tokens in the file; undefined where there is none. */
export async function readTokens(path: string): Promise<Tokens | undefined> {
  let text: string;
  try {
    using file = await Deno.open(path);
    const { isFile, size } = await file.stat();
    if (!isFile || size > MAX_FILE) throw unusable(path, "is none of ours");
    text = await new Response(file.readable).text();
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return undefined;
    if (!(thrown instanceof Deno.errors.PermissionDenied)) throw thrown;
    throw new SyncError(`the token file ${path} cannot be read by this user`, {
      scope: "storage",
      kind: "forbidden",
      cause: thrown,
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Its message would show what stands there.
    throw unusable(path, "is not JSON");
  }
  if (typeof value !== "object" || value === null) throw unusable(path, "holds no tokens");
  const { access_token: access, expires_at: until, refresh_token: refresh } = value as {
    readonly [name: string]: unknown;
  };
  if (typeof access !== "string") throw unusable(path, "holds no tokens");
  const expires = typeof until === "string" ? Date.parse(until) : NaN;
  return {
    access: new Secret(access),
    ...(Number.isNaN(expires) ? {} : { until: expires }),
    ...(typeof refresh === "string" ? { refresh: new Secret(refresh) } : {}),
  };
}

/** Puts the tokens there, all or nothing, so that they survive a power cut. */
export async function writeTokens(path: string, tokens: Tokens): Promise<void> {
  const text = JSON.stringify({
    access_token: tokens.access.reveal(),
    ...(tokens.until === undefined ? {} : { expires_at: new Date(tokens.until).toISOString() }),
    ...(tokens.refresh === undefined ? {} : { refresh_token: tokens.refresh.reveal() }),
  });
  const folder = dirname(path);
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${crypto.randomUUID()}.new`;
  const file = await Deno.open(temporary, { write: true, createNew: true, mode: 0o600 });
  try {
    try {
      const bytes = new TextEncoder().encode(text + "\n");
      for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
      await file.sync();
    } finally {
      file.close();
    }
    await Deno.rename(temporary, path);
  } catch (thrown) {
    await Deno.remove(temporary);
    throw thrown;
  }
  using parent = await Deno.open(folder);
  await parent.sync();
}

/**
 * Runs `work` while no other process, nor anybody else in this one, does so with the same file: a
 * provider that gives a new refresh token each time takes the old one but once.
 * @throws {SyncError} `locked` where the other one takes too long.
 */
export async function withTokenLock<Value>(
  path: string,
  signal: AbortSignal,
  work: () => Promise<Value>,
): Promise<Value> {
  if (signal.aborted) throw cancelled(signal.reason);
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await Deno.open(`${path}.lock`, { write: true, create: true, mode: 0o600 });
  // It cannot be called off: a lock that comes too late is let go of by closing the file.
  const taken = file.lock(true);
  const late = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
  const { promise, resolve } = Promise.withResolvers<"late">();
  const stop = () => resolve("late");
  late.addEventListener("abort", stop, { once: true });
  const outcome = await Promise.race([taken.then(() => "taken" as const), promise]);
  late.removeEventListener("abort", stop);
  if (outcome === "late") {
    // Whatever comes of it, nobody waits for it any more.
    taken.then(() => file.close(), () => file.close());
    if (signal.aborted) throw cancelled(signal.reason);
    throw new SyncError(`another process has had the token file ${path} for too long`, {
      scope: "storage",
      kind: "locked",
      retry: true,
    });
  }
  try {
    return await work();
  } finally {
    file.close();
  }
}
