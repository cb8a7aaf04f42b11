/** What a stream can show: colours, symbols, how wide. Found out once, from the environment. */

import type { SafeText } from "../../model/text.ts";

export type ColorChoice = "auto" | "always" | "never";

/** How to paint for one stream. */
export interface Look {
  readonly color: boolean;
  /** Whether other characters than those of ASCII arrive as they are meant. */
  readonly unicode: boolean;
  /** The columns of the terminal. None where it is no terminal: nothing is cut then. */
  readonly width?: number;
  /** Whether lines can be taken back and written again. */
  readonly live: boolean;
}

/** What is known of a stream and of the environment it was opened in. */
export interface Surroundings {
  readonly isTerminal: boolean;
  /** The columns of the terminal, where they are known. */
  readonly columns?: number;
  readonly env: (name: string) => string | undefined;
  readonly os: string;
}

/** Narrower than this nothing can be laid out. */
const LEAST_WIDTH = 20;

/**
 * The look of a stream. `--color` decides first, then NO_COLOR, CLICOLOR_FORCE and CLICOLOR, then
 * whether it is a terminal that is not dumb (no-color.org, bixense.com/clicolors).
 */
export function lookOf(choice: ColorChoice, given: Surroundings): Look {
  const { isTerminal, env } = given;
  const dumb = env("TERM") === "dumb";
  const width = widthOf(given);
  return {
    color: colorOf(choice, isTerminal && !dumb, env),
    unicode: !dumb && speaksUnicode(given),
    live: isTerminal && !dumb,
    ...(width === undefined ? {} : { width }),
  };
}

function colorOf(choice: ColorChoice, capable: boolean, env: Surroundings["env"]): boolean {
  if (choice !== "auto") return choice === "always";
  if (isSet(env("NO_COLOR"))) return false;
  const forced = env("CLICOLOR_FORCE");
  if (isSet(forced) && forced !== "0") return true;
  return capable && env("CLICOLOR") !== "0";
}

const isSet = (value: string | undefined): value is string => value !== undefined && value !== "";

/** By the locale, as `setlocale` would: the first that is set of LC_ALL, LC_CTYPE and LANG. */
function speaksUnicode({ env, os }: Surroundings): boolean {
  const locale = [env("LC_ALL"), env("LC_CTYPE"), env("LANG")].find(isSet);
  if (locale === undefined) return os === "darwin" || os === "windows";
  return /utf-?8/i.test(locale);
}

/** COLUMNS decides also where it is no terminal, so that a script can ask for a width. */
function widthOf({ isTerminal, columns, env }: Surroundings): number | undefined {
  const asked = Number(env("COLUMNS"));
  if (Number.isSafeInteger(asked) && asked > 0) return Math.max(asked, LEAST_WIDTH);
  if (!isTerminal) return undefined;
  return Math.max(columns ?? 80, LEAST_WIDTH);
}

/** What is drawn with, in characters that the stream can show. */
export interface Symbols {
  readonly between: SafeText;
  readonly cut: SafeText;
  readonly done: SafeText;
  readonly todo: SafeText;
}

const UNICODE = { between: "⇄", cut: "…", done: "█", todo: "░" } as const;
const ASCII = { between: "<->", cut: "...", done: "#", todo: "-" } as const;

export function symbols(look: Look): Symbols {
  return (look.unicode ? UNICODE : ASCII) as Record<keyof Symbols, string> as Symbols;
}
