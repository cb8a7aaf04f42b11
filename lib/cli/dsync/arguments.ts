/** dsync's arguments as getopt reads them, put into the order in which the parser wants them. */

import { isLocation } from "../../config/mail_location.ts";

/** Letters of options without a value, and with one. */
const PLAIN = new Set("DfRvnh");
const WITH_VALUE = new Set("cCmou");

/** Long options with a value, which may be the next word. */
const LONG_WITH_VALUE: ReadonlySet<string> = new Set(["--config", "--color"]);

const COMMANDS: readonly string[] = ["mirror", "backup"];

/**
 * The arguments with the command first, each option by itself and the location behind `--`:
 * `-vm INBOX mirror maildir:x` is `mirror -v -m INBOX -- maildir:x`. Options stand before the
 * command and behind it; what follows a host, a command or a script belongs to that. Undefined where
 * they name neither `mirror` nor `backup`, and so are not dsync's.
 */
export function dsyncArguments(args: readonly string[]): readonly string[] | undefined {
  const options: string[] = [];
  const words: string[] = [];
  let command: string | undefined;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    const rest = args.slice(at + 1);
    if (arg === "--") {
      const [first, ...others] = command === undefined ? rest : [command, ...rest];
      command = first;
      words.push(...others);
      break;
    }
    if (arg.startsWith("--")) {
      options.push(arg);
      const value = args[at + 1];
      if (LONG_WITH_VALUE.has(arg) && value !== undefined) {
        options.push(value);
        at++;
      }
    } else if (arg.startsWith("-") && arg.length > 1) {
      const { split, takesNext } = unbundled(arg);
      options.push(...split);
      const value = args[at + 1];
      if (takesNext && value !== undefined) {
        options.push(value);
        at++;
      }
    } else if (command === undefined) {
      if (!COMMANDS.includes(arg)) return undefined;
      command = arg;
    } else {
      words.push(arg);
      if (isLocation(arg)) continue;
      words.push(...rest);
      break;
    }
  }
  if (command === undefined || !COMMANDS.includes(command)) return undefined;
  return [command, ...options, ...(words.length === 0 ? [] : ["--", ...words])];
}

/** `-vmINBOX` is `-v`, `-m` and its value. */
function unbundled(
  arg: string,
): { readonly split: readonly string[]; readonly takesNext: boolean } {
  const split: string[] = [];
  for (let at = 1; at < arg.length; at++) {
    const letter = arg[at] ?? "";
    if (WITH_VALUE.has(letter)) {
      const value = arg.slice(at + 1);
      split.push(`-${letter}`, ...(value === "" ? [] : [value]));
      return { split, takesNext: value === "" };
    }
    // What is no option is left whole, to be told of as it was written.
    if (!PLAIN.has(letter)) return { split: [arg], takesNext: false };
    split.push(`-${letter}`);
  }
  return { split, takesNext: false };
}
