/** What every command is given. */

import type { Host } from "./host.ts";
import type { Screen } from "./show/screen.ts";

export interface Context {
  readonly screen: Screen;
  /** How often `-v` was given. */
  readonly verbose: number;
  /** `-c`. */
  readonly configFile: string | undefined;
  readonly env: Host["env"];
  readonly input: Host["input"];
  /** Fires when the person asks to stop. */
  readonly signal: AbortSignal;
}
