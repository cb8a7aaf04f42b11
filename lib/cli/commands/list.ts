/** `dovetail list pairs|storages`: names alone. No command is run, and nothing is reached. */

import { readConfiguration } from "../configuration.ts";
import type { Context } from "../context.ts";
import type { ExitStatus } from "../exit.ts";
import type { InvocationOf } from "../parser.ts";
import { line } from "../show/text.ts";

export async function list(
  { what }: InvocationOf<"list">,
  context: Context,
): Promise<ExitStatus> {
  const { screen } = context;
  const { config } = await readConfiguration(context);
  if (what === "pairs") {
    for (const { name, a, b } of config.pairs) {
      screen.print(line`${name}`);
      screen.object({ type: "pair", pair: name, a, b });
    }
  } else {
    for (const { name, type } of config.storages.values()) {
      screen.print(line`${name}`);
      screen.object({ type: "storage", storage: name, kind: type });
    }
  }
  return 0;
}
