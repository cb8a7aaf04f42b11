/** The commands that dsync has. */

import { object } from "@optique/core/constructs";
import { multiple, optional } from "@optique/core/modifiers";
import { argument, command, constant, option } from "@optique/core/primitives";
import { string } from "@optique/core/valueparser";
import { about, text } from "./words.ts";

/** What both have. `-c` and `-v` are options of every command. */
const shared = () => ({
  dryRun: option("-n", "--dry-run", {
    description: text("Show the plan and change nothing."),
  }),
  altChar: optional(option("-C", string({ metavar: "CHAR" }), {
    description: text("What stands for a character that a name cannot have there; _ without it."),
  })),
  allowEmpty: option("--allow-empty", {
    description: text("Empty what was emptied at the other place, this once."),
  }),
  debug: option("-D", { description: text("Say most, to find a fault.") }),
  full: option("-f", {
    description: text("Look at every mail, whether its mailbox seems to be as it was or not."),
  }),
  mailbox: optional(option("-m", string({ metavar: "MAILBOX" }), {
    description: text("This mailbox alone."),
  })),
  settings: multiple(option("-o", string({ metavar: "SETTING=VALUE" }), {
    description: text("In place of a setting, such as mail_location; may be given repeatedly."),
  })),
  reverse: option("-R", {
    description: text("The other way round: LOCATION is what comes first."),
  }),
  user: optional(option("-u", string({ metavar: "USER" }), {
    description: text("Whose mail it is; yours without it."),
  })),
  location: multiple(argument(string({ metavar: "LOCATION" }), {
    description: text("The other place: maildir:PATH, mbox:PATH, imaps://USER@HOST."),
  })),
});

/** Each is made when it is wanted: making them takes longer than parsing. */
export const OF_MAIL = {
  mirror: () =>
    command("mirror", object({ command: constant("mirror"), ...shared() }), about("mirror")),
  backup: () =>
    command("backup", object({ command: constant("backup"), ...shared() }), about("backup")),
};
