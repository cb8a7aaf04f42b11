/** A server as a process of its own, on a port of its own, for as long as a test needs it. */

import { giveTo, readLog, startProcess } from "./process.ts";
import { findProgram } from "./programs.ts";

export { isInstalled } from "./programs.ts";

/** A server that answers. */
export interface Server {
  /** Where it answers, without a slash at the end: `http://127.0.0.1:4321`. */
  readonly url: string;
  readonly pid: number;
  /** The folder that holds all it knows. */
  readonly folder: string;
  /** The end of what it has written to its log. */
  log(): Promise<string>;
  /** Ends the process and removes its folder. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  /**
   * Whether it may spare itself the waiting for the disk (by `eatmydata`, if that is installed): tests
   * are done sooner, and what they ask of the server is the same. Default: true.
   */
  readonly fast?: boolean;
}

/** How to start one kind of server. */
export interface Recipe {
  /** The program, by its name or its path, as {@linkcode findProgram} takes it. */
  readonly program: string;
  /** Debian's package, if that is called otherwise than the program. */
  readonly package?: string;
  /** Who is to run it, where we are root. Default: who we are. */
  readonly user?: string;
  /** As {@linkcode startProcess} has it. */
  readonly alone?: boolean;
  /** Writes what it needs into its folder; gives its arguments and environment. */
  prepare(folder: string, port: number): Promise<{
    readonly args: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    /** Ends what was started beside it. */
    readonly stop?: () => Promise<void>;
  }>;
}

const START_MS = 30_000;
/** How often another port is tried, where somebody took the free one first. */
const TRIES = 5;

/** Starts a server and waits until it answers. Throws with the end of its log where it does not. */
export async function startServer(recipe: Recipe, options: ServerOptions = {}): Promise<Server> {
  const program = findProgram(recipe.program);
  if (program === undefined) {
    const wanted = recipe.package ?? recipe.program;
    throw new Error(`${recipe.program} is not installed (Debian: apt install ${wanted})`);
  }
  for (let tried = 1;; tried++) {
    try {
      return await startOnce(recipe, program, options);
    } catch (thrown) {
      const taken = thrown instanceof Error &&
        /address already in use|Errno 98/i.test(thrown.message);
      if (!taken || tried === TRIES) throw thrown;
    }
  }
}

async function startOnce(
  { package: named, program: name, user, alone = false, prepare }: Recipe,
  program: string,
  { fast = true }: ServerOptions,
): Promise<Server> {
  const folder = await Deno.makeTempDir({ prefix: `${named ?? name}-` });
  const log = () => readLog(`${folder}/server.log`);
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  const clean = () => Deno.remove(folder, { recursive: true });
  let prepared: Awaited<ReturnType<Recipe["prepare"]>>;
  try {
    await giveTo(user, folder);
    prepared = await prepare(folder, port);
    await giveTo(user, folder);
  } catch (thrown) {
    await clean();
    throw thrown;
  }
  const { args, env = {} } = prepared;
  const process = startProcess([program, ...args], {
    folder,
    name: "server",
    env,
    fast,
    alone,
    ...(user === undefined ? {} : { user }),
  });
  const stop = async () => {
    await process.stop();
    await prepared.stop?.();
    await clean();
  };
  if (await answers(url, process.ended)) {
    return { url, pid: process.pid, folder, log, stop };
  }
  await process.stop();
  const said = await log();
  await stop();
  throw new Error(`${name} did not start. The end of its log:\n${said}`);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Waits until anything at all is answered; says whether that was before the server ended. */
async function answers(url: string, hasEnded: () => boolean): Promise<boolean> {
  const latest = Date.now() + START_MS;
  while (Date.now() < latest && !hasEnded()) {
    try {
      const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(2000) });
      await response.body?.cancel();
      return true;
    } catch {
      // Nobody listens yet.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return false;
}
