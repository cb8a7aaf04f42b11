/** Reads the arguments, runs the command, sets the exit status. */

import { main } from "./lib/cli/main.ts";

// Ends also what a library may have left running: whatever matters is closed and durable by now.
Deno.exit(await main(Deno.args));
