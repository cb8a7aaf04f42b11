/** Every type of object that `--json` prints, for `help json`. `docs/json.md` tells more. */

export interface JsonType {
  readonly type: string;
  readonly meaning: string;
  readonly fields: readonly string[];
}

const WHERE = ["pair", "collection", "on", "storage"];
const ITEM = ["ident", "href", "component", "summary", "when"];

export const JSON_TYPES: readonly JsonType[] = [
  { type: "pair", meaning: "A pair of the configuration.", fields: ["pair", "a", "b"] },
  { type: "storage", meaning: "A storage of the configuration.", fields: ["storage", "kind"] },
  {
    type: "action",
    meaning: "Something that a run would do, or is about to.",
    fields: [
      ...WHERE,
      "action",
      ...ITEM,
      "why",
      "flags",
      "merged",
      "property",
      "value",
      "was",
      "to",
      "what",
    ],
  },
  {
    type: "conflict",
    meaning: "An item that was changed differently on both sides.",
    fields: [
      "pair",
      "collection",
      "ident",
      "known",
      "hrefs",
      "clashes",
      "changes",
      "edited",
      "program",
      "property",
      "values",
      "component",
      "summary",
      "when",
    ],
  },
  {
    type: "held",
    meaning: "What a guard keeps from being done.",
    fields: [...WHERE, "guard", "actions", "message", "hint", "expected"],
  },
  {
    type: "altered",
    meaning: "A storage keeps something else of an item than it was given.",
    fields: [...WHERE, "ident", "what"],
  },
  {
    type: "status",
    meaning: "What a pair's last run left.",
    fields: ["pair", "lastRun", "interrupted", "collections", "items"],
  },
  {
    type: "aside",
    meaning: "What runs have set aside, and why.",
    fields: ["pair", "collection", "why", "what", "on", "storages", "reason"],
  },
  {
    type: "problem",
    meaning: "Something that could not be read or written.",
    fields: [...WHERE, "ident", "href", "error"],
  },
  {
    type: "result",
    meaning: "What became of an action.",
    fields: [
      ...WHERE,
      "action",
      "ident",
      "href",
      "why",
      "flags",
      "merged",
      "property",
      "value",
      "was",
      "outcome",
      "error",
    ],
  },
  {
    type: "summary",
    meaning: "What one pair came to.",
    fields: [
      "pair",
      "dryRun",
      "exit",
      "planned",
      "created",
      "updated",
      "deleted",
      "marked",
      "made",
      "unmade",
      "properties",
      "altered",
      "conflicts",
      "held",
      "changed",
      "failed",
      "skipped",
    ],
  },
  {
    type: "total",
    meaning: "What all pairs came to: the last line of sync.",
    fields: ["pairs", "dryRun", "exit"],
  },
  {
    type: "check",
    meaning: "What was checked.",
    fields: ["subject", "name", "state", "message", "hint", "error"],
  },
  {
    type: "collection",
    meaning: "A collection that was discovered.",
    fields: ["pair", "collection", "synced", "a", "b"],
  },
  {
    type: "config",
    meaning: "A problem of the configuration.",
    fields: ["severity", "message", "file", "line", "column", "help"],
  },
  {
    type: "error",
    meaning: "What ended a pair or the whole command.",
    fields: ["pair", "storage", "kind", "scope", "message", "causes", "hint", "retry"],
  },
  {
    type: "finding",
    meaning: "What repair found wrong with an item.",
    fields: [
      "storage",
      "collection",
      "href",
      "finding",
      "uid",
      "keeper",
      "newUid",
      "reason",
    ],
  },
  {
    type: "mended",
    meaning: "An item that repair gave a new UID.",
    fields: ["storage", "collection", "href", "newUid", "outcome", "error"],
  },
  {
    type: "login",
    meaning: "What a person has to do to log in, and that it is done.",
    fields: ["storage", "state", "url", "code"],
  },
  { type: "version", meaning: "The version.", fields: ["version"] },
];
