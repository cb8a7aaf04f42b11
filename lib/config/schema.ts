/**
 * Every directive of the configuration, as a value: the check of a file, the manual and the
 * completion are all made from it. A default that is named here is taken from here.
 */

import type { DirectiveSpec, Place, Schema } from "./schema_types.ts";

/** What holds where a directive is absent. */
export const DEFAULTS = {
  fileext: "ics",
  connections: 8,
  /** In seconds. */
  timeout: 30,
  onEmpty: "skip",
} as const;

type Given =
  & Pick<DirectiveSpec, "name" | "params" | "help" | "example">
  & Partial<DirectiveSpec>;

/** Directives of one place: optional, given once and without a block unless they say otherwise. */
const at = (place: Place, ...given: readonly Given[]): readonly DirectiveSpec[] =>
  given.map((directive) => ({
    aliases: [],
    dynamic: false,
    required: false,
    repeatable: false,
    ...directive,
    place,
  }));

const GLOBAL = at(
  "global",
  {
    name: "status_path",
    params: { kind: "path" },
    dynamic: true,
    default: "$XDG_DATA_HOME/dovetail/status",
    help: "The directory that records, for each pair, what both sides last agreed on.",
    example: "status_path ~/.local/share/dovetail/status",
  },
  {
    name: "storage",
    params: { kind: "name" },
    block: "storage",
    repeatable: true,
    help: "A place that holds collections, under a name for pairs to use.",
    example: "storage NAME {\n  type caldav\n  url https://caldav.example.com/\n}",
  },
  {
    name: "pair",
    params: { kind: "name" },
    block: "pair",
    repeatable: true,
    help: "Two storages that are kept in step, under a name for the command line.",
    example: "pair NAME {\n  storage_a laptop\n  storage_b server\n  collections all\n}",
  },
);

const STORAGE = at(
  "storage",
  {
    name: "type",
    params: { kind: "type" },
    required: true,
    help: "What kind of storage it is.",
    example: "type caldav",
  },
  {
    name: "read_only",
    aliases: ["readonly"],
    params: { kind: "flag" },
    help: "Nothing is ever written to this storage.",
    example: "read_only",
  },
  {
    name: "path",
    types: ["vdir/icalendar"],
    params: { kind: "path" },
    dynamic: true,
    required: true,
    help: "The directory whose sub-directories are the collections.",
    example: "path ~/.local/share/calendars",
  },
  {
    name: "fileext",
    types: ["vdir/icalendar"],
    params: { kind: "extension" },
    default: DEFAULTS.fileext,
    help: "How the names of item files end; files that end otherwise are left alone.",
    example: "fileext ics",
  },
  {
    name: "url",
    types: ["caldav"],
    params: { kind: "url" },
    dynamic: true,
    required: true,
    help: "The server, or a place on it to begin looking for calendars.",
    example: "url https://caldav.example.com/",
  },
  {
    name: "username",
    types: ["caldav"],
    params: { kind: "text" },
    dynamic: true,
    help: "Who to log in as; without it, the name in the URL if there is one.",
    example: "username hugo@example.com",
  },
  {
    name: "password",
    types: ["caldav"],
    params: { kind: "secret" },
    dynamic: true,
    help: "The password; better the command that prints it than the password itself.",
    example: "password {\n  cmd pass show caldav\n}",
  },
  {
    name: "insecure",
    types: ["caldav"],
    params: { kind: "flag" },
    help: "Allows an http:// URL of another machine: all of it can be read on the way.",
    example: "insecure",
  },
  {
    name: "connections",
    types: ["caldav"],
    params: { kind: "integer", min: 1, max: 64, unit: "connections" },
    default: String(DEFAULTS.connections),
    help: "How many requests may be on their way at the same time.",
    example: "connections 4",
  },
  {
    name: "timeout",
    types: ["caldav"],
    params: { kind: "integer", min: 1, max: 3600, unit: "seconds" },
    default: String(DEFAULTS.timeout),
    help: "For how many seconds the server may be silent before it counts as unreachable.",
    example: "timeout 60",
  },
);

