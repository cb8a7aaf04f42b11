/** `dovetail help [TOPIC]`: examples first, then what there is. */

import { formatMessage } from "@optique/core/message";
import { getDocPageSync } from "@optique/core/parser";
import type { UsageTerm } from "@optique/core/usage";
import { nearest } from "../../config/near.ts";
import type { Context } from "../context.ts";
import { EXIT_STATUSES, type ExitStatus } from "../exit.ts";
import {
  COMMAND_NAMES,
  type CommandName,
  commandParser,
  COMMANDS,
  type InvocationOf,
  parserOf,
  TOPICS,
} from "../parser.ts";
import { configHelp } from "../show/config_help.ts";
import { type Entry, EXAMPLES } from "../show/help_examples.ts";
import { JSON_TYPES } from "../show/json_types.ts";
import type { Look } from "../show/look.ts";
import { type Line, line, plain, strong, styled } from "../show/text.ts";
import { columns } from "../show/width.ts";
import { wrapped } from "../show/wrap.ts";
import { safeText } from "../../model/text.ts";
import { UsageError } from "../usage_error.ts";

export function help({ topic }: InvocationOf<"help">, { screen }: Context): ExitStatus {
  const look = screen.outLook;
  const width = Math.min(look.width ?? USUAL_WIDTH, WIDEST);
  for (const it of linesOf(topic, { ...look, width })) screen.print(it);
  return 0;
}

function linesOf(topic: string | undefined, look: Look): Iterable<Line> {
  if (topic === undefined) return overview(look);
  const command = COMMAND_NAMES.find((name) => name === topic);
  if (command !== undefined) return commandHelp(command, look);
  if (topic === "config") return configHelp(look);
  if (topic === "exit") return exitHelp(look);
  if (topic === "json") return jsonHelp(look);
  const known = [...COMMAND_NAMES, ...TOPICS];
  const meant = nearest(topic, known);
  throw new UsageError(`There is no help about "${topic}".`, [
    ...(meant === undefined ? [] : [`did you mean "${meant}"?`]),
    `There is help about ${known.join(", ")}.`,
  ]);
}

/** Text is for reading: it is broken in a pipe too, and is not as wide as a wide terminal. */
const USUAL_WIDTH = 80;
const WIDEST = 100;

/** The commands that are for every day; the others stand below them. */
const COMMON: readonly CommandName[] = [
  "sync",
  "daemon",
  "resolve-conflicts",
  "status",
  "check",
  "discover",
  "mirror",
  "backup",
];

const OVERVIEW: readonly Entry[] = [
  { term: "dovetail check", text: "Is the configuration right, can every storage be reached?" },
  { term: "dovetail sync -n", text: "Show what would be done, and do nothing." },
  { term: "dovetail sync", text: "Bring every pair in step." },
];

function* overview(look: Look): Generator<Line> {
  yield line`dovetail keeps calendars, contacts and mail in step between any two places.`;
  yield* section("Examples", OVERVIEW, look);
  yield* section("Commands", commandEntries(COMMON), look);
  const others = COMMAND_NAMES.filter((name) => !COMMON.includes(name));
  yield* section("Other commands", commandEntries(others), look);
  yield* section("Options, before or after the command", globalEntries(), look);
  yield* section("Exit statuses", exitEntries(), look);
  yield line``;
  yield* wrapped(
    [],
    `"dovetail help TOPIC" tells more about a command, or about ${TOPICS.join(", ")}.`,
    look,
  );
}

function* commandHelp(name: CommandName, look: Look): Generator<Line> {
  const entries = entriesOf(name);
  const usage = entries
    .map(({ term }) => SYNOPSIS[term] ?? `[${term}]`)
    .join(" ");
  yield line`${strong(`dovetail ${name}`)}  ${COMMANDS[name]}`;
  yield* section("Examples", EXAMPLES[name], look);
  yield line``;
  yield* wrapped([strong("Usage"), plain(`  dovetail ${name} `)], usage, look);
  if (entries.length > 0) yield* section("Arguments and options", entries, look);
  yield line``;
  yield line`"dovetail help" lists the options of every command.`;
}

