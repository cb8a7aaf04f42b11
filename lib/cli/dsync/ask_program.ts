/** What other programs of this machine know. */

/** How long one may take, in milliseconds. */
const PATIENCE = 20_000;
const MOST_BYTES = 64 * 1024;

/** What a program prints, if it is there and succeeds; what it says besides is of no interest. */
export async function askProgram(
  [program = "", ...args]: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const until = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
  try {
    const { success, stdout } = await new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: "piped",
      stderr: "null",
      signal: until,
    }).output();
    signal.throwIfAborted();
    if (!success || stdout.length > MOST_BYTES) return undefined;
    return new TextDecoder().decode(stdout);
  } catch (error) {
    const isAbsent = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.PermissionDenied;
    if (isAbsent) return undefined;
    throw error;
  }
}

/** The same, of one of these places: system programs are not always in the search path. */
export async function askFirst(
  names: readonly string[],
  args: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const name of names) {
    const said = await askProgram([name, ...args], signal);
    if (said !== undefined) return said;
  }
  return undefined;
}
