/** `dovetail import vdirsyncer|pimsync|mbsync [FILE]`: another program's configuration as ours. */

import { decodeUtf8 } from "../../config/decode.ts";
import { loadConfig, type Loaded, MOST_BYTES } from "../../config/load.ts";
import { configCandidates } from "../../config/paths.ts";
import { collectProblems, ConfigError } from "../../config/problem.ts";
import type { Source } from "../../config/tree.ts";
import type { Imported } from "../../import/imported.ts";
import { type Program, readTheirStatus, type TheirPair } from "../../import/their_status.ts";
import type { Context } from "../context.ts";
import type { ExitStatus } from "../exit.ts";
import { sayWarnings } from "../show/config_error.ts";
import { counted } from "../show/count.ts";
import { errorLines } from "../show/errors.ts";
import { asSyncError } from "../../model/error.ts";
import { line } from "../show/text.ts";
import { UsageError } from "../usage_error.ts";

export interface ImportInvocation {
  readonly from: Program;
  /** The other program's configuration; without it, where that program looks for it. */
  readonly file?: string;
  /** Where ours is written; without it, where we look for it. */
  readonly output?: string;
  /** Shows what would be written, without its secrets, and writes nothing. */
  readonly dryRun: boolean;
}

/**
 * Takes over what the other program recorded, so that the first run does not begin from nothing.
 * `loaded` is the configuration that was written.
 */
export type AdoptStatus<Given extends ImportContext = Context> = (
  loaded: Loaded,
  pairs: readonly TheirPair[],
  context: Given,
) => Promise<void>;

/** What the import itself needs of what every command is given. */
export type ImportContext = Pick<Context, "screen" | "verbose" | "env">;

/**
 * Writes a configuration of ours, for this user alone to read and never over a file that is there,
 * and says what has no equivalent. Throws `ConfigError` where theirs cannot be read, and
 * {@linkcode UsageError} where ours cannot be written.
 */
export async function importConfig<Given extends ImportContext = Context>(
  invocation: ImportInvocation,
  context: Given,
  adoptStatus?: AdoptStatus<Given>,
): Promise<ExitStatus> {
  const { from, dryRun } = invocation;
  const { screen, env } = context;
  const file = await findFile(invocation, context);
  const { imported, source } = await readTheirs(from, file, context);
  sayWarnings(imported.notes, source, screen);
  if (dryRun) {
    for (const text of imported.shown.replace(/\n$/, "").split("\n")) screen.print(line`${text}`);
    return 0;
  }
  const output = invocation.output ?? configCandidates(env)[0];
  if (output === undefined) {
    throw new UsageError("It is not known where the configuration belongs: $HOME is not set.", [
      "name the file with --output FILE",
    ]);
  }
  await writeNew(output, imported.config);
  screen.print(line`${output} was written, with ${counted(imported.pairs.length, "pair")}.`);
  const loaded = await loadConfig({ file: output, env });
  sayWarnings(loaded.warnings, loaded.source, screen);
  return await takeOverStatus(invocation, imported, loaded, context, adoptStatus);
}

async function takeOverStatus<Given extends ImportContext>(
  { from }: ImportInvocation,
  imported: Imported,
  loaded: Loaded,
  context: Given,
  adoptStatus: AdoptStatus<Given> | undefined,
): Promise<ExitStatus> {
  const { screen, verbose } = context;
  let pairs: readonly TheirPair[];
  try {
    pairs = await readTheirStatus(from, imported);
  } catch (thrown) {
    // The configuration is written all the same, and a first run finds out by itself what is equal.
    const error = asSyncError(thrown, "run");
    for (const it of errorLines(error, { where: [from], stacks: verbose >= 2 }, screen.errLook)) {
      screen.say(it);
    }
    return 1;
  }
  if (pairs.length > 0) await adoptStatus?.(loaded, pairs, context);
  return 0;
}

async function findFile(
  { from, file }: ImportInvocation,
  { env }: ImportContext,
): Promise<string> {
  if (file !== undefined) return file.startsWith("/") ? file : `${Deno.cwd()}/${file}`;
  const candidates = await candidatesOf(from, env);
  for (const candidate of candidates) {
    try {
      await Deno.stat(candidate);
      return candidate;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw unreadable(candidate, error);
    }
  }
  throw new ConfigError([{
    severity: "error",
    message: `there is no configuration of ${from}'s`,
    notes: candidates.map((candidate) => `looked for ${candidate}`),
    help: `name the file: dovetail import ${from} FILE`,
  }], undefined);
}

async function candidatesOf(
  from: Program,
  env: ImportContext["env"],
): Promise<readonly string[]> {
  switch (from) {
    case "vdirsyncer":
      return (await import("../../import/vdirsyncer.ts")).vdirsyncerCandidates(env);
    case "pimsync":
      return (await import("../../import/pimsync.ts")).pimsyncCandidates(env);
    case "mbsync":
      return (await import("../../import/mbsync.ts")).mbsyncCandidates(env);
  }
}

interface Theirs {
  readonly imported: Imported;
  /** What the notes point into. */
  readonly source: Source;
}

async function readTheirs(from: Program, file: string, { env }: ImportContext): Promise<Theirs> {
  const text = await readText(file);
  if (from === "pimsync") {
    const { importPimsync } = await import("../../import/pimsync.ts");
    const imported = importPimsync(text, { file, env });
    return { imported, source: imported.source };
  }
  if (from === "mbsync") {
    const { importMbsync } = await import("../../import/mbsync.ts");
    const imported = importMbsync(text, { file });
    return { imported, source: imported.source };
  }
  const { importVdirsyncer } = await import("../../import/vdirsyncer.ts");
  const imported = importVdirsyncer(text, { file, home: env.get("HOME") });
  return { imported, source: imported.source };
}

async function readText(file: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    const { size } = await Deno.stat(file);
    if (size > MOST_BYTES) throw new Error(`it is larger than ${MOST_BYTES / 1024} KiB`);
    bytes = await Deno.readFile(file);
  } catch (error) {
    throw unreadable(file, error);
  }
  const { problems, report } = collectProblems();
  const text = decodeUtf8(bytes, file, report);
  if (problems.length > 0) throw new ConfigError(problems, undefined);
  return text;
}

function unreadable(file: string, cause: unknown): ConfigError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const message = cause instanceof Deno.errors.NotFound
    ? `there is no file ${file}`
    : `${file} cannot be read: ${why}`;
  return new ConfigError([{ severity: "error", message }], undefined, cause);
}

/** The file is whole or not there: it is written beside its place and then linked to it. */
async function writeNew(path: string, text: string): Promise<void> {
  const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
  const beside = `${path}.${crypto.randomUUID()}.new`;
  try {
    if (folder !== "") await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    using file = await Deno.open(beside, { write: true, createNew: true, mode: 0o600 });
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    await file.sync();
    await Deno.link(beside, path);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) {
      throw new UsageError(`${path} is there already, and is left as it is.`, [
        "name another file with --output FILE",
      ]);
    }
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${path} cannot be written: ${why}`, []);
  } finally {
    await removeIfThere(beside);
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
