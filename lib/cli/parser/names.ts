/** The words of the command line: the commands, and what some of them take. */

/** What completion can offer of a configuration. */
export interface KnownNames {
  readonly pairs: readonly string[];
  /** `PAIR/COLLECTION`, for the collections that are listed one by one. */
  readonly collections: readonly string[];
  readonly storages: readonly string[];
}

/** Nothing is known. */
export const NO_NAMES: KnownNames = { pairs: [], collections: [], storages: [] };

/** What `help` can tell about besides the commands. */
export const TOPICS = ["config", "exit", "json"] as const;

/** The commands, the common ones first, with what each does in a few words. */
export const COMMANDS = {
  sync: "Bring both storages of each pair in step.",
  daemon: "Keep the pairs in step until it is told to stop.",
  "resolve-conflicts": "Settle what was changed differently on both sides.",
  mirror: "Bring your mail and that of another place in step.",
  backup: "Make the mail of another place the same as yours.",
  status: "Tell what is in step, and what was set aside.",
  check: "Check the whole set-up and reach every storage.",
  discover: "Show the collections of both storages of each pair.",
  repair: "Give items of a storage the UIDs that they lack or share.",
  init: "Ask what is to be kept in step, and write a configuration.",
  import: "Take over what vdirsyncer, pimsync or mbsync has.",
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

/** The programs that `import` takes over from. */
export const PROGRAMS = ["vdirsyncer", "pimsync", "mbsync"] as const;
