/** What this user may do with a file or folder. */

/** Which of these may be read, and which written; a folder also entered. */
export interface Access {
  readonly readable: boolean;
  readonly writable: boolean;
}

/** The access to each path, in their order; undefined where that cannot be found out. */
export type AskAccess = (paths: readonly string[]) => Promise<readonly (Access | undefined)[]>;

// The shell asks the system, which knows of groups, access lists and disks that are mounted
// read-only. The runtime can only compare mode bits, and takes a group's rights for none.
const SCRIPT = `for path do
  may=
  if [ -r "$path" ] && { [ ! -d "$path" ] || [ -x "$path" ]; }; then may=r; fi
  if [ -w "$path" ]; then may="\${may}w"; fi
  echo "$may."
done`;

/** So many paths are asked about at once: the arguments of a program have a limit. */
const AT_ONCE = 200;

/** Asks the system. No file is touched. */
export async function askAccess(
  paths: readonly string[],
): Promise<readonly (Access | undefined)[]> {
  const found: (Access | undefined)[] = [];
  for (let at = 0; at < paths.length; at += AT_ONCE) {
    found.push(...await askSome(paths.slice(at, at + AT_ONCE)));
  }
  return found;
}

async function askSome(paths: readonly string[]): Promise<readonly (Access | undefined)[]> {
  const unknown = paths.map(() => undefined);
  let text: string;
  try {
    const { success, stdout } = await new Deno.Command("sh", {
      args: ["-c", SCRIPT, "sh", ...paths],
      stdin: "null",
      stderr: "null",
    }).output();
    if (!success) return unknown;
    text = new TextDecoder().decode(stdout);
  } catch (thrown) {
    // Without a shell, as on Windows, the first write will tell.
    if (thrown instanceof Deno.errors.NotFound) return unknown;
    throw thrown;
  }
  const lines = text.split("\n");
  return paths.map((_, index) => {
    const may = lines[index];
    if (may === undefined || !may.endsWith(".")) return undefined;
    return { readable: may.includes("r"), writable: may.includes("w") };
  });
}
