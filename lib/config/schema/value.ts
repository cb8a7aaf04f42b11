/** What may stand in the block of a value. */

import { at } from "./define.ts";

export const VALUE = at(
  "value",
  {
    name: "cmd",
    params: { kind: "command" },
    help: "A program and its arguments, run without a shell; the value is what it prints.",
    example: "cmd pass show caldav",
  },
  {
    name: "shell",
    params: { kind: "script" },
    help: "A script for sh, its words joined with single blanks; the value is what it prints.",
    example: "shell 'pass show caldav | head -n 1'",
  },
  {
    name: "prompt",
    params: { kind: "sentence" },
    help: "Asks for the value on the terminal, in these words; without a terminal there is none.",
    example: "prompt Password of the calendar server",
  },
);
