/** Questions to a person, whoever answers them: a terminal, or a test. */

import { cancelled } from "../../model/error.ts";
import type { Secret } from "../../model/secret.ts";
import { join, type Line, line, strong } from "../show/text.ts";

export interface Asker {
  say(words: Line): void;
  /** One line, trimmed; undefined at the end of all input. Throws `cancelled`. */
  line(question: string): Promise<string | undefined>;
  /** The same, not shown while it is typed. Undefined where it cannot be asked for. */
  secret(question: string): Promise<Secret | undefined>;
}

/** An answer; Enter alone gives `preset`, and "" without one. Throws `cancelled` at the end. */
export async function askFor(asker: Asker, question: string, preset = ""): Promise<string> {
  const shown = preset === "" ? `${question}:` : `${question} [${preset}]:`;
  const answer = await asker.line(shown);
  if (answer === undefined) throw cancelled();
  return answer === "" ? preset : answer;
}

/** Yes or no; Enter alone is yes. */
export async function askYes(asker: Asker, question: string): Promise<boolean> {
  for (;;) {
    const answer = await askFor(asker, question, "Y/n");
    if (/^(y\/n|y|yes)$/i.test(answer)) return true;
    if (/^(n|no)$/i.test(answer)) return false;
  }
}

export interface Choice<Value> {
  readonly words: Line;
  readonly value: Value;
}

/** One of several, by its number; Enter alone is the first. */
export async function askWhich<Value>(
  asker: Asker,
  question: string,
  choices: readonly Choice<Value>[],
): Promise<Value> {
  asker.say(line`${strong(question)}`);
  sayNumbered(asker, choices.map(({ words }) => words));
  for (;;) {
    const answer = await askFor(asker, "Its number", "1");
    const chosen = /^\d{1,3}$/.test(answer) ? choices[Number(answer) - 1] : undefined;
    if (chosen !== undefined) return chosen.value;
  }
}

/** Lines with a number before each. */
export function sayNumbered(asker: Asker, lines: readonly Line[]): void {
  for (const [index, words] of lines.entries()) asker.say(join(`  ${index + 1}  `, words));
}
