/** Lets the person write the item that both sides are to have, in their editor. */

import { SyncError } from "../model/error.ts";
import type { Sides } from "../model/names.ts";
import type { Context } from "./context.ts";

/**
 * Opens $VISUAL, or $EDITOR, with a's version to be edited and b's beside it to be read. Throws
 * where nothing was edited, or there is no editor.
 */
export async function editItem(
  now: Sides<Uint8Array>,
  kind: "calendar" | "contacts",
  env: Context["env"],
  signal: AbortSignal,
): Promise<Uint8Array> {
  const editor = env.get("VISUAL") ?? env.get("EDITOR");
  if (editor === undefined || editor.trim() === "") {
    throw refused("There is no editor", "Set $EDITOR.");
  }
  const folder = await Deno.makeTempDir({ prefix: "dovetail-" });
  try {
    const fileext = kind === "calendar" ? "ics" : "vcf";
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
    if (!success) throw refused("The editor failed", "Nothing was changed.");
    const edited = await Deno.readFile(file);
    if (edited.length === 0) throw refused("The file is empty", "Nothing was changed.");
    return edited;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const refused = (message: string, hint: string): SyncError =>
  new SyncError(message, { scope: "item", kind: "refused", hint });
