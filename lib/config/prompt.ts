/** Asks a person for a secret on the terminal, without showing what is typed. */

import { cancelled } from "../model/error.ts";
import { safeText } from "../model/text.ts";

/** What came of a question. */
export type Asked =
  | { readonly status: "answered"; readonly text: string }
  | { readonly status: "no terminal" };

/** Throws `cancelled` when the signal fires. */
export type Prompt = (question: string, signal: AbortSignal) => Promise<Asked>;

/** The terminal that a person sits at. */
export interface Terminal {
  isTerminal(): boolean;
  /** While `hidden`, what is typed is not shown, and comes without waiting for the line's end. */
  hide(hidden: boolean): void;
  write(text: string): void;
  /** What is typed, in whatever pieces it comes. Undefined at the end of all input. */
  read(signal: AbortSignal): Promise<Uint8Array | undefined>;
}

/** Asks on the terminal that this runs in. The question goes to standard error. */
export function askSecret(question: string, signal: AbortSignal): Promise<Asked> {
  return askOn(REAL_TERMINAL, question, signal);
}

/** Asks on a terminal. */
export async function askOn(
  terminal: Terminal,
  question: string,
  signal: AbortSignal,
): Promise<Asked> {
  if (signal.aborted) throw cancelled(signal.reason);
  if (!terminal.isTerminal()) return { status: "no terminal" };
  terminal.write(`${safeText(question)} `);
  terminal.hide(true);
  try {
    const decoder = new TextDecoder();
    let line: Line = { text: "", ended: false };
    while (!line.ended) {
      const bytes = await terminal.read(signal);
      if (bytes === undefined) break;
      line = typed(line.text, decoder.decode(bytes, { stream: true }));
    }
    return { status: "answered", text: line.text };
  } finally {
    terminal.hide(false);
    terminal.write("\n");
  }
}

interface Line {
  readonly text: string;
  readonly ended: boolean;
}

/** The most that is typed, in characters; what is more is left out. */
const MOST_TYPED = 4096;

/** What a line becomes when these are typed: Backspace and Ctrl-U take away, Enter ends it. */
function typed(before: string, input: string): Line {
  let chars = [...before];
  for (const char of input) {
    if (char === "\r" || char === "\n" || char === "\u0004") {
      return { text: chars.join(""), ended: true };
    }
    if (char === "\u007f" || char === "\b") chars = chars.slice(0, -1);
    else if (char === "\u0015") chars = [];
    else if (char >= " " && chars.length < MOST_TYPED) chars.push(char);
  }
  return { text: chars.join(""), ended: false };
}

const REAL_TERMINAL: Terminal = {
  isTerminal: () => Deno.stdin.isTerminal(),
  // Signals are still sent, so that Ctrl-C stops the program as it does everywhere.
  hide: (hidden) => Deno.stdin.setRaw(hidden, { cbreak: hidden && Deno.build.os !== "windows" }),
  write(text) {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += Deno.stderr.writeSync(bytes.subarray(at));
  },
  async read(signal) {
    const reader = Deno.stdin.readable.getReader();
    const stop = () => reader.cancel();
    signal.addEventListener("abort", stop);
    try {
      const { value } = await reader.read();
      if (signal.aborted) throw cancelled(signal.reason);
      return value;
    } finally {
      signal.removeEventListener("abort", stop);
      reader.releaseLock();
    }
  },
};
