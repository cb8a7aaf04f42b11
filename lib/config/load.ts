/** Finds the configuration, reads it and checks it. */

import { checkConfig, warnOfUnused } from "./check.ts";
import type { Config } from "./config.ts";
import { decodeUtf8 } from "./decode.ts";
import { configCandidates, type Environment } from "./paths.ts";
import { collectProblems, ConfigError, inOrder, type Problem, type Report } from "./problem.ts";
import { parseScfg } from "./scfg.ts";
import type { Parsed, Source } from "./tree.ts";

/** The most bytes of a configuration file: 1 MiB. */
export const MOST_BYTES = 1024 * 1024;

/**
 * Reads a file, no more than `limit` bytes of it and one more if there is one. Throws
 * `Deno.errors.NotFound` where there is none.
 */
export type ReadFile = (path: string, limit: number) => Promise<Uint8Array>;

export interface LoadOptions {
  /** The file that was named on the command line; without it, the usual places are tried. */
  readonly file?: string;
  readonly env: Environment;
  readonly readFile?: ReadFile;
}

/** A configuration without errors, and what is to be said of it. */
export interface Loaded {
  readonly config: Config;
  readonly warnings: readonly Problem[];
  /** What the warnings, and any later error about a command in it, point into. */
  readonly source: Source;
}

/**
 * The configuration of this user. A file whose name ends in `.toml` is TOML, every other is scfg.
 * Throws {@linkcode ConfigError} with all that is wrong with it, or with where it was looked for.
 */
export async function loadConfig(options: LoadOptions): Promise<Loaded> {
  const { file, bytes } = await readFirst(options);
  if (bytes.length > MOST_BYTES) {
    throw failure(`${file} is larger than ${MOST_BYTES / 1024} KiB`, {});
  }
  const { problems, report } = collectProblems();
  const parsed = await parseConfig(bytes, file, report);
  const { source } = parsed;
  const syntax = isToml(file) ? "toml" : "scfg";
  const config = checkConfig(parsed, { env: options.env, report, syntax });
  if (problems.some(({ severity }) => severity === "error")) {
    throw new ConfigError(inOrder(problems), source);
  }
  warnOfUnused(config, report);
  return { config, warnings: inOrder(problems), source };
}

const isToml = (file: string) => file.toLowerCase().endsWith(".toml");

async function parseConfig(bytes: Uint8Array, file: string, report: Report): Promise<Parsed> {
  const text = decodeUtf8(bytes, file, report);
  if (!isToml(file)) return parseScfg(text, file, report);
  // Loaded only where it is needed: most files are scfg, and every start would pay for it.
  const { parseToml } = await import("./toml.ts");
  return parseToml(text, file, report);
}

interface Found {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** Reads the file that was named, or the first of the usual ones that is there. */
async function readFirst({ file, env, readFile = readAtMost }: LoadOptions): Promise<Found> {
  const candidates = file === undefined ? configCandidates(env) : [file];
  for (const candidate of candidates) {
    try {
      return { file: candidate, bytes: await readFile(candidate, MOST_BYTES) };
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) {
        const why = error instanceof Error ? error.message : String(error);
        throw failure(`${candidate} cannot be read: ${why}`, { cause: error });
      }
    }
  }
  if (file !== undefined) throw failure(`there is no file ${file}`, {});
  if (candidates.length === 0) {
    throw failure("it is not known where the configuration is: $HOME is not set", {
      help: "set it, or name the file with -c FILE",
    });
  }
  throw failure("there is no configuration", {
    notes: candidates.map((candidate) => `looked for ${candidate}`),
    help: `write ${candidates[0] ?? "one"}, or name another file with -c FILE`,
  });
}

interface Failure {
  readonly notes?: readonly string[];
  readonly help?: string;
  readonly cause?: unknown;
}

function failure(message: string, { cause, ...rest }: Failure): ConfigError {
  return new ConfigError([{ severity: "error", message, ...rest }], undefined, cause);
}

/** Reads the file system. A pipe is read too: `-c <(…)`. */
async function readAtMost(path: string, limit: number): Promise<Uint8Array> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(limit + 1);
  let length = 0;
  while (length < bytes.length) {
    const read = await file.read(bytes.subarray(length));
    if (read === null) break;
    length += read;
  }
  return bytes.subarray(0, length);
}
