/** Asks the person about each conflict, on the terminal. */

import type { PairConfig } from "../config/config.ts";
import type { Format } from "../model/format.ts";
import { SyncError } from "../model/error.ts";
import type { ConflictBytes, Resolution } from "../model/run.ts";
import type { Decide } from "../sync/mod.ts";
import { askLine } from "./ask.ts";
import { askingResolver } from "./conflicts.ts";
import type { Context } from "./context.ts";
import { editItem } from "./edit.ts";
import { namesOf } from "./open.ts";
import { conflictLines } from "./show/conflict.ts";
import { line } from "./show/text.ts";

export type Answers = Decide;

export interface DialogueInput {
  readonly context: Context;
  readonly pair: PairConfig;
  readonly format: Format;
  /** How many questions there are. */
  readonly count: number;
}

const LEAVE: Resolution = { kind: "none" };

export function openDialogue({ context, pair, format, count }: DialogueInput): Answers {
  const { screen, signal, env } = context;
  const names = namesOf(pair);
  let asked = 0;
  let quit = false;
  const program = pair.conflicts.kind === "cmd" ? pair.conflicts.argv : undefined;
  const choices = `a, b, merge, edit, both, ${program === undefined ? "" : "run, "}skip or quit?`;

  async function answer(bytes: ConflictBytes): Promise<Resolution> {
    for (;;) {
      const given = (await askLine(context, `[${asked}/${count}] ${choices}`))
        ?.toLowerCase();
      switch (given) {
        case "a":
        case "b":
          return { kind: "keep", side: given };
        case "m":
        case "merge":
          if (mergeable(format, bytes)) return { kind: "merge" };
          screen.say(line`The edits touch the same thing: they cannot be merged.`);
          break;
        case "both":
          return { kind: "both" };
        case "e":
        case "edit":
          try {
            return { kind: "content", bytes: await editItem(bytes.now, pair.kind, env, signal) };
          } catch (thrown) {
            if (!(thrown instanceof SyncError) || thrown.kind === "cancelled") throw thrown;
            screen.say(line`${thrown.message}. ${thrown.hint ?? ""}`);
          }
          break;
        case "r":
        case "run":
          if (program !== undefined) return askingResolver(program, pair.kind, signal);
          break;
        case "s":
        case "skip":
          return LEAVE;
        case "q":
        case "quit":
        case undefined:
          quit = true;
          return LEAVE;
      }
    }
  }

  return {
    async item(collection, conflict, bytes) {
      if (quit) return LEAVE;
      asked++;
      const view = { pair, collection, conflict, bytes, names, format };
      for (const it of await conflictLines(view)) screen.say(it);
      return await answer(bytes);
    },
    async property(collection, { name, values }) {
      if (quit) return undefined;
      asked++;
      screen.say(line`  ${name} of ${collection}`);
      screen.say(line`    a (${names.a}): "${values.a}"`);
      screen.say(line`    b (${names.b}): "${values.b}"`);
      const question = `[${asked}/${count}] a, b, = VALUE, skip or quit?`;
      for (;;) {
        const given = await askLine(context, question);
        if (given === "a" || given === "b") return values[given];
        if (given?.startsWith("=")) return given.slice(1).trim();
        if (given === "s" || given === "skip") return undefined;
        if (given === undefined || given === "q" || given === "quit") {
          quit = true;
          return undefined;
        }
      }
    },
  };
}

function mergeable(format: Format, { now, base: { a, b } }: ConflictBytes): boolean {
  return a !== undefined && b !== undefined && format.merge({ a, b }, now).state === "merged";
}