const PAIR = at(
  "pair",
  {
    name: "storage_a",
    params: { kind: "storage" },
    required: true,
    help: "The first of the two storages.",
    example: "storage_a laptop",
  },
  {
    name: "storage_b",
    params: { kind: "storage" },
    required: true,
    help: "The second of the two storages.",
    example: "storage_b server",
  },
  {
    name: "collections",
    params: { kind: "choice", choices: ["all", "from a", "from b"] },
    repeatable: true,
    help: "Keeps in step every collection of both sides, or of one of them.",
    example: "collections all",
    hint: "name single collections like this: collection ID",
  },
  {
    name: "collection",
    params: { kind: "id" },
    repeatable: true,
    help: "Keeps in step the collection that has this id on both sides.",
    example: "collection work",
  },
  {
    name: "on_empty",
    params: { kind: "choice", choices: ["skip", "sync"] },
    default: DEFAULTS.onEmpty,
    help: "Whether a collection that was emptied on one side is skipped, or emptied on the other.",
    example: "on_empty sync",
  },
);

const VALUE = at(
  "value",
  {
    name: "cmd",
    params: { kind: "command" },
    help: "A program and its arguments, run without a shell; the value is what it prints.",
    example: "cmd pass show caldav",
  },
  {
    name: "shell",
    params: { kind: "script" },
    help: "A script for sh, its words joined with single blanks; the value is what it prints.",
    example: "shell 'pass show caldav | head -n 1'",
  },
);

const future = (place: Place, ...names: readonly string[]) =>
  names.map((name) => ({ name, place }));

export const SCHEMA: Schema = {
  directives: [...GLOBAL, ...STORAGE, ...PAIR, ...VALUE],
  future: [
    ...future("global", "auth"),
    ...future("storage", "auth", "auth_cert", "auth_method", "collection_id"),
    ...future("storage", "collection_id_segment", "discovery", "interval", "socket"),
    ...future("storage", "tls_fingerprint", "tls_root", "user_agent"),
    { name: "encoding", place: "storage", hint: "leave it out: every file is read as UTF-8" },
    ...future("pair", "conflict_resolution", "on_delete", "one_way"),
  ],
  storageTypes: [
    { name: "vdir/icalendar", supported: true, help: "A directory with a folder per calendar." },
    { name: "caldav", supported: true, help: "A CalDAV server." },
    { name: "vdir/vcard", supported: false, help: "A directory with a folder per address book." },
    { name: "carddav", supported: false, help: "A CardDAV server." },
    { name: "webcal", supported: false, help: "One iCalendar file on a web server." },
    { name: "jmap/icalendar", supported: false, help: "The calendars of a JMAP server." },
    { name: "jmap/vcard", supported: false, help: "The address books of a JMAP server." },
  ],
};

/** The directive of this name, or alias, at this place. */
export function findDirective(place: Place, name: string): DirectiveSpec | undefined {
  return SCHEMA.directives.find((spec) =>
    spec.place === place && (spec.name === name || spec.aliases.includes(name))
  );
}

/** The two languages a file may be written in. */
export type Syntax = "scfg" | "toml";

/** How a directive is written: `collections all | from a | from b`, `path = "PATH"`. */
export function usageOf(spec: DirectiveSpec, syntax: Syntax): string {
  const params = placeholder(spec);
  if (syntax === "scfg") {
    const line = params === "" ? spec.name : `${spec.name} ${params}`;
    return spec.block === undefined ? line : `${line} { ... }`;
  }
  if (spec.block !== undefined) return `[${spec.name}.NAME]`;
  switch (spec.params.kind) {
    case "flag":
      return `${spec.name} = true`;
    case "integer":
      return `${spec.name} = ${params}`;
    case "command":
      return `${spec.name} = ["PROGRAM", "ARGUMENT", ...]`;
    default:
      return `${spec.name} = "${params}"`;
  }
}

function placeholder({ params }: DirectiveSpec): string {
  switch (params.kind) {
    case "flag":
      return "";
    case "name":
    case "storage":
      return "NAME";
    case "choice":
      return params.choices.join(" | ");
    case "integer":
      return params.unit === "seconds" ? "SECONDS" : "NUMBER";
    case "command":
      return "PROGRAM [ARGUMENT...]";
    case "script":
      return "SCRIPT";
    case "secret":
      return "PASSWORD";
    case "type":
    case "path":
    case "url":
    case "text":
    case "extension":
    case "id":
      return params.kind.toUpperCase();
  }
}
