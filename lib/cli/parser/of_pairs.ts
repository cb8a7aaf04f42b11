/** The commands that are about pairs. */

import { object } from "@optique/core/constructs";
import { multiple, optional } from "@optique/core/modifiers";
import { argument, command, constant, option } from "@optique/core/primitives";
import { choice, integer } from "@optique/core/valueparser";
import { KEEP, type KnownNames } from "./names.ts";
import { about, known, pairs, text } from "./words.ts";

/** Each is made when it is wanted: making them takes longer than parsing. */
export const OF_PAIRS = {
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
};
