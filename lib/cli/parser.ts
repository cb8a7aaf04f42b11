/**
 * The command line, defined once: parsing, completion and the lists of options in `help` all come
 * from here.
 */

import { merge, object, or } from "@optique/core/constructs";
import { type Message, message } from "@optique/core/message";
import { map, multiple, optional, withDefault } from "@optique/core/modifiers";
import type { InferValue, Parser, Suggestion } from "@optique/core/parser";
import { argument, command, constant, option } from "@optique/core/primitives";
import { choice, integer, string, type ValueParser } from "@optique/core/valueparser";

/** What completion can offer of a configuration. */
export interface KnownNames {
  readonly pairs: readonly string[];
  /** `PAIR/COLLECTION`, for the collections that are listed one by one. */
  readonly collections: readonly string[];
  readonly storages: readonly string[];
}

const NO_NAMES: KnownNames = { pairs: [], collections: [], storages: [] };

/** What `help` can tell about besides the commands. */
export const TOPICS = ["config", "exit", "json"] as const;

/** The commands, the common ones first, with what each does in a few words. */
export const COMMANDS = {
  sync: "Bring both storages of each pair in step.",
  daemon: "Keep the pairs in step until it is told to stop.",
  "resolve-conflicts": "Settle what was changed differently on both sides.",
  status: "Tell what is in step, and what was set aside.",
  check: "Check the whole set-up and reach every storage.",
  discover: "Show the collections of both storages of each pair.",
  repair: "Give items of a storage the UIDs that they lack or share.",
  init: "Ask what is to be kept in step, and write a configuration.",
  import: "Take over what vdirsyncer or pimsync has.",
  login: "Let a person allow access to a storage with OAuth 2.",
  list: "Print the names of the pairs or storages.",
  help: "Explain a command, the configuration or the exit statuses.",
  version: "Print the version.",
  complete: "Print the completion script of a shell.",
} as const;

export type CommandName = keyof typeof COMMANDS;

export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];

/** What `resolve-conflicts --keep` takes. */
export const KEEP = ["a", "b", "newest", "merge", "both"] as const;

/** What `init --type` takes. */
export const INIT_TYPES = ["both", "calendars", "contacts"] as const;

/** The shells that completion is made for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

const about = (name: CommandName): { readonly brief: Message } => ({
  brief: message`${text(COMMANDS[name])}`,
});

/** A message that is this text and nothing else. */
function text(words: string): Message {
  return [{ type: "text", text: words }];
}

const globals = () =>
  object({
    config: optional(option("-c", "--config", fileName(), {
      description: text("The configuration to read."),
    })),
    verbose: map(
      multiple(option("-v", "--verbose", {
        description: text("Say more. Twice: also what faults need to be found."),
      })),
      (times) => times.length,
    ),
    json: option("--json", { description: text("Print one JSON object a line (help json).") }),
    color: withDefault(
      option("--color", choice(["auto", "always", "never"] as const, { metavar: "WHEN" }), {
        description: text("Whether to use colours."),
      }),
      "auto" as const,
    ),
    help: option("-h", "--help", { description: text("Explain the command.") }),
    version: option("--version", { description: text("Print the version.") }),
  });

