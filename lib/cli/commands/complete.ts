/** `dovetail complete SHELL`: the script of a shell, and the words that it asks for. */

import { bash, fish, type ShellCompletion, zsh } from "@optique/core/completion";
import { type Suggestion, suggestSync } from "@optique/core/parser";
import { namedCollections } from "../../config/choose.ts";
import { loadConfig } from "../../config/load.ts";
import { ConfigError } from "../../config/problem.ts";
import { safeText } from "../../model/text.ts";
import type { Context } from "../context.ts";
import type { ExitStatus } from "../exit.ts";
import type { Host } from "../host.ts";
import { commandParser, type InvocationOf, type KnownNames, type SHELLS } from "../parser.ts";

const COMPLETIONS: Readonly<Record<(typeof SHELLS)[number], ShellCompletion>> = { bash, zsh, fish };

const PROGRAM = "dovetail";

/** Prints the script. It asks {@linkcode suggestWords} each time something is completed. */
export function printScript({ shell }: InvocationOf<"complete">, { screen }: Context): ExitStatus {
  screen.raw(`${scriptFor(shell).trim()}\n`);
  return 0;
}

export const scriptFor = (shell: (typeof SHELLS)[number]): string =>
  COMPLETIONS[shell].generateScript(PROGRAM, ["complete", shell]);

/**
 * Answers a shell's script: the words so far, the last of them to be completed. Says nothing where
 * there is nothing to say, and never fails: a person is in the middle of typing.
 */
export async function suggestWords(args: readonly string[], host: Host): Promise<ExitStatus> {
  const [shell = "", ...rest] = args;
  const completion = Object.values(COMPLETIONS).find(({ name }) => name === shell);
  const last = rest.pop();
  if (completion === undefined || last === undefined) return 3;
  const parser = commandParser(await namesFor(rest, host));
  const [first = last, ...others] = [...rest, last];
  const suggestions = suggestSync(parser, [first, ...others]);
  for (const chunk of completion.encodeSuggestions(suggestions.filter(isFit))) {
    host.out.write(chunk);
  }
  return 0;
}

/** A word that a terminal would obey is not offered. */
const isFit = (suggestion: Suggestion): boolean =>
  suggestion.kind === "file" || safeText(suggestion.text) === suggestion.text;

/** The commands that take a name of the configuration. */
const NAMING: readonly string[] = [
  "sync",
  "daemon",
  "resolve-conflicts",
  "status",
  "check",
  "discover",
  "repair",
  "login",
];

/** The names in the configuration; it is only read: no command is run, and nothing is reached. */
async function namesFor(words: readonly string[], { env }: Host): Promise<KnownNames> {
  const nothing = { pairs: [], collections: [], storages: [] };
  if (!NAMING.some((it) => words.includes(it))) return nothing;
  const file = configFileIn(words);
  try {
    const { config } = await loadConfig({ env, ...(file === undefined ? {} : { file }) });
    return {
      pairs: config.pairs.map(({ name }) => name),
      storages: [...config.storages.keys()],
      collections: config.pairs.flatMap(({ name, collections }) =>
        namedCollections(collections).map((id) => `${name}/${id}`)
      ),
    };
  } catch (thrown) {
    // A configuration that is wrong, or is not there yet, has no names to offer.
    if (thrown instanceof ConfigError) return nothing;
    throw thrown;
  }
}

function configFileIn(words: readonly string[]): string | undefined {
  const joined = words.find((word) => word.startsWith("--config="));
  if (joined !== undefined) return joined.slice("--config=".length);
  const index = words.findIndex((word) => word === "-c" || word === "--config");
  return index < 0 ? undefined : words[index + 1];
}
