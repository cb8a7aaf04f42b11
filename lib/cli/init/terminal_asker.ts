/** Asks the person at the terminal. */

import { askSecret } from "../../config/prompt.ts";
import { Secret } from "../../model/secret.ts";
import { askLine } from "../ask.ts";
import type { Context } from "../context.ts";
import type { Asker } from "./asker.ts";

export function terminalAsker(context: Context): Asker {
  const { screen, signal } = context;
  return {
    say: (words) => screen.say(words),
    line: (question) => askLine(context, question),
    async secret(question) {
      screen.flush();
      const asked = await askSecret(question, signal);
      return asked.status === "answered" ? new Secret(asked.text) : undefined;
    },
  };
}
