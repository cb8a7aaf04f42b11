/** Output of the command line that is kept in a file under `golden/`. */

import { matchesGolden } from "../support/golden.ts";

/** Compares with `golden/NAME.txt`. Escape characters are written as `␛`, so that it is text. */
export function golden(name: string, output: string): void {
  matchesGolden(
    output.replaceAll("\x1b", "␛"),
    new URL(`golden/${name}.txt`, import.meta.url),
  );
}
