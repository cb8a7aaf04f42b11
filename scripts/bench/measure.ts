/** Measures a program as a whole process: what a person waits for. */

export interface Measured {
  /** From start to end, in seconds. */
  readonly seconds: number;
  /** The most memory that the process ever held, in MiB. */
  readonly peakMiB: number;
}

/** How often the peak is read. The kernel keeps the highest value, so only the last moments count. */
const READ_EVERY = 5;

/**
 * Runs a program to its end.
 * @throws {Error} Where it ends with another status than 0, with what it said.
 */
export async function measure(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Measured> {
  const start = performance.now();
  const child = new Deno.Command(program, {
    args: [...args],
    env: { ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let peakMiB = 0;
  const reading = setInterval(() => {
    peakMiB = Math.max(peakMiB, peakOf(child.pid));
  }, READ_EVERY);
  const [{ code }, stdout, stderr] = await Promise.all([
    child.status,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  const seconds = (performance.now() - start) / 1000;
  clearInterval(reading);
  if (code !== 0) {
    throw new Error(`${program} ${args.join(" ")} ended with ${code}\n${stdout}${stderr}`);
  }
  return { seconds, peakMiB };
}

function peakOf(pid: number): number {
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`)) ?? [];
    return Number(kib ?? 0) / 1024;
  } catch (thrown) {
    // It has just ended.
    if (thrown instanceof Deno.errors.NotFound) return 0;
    throw thrown;
  }
}

/** The middle value; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[sorted.length >> 1]];
  if (low === undefined || high === undefined) throw new RangeError("no values");
  return (low + high) / 2;
}
