/** What a Channel of mbsync's brings where: its `Sync`. */

import type { Options } from "./mbsync_options.ts";

/** What may go. */
export const TYPES = ["new", "delete", "flags"] as const;

/** Older and newer names of the same. */
const ALIASES: Readonly<Record<string, string>> = { gone: "delete", full: "all", upgrade: "renew" };

/** What goes in which direction: `pull new`. All of it, where nothing is said. */
export function readSync(options: Options): ReadonlySet<string> {
  const words = options.words("sync").map((it) => ALIASES[it.toLowerCase()] ?? it.toLowerCase());
  const actions = new Set<string>();
  const add = (directions: readonly string[], types: readonly string[]) => {
    for (const direction of directions) for (const it of types) actions.add(`${direction} ${it}`);
  };
  const both = ["pull", "push"];
  if (words.length === 0 || words.includes("all")) add(both, TYPES);
  else if (!words.includes("none")) {
    const compounds = words.flatMap((word) => {
      const [, direction, type = ""] = /^(pull|push)(new|renew|upgrade|delete|gone|flags|old)$/
        .exec(word) ?? [];
      return direction === undefined ? [] : [[direction, ALIASES[type] ?? type] as const];
    });
    const directions = words.filter((word) => both.includes(word));
    const types = words.filter((word) => TYPES.some((it) => it === word));
    if (compounds.length > 0) {
      for (const [direction, type] of compounds) add([direction], [type]);
      for (const direction of directions) add([direction], TYPES);
      for (const it of types) add(both, [it]);
    } else add(directions.length === 0 ? both : directions, types.length === 0 ? TYPES : types);
  }
  return actions;
}

/** Whether flags go in any direction. */
export const hasFlags = (actions: ReadonlySet<string>): boolean =>
  actions.has("pull flags") || actions.has("push flags");
