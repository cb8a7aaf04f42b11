/** Shows what ended a command, and says which exit status it comes to. */

import type { PairName } from "../../model/names.ts";
import { ConfigError } from "../../config/problem.ts";
import { SyncError } from "../../model/error.ts";
import { exitOfError, type ExitStatus } from "../exit.ts";
import { sayStopped } from "../interrupt.ts";
import { storageBlamedFor } from "../blame.ts";
import { UsageError } from "../usage_error.ts";
import { errorLines, usageLines } from "./errors.ts";
import { errorObject } from "./json.ts";
import type { Screen } from "./screen.ts";

/** For whatever may be thrown. `pair`: the one that it ended, where it did not end everything. */
export async function showFault(
  thrown: unknown,
  screen: Screen,
  verbose: number,
  pair?: PairName,
): Promise<ExitStatus> {
  const storage = storageBlamedFor(thrown);
  const where = [pair, storage].filter((it) => it !== undefined);
  if (thrown instanceof UsageError) {
    for (const line of usageLines(thrown.message, thrown.help, screen.errLook)) screen.say(line);
    screen.object({
      type: "error",
      pair,
      kind: "usage",
      message: thrown.message,
      hint: thrown.help.join(" "),
    });
    return 3;
  }
  if (thrown instanceof ConfigError) {
    const { showConfigError } = await import("./config_error.ts");
    return showConfigError(thrown, screen);
  }
  if (thrown instanceof SyncError && thrown.kind === "cancelled") {
    sayStopped(screen);
    screen.object(errorObject(thrown, { pair, storage }));
    return 130;
  }
  for (const line of errorLines(thrown, { where, stacks: verbose >= 2 }, screen.errLook)) {
    screen.say(line);
  }
  screen.object(errorObject(thrown, { pair, storage }));
  return exitOfError(thrown);
}