/** How arguments stand in the usage, where they are not simply optional. */
const SYNOPSIS: Readonly<Record<string, string>> = {
  "-n, --dry-run": "[-n]",
  "-i, --interactive": "[-i]",
  "-y, --yes": "[-y]",
  "-r, --ready-fd FD": "[-r FD]",
  LOCATION: "LOCATION",
  "-o SETTING=VALUE": "[-o SETTING=VALUE]...",
  STORAGE: "STORAGE...",
  PROGRAM: "PROGRAM",
  PAIR: "[PAIR...]",
  "PAIR[/COLLECTION]": "[PAIR[/COLLECTION]...]",
  WHAT: "pairs|storages",
  SHELL: "bash|zsh|fish",
};

function* exitHelp(look: Look): Generator<Line> {
  yield* table(exitEntries(), look, "");
  yield line``;
  const worst =
    "Where several pairs come to different statuses, the first of 130, 3, 1, 4, 5, 2 counts.";
  yield* wrapped([], worst, look);
}

function* jsonHelp(look: Look): Generator<Line> {
  yield* wrapped(
    [],
    "With --json, standard output is one JSON object a line. Each has a type; fields and types " +
      "may be added, so a program should ignore what it does not know.",
    look,
  );
  for (const { type, meaning, fields } of JSON_TYPES) {
    yield line``;
    yield* wrapped([styled("name", type), plain("  ")], meaning, look);
    yield* wrapped([plain("    ")], fields.join(", "), look, "faint");
  }
}

function* section(title: string, entries: readonly Entry[], look: Look): Generator<Line> {
  yield line``;
  yield [strong(title)];
  yield* table(entries, look, "  ");
}

/** The widest first column; what is wider has its text on the next line. */
const WIDEST_TERM = 32;

function* table(entries: readonly Entry[], look: Look, indent: string): Generator<Line> {
  const widths = entries.map(({ term }) => columns(safeText(term)));
  const width = Math.max(0, ...widths.filter((it) => it <= WIDEST_TERM));
  for (const { term, text } of entries) {
    const fits = columns(safeText(term)) <= WIDEST_TERM;
    const head = [plain(indent), styled("name", fits ? term.padEnd(width) : term), plain("  ")];
    if (fits) yield* wrapped(head, text, look);
    else {
      yield head;
      yield* wrapped([plain(`${indent}${" ".repeat(width + 2)}`)], text, look);
    }
  }
}

const commandEntries = (names: readonly CommandName[]): readonly Entry[] =>
  names.map((name) => ({ term: name, text: COMMANDS[name] }));

const exitEntries = (): readonly Entry[] =>
  EXIT_STATUSES.map(({ status, meaning }) => ({ term: String(status).padStart(3), text: meaning }));

interface OptionEntry extends Entry {
  /** It is an argument, and no option. */
  readonly value: boolean;
}

function globalEntries(): readonly OptionEntry[] {
  return entriesIn(getDocPageSync(commandParser(), [])?.sections ?? [])
    .filter((it) => it.term.startsWith("-"));
}

/** The options and arguments that this command has and not every one. */
function entriesOf(name: CommandName): readonly OptionEntry[] {
  const global = new Set(globalEntries().map((it) => it.term));
  return entriesIn(getDocPageSync(parserOf(name), [name])?.sections ?? [])
    .filter((it) => !global.has(it.term));
}

type Sections = NonNullable<ReturnType<typeof getDocPageSync>>["sections"];

function entriesIn(sections: Sections): readonly OptionEntry[] {
  return sections.flatMap(({ entries }) => entries).map(({ term, description }) => ({
    term: termText(term),
    value: term.type === "argument",
    text: description === undefined ? "" : formatMessage(description, { colors: false }),
  }));
}

function termText(term: UsageTerm): string {
  switch (term.type) {
    case "option":
      return [term.names.join(", "), ...(term.metavar === undefined ? [] : [term.metavar])].join(
        " ",
      );
    case "argument":
      return term.metavar;
    case "command":
      return term.name;
    default:
      return "";
  }
}
