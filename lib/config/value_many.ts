/** Values of more than one word. */

import type { ConflictConfig, FilterConfig } from "./config.ts";
import { didYouMean } from "./near.ts";
import { absolutePath, type Environment } from "./paths.ts";
import { quotedWord } from "./problem.ts";
import { DEFAULTS } from "./schema/defaults.ts";
import type { DirectiveSpec } from "./schema_types.ts";
import { spanOf, wordValue } from "./tree.ts";
import type { Given, Words, Wrong } from "./value_types.ts";
import { hasControl } from "./value_text.ts";
import { listed } from "./listed.ts";
import { readFlags, readPatterns } from "./value_mail.ts";

/** Reads the parameters of a directive that may have several; `one word` for all others. */
export function readMany(
  spec: DirectiveSpec,
  words: Words,
  wrong: Wrong,
  { env }: { readonly env: Environment },
): Given | undefined | "one word" {
  const { params } = spec;
  switch (params.kind) {
    case "choice":
      return readChoice(spec, params.choices, words, wrong);
    case "set":
      return readSet(spec, params, words, wrong);
    case "collections":
      return readPatterns(words, wrong) ??
        readChoice(spec, ["all", "from a", "from b"], words, wrong);
    case "flags":
      return readFlags(spec, words, wrong);
    case "words":
      return readWords(words, wrong);
    case "sentence": {
      const given = readWords(words, wrong);
      return given && { kind: "word", text: given.texts.join(" "), word: words[0] };
    }
    case "command": {
      const argv = readArgv(words, wrong, env);
      return argv && { kind: "words", texts: argv, word: words[0] };
    }
    case "identity":
      return readIdentity(words, wrong, env);
    case "limit":
      return readLimit(spec, words, wrong);
    case "filter":
      return readFilter(spec, words, wrong, env);
    case "resolution":
      return readResolution(spec, words, wrong, env);
    default:
      return "one word";
  }
}

/** A choice of one or more words. TOML gives `from a` as one word, which is the same. */
function readChoice(
  spec: DirectiveSpec,
  choices: readonly string[],
  words: Words,
  wrong: Wrong,
): Given | undefined {
  const text = words.map(wordValue).join(" ");
  const [word] = words;
  if (choices.includes(text)) return { kind: "word", text, word: { ...word, text } };
  const given = quotedWord({ ...word, text: words.map((each) => each.text).join(" ") });
  const message = `"${spec.name}" takes ${listed(choices, "or")}, not ${given}`;
  return wrong(message, spanOf(words), didYouMean(text, choices) ?? spec.hint);
}

function readSet(
  { name }: DirectiveSpec,
  { choices, alone }: { readonly choices: readonly string[]; readonly alone: readonly string[] },
  words: Words,
  wrong: Wrong,
): Given | undefined {
  const [first, second] = words;
  const texts: string[] = [];
  for (const word of words) {
    const text = wordValue(word);
    if (alone.includes(text)) {
      if (second === undefined) return { kind: "words", texts: [text], word };
      return wrong(`"${text}" stands alone`, word);
    }
    const known = choices.find((each) => each.toLowerCase() === text.toLowerCase());
    if (known === undefined) {
      const all = [...choices, ...alone];
      const message = `"${name}" takes ${listed(all, "or")}, not ${quotedWord(word)}`;
      return wrong(message, word, didYouMean(text, all));
    }
    if (texts.includes(known)) return wrong(`${quotedWord(word)} is given twice`, word);
    texts.push(known);
  }
  return { kind: "words", texts, word: first };
}

function readWords(words: Words, wrong: Wrong): Given & { readonly kind: "words" } | undefined {
  for (const word of words) {
    if (wordValue(word) === "") return wrong("an empty word has no meaning here", word);
    if (hasControl(wordValue(word))) return wrong("this has a control character", word);
  }
  return { kind: "words", texts: words.map(wordValue), word: words[0] };
}

/** A program and its arguments; `~/` is replaced at the beginning of the program alone. */
function readArgv(words: Words, wrong: Wrong, env: Environment): readonly string[] | undefined {
  const bad = words.find((word) => wordValue(word).includes("\0"));
  if (bad !== undefined) return wrong("a command has no NUL characters", bad);
  const [program = "", ...rest] = words.map(wordValue);
  if (program === "") return wrong("there is nothing to run", words[0]);
  if (!program.startsWith("~/")) return [program, ...rest];
  const result = absolutePath(program, env);
  if ("problem" in result) return wrong(result.problem, words[0], result.help);
  return [result.path, ...rest];
}

function readIdentity(words: Words, wrong: Wrong, env: Environment): Given | undefined {
  const [first, , third] = words;
  if (third !== undefined) {
    return wrong('"auth_cert" takes a certificate and a key', third);
  }
  const paths: string[] = [];
  for (const word of words) {
    const result = absolutePath(wordValue(word), env);
    if ("problem" in result) return wrong(result.problem, word, result.help);
    paths.push(result.path);
  }
  return { kind: "words", texts: paths, word: first };
}

