import { strictEqual } from "node:assert/strict";
import { safeText } from "../../../lib/model/text.ts";

const SAID: readonly (readonly [string, string, string])[] = [
  ["plain text stays as it is", "Käse, 東京 🎂", "Käse, 東京 🎂"],
  ["what moves the cursor is shown", "a\u001b[2Jb\rc", "a\\x1b[2Jb\\rc"],
  ["what writes to the clipboard is shown", "\u001b]52;c;eA==\u0007", "\\x1b]52;c;eA==\\x07"],
  ["C1 controls are shown", "a\u009b31mb", "a\\x9b31mb"],
  ["line ends and tabs are shown", "a\nb\tc", "a\\nb\\tc"],
  ["what turns a line around is shown", "a\u202eb\u2066c", "a\\u{202e}b\\u{2066}c"],
  ["what cannot be seen is shown", "a\u200bb\ufeffc\u00add", "a\\u{200b}b\\u{feff}c\\xadd"],
  ["half a character is shown", "a\ud800b", "a\\u{d800}b"],
  ["letters that are tags are shown", "a\u{e0041}b", "a\\u{e0041}b"],
  ["a joiner stays within an emoji", "👩\u200d🚀", "👩\u200d🚀"],
  ["a non-joiner stays within a word", "می\u200cخواهم", "می\u200cخواهم"],
  ["a joiner is shown where it joins nothing", "a\u200db", "a\\u{200d}b"],
];

for (const [what, text, said] of SAID) {
  Deno.test(`safeText(): ${what}`, () => strictEqual(safeText(text), said));
}
