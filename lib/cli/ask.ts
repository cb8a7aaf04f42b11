/** Questions to the person at the terminal. */

import type { Context } from "./context.ts";
import { line } from "./show/text.ts";

type Asking = Pick<Context, "screen" | "input" | "signal">;

/** Asks for yes or no; anything but yes is no. */
export async function confirm(asking: Asking, question: string): Promise<boolean> {
  return /^y(es)?$/i.test(await askLine(asking, `${question} [y/N]`) ?? "");
}

/** One line of what is typed, trimmed; none at the end of all input. Throws what the signal says. */
export async function askLine(
  { screen, input, signal }: Asking,
  question: string,
): Promise<string | undefined> {
  screen.hide();
  screen.flush();
  screen.say(line`${question}`);
  return (await input.line(signal))?.trim();
}
