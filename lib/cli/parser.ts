/**
 * The command line, defined once: parsing, completion and the lists of options in `help` all come
 * from here.
 */

import { merge, object, or } from "@optique/core/constructs";
import { map, multiple, optional, withDefault } from "@optique/core/modifiers";
import type { InferValue, Parser } from "@optique/core/parser";
import { option } from "@optique/core/primitives";
import { choice } from "@optique/core/valueparser";
import { type CommandName, type KnownNames, NO_NAMES } from "./parser/names.ts";
import { OF_MAIL } from "./parser/of_mail.ts";
import { OF_PAIRS } from "./parser/of_pairs.ts";
import { OF_SETUP } from "./parser/of_setup.ts";
import { fileName, text } from "./parser/words.ts";

export * from "./parser/names.ts";

/** The options of every command. */
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

const branches = {
  ...OF_PAIRS,
  ...OF_MAIL,
  ...OF_SETUP,
} satisfies Record<CommandName, unknown>;

function build(names: KnownNames) {
  return merge(
    globals(),
    or(
      branches.sync(names),
      branches.daemon(names),
      branches["resolve-conflicts"](names),
      or(branches.mirror(), branches.backup()),
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
