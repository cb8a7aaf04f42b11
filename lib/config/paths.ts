/** Where files are: the home directory, and what the XDG Base Directory Specification adds to it. */

/** The environment variables; `Deno.env` is one. */
export interface Environment {
  get(name: string): string | undefined;
}

/** A path, or why there is none. */
export type PathResult =
  | { readonly path: string }
  | { readonly problem: string; readonly help?: string };

/**
 * `text` as an absolute path: absolute already, or `~/` and what follows. Relative paths are
 * refused, for they would mean another place in each directory that the program is started in.
 */
export function absolutePath(text: string, env: Environment): PathResult {
  // deno-lint-ignore no-control-regex -- these are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(text)) return { problem: "a path has no control characters" };
  if (text.startsWith("/")) return { path: text };
  if (text.startsWith("~/")) {
    const home = homeOf(env);
    if (home !== undefined) return { path: join(home, text.slice(2)) };
    return { problem: '"~/" stands for $HOME, which is not set', help: "write the whole path" };
  }
  if (text.startsWith("~")) {
    return { problem: 'only "~/" is replaced in a path', help: "write the whole path" };
  }
  return { problem: "this path is relative", help: 'begin it with "/" or "~/"' };
}

/** Where a configuration is looked for, in this order. Empty where no home directory is known. */
export function configCandidates(env: Environment): readonly string[] {
  const folder = xdgFolder(env, "XDG_CONFIG_HOME", ".config");
  if (folder === undefined) return [];
  return ["dovetail.conf", "dovetail.toml"].map((name) => join(folder, `dovetail/${name}`));
}

/** Where the status is kept unless the configuration says otherwise. */
export function defaultStatusPath(env: Environment): string | undefined {
  const folder = xdgFolder(env, "XDG_DATA_HOME", ".local/share");
  return folder === undefined ? undefined : join(folder, "dovetail/status");
}

/** Where the OAuth tokens of a login are kept unless the configuration says otherwise. */
export function defaultTokenFile(env: Environment, login: string): string | undefined {
  const folder = xdgFolder(env, "XDG_DATA_HOME", ".local/share");
  return folder === undefined ? undefined : join(folder, `dovetail/tokens/${login}.json`);
}

/** The specification has relative values ignored, and empty ones count as unset. */
function xdgFolder(env: Environment, name: string, inHome: string): string | undefined {
  const folder = env.get(name);
  if (folder?.startsWith("/")) return folder;
  const home = homeOf(env);
  return home === undefined ? undefined : join(home, inHome);
}

function homeOf(env: Environment): string | undefined {
  const home = env.get("HOME");
  return home?.startsWith("/") ? home : undefined;
}

const join = (folder: string, rest: string) => `${folder.replace(/\/+$/, "")}/${rest}`;
