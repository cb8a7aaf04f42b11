/** The directives of the file itself. */

import { at } from "./define.ts";

export const GLOBAL = at(
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
    name: "mail_location",
    params: { kind: "location" },
    help: "Where your mail is, as Dovecot writes it: what mirror and backup begin with.",
    example: "mail_location maildir:~/Maildir",
  },
  {
    name: "auth",
    params: { kind: "name" },
    block: { after: "name", place: "auth" },
    repeatable: true,
    help: "A login, under a name for storages to share.",
    example:
      "auth NAME {\n  username hugo@example.com\n  password {\n    cmd pass show dav\n  }\n}",
  },
  {
    name: "storage",
    params: { kind: "name" },
    block: { after: "name", place: "storage" },
    repeatable: true,
    help: "A place that holds collections, under a name for pairs to use.",
    example: "storage NAME {\n  type caldav\n  url https://caldav.example.com/\n}",
  },
  {
    name: "pair",
    params: { kind: "name" },
    block: { after: "name", place: "pair" },
    repeatable: true,
    help: "Two storages that are kept in step, under a name for the command line.",
    example: "pair NAME {\n  storage_a laptop\n  storage_b server\n  collections all\n}",
  },
);