/** The commands' own parsers, each made when it is wanted: making them takes longer than parsing. */
const branches = {
  sync: ({ pairs, collections }: KnownNames) =>
    command(
      "sync",
      object({
        command: constant("sync"),
        dryRun: option("-n", "--dry-run", {
          description: text("Show the plan and change nothing."),
        }),
        interactive: option("-i", "--interactive", {
          description: text("Show the plan and ask before it is carried out."),
        }),
        yes: option("-y", "--yes", {
          description: text("Do not ask before a large first run."),
        }),
        allowEmpty: option("--allow-empty", {
          description: text("Empty what was emptied on the other side, this once."),
        }),
        allowDelete: option("--allow-delete", {
          description: text("Delete any number of items, and collections, this once."),
        }),
        targets: multiple(
          argument(known("PAIR[/COLLECTION]", [...pairs, ...collections]), {
            description: text("The pairs, or single collections of them; all without any."),
          }),
        ),
      }),
      about("sync"),
    ),
  daemon: (names: KnownNames) =>
    command(
      "daemon",
      object({
        command: constant("daemon"),
        readyFd: optional(option("-r", "--ready-fd", integer({ metavar: "FD" }), {
          description: text("Write READY=1 to this file descriptor once nobody is asked any more."),
        })),
        pairs: pairs(names),
      }),
      about("daemon"),
    ),
  "resolve-conflicts": ({ pairs, collections }: KnownNames) =>
    command(
      "resolve-conflicts",
      object({
        command: constant("resolve-conflicts"),
        dryRun: option("-n", "--dry-run", {
          description: text("Show the conflicts and change nothing."),
        }),
        keep: optional(
          option("--keep", choice(KEEP, { metavar: "WHICH" }), {
            description: text(`Settle all of them without asking: one of ${KEEP.join(", ")}.`),
          }),
        ),
        targets: multiple(
          argument(known("PAIR[/COLLECTION]", [...pairs, ...collections]), {
            description: text("The pairs, or single collections of them; all without any."),
          }),
        ),
      }),
      about("resolve-conflicts"),
    ),
  status: (names: KnownNames) =>
    command(
      "status",
      object({ command: constant("status"), pairs: pairs(names) }),
      about("status"),
    ),
  check: (names: KnownNames) =>
    command(
      "check",
      object({ command: constant("check"), pairs: pairs(names) }),
      about("check"),
    ),
  discover: (names: KnownNames) =>
    command(
      "discover",
      object({ command: constant("discover"), pairs: pairs(names) }),
      about("discover"),
    ),
  repair: ({ storages }: KnownNames) =>
    command(
      "repair",
      object({
        command: constant("repair"),
        dryRun: option("-n", "--dry-run", {
          description: text("Show what is wrong and change nothing."),
        }),
        unsafe: option("--unsafe", {
          description: text("Also replace UIDs that other programs cannot handle."),
        }),
        yes: option("-y", "--yes", { description: text("Do not ask.") }),
        storages: multiple(
          argument(known("STORAGE", storages), {
            description: text("The storages; never both of a pair, but one of them."),
          }),
          {
            min: 1,
            errors: { tooFew: text('Expected a STORAGE; "dovetail list storages" names them.') },
          },
        ),
      }),
      about("repair"),
    ),
  init: () =>
    command(
      "init",
      object({
        command: constant("init"),
        url: optional(option("--url", string({ metavar: "URL" }), {
          description: text("The server: an address, a host or a URL. Nothing is asked then."),
        })),
        type: optional(option("--type", choice(INIT_TYPES, { metavar: "WHAT" }), {
          description: text(`What is kept in step: one of ${INIT_TYPES.join(", ")}.`),
        })),
        username: optional(option("--username", string({ metavar: "NAME" }), {
          description: text("Who to log in as."),
        })),
        passwordCmd: optional(option("--password-cmd", string({ metavar: "COMMAND" }), {
          description: text("The command that prints the password."),
        })),
        file: optional(argument(fileName(), {
          description: text("Where to write it; the usual place without it."),
        })),
      }),
      about("init"),
    ),
  import: () =>
    command(
      "import",
      object({
        command: constant("import"),
        dryRun: option("-n", "--dry-run", {
          description: text("Show what would be taken over and write nothing."),
        }),
        output: optional(option("-o", "--output", fileName(), {
          description: text("Where to write the configuration; the usual place without it."),
        })),
        from: argument(choice(["vdirsyncer", "pimsync"] as const, { metavar: "PROGRAM" }), {
          description: text("One of vdirsyncer, pimsync."),
        }),
        file: optional(argument(fileName(), {
          description: text("Its configuration; where that program looks for it without it."),
        })),
      }),
      about("import"),
    ),
  login: ({ storages }: KnownNames) =>
    command(
      "login",
      object({
        command: constant("login"),
        device: option("--device", {
          description: text("With a code for a browser on another machine."),
        }),
        storage: argument(known("STORAGE", storages), {
          description: text("A storage with auth_method oauth2."),
        }),
      }),
      about("login"),
    ),
  list: () =>
    command(
      "list",
      object({
        command: constant("list"),
        what: argument(choice(["pairs", "storages"] as const, { metavar: "WHAT" }), {
          description: text("One of pairs, storages."),
        }),
      }),
      about("list"),
    ),
  help: () =>
    command(
      "help",
      object({
        command: constant("help"),
        topic: optional(argument(known("TOPIC", [...COMMAND_NAMES, ...TOPICS]), {
          description: text(`A command, or one of ${TOPICS.join(", ")}.`),
        })),
      }),
      about("help"),
    ),
  version: () => command("version", object({ command: constant("version") }), about("version")),
  complete: () =>
    command(
      "complete",
      object({
        command: constant("complete"),
        shell: argument(choice(SHELLS, { metavar: "SHELL" }), {
          description: text(`One of ${SHELLS.join(", ")}.`),
        }),
      }),
      about("complete"),
    ),
} satisfies Record<CommandName, unknown>;

const pairs = (names: KnownNames) =>
  multiple(argument(known("PAIR", names.pairs), {
    description: text("The pairs; all without any."),
  }));

function build(names: KnownNames) {
  return merge(
    globals(),
    or(
      branches.sync(names),
      branches.daemon(names),
      branches["resolve-conflicts"](names),
      branches.status(names),
      branches.check(names),
      branches.discover(names),
      branches.repair(names),
      branches.init(),
      branches.import(),
      branches.login(names),
      branches.list(),
      branches.help(),
      branches.version(),
      branches.complete(),
    ),
  );
}

/** What was asked for. */
export type Invocation = InferValue<ReturnType<typeof build>>;

/** An invocation of one command. */
export type InvocationOf<Name extends CommandName> = Extract<
  Invocation,
  { readonly command: Name }
>;

export type CommandParser = Parser<"sync", Invocation, unknown>;

/** The parser. `names`: what completion may offer for names of the configuration. */
export function commandParser(names: KnownNames = NO_NAMES): CommandParser {
  return build(names);
}

/** The parser for arguments that name this command: the same, without the other commands. */
export function parserOf(name: CommandName): CommandParser {
  return merge(globals(), branches[name](NO_NAMES));
}

/** Any text; completion offers what is known. */
function known(
  metavar: "PAIR" | "PAIR[/COLLECTION]" | "STORAGE" | "TOPIC",
  names: readonly string[],
) {
  const any = string({ metavar });
  const parser: ValueParser<"sync", string> = {
    ...any,
    *suggest(prefix: string): Generator<Suggestion> {
      for (const name of names) {
        if (name.startsWith(prefix)) yield { kind: "literal", text: name };
      }
    },
  };
  return parser;
}

/** A file's name; completion is left to the shell. */
function fileName() {
  const any = string({ metavar: "FILE" });
  const parser: ValueParser<"sync", string> = {
    ...any,
    *suggest(prefix: string): Generator<Suggestion> {
      yield { kind: "file", type: "file", pattern: prefix };
    },
  };
  return parser;
}
