/** Pieces that the parsers of several commands are made of. */

import { type Message, message } from "@optique/core/message";
import { multiple } from "@optique/core/modifiers";
import type { Parser, Suggestion } from "@optique/core/parser";
import { argument } from "@optique/core/primitives";
import { string, type ValueParser } from "@optique/core/valueparser";
import { type CommandName, COMMANDS, type KnownNames } from "./names.ts";

/** What a command does, for the lists of commands. */
export const about = (name: CommandName): { readonly brief: Message } => ({
  brief: message`${text(COMMANDS[name])}`,
});

/** A message that is this text and nothing else. */
export function text(words: string): Message {
  return [{ type: "text", text: words }];
}

/** Names of pairs. */
export const pairs = (names: KnownNames): Parser<"sync", readonly string[], unknown> =>
  multiple(argument(known("PAIR", names.pairs), {
    description: text("The pairs; all without any."),
  }));

/** Any text; completion offers what is known. */
export function known(
  metavar: "PAIR" | "PAIR[/COLLECTION]" | "STORAGE" | "TOPIC",
  names: readonly string[],
): ValueParser<"sync", string> {
  const any = string({ metavar });
  const parser: ValueParser<"sync", string> = {
    ...any,
    *suggest(prefix: string): Generator<Suggestion> {
      for (const name of names) {
        if (name.startsWith(prefix)) yield { kind: "literal", text: name };
      }
    },
  };
  return parser;
}

/** A file's name; completion is left to the shell. */
export function fileName(): ValueParser<"sync", string> {
  const any = string({ metavar: "FILE" });
  const parser: ValueParser<"sync", string> = {
    ...any,
    *suggest(prefix: string): Generator<Suggestion> {
      yield { kind: "file", type: "file", pattern: prefix };
    },
  };
  return parser;
}
