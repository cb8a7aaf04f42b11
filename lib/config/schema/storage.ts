/** The directives of all storages, and of those in the file system. */

import { DEFAULTS } from "./defaults.ts";
import { at, CALENDARS, ITEMS, MAIL_FILES, only, SINGLEFILE, VDIR } from "./define.ts";

const ANY = at(
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
    name: "no_delete",
    params: { kind: "flag" },
    help: "Nothing is ever deleted from this storage; the rest is kept in step.",
    example: "no_delete",
  },
  {
    name: "interval",
    params: { kind: "integer", min: 1, max: 31_536_000, unit: "seconds" },
    default: String(DEFAULTS.interval),
    help: "How often the daemon looks at this storage by itself, whether it was told of a " +
      "change or not.",
    example: "interval 900",
  },
  {
    name: "filter",
    types: ITEMS,
    params: { kind: "filter" },
    repeatable: true,
    help: "Changes each item on its way, in the order of these lines: leaves out properties and " +
      "components by their names, leaves of an event only when it is, or has a program read it " +
      "and print what becomes of it. What is left out is not lost where it came from. With read " +
      "it is done only to what comes from this storage, with write only to what goes there.",
    example: "filter write drop VALARM ATTENDEE",
    hint: "write it like this: filter drop NAME...; filter busy_only; filter cmd PROGRAM",
  },
);

const OF_CALENDARS = only(
  CALENDARS,
  {
    name: "item_types",
    params: {
      kind: "set",
      choices: ["VEVENT", "VTODO", "VJOURNAL"],
      alone: [],
      title: "TYPE",
    },
    help: "Looks only at items of these types, VEVENT, VTODO or VJOURNAL; others are neither " +
      "copied nor deleted.",
    example: "item_types VEVENT VTODO",
  },
  {
    name: "start_date",
    params: { kind: "date" },
    help: "Looks only at what happens on this day or later; what came before is neither copied " +
      "nor deleted. A day is written 2026-01-31, today, -365d, -2w, +6m or -1y.",
    example: "start_date -1y",
  },
  {
    name: "end_date",
    params: { kind: "date" },
    help: "Looks only at what happens on this day or earlier.",
    example: "end_date +6m",
  },
);

const FILES = [
  ...only([...VDIR, ...SINGLEFILE, ...MAIL_FILES], {
    name: "path",
    params: { kind: "path" },
    dynamic: true,
    required: true,
    help: "The directory whose sub-directories are the collections; of a singlefile storage the " +
      "file, with %s for a collection's id where there is one file for each; of mbox the " +
      "directory of the mailboxes' files.",
    example: "path ~/.local/share/calendars",
  }),
  ...only(
    VDIR,
    {
      name: "fileext",
      params: { kind: "extension" },
      default: `${DEFAULTS.fileext.calendar}, or ${DEFAULTS.fileext.contacts} for contacts`,
      help: "How the names of item files end; files that end otherwise are left alone.",
      example: "fileext ics",
    },
    {
      name: "fileignoreext",
      params: { kind: "ending" },
      default: DEFAULTS.fileignoreext,
      help: "Files whose names end like this are left alone, whatever fileext is.",
      example: "fileignoreext .bak.ics",
    },
  ),
  ...only([...VDIR, ...SINGLEFILE], {
    name: "post_hook",
    params: { kind: "command" },
    help: "Run after a file was written, with its path as the last argument.",
    example: "post_hook ~/bin/item-changed",
  }),
  ...only(VDIR, {
    name: "pre_deletion_hook",
    params: { kind: "command" },
    help: "Run before a file is deleted, with its path as the last argument.",
    example: "pre_deletion_hook ~/bin/item-deleted",
  }),
];

export const STORAGE = [...ANY, ...OF_CALENDARS, ...FILES];
