/** Where the programs of the servers are. */

/**
 * The path of a program: looked for in PATH by its name, or under the absolute path that is given,
 * in which one `*` stands for what differs from machine to machine: of several, the last is taken.
 */
export function findProgram(program: string): string | undefined {
  if (!program.includes("/")) {
    const folders = (Deno.env.get("PATH") ?? "").split(Deno.build.os === "windows" ? ";" : ":");
    return folders.map((folder) => `${folder}/${program}`).find(isFile);
  }
  const star = program.indexOf("*");
  if (star < 0) return isFile(program) ? program : undefined;
  const folder = program.slice(0, program.lastIndexOf("/", star) + 1);
  const [start = "", ...rest] = program.slice(folder.length).split("*");
  const [name = "", ...below] = rest.join("*").split("/");
  return namesIn(folder)
    .filter((found) => found.startsWith(start) && found.endsWith(name))
    .map((found) => [folder + found, ...below].join("/"))
    .filter(isFile).sort().at(-1);
}

/** Whether a program can be started here. */
export function isInstalled(program: string): boolean {
  return findProgram(program) !== undefined;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (thrown) {
    if (isAbsent(thrown)) return false;
    throw thrown;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch (thrown) {
    if (isAbsent(thrown)) return [];
    throw thrown;
  }
}

const isAbsent = (thrown: unknown): boolean =>
  thrown instanceof Deno.errors.NotFound || thrown instanceof Deno.errors.NotADirectory;
