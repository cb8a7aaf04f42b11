/** How directives are written, for what is said of them. */

import type { DirectiveSpec } from "./schema_types.ts";

/** The two languages a file may be written in. */
export type Syntax = "scfg" | "toml";

/** Types of storages in few words: where both formats of a kind are among them, the kind alone. */
export function typesInWords(types: readonly string[]): readonly string[] {
  const kinds = types.map((type) => {
    const [kind = "", format] = type.split("/");
    const both = ["icalendar", "vcard"].every((each) => types.includes(`${kind}/${each}`));
    return format !== undefined && both ? kind : type;
  });
  return [...new Set(kinds)];
}

/** How a directive is written: `collections all | from a | from b`, `path = "PATH"`. */
export function usageOf(spec: DirectiveSpec, syntax: Syntax): string {
  return syntax === "scfg" ? inScfg(spec) : inToml(spec);
}

function inScfg(spec: DirectiveSpec): string {
  const { name, block } = spec;
  const params = placeholder(spec);
  const line = params === "" ? name : `${name} ${params}`;
  switch (block?.after) {
    case undefined:
      return line;
    case "name":
      return `${line} { ... }`;
    case "nothing":
      return `${line} | { ... }`;
    case "word":
      return `${line} { ... }`;
  }
}

function inToml(spec: DirectiveSpec): string {
  const { name, params, block } = spec;
  if (block?.after === "name") return `[${name}.NAME]`;
  switch (params.kind) {
    case "flag":
      return `${name} = true`;
    case "integer":
      return `${name} = ${placeholder(spec)}`;
    case "command":
      return `${name} = ["PROGRAM", "ARGUMENT", ...]`;
    case "set":
    case "words":
      return `${name} = ["${params.title}", ...]`;
    case "flags":
      return `${name} = ["FLAG", ...]`;
    case "collections":
      return `${name} = "all" | "from a" | "from b" | ["PATTERN", "!PATTERN", ...]`;
    case "identity":
      return `${name} = ["CERTIFICATE", "KEY"]`;
    case "limit":
      return `${name} = ["PERCENT%", NUMBER]`;
    case "filter":
      return `${name} = [["drop", "NAME", ...], ["cmd", "PROGRAM", ...], "busy_only"]`;
    case "resolution":
      return `${name} = "keep a | keep b | newest | merge | both | none" or ["cmd", "PROGRAM", ...]`;
    default:
      return `${name} = "${placeholder(spec)}"`;
  }
}

function placeholder({ name, params }: DirectiveSpec): string {
  switch (params.kind) {
    case "flag":
      return "";
    case "name":
    case "storage":
    case "auth":
      return "NAME";
    case "choice":
      return params.choices.join(" | ");
    case "collections":
      return "all | from a | from b | [!]PATTERN...";
    case "size":
      return "BYTES";
    case "age":
      return "AGE";
    case "flags":
      return "all | none | FLAG...";
    case "set":
      return [`${params.title}...`, ...params.alone].join(" | ");
    case "integer":
      return params.unit === "seconds" ? "SECONDS" : "NUMBER";
    case "limit":
      return "PERCENT% [NUMBER] | off";
    case "identity":
      return "CERTIFICATE [KEY]";
    case "words":
      return `${params.title}...`;
    case "sentence":
      return "TEXT...";
    case "command":
      return "PROGRAM [ARGUMENT...]";
    case "script":
      return "SCRIPT";
    case "secret":
      return name.slice(name.lastIndexOf("_") + 1).toUpperCase();
    case "https":
      return "URL";
    case "ending":
      return "ENDING";
    case "filter":
      return "[read | write] drop NAME... | busy_only | cmd PROGRAM [ARGUMENT...]";
    case "resolution":
      return "keep a | keep b | newest | merge | both | none | cmd PROGRAM [ARGUMENT...]";
    case "character":
    case "location":
    case "type":
    case "date":
    case "path":
    case "fingerprint":
    case "url":
    case "text":
    case "extension":
    case "id":
      return params.kind.toUpperCase();
  }
}
