/** The configuration and the lock file with the packages alone that dovetail needs when it runs. */

/** Packages that only tests, benchmarks and scripts use. */
const DEVELOPMENT_ONLY: readonly string[] = ["fast-check"];

type Json = Readonly<Record<string, unknown>>;

/** `deno.json` for compiling: no package that is not needed, and no path of its own. */
export function runtimeConfig(text: string): string {
  const { imports, compilerOptions } = JSON.parse(text) as Json;
  const needed = Object.entries(imports as Record<string, string>)
    .filter(([name]) => !DEVELOPMENT_ONLY.includes(name));
  return JSON.stringify({
    imports: Object.fromEntries(needed),
    compilerOptions,
    nodeModulesDir: "none",
  });
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

/** `deno.lock` for compiling: what can be reached from the packages that are needed. */
export function runtimeLock(text: string): string {
  const lock = JSON.parse(text) as Lock;
  const dropped = (specifier: string) =>
    DEVELOPMENT_ONLY.some((name) => specifier.startsWith(`npm:${name}@`));
  const specifiers = Object.entries(lock.specifiers).filter(([it]) => !dropped(it));
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
    workspace: {
      ...lock.workspace,
      dependencies: lock.workspace.dependencies.filter((it) => !dropped(it)),
    },
  });
}

/** A dependency is named with its version, or without one where the lock has only one of it. */
function find(lock: Lock, id: string): string | undefined {
  if (id in lock.npm) return id;
  return Object.keys(lock.npm).find((it) => it.startsWith(`${id}@`));
}
