/** `dovetail version` */

import type { ExitStatus } from "../exit.ts";
import type { Screen } from "../show/screen.ts";
import { line } from "../show/text.ts";

export function printVersion(screen: Screen, version: string): ExitStatus {
  screen.print(line`dovetail ${version}`);
  screen.object({ type: "version", version });
  return 0;
}
