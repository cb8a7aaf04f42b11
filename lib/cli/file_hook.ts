/** Programs of the user's that are run for a file: `post_hook` and `pre_deletion_hook`. */

import { runCommand } from "../config/run_command.ts";
import { SyncError } from "../model/error.ts";

/** How long one may take, in milliseconds. */
const PATIENCE = 60_000;
/** What it prints is read, so that it does not wait for ever, and goes nowhere; in bytes. */
const MOST_OUTPUT = 1024 * 1024;

/** Runs it with the path as its last argument. Throws a {@linkcode SyncError} where it failed. */
export async function runOnFile(
  hook: "post_hook" | "pre_deletion_hook",
  argv: readonly string[],
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const limits = { timeout: PATIENCE, limit: MOST_OUTPUT, signal };
  const outcome = await runCommand([...argv, path], limits);
  if (outcome.status === "done") return;
  const how = {
    failed: () => outcome.status === "failed" ? `ended with status ${outcome.code}` : "",
    killed: () => outcome.status === "killed" ? `was ended by ${outcome.signal}` : "",
    missing: () => "was not found",
    "not started": () => "cannot be started",
    "too large": () => "printed more than a hook should",
    "timed out": () => `has not ended within ${PATIENCE / 1000} seconds`,
  }[outcome.status]();
  throw new SyncError(`the ${hook} "${argv[0]}" ${how} for ${path}`, {
    scope: "item",
    kind: "refused",
    hint: hook === "post_hook"
      ? "The file itself was written."
      : "The file was not deleted. The next run tries again.",
  });
}
