/** Asks the person about each conflict, on the terminal. */

import type { PairConfig } from "../config/config.ts";
import type { Format } from "../model/format.ts";
import { SyncError } from "../model/error.ts";
import type { CollectionId, Ident } from "../model/names.ts";
import type { Conflict } from "../model/plan.ts";
import type { ConflictBytes, Resolution } from "../model/run.ts";
import { contentOf } from "../sync/merged.ts";
import type { Decide } from "../sync/mod.ts";
import { askLine } from "./ask.ts";
import { fileextOf } from "./conflicts.ts";
import type { Context } from "./context.ts";
import { editItem } from "./edit.ts";
import { namesOf } from "./open.ts";
import { runResolver } from "./resolver.ts";
import { conflictLines, seen } from "./show/conflict.ts";
import { errorLines } from "./show/errors.ts";
import { line } from "./show/text.ts";

/** The answers that a person gives. */
export interface Dialogue extends Decide {
  /** Whether the conflict was to be settled, as against those that were left or never asked about. */
  isAnswered(collection: CollectionId, ident: Ident): boolean;
}

export interface DialogueInput {
  readonly context: Context;
  readonly pair: PairConfig;
  readonly format: Format;
  /** How many questions there are. */
  readonly count: number;
}

const LEAVE: Resolution = { kind: "none" };

export function openDialogue({ context, pair, format, count }: DialogueInput): Dialogue {
  const { screen, signal, env, verbose } = context;
  const names = namesOf(pair);
  let asked = 0;
  let quit = false;
  const answered = new Set<string>();
  const keyOf = (collection: CollectionId, ident: Ident) => JSON.stringify([collection, ident]);
  const program = pair.conflicts.kind === "cmd" ? pair.conflicts.argv : undefined;
  const choices = `a, b, merge, edit, both, ${program === undefined ? "" : "run, "}skip or quit?`;

  const fileext = fileextOf(pair);

  /** What a person or a program made of it. Says why, where that cannot be taken. */
  async function made(
    { ident }: Conflict,
    make: () => Promise<Resolution>,
  ): Promise<Resolution | undefined> {
    try {
      const resolution = await make();
      // What is wrong with it is told while it can still be made another way.
      if (resolution.kind === "content") contentOf(format, ident, resolution.bytes, { flags: [] });
      return resolution;
    } catch (thrown) {
      if (!(thrown instanceof SyncError) || thrown.kind === "cancelled") throw thrown;
      const lines = errorLines(thrown, { stacks: verbose >= 2 }, screen.errLook);
      for (const it of lines) screen.say(it);
      return undefined;
    }
  }

  async function answer(conflict: Conflict, bytes: ConflictBytes): Promise<Resolution> {
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
        case "edit": {
          const edited = await made(conflict, async () => ({
            kind: "content",
            bytes: await editItem(bytes.now, fileext, env, signal),
          }));
          if (edited !== undefined) return edited;
          break;
        }
        case "r":
        case "run": {
          if (program === undefined) break;
          const options = { argv: program, fileext, signal };
          const settled = await made(conflict, () => runResolver(options, conflict, bytes));
          if (settled !== undefined) return settled;
          break;
        }
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
      const found = await seen({ kind: pair.kind, bytes, format });
      for (const it of conflictLines(found, { collection, conflict, names })) screen.say(it);
      const resolution = await answer(conflict, bytes);
      if (resolution.kind !== "none") answered.add(keyOf(collection, conflict.ident));
      return resolution;
    },
    isAnswered: (collection, ident) => answered.has(keyOf(collection, ident)),
    async property(collection, { name, values }) {
      if (quit) return undefined;
      asked++;
      screen.say(line`  ${name} of ${collection}`);
      screen.say(line`    a (${names.a}): "${values.a}"`);
      screen.say(line`    b (${names.b}): "${values.b}"`);
      const question = `[${asked}/${count}] a, b, = VALUE, skip or quit?`;
      for (;;) {
        const given = await askLine(context, question);
        if (given?.startsWith("=")) return given.slice(1).trim();
        const word = given?.toLowerCase();
        if (word === "a" || word === "b") return values[word];
        if (word === "s" || word === "skip") return undefined;
        if (word === undefined || word === "q" || word === "quit") {
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
