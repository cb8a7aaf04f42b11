/** Output that is kept in a file, so that a change of it is seen. */

import { strictEqual } from "node:assert/strict";

/** Set it to anything to write the files anew instead of comparing with them. */
const UPDATE = "UPDATE_GOLDEN";

/** Compares with `golden/NAME.txt`. Escape characters are written as `␛`, so that a file is text. */
export async function golden(name: string, output: string): Promise<void> {
  const file = new URL(`golden/${name}.txt`, import.meta.url);
  const shown = output.replaceAll("\x1b", "␛");
  if (Deno.env.get(UPDATE) !== undefined) {
    await Deno.writeTextFile(file, shown);
    return;
  }
  strictEqual(shown, await Deno.readTextFile(file), `golden/${name}.txt (${UPDATE}=1 writes it)`);
}
