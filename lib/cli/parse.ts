/** Reads the arguments, or says what is wrong with them. */

import { formatMessage } from "@optique/core/message";
import { parseSync } from "@optique/core/parser";
import type { Usage } from "@optique/core/usage";
import { nearest } from "../config/near.ts";
import type { CalledAs } from "./host.ts";
import { dsyncArguments } from "./dsync/arguments.ts";
import { insteadOf } from "./elsewhere.ts";
import {
  COMMAND_NAMES,
  type CommandName,
  commandParser,
  type Invocation,
  parserOf,
} from "./parser.ts";

export type Reading =
  | { readonly kind: "invocation"; readonly invocation: Invocation }
  | { readonly kind: "mistake"; readonly message: string; readonly help: readonly string[] };

/** What the arguments ask for; dsync's are read as that reads them. */
export function readArguments(given: readonly string[], calledAs: CalledAs = "dovetail"): Reading {
  const args = dsyncArguments(given) ?? given;
  if (calledAs === "dsync" && args === given && !given.some(isAnswered)) {
    return {
      kind: "mistake",
      message: "dsync needs a command: mirror LOCATION, or backup LOCATION.",
      help: ['"dovetail help mirror" shows what it takes.'],
    };
  }
  const named = commandIn(args);
  const end = args.indexOf("--");
  const options = end < 0 ? args : args.slice(0, end);
  // These are answered also where the rest is wrong, or where there is no rest.
  if (args.length === 0 || options.includes("--help") || options.includes("-h")) {
    const topic = named ?? (calledAs === "dsync" ? "mirror" : undefined);
    return asked({ ...PLAIN, command: "help", topic });
  }
  if (options.includes("--version")) return asked({ ...PLAIN, command: "version" });
  if (named !== undefined) {
    const result = parseSync(parserOf(named), args);
    if (result.success) return asked(result.value);
  }
  // The word that was taken for the command may have been the value of an option.
  const parser = commandParser();
  const result = parseSync(parser, args);
  if (result.success) return asked(result.value);
  // What follows the first paragraph is the parser's own guess at what was meant.
  const [said = ""] = formatMessage(result.error, { colors: false, quotes: true }).split("\n\n");
  const at = args.findIndex((arg) => said.includes(JSON.stringify(arg)));
  const word = args[at];
  const instead = insteadOf(args, at);
  const meant = word === undefined || instead !== undefined
    ? undefined
    : meantBy(word, parser.usage);
  return {
    kind: "mistake",
    message: sentence(said),
    help: [
      ...(instead === undefined ? [] : [instead]),
      ...(meant === undefined ? [] : [`did you mean "${meant}"?`]),
      named === undefined
        ? `"dovetail help" lists the commands.`
        : `"dovetail help ${named}" shows what it takes.`,
    ],
  };
}

/** What is answered whatever else there is. */
const isAnswered = (arg: string): boolean => ["-h", "--help", "--version"].includes(arg);

const asked = (invocation: Invocation): Reading => ({ kind: "invocation", invocation });

/** The options of every command, none of them given. */
const PLAIN = {
  config: undefined,
  verbose: 0,
  json: false,
  color: "auto",
  help: false,
  version: false,
} as const;

/** The command or option that was probably meant; one of a single letter can only be guessed. */
function meantBy(word: string, usage: Usage): string | undefined {
  const names = word.startsWith("-")
    ? optionNames(usage).filter((name) => name.startsWith("--"))
    : COMMAND_NAMES;
  const [bare = ""] = word.split("=");
  return names.some((name) => name === bare) ? undefined : nearest(bare, names);
}

/** The command that the arguments name: the first word that is one. */
function commandIn(args: readonly string[]): CommandName | undefined {
  return COMMAND_NAMES.find((name) => name === args.find((arg) => isCommand(arg)));
}

const isCommand = (arg: string): boolean => COMMAND_NAMES.some((name) => name === arg);

function optionNames(usage: Usage): readonly string[] {
  return usage.flatMap((term) => {
    if (term.type === "option") return term.names;
    if (term.type === "optional" || term.type === "multiple") return optionNames(term.terms);
    if (term.type === "exclusive") return term.terms.flatMap(optionNames);
    return [];
  });
}

/** The parser quotes what is to be typed as it is in Markdown. */
const sentence = (said: string): string => said.replaceAll("`", "");
