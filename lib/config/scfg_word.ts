/** The words of a line of scfg. */

/** Something wrong in a line. Places are in characters of the line, from 0. */
export interface Mistake {
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly help?: string;
  readonly from: number;
  readonly to: number;
  /** It is certain all the same what the word is. */
  readonly certain?: true;
}

/** A word as it was read. */
export interface RawWord {
  readonly text: string;
  readonly quoted: boolean;
  readonly from: number;
  /** The first character after it. */
  readonly to: number;
  readonly mistakes: readonly Mistake[];
}

/** Only these separate words; a no-break space, say, is an ordinary character. */
export const isBlank = (char: string | undefined): boolean => char === " " || char === "\t";

/** The first place from `at` on that is no blank. */
export function skipBlanks(line: readonly string[], at: number): number {
  while (isBlank(line[at])) at++;
  return at;
}

/** Reads the word that begins at `from`, where there is neither a blank nor the line's end. */
export function readWord(line: readonly string[], from: number): RawWord {
  switch (line[from]) {
    case '"':
      return readDoubleQuoted(line, from);
    case "'":
      return readSingleQuoted(line, from);
    default:
      return readAtom(line, from);
  }
}

/**
 * An atom: up to a blank. A backslash makes the next character literal, as in the definition of the
 * format; its parser in C keeps the backslash.
 */
function readAtom(line: readonly string[], from: number): RawWord {
  const mistakes: Mistake[] = [];
  let text = "";
  let at = from;
  let braces = 0;
  const wrong = (message: string, help: string) => {
    if (mistakes.length > 0) return;
    mistakes.push({ severity: "error", message, help, from: at, to: at + 1 });
  };
  const last = () => at > from && skipBlanks(line, at + 1) >= line.length;
  for (; at < line.length && !isBlank(line[at]); at++) {
    const char = line[at] ?? "";
    if (char === "{" && last()) {
      mistakes.push({ ...NO_BLANK, from: at, to: at + 1 });
      break;
    }
    // The closing brace of a block on its last line; the caller says where it belongs.
    if (char === "}" && braces === 0 && last()) break;
    if (char === "{") braces++;
    if (char === "\\") {
      at++;
      if (at >= line.length) {
        at--;
        wrong("nothing follows this backslash", 'write "\\\\" for a backslash');
        continue;
      }
      const escaped = line[at] ?? "";
      if (escaped !== "\t" && isControl(escaped)) wrong(controlMessage(escaped), CONTROL_HELP);
      text += escaped;
      continue;
    }
    if (isOneOf(char, "\"'{}")) {
      wrong(`${nameOf(char)} inside a word that is not quoted`, "put quotes around the whole word");
    }
    if (isControl(char)) wrong(controlMessage(char), CONTROL_HELP);
    text += char;
  }
  return { text, quoted: false, from, to: at, mistakes };
}

const NO_BLANK = {
  severity: "error",
  message: 'a blank is missing before "{"',
  help: "write it as in: storage NAME {",
  certain: true,
} as const;

/** A word in double quotes: a backslash makes the next character literal. */
function readDoubleQuoted(line: readonly string[], from: number): RawWord {
  const mistakes: Mistake[] = [];
  let text = "";
  for (let at = from + 1; at < line.length; at++) {
    const char = line[at] ?? "";
    if (char === '"') return { ...ended(line, from, at, mistakes), text };
    if (char === "\\" && at + 1 < line.length) {
      at++;
      const escaped = line[at] ?? "";
      if (isControl(escaped)) addControl(escaped, at, mistakes);
      else if (!isOneOf(escaped, '"\\$`')) mistakes.push(doubtfulEscape(at));
      text += escaped;
      continue;
    }
    addControl(char, at, mistakes);
    text += char;
  }
  return { ...unended(line, from, mistakes), text };
}

/** A word in single quotes: every character stands for itself. */
function readSingleQuoted(line: readonly string[], from: number): RawWord {
  const mistakes: Mistake[] = [];
  for (let at = from + 1; at < line.length; at++) {
    const char = line[at] ?? "";
    if (char === "'") {
      const text = line.slice(from + 1, at).join("");
      return { ...ended(line, from, at, mistakes), text };
    }
    addControl(char, at, mistakes);
  }
  return { ...unended(line, from, mistakes), text: line.slice(from + 1).join("") };
}

/** A quoted word is a word by itself: what follows it is a blank or the line's end. */
function ended(
  line: readonly string[],
  from: number,
  quote: number,
  mistakes: readonly Mistake[],
): Omit<RawWord, "text"> {
  const to = quote + 1;
  const glued: Mistake = {
    severity: "error",
    message: "a blank is missing after the closing quote",
    from: to,
    to: to + 1,
  };
  const isGlued = to < line.length && !isBlank(line[to]);
  return { quoted: true, from, to, mistakes: isGlued ? [...mistakes, glued] : mistakes };
}

function unended(
  line: readonly string[],
  from: number,
  mistakes: readonly Mistake[],
): Omit<RawWord, "text"> {
  const open: Mistake = {
    severity: "error",
    message: "this quote is not closed on its line",
    from,
    to: line.length,
  };
  return { quoted: true, from, to: line.length, mistakes: [...mistakes, open] };
}

/**
 * The definition of the format drops this backslash; pimsync's parser keeps it. A password that one
 * of them reads differently is worth a word.
 */
function doubtfulEscape(at: number): Mistake {
  return {
    severity: "warning",
    message: "this backslash is left out, but pimsync keeps it",
    help: 'write "\\\\" for a backslash, or put the word in single quotes',
    from: at - 1,
    to: at + 1,
  };
}

function addControl(char: string, at: number, mistakes: Mistake[]): void {
  if (char === "\t" || !isControl(char)) return;
  if (mistakes.some(({ help }) => help === CONTROL_HELP)) return;
  const message = controlMessage(char);
  mistakes.push({ severity: "error", message, help: CONTROL_HELP, from: at, to: at + 1 });
}

const CONTROL_HELP = "remove it";

const isOneOf = (char: string, set: string) => char !== "" && set.includes(char);

const isControl = (char: string) => char < " " || char === "\u007f";

const controlMessage = (char: string) =>
  `control character U+${
    (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")
  } in a word`;

function nameOf(char: string): string {
  return char === '"' ? "a double quote" : char === "'" ? "a single quote" : `"${char}"`;
}
