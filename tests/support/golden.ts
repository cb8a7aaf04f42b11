/** Golden files: what a test prints, kept as text that a person can read and review. */

import { strictEqual } from "node:assert/strict";

/**
 * Compares `text` with the golden file beside the test. With `UPDATE_GOLDEN=1` in the environment
 * the file is written instead; review the difference before you commit it.
 */
export function matchesGolden(text: string, file: URL): void {
  if (Deno.env.get("UPDATE_GOLDEN") === "1") {
    Deno.mkdirSync(new URL(".", file), { recursive: true });
    Deno.writeTextFileSync(file, text);
    return;
  }
  strictEqual(text, Deno.readTextFileSync(file), `${file.pathname} says something else`);
}
