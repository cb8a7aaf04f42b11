/** The directives of a pair, and of two collections of different names in it. */

import { DEFAULTS } from "./defaults.ts";
import { at } from "./define.ts";

const { percent, count } = DEFAULTS.maxDelete;

export const PAIR = at(
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
    params: { kind: "collections" },
    repeatable: true,
    help: "Keeps in step every collection of both sides, or of one of them; or those whose " +
      "names fit a pattern, in which * stands for anything and % for anything without a /. With " +
      "a ! before it, a pattern takes out again; the last that fits decides.",
    example: "collections all",
    hint: "name single collections like this: collection ID",
  },
  {
    name: "collection",
    params: { kind: "id", nested: true },
    block: { after: "nothing", place: "collection" },
    repeatable: true,
    help: "Keeps in step the collection that has this id on both sides; with a block, two " +
      "collections that have different names.",
    example: "collection work",
  },
  {
    name: "on_empty",
    params: { kind: "choice", choices: ["skip", "sync"] },
    default: DEFAULTS.onEmpty,
    help: "Whether a collection that was emptied on one side is skipped, or emptied on the other.",
    example: "on_empty sync",
  },
  {
    name: "on_delete",
    params: { kind: "choice", choices: ["sync", "skip"] },
    default: DEFAULTS.onDelete,
    help: "Whether a collection that was deleted on one side is deleted on the other, where it " +
      "is empty, or is left there.",
    example: "on_delete skip",
  },
  {
    name: "max_delete",
    params: { kind: "limit" },
    default: `${percent}% ${count}`,
    help: "Holds back the deletions of a collection where they are more than this share of its " +
      `items and also more than this number, ${count} unless it is given; off lets all of them ` +
      "pass.",
    example: "max_delete 20% 50",
  },
  {
    name: "conflict_resolution",
    params: { kind: "resolution" },
    default: DEFAULTS.conflicts,
    help: "What becomes of an item that was changed on both sides: one side's is kept, or the " +
      "newest, or both, the copy under another UID; or both edits are merged, which leaves a " +
      "conflict where they meet. A program gets two files, and as a third what both were made " +
      "from where that is known, and makes the two equal. With none it is left as it is on both " +
      "sides.",
    example: "conflict_resolution keep a",
    hint: "write it like this: conflict_resolution keep a; conflict_resolution cmd PROGRAM",
  },
  {
    name: "resolve_during",
    params: { kind: "choice", choices: ["sync", "command"] },
    default: DEFAULTS.resolveDuring,
    help: "When the program of conflict_resolution is run: by every sync, or only by " +
      "resolve-conflicts.",
    example: "resolve_during sync",
  },
  {
    name: "one_way",
    params: { kind: "flag" },
    help: "Makes B like A: what was changed in B is changed back, and what only B has is deleted.",
    example: "one_way",
  },
  {
    name: "properties",
    params: {
      kind: "set",
      choices: [...DEFAULTS.properties, ...DEFAULTS.mailProperties],
      alone: ["all", "none"],
      title: "NAME",
    },
    default: "all",
    help: "Which properties of collections are kept in step: displayname, color, description " +
      "and order; of mailboxes, subscribed.",
    example: "properties displayname color",
  },
  {
    name: "max_size",
    params: { kind: "size" },
    help: "Mails that are larger are not copied. A size is written in bytes, or like 500k, 25m " +
      "or 1g.",
    example: "max_size 25m",
  },
  {
    name: "max_age",
    params: { kind: "age" },
    help: "Mails that were received longer ago are not copied. An age is written 30d, 8w, 6m or " +
      "1y.",
    example: "max_age 1y",
  },
  {
    name: "sync_flags",
    params: { kind: "flags" },
    default: "all",
    help: "Which flags of mails are kept in step: seen, answered, flagged, deleted, draft, " +
      "keywords for all others, and single keywords by their names.",
    example: "sync_flags seen answered flagged keywords",
  },
  {
    name: "expunge",
    params: { kind: "choice", choices: ["none", "a", "b", "both"] },
    default: DEFAULTS.expunge,
    help: "Where mails that are marked as deleted are deleted for good, once they are in step.",
    example: "expunge both",
  },
  {
    name: "hook",
    params: { kind: "command" },
    help: "Run after each run of the pair, with a summary in JSON on its standard input.",
    example: "hook ~/bin/tell-me",
  },
);

export const COLLECTION = at(
  "collection",
  {
    name: "alias",
    params: { kind: "id", nested: true },
    required: true,
    help: "What the two collections are called together.",
    example: "alias work",
  },
  ...(["a", "b"] as const).flatMap((side) => [
    {
      name: `id_${side}`,
      params: { kind: "id", nested: true } as const,
      help: `The id of the one in storage_${side}.`,
      example: `id_${side} office`,
    },
    {
      name: `href_${side}`,
      params: { kind: "text" } as const,
      help: `Instead of its id, its path in storage_${side}, as discover shows it.`,
      example: `href_${side} /dav/calendars/office/`,
    },
  ]),
);
