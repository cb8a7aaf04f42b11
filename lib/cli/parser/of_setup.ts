/** The commands of the set-up, and those that explain. */

import { object } from "@optique/core/constructs";
import { multiple, optional } from "@optique/core/modifiers";
import { argument, command, constant, option } from "@optique/core/primitives";
import { choice, string } from "@optique/core/valueparser";
import { COMMAND_NAMES, INIT_TYPES, type KnownNames, PROGRAMS, SHELLS, TOPICS } from "./names.ts";
import { about, fileName, known, text } from "./words.ts";

/** Each is made when it is wanted: making them takes longer than parsing. */
export const OF_SETUP = {
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
        from: argument(choice(PROGRAMS, { metavar: "PROGRAM" }), {
          description: text(`One of ${PROGRAMS.join(", ")}.`),
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
};
