/** Processes that tests start and end. */

import { isInstalled } from "./programs.ts";

/** A process that was started, what it writes kept in a file. */
export interface Running {
  readonly pid: number;
  ended(): boolean;
  /** Asks it to end, by `signal` (default: SIGTERM), then makes it. */
  stop(signal?: Deno.Signal): Promise<void>;
}

export interface Start {
  /** Holds its log, `NAME.log`. */
  readonly folder: string;
  readonly name: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Who is to run it, where we are root: many servers refuse to be. Default: who we are. */
  readonly user?: string;
  /** Whether it may spare itself the waiting for the disk (by `eatmydata`, if that is installed). */
  readonly fast?: boolean;
  /**
   * Whether it is to be in a session of its own: Cyrus, when it ends, ends everybody in its process
   * group whom it may, such as the Cyrus of another test. Default: false, so that Ctrl-C ends it too.
   */
  readonly alone?: boolean;
}

const STOP_MS = 5_000;

/** Starts a process in the background. */
export function startProcess(command: readonly string[], start: Start): Running {
  const { folder, name, env = {}, user, fast = false, alone = false } = start;
  const hurried = fast && isInstalled("eatmydata") ? ["eatmydata", ...command] : command;
  const [program = "", ...args] = [...alone ? ["setsid"] : [], ...asUser(hurried, user)];
  const process = new Deno.Command(program, {
    args,
    env: { ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const path = `${folder}/${name}.log`;
  const logging = [keepLog(process.stdout, path), keepLog(process.stderr, path)];
  const ended = { yes: false };
  const status = process.status.finally(() => ended.yes = true);
  return {
    pid: process.pid,
    ended: () => ended.yes,
    async stop(signal = "SIGTERM") {
      if (!ended.yes) {
        process.kill(signal);
        const late = Promise.withResolvers<void>();
        const timer = setTimeout(late.resolve, STOP_MS);
        await Promise.race([status, late.promise]);
        clearTimeout(timer);
        if (!ended.yes) process.kill("SIGKILL");
      }
      await status;
      await Promise.all(logging);
    },
  };
}

/** Runs a command to its end, and gives what it wrote. Throws where it fails. */
export async function runCommand(
  command: readonly string[],
  how: Pick<Start, "env" | "user"> & { readonly input?: string } = {},
): Promise<string> {
  const [program = "", ...args] = asUser(command, how.user);
  const process = new Deno.Command(program, {
    args,
    env: { ...how.env },
    stdin: how.input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (how.input !== undefined) {
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode(how.input));
    await writer.close();
  }
  const { success, stdout, stderr } = await process.output();
  const said = new TextDecoder().decode(stdout);
  if (success) return said;
  throw new Error(`${command[0]} failed:\n${said}${new TextDecoder().decode(stderr)}`);
}

/** Tries until it does not throw any more, for ten seconds. */
export async function until(succeeds: () => Promise<void>): Promise<void> {
  const latest = Date.now() + 10_000;
  for (;;) {
    try {
      return await succeeds();
    } catch (thrown) {
      if (Date.now() > latest) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Gives a folder, and what is in it, to `user`, where we are root. */
export async function giveTo(user: string | undefined, folder: string): Promise<void> {
  if (user !== undefined && Deno.uid() === 0) await runCommand(["chown", "-R", `${user}:`, folder]);
}

function asUser(command: readonly string[], user: string | undefined): readonly string[] {
  if (user === undefined || Deno.uid() !== 0) return command;
  // Unlike runuser, this becomes the program, so that its pid is the program's.
  return ["setpriv", `--reuid=${user}`, `--regid=${groupOf(user)}`, "--init-groups", ...command];
}

function groupOf(user: string): string {
  const { success, stdout } = new Deno.Command("id", { args: ["-g", user] }).outputSync();
  if (!success) throw new Error(`there is no user ${user}`);
  return new TextDecoder().decode(stdout).trim();
}

async function keepLog(stream: ReadableStream<Uint8Array>, path: string): Promise<void> {
  const file = await Deno.open(path, { create: true, append: true });
  await stream.pipeTo(file.writable);
}

/** The last lines of a log. */
export async function readLog(path: string): Promise<string> {
  try {
    return (await Deno.readTextFile(path)).trim().split("\n").slice(-20).join("\n");
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return "";
    throw thrown;
  }
}
