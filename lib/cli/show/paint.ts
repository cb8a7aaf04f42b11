/** Turns lines into what is written to a stream. */

import type { SafeText } from "../../model/text.ts";
import { type Look, symbols } from "./look.ts";
import type { Line, Span, Style } from "./text.ts";
import { cutLine } from "./width.ts";

/** The parameters of SGR (ECMA-48 8.3.117): the sixteen colours that every theme defines. */
const CODES: Readonly<Record<Style, string | undefined>> = {
  plain: undefined,
  strong: "1",
  faint: "2",
  added: "32",
  changed: "33",
  removed: "31",
  warning: "1;33",
  failure: "1;31",
  good: "32",
  name: "1;36",
};

/** The line as it is written, without its end, cut to the width of the terminal if `fit` is set. */
export function paint(line: Line, look: Look, fit = false): string {
  const shown = fit && look.width !== undefined
    ? cutLine(line, look.width, symbols(look).cut)
    : line;
  return merged(shown).map((span) => paintSpan(span, look)).join("").trimEnd();
}

/** Neighbours of one style as one piece. */
function merged(line: Line): Line {
  const spans: Span[] = [];
  for (const span of line) {
    const last = spans.at(-1);
    if (last?.style !== span.style) spans.push(span);
    else spans[spans.length - 1] = { ...span, text: `${last.text}${span.text}` as SafeText };
  }
  return spans;
}

function paintSpan({ text, style }: Span, look: Look): string {
  const shown = look.live && !look.unicode ? asAscii(text) : text;
  const code = CODES[style];
  if (!look.color || code === undefined || shown.trim() === "") return shown;
  return `\x1b[${code}m${shown}\x1b[0m`;
}

/**
 * A terminal of another encoding takes the bytes 0x80 to 0x9f, which UTF-8 is full of, for
 * control characters (ECMA-48's C1): a question mark is shown instead, as `ls` does.
 */
function asAscii(text: SafeText): string {
  // deno-lint-ignore no-control-regex -- the end of ASCII is meant
  return text.replace(/[^\x00-\x7f]/gu, "?");
}
