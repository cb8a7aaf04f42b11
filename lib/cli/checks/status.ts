/** Whether the statuses can be kept where they are to be. */

import { dirname } from "node:path";
import { ConfigError } from "../../config/problem.ts";
import { asSyncError, SyncError } from "../../model/error.ts";
import { shellWord } from "../shell_word.ts";
import type { AskAccess } from "./access.ts";
import { finderOf, type Finding } from "./finding.ts";
import { inMebibytes, LITTLE_ROOM, roomAt } from "./room.ts";
import { othersWith } from "./secret_files.ts";

/** Looks at the directory of all statuses; it need not be there yet. Throws nothing. */
export async function checkStatusPath(
  path: string | ConfigError,
  askAccess: AskAccess,
): Promise<readonly Finding[]> {
  if (path instanceof ConfigError) return [finderOf("status", "status_path").failure(path)];
  const finder = finderOf("status", path);
  try {
    const there = await nearest(path);
    const [access] = await askAccess([there]);
    if (access?.writable === false || access?.readable === false) {
      throw problem(
        there === path
          ? `${path} may not be read and written by this user`
          : `${path} cannot be made: ${there} may not be written to`,
        there === path ? `If it is yours: chmod u+rwx ${shellWord(path)}` : MOVE,
      );
    }
    if (there !== path) return [finder.ok("will be made by the first run")];
    const findings = [];
    // The base and the attic have whole items in them.
    const others = await othersWith(path, 0o077);
    if (others !== undefined) {
      findings.push(
        finder.warning(
          `${others} may look into it, and it holds copies of items`,
          `chmod 700 ${shellWord(path)}`,
        ),
      );
    }
    const room = await roomAt(path);
    if (room !== undefined && room < LITTLE_ROOM) {
      const message = `there is little room on its disk: ${inMebibytes(room)}`;
      findings.push(finder.warning(message, "Make room before the next run."));
    }
    return findings.length === 0 ? [finder.ok("can be read and written")] : findings;
  } catch (thrown) {
    return [finder.failure(asSyncError(thrown, "run"))];
  }
}

const MOVE = "Make it, or set another status_path.";

const problem = (message: string, hint: string): SyncError =>
  new SyncError(message, { scope: "run", kind: "forbidden", hint });

/** The path itself, or the nearest folder above it that is there. Throws where it is no folder. */
async function nearest(path: string): Promise<string> {
  for (let at = path;; at = dirname(at)) {
    let info: Deno.FileInfo;
    try {
      info = await Deno.stat(at);
    } catch (thrown) {
      // Below a file nothing is found either, and that is then seen one step further up.
      const gone = thrown instanceof Deno.errors.NotFound ||
        thrown instanceof Deno.errors.NotADirectory;
      if (gone && at !== "/") continue;
      throw problem(`${at} cannot be looked at`, MOVE);
    }
    if (info.isDirectory) return at;
    throw problem(`${at} is not a folder`, "Set another status_path, or move that file away.");
  }
}
