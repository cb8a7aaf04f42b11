/**
 * A conflict is settled by a program of the user's: it gets each side in a file, and the base in a
 * third where there is one, and makes the first two equal.
 */

import { SyncError } from "../model/error.ts";
import type { Conflict } from "../model/plan.ts";
import type { ConflictBytes, Resolution } from "../model/run.ts";

export interface ResolverOptions {
  readonly argv: readonly string[];
  /** What the files' names end in, without a dot. */
  readonly fileext: string;
  readonly signal: AbortSignal;
}

/**
 * Runs it. Throws a {@linkcode SyncError} where it cannot be run, failed or left two different files,
 * and what the signal says.
 */
export async function runResolver(
  { argv, fileext, signal }: ResolverOptions,
  { ident }: Conflict,
  { now, base }: ConflictBytes,
): Promise<Resolution> {
  const [program = "", ...args] = argv;
  // For the owner alone: what is in there is nobody else's business.
  const folder = await Deno.makeTempDir({ prefix: "dovetail-" });
  try {
    const files = { a: `${folder}/a.${fileext}`, b: `${folder}/b.${fileext}` };
    await write(files.a, now.a);
    await write(files.b, now.b);
    const third = base.a ?? base.b;
    const more = third === undefined ? [] : [`${folder}/base.${fileext}`];
    for (const path of more) if (third !== undefined) await write(path, third);
    const child = start(program, [...args, files.a, files.b, ...more], ident, signal);
    const { success, code, signal: killed } = await child.status;
    signal.throwIfAborted();
    if (!success) {
      const how = killed === null ? `ended with status ${code}` : `was ended by ${killed}`;
      throw failed(program, ident, how, "Nothing was changed.");
    }
    const after = { a: await left(files.a), b: await left(files.b) };
    if (after.a === undefined || after.b === undefined) {
      throw failed(program, ident, "took a file away", "Nothing was changed.");
    }
    if (!sameText(after.a, after.b)) {
      const hint = "It has to leave the same in both. Nothing was changed.";
      throw failed(program, ident, "left two different files", hint);
    }
    if (textOf(after.a) === "") {
      throw failed(program, ident, "left empty files", "Nothing was changed.");
    }
    return { kind: "content", bytes: after.a };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function start(
  program: string,
  args: readonly string[],
  ident: string,
  signal: AbortSignal,
): Deno.ChildProcess {
  const streams = { stdin: "inherit", stdout: "inherit", stderr: "inherit" } as const;
  try {
    return new Deno.Command(program, { args: [...args], ...streams, signal }).spawn();
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) {
      throw failed(program, ident, "was not found", "Name it with its path.", thrown);
    }
    throw failed(program, ident, "cannot be run", "Nothing was changed.", thrown);
  }
}

/** What the program left in a file; nothing where it is gone. */
async function left(path: string): Promise<Uint8Array | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return undefined;
    throw thrown;
  }
}

const write = (path: string, bytes: Uint8Array): Promise<void> =>
  Deno.writeFile(path, bytes, { createNew: true, mode: 0o600 });

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).trim();

const sameText = (one: Uint8Array, other: Uint8Array): boolean => textOf(one) === textOf(other);

const failed = (program: string, ident: string, what: string, hint: string, cause?: unknown) =>
  new SyncError(`"${program}" did not settle the conflict of "${ident}": it ${what}`, {
    scope: "item",
    kind: "refused",
    hint,
    ...(cause === undefined ? {} : { cause }),
  });
