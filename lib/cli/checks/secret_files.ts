/** Whether others may read the files that hold secrets. */

import type { AuthConfig, Config, SecretValue, StorageConfig } from "../../config/config.ts";
import type { Loaded } from "../../config/load.ts";
import { shellWord } from "../shell_word.ts";
import { finderOf, type Finding } from "./finding.ts";

/** A file that holds a secret, and what that is. */
export interface SecretFile {
  readonly path: string;
  readonly what: string;
}

/** The files of a configuration that hold secrets, each once. */
export function secretFilesOf(config: Config): readonly SecretFile[] {
  const files = new Map<string, string>();
  const add = (path: string, what: string) => {
    if (!files.has(path)) files.set(path, what);
  };
  for (const storage of config.storages.values()) {
    const what = textSecretIn(storage);
    if (what !== undefined) add(config.file, what);
  }
  for (const storage of config.storages.values()) {
    if (!("tls" in storage)) continue;
    const { identity } = storage.tls;
    if (identity !== undefined) add(identity.key ?? identity.certificate, "a private key");
    if (storage.auth?.method === "oauth2") add(storage.auth.tokenFile, "tokens");
  }
  return [...files].map(([path, what]) => ({ path, what }));
}

/** The secret that stands in the configuration itself, instead of the command that gives it. */
function textSecretIn(storage: StorageConfig): string | undefined {
  if (!("url" in storage)) return undefined;
  const isText = (value: SecretValue | undefined) => value?.kind === "text";
  const { auth, url } = storage;
  if (auth !== undefined && secretsOf(auth).some(isText)) return "a password or a token";
  // Whoever knows the address of such a feed can read it.
  const isPrivate = url.kind === "text" && URL.parse(url.value)?.search;
  return storage.type === "webcal" && isPrivate ? "the secret address of a feed" : undefined;
}

function secretsOf(auth: AuthConfig): readonly (SecretValue | undefined)[] {
  switch (auth.method) {
    case "basic":
    case "digest":
      return [auth.password];
    case "bearer":
      return [auth.token];
    case "oauth2":
      return [auth.clientSecret];
  }
}

/** Warns of those that others than their owner may read. What is not there is nobody's business. */
export async function checkSecretFiles({ config }: Loaded): Promise<readonly Finding[]> {
  const findings = await Promise.all(
    secretFilesOf(config).map(async ({ path, what }) => {
      const readers = await othersWith(path, 0o044);
      if (readers === undefined) return [];
      const finder = finderOf("file", path);
      return [
        finder.warning(
          `${readers} may read it, and it holds ${what}`,
          `chmod 600 ${shellWord(path)}`,
        ),
      ];
    }),
  );
  return findings.flat();
}

/**
 * Who else has one of these rights, in words; undefined where nobody has, or where that is not known:
 * there is nothing, it is no file or folder (`-c <(…)`), or the system has no such rights.
 */
export async function othersWith(path: string, rights: number): Promise<string | undefined> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(path);
  } catch {
    // Whoever wants to read it says what is wrong.
    return undefined;
  }
  const { mode } = info;
  if (mode === null || !(info.isFile || info.isDirectory) || (mode & rights) === 0) {
    return undefined;
  }
  return (mode & rights & 0o007) === 0 ? "its group" : "everybody on this machine";
}
