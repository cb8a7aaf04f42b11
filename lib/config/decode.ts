/** The bytes of a file as text. */

import type { Report } from "./problem.ts";

/**
 * Decodes UTF-8, without the byte order mark that some editors put first. Each line that is not
 * UTF-8 is reported; the text then has U+FFFD in those places, so that reading can go on.
 */
export function decodeUtf8(bytes: Uint8Array, file: string, report: Report): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  const mark = bytes.subarray(0, 2).join();
  if (mark === "255,254" || mark === "254,255") {
    const message = `${file} is UTF-16 text`;
    report({ severity: "error", message, help: "save the file as UTF-8" });
    return "";
  }
  let begin = 0;
  for (let line = 1; begin <= bytes.length; line++) {
    const newline = bytes.indexOf(0x0a, begin);
    const end = newline < 0 ? bytes.length : newline;
    const sound = soundPrefix(bytes.subarray(begin, end));
    if (sound !== undefined) {
      report({
        severity: "error",
        message: "this is not UTF-8 text",
        at: { file, line, column: sound + 1, length: 1 },
        help: "save the file as UTF-8",
      });
    }
    begin = end + 1;
  }
  return new TextDecoder("utf-8").decode(bytes);
}

/** How many characters stand before the first that is broken, if one is. */
function soundPrefix(line: Uint8Array): number | undefined {
  const decode = (length: number) =>
    new TextDecoder("utf-8", { fatal: true }).decode(line.subarray(0, length), { stream: true });
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(line);
    return undefined;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  // A longer prefix than a broken one is broken too, so the longest sound one is found by halves.
  let sound = 0;
  let broken = line.length + 1;
  while (broken - sound > 1) {
    const middle = Math.floor((sound + broken) / 2);
    try {
      decode(middle);
      sound = middle;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      broken = middle;
    }
  }
  return [...decode(sound)].length;
}
