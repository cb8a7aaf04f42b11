/** A server as a process of its own, on a port of its own, for as long as a test needs it. */

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
  /** The program, which is also the name of Debian's package. */
  readonly program: string;
  /** Writes what it needs into its folder; gives its arguments and environment. */
  prepare(folder: string, port: number): Promise<{
    readonly args: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  }>;
}

const START_MS = 30_000;
const STOP_MS = 5_000;
/** How often another port is tried, where somebody took the free one first. */
const TRIES = 5;

/** Whether the program of a server can be started here. */
export function isInstalled(program: string): boolean {
  const folders = (Deno.env.get("PATH") ?? "").split(Deno.build.os === "windows" ? ";" : ":");
  return folders.some((folder) => {
    try {
      return Deno.statSync(`${folder}/${program}`).isFile;
    } catch (thrown) {
      if (thrown instanceof Deno.errors.NotFound || thrown instanceof Deno.errors.NotADirectory) {
        return false;
      }
      throw thrown;
    }
  });
}

/** Starts a server and waits until it answers. Throws with the end of its log where it does not. */
export async function startServer(recipe: Recipe, options: ServerOptions = {}): Promise<Server> {
  if (!isInstalled(recipe.program)) {
    throw new Error(`${recipe.program} is not installed (Debian: apt install ${recipe.program})`);
  }
  for (let tried = 1;; tried++) {
    try {
      return await startOnce(recipe, options);
    } catch (thrown) {
      const taken = thrown instanceof Error &&
        /address already in use|Errno 98/i.test(thrown.message);
      if (!taken || tried === TRIES) throw thrown;
    }
  }
}

async function startOnce(recipe: Recipe, { fast = true }: ServerOptions): Promise<Server> {
  const folder = await Deno.makeTempDir({ prefix: `${recipe.program}-` });
  const port = freePort();
  const { args, env = {} } = await recipe.prepare(folder, port);
  const command = fast && isInstalled("eatmydata")
    ? ["eatmydata", recipe.program, ...args]
    : [recipe.program, ...args];
  const process = new Deno.Command(command[0] ?? recipe.program, {
    args: command.slice(1),
    env: { ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const logging = [keepLog(process.stdout, folder, "out"), keepLog(process.stderr, folder, "err")];
  const ended = { yes: false };
  const status = process.status.finally(() => ended.yes = true);

  const log = async () => {
    const parts = await Promise.all(["out", "err"].map((name) => readLog(`${folder}/${name}.log`)));
    return parts.join("").trim().split("\n").slice(-20).join("\n");
  };
  const stop = async () => {
    if (!ended.yes) {
      process.kill("SIGTERM");
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, STOP_MS);
      await Promise.race([status, late.promise]);
      clearTimeout(timer);
      if (!ended.yes) process.kill("SIGKILL");
    }
    await status;
    await Promise.all(logging);
    await Deno.remove(folder, { recursive: true });
  };
  const url = `http://127.0.0.1:${port}`;
  if (await answers(url, () => ended.yes)) {
    return { url, pid: process.pid, folder, log, stop };
  }
  const said = await log();
  await stop();
  throw new Error(`${recipe.program} did not start. The end of its log:\n${said}`);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function keepLog(
  stream: ReadableStream<Uint8Array>,
  folder: string,
  name: string,
): Promise<void> {
  const file = await Deno.open(`${folder}/${name}.log`, { create: true, write: true });
  await stream.pipeTo(file.writable);
}

async function readLog(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return "";
    throw thrown;
  }
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
