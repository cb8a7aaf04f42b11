/**
 * Two storages and a pair, run inside the test's own process, for the tests of what people know
 * from pimsync and vdirsyncer.
 */

import { strictEqual } from "node:assert/strict";
import { type Inside, type InsideOptions, runInside, withFolder } from "./inside.ts";
import { event } from "./world.ts";

/** What stands in each block besides what a sound configuration needs. */
export interface Parts {
  readonly global?: string;
  /** Type and place of a storage, or more lines of the folder that it is otherwise. */
  readonly a?: string;
  readonly b?: string;
  readonly pair?: string;
}

export interface Desk {
  readonly folder: string;
  readonly file: string;
  configure(parts?: Parts): Promise<void>;
  /** Runs with this desk's configuration and home. */
  run(...args: readonly string[]): Promise<Inside>;
  runWith(options: InsideOptions, ...args: readonly string[]): Promise<Inside>;
  /** A path below the folder. */
  write(path: string, text: string): Promise<void>;
  read(path: string): Promise<string>;
  remove(path: string): Promise<void>;
  /** The names in a folder, sorted; of one that is not there, none. */
  names(path: string): readonly string[];
  /** Makes a program of a shell script, and gives its path. */
  program(name: string, script: string): Promise<string>;
}

const block = (head: string, lines: string): string => `${head} {\n${lines}\n}\n`;

const storage = (folder: string, side: "a" | "b", lines = ""): string =>
  block(
    `storage ${side}`,
    /^\s*type /m.test(lines)
      ? lines
      : `type vdir/icalendar\n${/^\s*path/m.test(lines) ? "" : `path ${folder}/${side}\n`}${lines}`,
  );

/** A desk for one test; its storages are the folders `a` and `b`. */
export function atDesk(test: (desk: Desk) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    const file = `${folder}/d.conf`;
    const runWith = ({ env, ...options }: InsideOptions, ...args: readonly string[]) =>
      runInside(["-c", file, ...args], { ...options, env: { HOME: folder, ...env } });
    const desk: Desk = {
      folder,
      file,
      configure: ({ global = "", a, b, pair = "collections all" } = {}) =>
        Deno.writeTextFile(
          file,
          `${global}\n${storage(folder, "a", a)}${storage(folder, "b", b)}` +
            block("pair p", `storage_a a\nstorage_b b\n${pair}`),
          { mode: 0o600 },
        ),
      run: (...args) => runWith({}, ...args),
      runWith,
      async write(path, text) {
        const whole = `${folder}/${path}`;
        await Deno.mkdir(whole.slice(0, whole.lastIndexOf("/")), { recursive: true });
        await Deno.writeTextFile(whole, text);
      },
      read: (path) => Deno.readTextFile(`${folder}/${path}`),
      remove: (path) => Deno.remove(`${folder}/${path}`, { recursive: true }),
      names(path) {
        try {
          return [...Deno.readDirSync(`${folder}/${path}`)].map(({ name }) => name).sort();
        } catch (error) {
          if (error instanceof Deno.errors.NotFound) return [];
          throw error;
        }
      },
      async program(name, script) {
        const path = `${folder}/${name}`;
        await Deno.writeTextFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
        return path;
      },
    };
    for (const side of ["a", "b"]) await Deno.mkdir(`${folder}/${side}`);
    await desk.configure();
    await test(desk);
  });
}

/** An item of both sides that is edited on both, in the same place. */
export async function makeConflict({ run, write }: Desk): Promise<void> {
  await write("a/work/x.ics", event("x", "Zahnarzt für Ärger", 1));
  strictEqual((await run("sync")).code, 0);
  await write("a/work/x.ics", event("x", "Größe hier", 1));
  await write("b/work/x.ics", event("x", "Größe dort", 1));
}
