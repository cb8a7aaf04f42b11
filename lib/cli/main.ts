/** From the arguments to the exit status. */

import type { Context } from "./context.ts";
import type { ExitStatus } from "./exit.ts";
import { type Host, realHost } from "./host.ts";
import { listenForInterrupts } from "./interrupt.ts";
import type { Invocation, InvocationOf } from "./parser.ts";
import type { ColorChoice } from "./show/look.ts";
import { Screen } from "./show/screen.ts";
import { VERSION } from "./version.ts";

/** Does what the arguments say. Throws nothing: what goes wrong is shown. */
export async function main(args: readonly string[], host: Host = realHost()): Promise<ExitStatus> {
  // Nothing is loaded for what other programs ask most often.
  if (args.length === 1 && (args[0] === "version" || args[0] === "--version")) {
    return await withScreen(host, "auto", false, async (screen) => {
      const { printVersion } = await import("./commands/version.ts");
      return printVersion(screen, VERSION);
    });
  }
  if (args[0] === "complete" && args.length > 2) {
    const { suggestWords } = await import("./commands/complete.ts");
    return await suggestWords(args.slice(1), host);
  }
  const { readArguments } = await import("./parse.ts");
  const reading = readArguments(args, host.calledAs);
  if (reading.kind === "mistake") {
    const { UsageError } = await import("./usage_error.ts");
    return await withScreen(host, "auto", args.includes("--json"), () => {
      throw new UsageError(reading.message, reading.help);
    });
  }
  const { invocation } = reading;
  return await withScreen(host, invocation.color, invocation.json, async (screen) => {
    const interrupts = listenForInterrupts(host, screen);
    try {
      return await dispatch(invocation, {
        screen,
        verbose: invocation.verbose,
        configFile: invocation.config,
        env: host.env,
        input: host.input,
        signal: interrupts.signal,
      });
    } finally {
      interrupts.end();
    }
  }, invocation.verbose);
}

/** Each command is loaded when it runs: nobody waits for what is not wanted. */
async function dispatch(invocation: Invocation, context: Context): Promise<ExitStatus> {
  switch (invocation.command) {
    case "sync":
      return await (await import("./commands/sync.ts")).sync(invocation, context);
    case "daemon":
      return await (await import("./commands/daemon.ts")).daemon(invocation, context);
    case "resolve-conflicts":
      return await (await import("./commands/resolve_conflicts.ts")).resolveConflicts(
        invocation,
        context,
      );
    case "mirror":
    case "backup":
      return await (await import("./commands/mirror.ts")).mirror(invocation, context);
    case "status":
      return await (await import("./commands/status.ts")).status(invocation, context);
    case "check":
      return await (await import("./commands/check.ts")).check(invocation, context);
    case "discover":
      return await (await import("./commands/discover.ts")).discover(invocation, context);
    case "repair":
      return await (await import("./commands/repair.ts")).repair(invocation, context);
    case "init":
      return await (await import("./commands/init.ts")).init(invocation, context);
    case "import":
      return await runImport(invocation, context);
    case "login":
      return await (await import("./commands/login.ts")).login(invocation, context);
    case "list":
      return await (await import("./commands/list.ts")).list(invocation, context);
    case "help":
      return (await import("./commands/help.ts")).help(invocation, context);
    case "version":
      return (await import("./commands/version.ts")).printVersion(context.screen, VERSION);
    case "complete":
      return (await import("./commands/complete.ts")).printScript(invocation, context);
  }
}

async function runImport(
  { from, file, output, dryRun }: InvocationOf<"import">,
  context: Context,
): Promise<ExitStatus> {
  const { importConfig } = await import("./commands/import.ts");
  const { adoptStatus } = await import("./adopt_status.ts");
  const options = {
    from,
    dryRun,
    ...(file === undefined ? {} : { file }),
    ...(output === undefined ? {} : { output }),
  };
  return await importConfig(options, context, adoptStatus);
}

/** Runs with a screen, and shows whatever is thrown. */
async function withScreen(
  host: Host,
  color: ColorChoice,
  json: boolean,
  run: (screen: Screen) => ExitStatus | Promise<ExitStatus>,
  verbose = 0,
): Promise<ExitStatus> {
  const screen = new Screen({
    out: { look: host.out.look(color), write: host.out.write },
    err: { look: host.err.look(color), write: host.err.write },
  }, { json });
  const fault = async (thrown: unknown): Promise<ExitStatus> => {
    screen.hide();
    const { showFault } = await import("./show/fault.ts");
    return showFault(thrown, screen, verbose);
  };
  const ignore = host.onFault(async (thrown) => {
    const status = await fault(thrown);
    screen.flush();
    host.exit(status);
  });
  try {
    const status = await run(screen);
    screen.flush();
    return status;
  } catch (thrown) {
    return await fault(thrown);
  } finally {
    screen.hide();
    screen.flush();
    ignore();
  }
}
