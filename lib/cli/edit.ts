/** Lets the person write the item that both sides are to have, in their editor. */

import { SyncError } from "../model/error.ts";
import type { Sides } from "../model/names.ts";
import type { Context } from "./context.ts";

/**
 * Opens $VISUAL, or $EDITOR, with a's version to be edited and b's beside it to be read. Throws a
 * {@linkcode SyncError} where nothing was edited, or there is no editor, and what the signal says.
 */
export async function editItem(
  now: Sides<Uint8Array>,
  fileext: string,
  env: Context["env"],
  signal: AbortSignal,
): Promise<Uint8Array> {
  const editor = env.get("VISUAL") ?? env.get("EDITOR");
  if (editor === undefined || editor.trim() === "") {
    throw refused("there is no editor", "Set $EDITOR.");
  }
  const folder = await Deno.makeTempDir({ prefix: "dovetail-" });
  try {
    const file = `${folder}/edit-this.${fileext}`;
    const other = `${folder}/other-side.${fileext}`;
    await Deno.writeFile(file, now.a, { createNew: true, mode: 0o600 });
    await Deno.writeFile(other, now.b, { createNew: true, mode: 0o400 });
    // An editor is often named with options: that is a line for a shell.
    const { success } = await new Deno.Command("sh", {
      args: ["-c", `${editor} "$@"`, "sh", file, other],
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
      signal,
    }).spawn().status;
    signal.throwIfAborted();
    if (!success) throw refused("the editor failed", "Nothing was changed.");
    const edited = await Deno.readFile(file);
    if (edited.length === 0) throw refused("the file is empty", "Nothing was changed.");
    // Whoever leaves the editor without saving wants neither this version nor the other one.
    if (isSame(edited, now.a)) throw refused("nothing was edited", 'Answer "a" to keep it so.');
    return edited;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const isSame = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, at) => byte === other[at]);

const refused = (message: string, hint: string): SyncError =>
  new SyncError(message, { scope: "item", kind: "refused", hint });
