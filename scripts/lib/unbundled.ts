/**
 * The packages that are not bundled, because a part of them is native code that must be a file of
 * its own; and the configuration and the lock file that hold these alone.
 */

/** How the specifiers of what is not bundled begin, as in `deno.json`. */
const UNBUNDLED = "@libsql/";

/** For `deno bundle --external`. */
export const EXTERNAL = `${UNBUNDLED}*`;

type Json = Readonly<Record<string, unknown>>;

/** `deno.json` for compiling what was bundled. */
export function configOf(text: string): string {
  const { imports } = JSON.parse(text) as Json;
  const left = Object.entries(imports as Record<string, string>)
    .filter(([name]) => name.startsWith(UNBUNDLED));
  return JSON.stringify({ imports: Object.fromEntries(left), nodeModulesDir: "none" });
}

interface Lock extends Json {
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<Record<string, Package>>;
  readonly workspace: { readonly dependencies: readonly string[] };
}

interface Package extends Json {
  readonly dependencies?: readonly string[];
  readonly optionalDependencies?: readonly string[];
}

/**
 * `deno.lock` for compiling what was bundled: what can be reached from the packages that are left.
 * `deno compile` puts every package of its lock file into the binary, used or not.
 */
export function lockOf(text: string): string {
  const lock = JSON.parse(text) as Lock;
  const isLeft = (specifier: string) => specifier.startsWith(`npm:${UNBUNDLED}`);
  const specifiers = Object.entries(lock.specifiers).filter(([it]) => isLeft(it));
  const reached = new Set<string>();
  const queue = specifiers.map(([specifier, version]) =>
    `${specifier.slice("npm:".length).replace(/(?<=.)@[^@]*$/, "")}@${version}`
  );
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    const found = find(lock, id);
    if (found === undefined || reached.has(found)) continue;
    reached.add(found);
    const { dependencies = [], optionalDependencies = [] } = lock.npm[found] ?? {};
    queue.push(...dependencies, ...optionalDependencies);
  }
  return JSON.stringify({
    ...lock,
    specifiers: Object.fromEntries(specifiers),
    npm: Object.fromEntries(Object.entries(lock.npm).filter(([id]) => reached.has(id))),
    workspace: { ...lock.workspace, dependencies: lock.workspace.dependencies.filter(isLeft) },
  });
}

/** A dependency is named with its version, or without one where the lock has only one of it. */
function find(lock: Lock, id: string): string | undefined {
  if (id in lock.npm) return id;
  return Object.keys(lock.npm).find((it) => it.startsWith(`${id}@`));
}