function readLimit({ name }: DirectiveSpec, words: Words, wrong: Wrong): Given | undefined {
  const [first, second, third] = words;
  const text = wordValue(first);
  if (text === "off") {
    return second === undefined ? { kind: "limit" } : wrong('"off" stands alone', second);
  }
  if (third !== undefined) return wrong(`"${name}" takes a share and a number`, third);
  const share = /^(\d{1,3})%$/.exec(text)?.[1];
  const percent = share === undefined ? NaN : Number(share);
  if (!(percent <= 100)) {
    const help = /^\d{1,3}$/.test(text)
      ? `write ${text}%`
      : "write it like this: max_delete 20% 50";
    return wrong(`"${name}" takes a share from 0% to 100%, or off`, first, help);
  }
  if (second === undefined) {
    return { kind: "limit", limit: { percent, count: DEFAULTS.maxDelete.count } };
  }
  const count = wordValue(second);
  if (!/^\d{1,9}$/.test(count)) {
    return wrong(`${quotedWord(second)} is no number of items`, second);
  }
  return { kind: "limit", limit: { percent, count: Number(count) } };
}

function readFilter(
  spec: DirectiveSpec,
  words: Words,
  wrong: Wrong,
  env: Environment,
): Given | undefined {
  const [first] = words;
  const limited = wordValue(first);
  const isLimited = limited === "read" || limited === "write";
  const direction = isLimited ? limited : "both";
  const [what, ...rest] = isLimited ? words.slice(1) : words;
  if (what === undefined) return wrong(`"${spec.name} ${limited}" of what?`, first, spec.hint);
  const common = { direction, at: spanOf(words) } as const;
  const given = (filter: FilterConfig): Given => ({ kind: "filter", filter });
  const [one, ...more] = rest;
  switch (wordValue(what)) {
    case "busy_only":
      if (one !== undefined) return wrong('"busy_only" takes no parameter', one);
      return given({ ...common, kind: "busy_only" });
    case "drop": {
      if (one === undefined) return wrong('"drop" needs the names of what to leave out', what);
      const bad = rest.find((word) => !/^[A-Za-z0-9-]{1,64}$/.test(wordValue(word)));
      if (bad !== undefined) {
        return wrong(`${quotedWord(bad)} is no name of a property or component`, bad);
      }
      const needed = rest.find((word) => NEEDED.has(wordValue(word).toUpperCase()));
      if (needed !== undefined) {
        return wrong(`without ${quotedWord(needed)} it is no item any more`, needed);
      }
      const names = rest.map((word) => wordValue(word).toUpperCase());
      return given({ ...common, kind: "drop", names: [...new Set(names)] });
    }
    case "cmd": {
      if (one === undefined) return wrong('"cmd" has nothing to run', what);
      const argv = readArgv([one, ...more], wrong, env);
      return argv && given({ ...common, kind: "cmd", argv });
    }
    default: {
      const help = didYouMean(wordValue(what), ["drop", "busy_only", "cmd", "read", "write"]);
      return wrong(`unknown filter ${quotedWord(what)}`, what, help ?? spec.hint);
    }
  }
}

/** What an item is known by, or is nothing without. */
const NEEDED: ReadonlySet<string> = new Set([
  ...["UID", "VERSION", "VCALENDAR", "VEVENT", "VTODO", "VJOURNAL", "VCARD", "BEGIN", "END"],
  ...["DTSTART", "RECURRENCE-ID", "FN"],
]);

const RESOLUTIONS = ["newest", "merge", "both", "none"] as const;
const RESOLUTION_WORDS = ["keep a", "keep b", ...RESOLUTIONS, "cmd"];

function readResolution(
  spec: DirectiveSpec,
  words: Words,
  wrong: Wrong,
  env: Environment,
): Given | undefined {
  const [word, second, ...rest] = words;
  const given = (conflicts: ConflictConfig): Given => ({ kind: "conflicts", conflicts, word });
  if (wordValue(word) === "cmd") {
    if (second === undefined) return wrong('"cmd" has nothing to run', word);
    const argv = readArgv([second, ...rest], wrong, env);
    return argv && given({ kind: "cmd", argv });
  }
  const text = words.map(wordValue).join(" ");
  if (text === "keep a" || text === "keep b") {
    return given({ kind: "keep", side: text === "keep a" ? "a" : "b" });
  }
  const kind = RESOLUTIONS.find((each) => each === text);
  if (kind !== undefined) return given({ kind });
  const shown = quotedWord({ ...word, text: words.map((each) => each.text).join(" ") });
  const message = `"${spec.name}" takes ${listed(RESOLUTION_WORDS, "or")}, not ${shown}`;
  return wrong(message, spanOf(words), didYouMean(text, RESOLUTION_WORDS) ?? spec.hint);
}
