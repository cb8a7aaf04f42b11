/**
 * Runs dovetail as a person would: a process of its own. The program is the one that the environment
 * variable DOVETAIL_BIN names, or else the sources.
 */

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

/** What starts it: the program, and the arguments that come before its own. */
export const COMMAND: readonly [string, ...string[]] = (() => {
  const binary = Deno.env.get("DOVETAIL_BIN");
  return binary === undefined
    ? [Deno.execPath(), "run", "--quiet", "--allow-all", "--no-prompt", MAIN]
    : [binary];
})();

export interface RunOptions {
  /** Besides PATH, a locale, and what the sources need. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What it reads. Default: nothing. */
  readonly stdin?: string;
  /** Ends it with this signal after so many milliseconds. */
  readonly signal?: { readonly name: Deno.Signal; readonly after: number };
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs it to its end. */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const child = start(args, options);
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(options.stdin ?? ""));
  await writer.close();
  const { signal } = options;
  const timer = signal && setTimeout(() => child.kill(signal.name), signal.after);
  const { code, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Starts it; all of its streams are pipes. */
export function start(args: readonly string[], options: RunOptions = {}): Deno.ChildProcess {
  const [program, ...before] = COMMAND;
  return new Deno.Command(program, {
    args: [...before, ...args],
    clearEnv: true,
    env: environment(options.env),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  }).spawn();
}

/** Nothing of the person who runs the tests but where programs and packages are. */
export function environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const kept = ["PATH", "DENO_DIR", "TMPDIR"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const cache = Deno.env.get("DENO_DIR") ?? defaultCache();
  return { ...Object.fromEntries(kept), DENO_DIR: cache, LANG: "C.UTF-8", ...more };
}

/** Where Deno keeps packages unless it is told: it depends on HOME, which tests replace. */
function defaultCache(): string {
  const home = Deno.env.get("HOME") ?? "/";
  if (Deno.build.os === "darwin") return `${home}/Library/Caches/deno`;
  return `${Deno.env.get("XDG_CACHE_HOME") ?? `${home}/.cache`}/deno`;
}

/**
 * Runs it on a terminal of this many columns, and gives back all that the terminal was sent. It
 * needs `script` of util-linux.
 */
export async function runOnTerminal(
  args: readonly string[],
  options: RunOptions & { readonly columns: number },
): Promise<{ readonly code: number; readonly output: string }> {
  const command = [...COMMAND, ...args].map(quoted).join(" ");
  const { code, stdout } = await new Deno.Command("script", {
    args: ["-qec", `stty cols ${options.columns} rows 30; exec ${command}`, "/dev/null"],
    clearEnv: true,
    env: { TERM: "xterm-256color", ...environment(options.env) },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).output();
  return { code, output: new TextDecoder().decode(stdout).replaceAll("\r\n", "\n") };
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
