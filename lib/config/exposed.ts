/** Secrets that others on this machine can read. */

import type { AuthConfig, Config, StorageConfig } from "./config.ts";
import { type Problem, quoted } from "./problem.ts";
import type { Span } from "./tree.ts";

/** The mode of a file; undefined where it has none, as on Windows. */
export type ModeOf = (file: string) => Promise<number | undefined>;

/** For the group, and for everybody: to read. */
const READABLE = 0o044;

/**
 * A warning for each secret that stands in the configuration itself while others may read that file:
 * passwords, tokens, and the URLs of feeds that have a query. Empty where the file is for its owner
 * alone. The problems point into the configuration. Throws what the file system does.
 */
export async function exposedSecrets(
  { file, storages }: Config,
  modeOf: ModeOf = modeOfFile,
): Promise<readonly Problem[]> {
  const mode = await modeOf(file) ?? 0;
  if ((mode & READABLE) === 0) return [];
  const seen = new Set<string>();
  return [...storages.values()].flatMap((storage) =>
    secretsOf(storage).flatMap(([what, at]): readonly Problem[] => {
      const place = `${at.line}:${at.column}`;
      // A login that storages share is said once.
      if (seen.has(place)) return [];
      seen.add(place);
      return [{
        severity: "warning",
        message: `others can read this file, and in it the ${what} of the storage ` +
          quoted(storage.name),
        at,
        help: `have a command print it, or: chmod 600 ${file}`,
      }];
    })
  );
}

async function modeOfFile(file: string): Promise<number | undefined> {
  return (await Deno.stat(file)).mode ?? undefined;
}

type Found = readonly [what: string, at: Span];

function secretsOf(storage: StorageConfig): readonly Found[] {
  if (!("tls" in storage)) return [];
  const { type, url, auth } = storage;
  const isToken = type === "webcal" && url.kind === "text" && url.value.includes("?");
  return [
    ...(isToken && url.at !== undefined ? [["URL", url.at] as const] : []),
    ...(auth === undefined ? [] : secretsOfLogin(auth)),
  ];
}

function secretsOfLogin(auth: AuthConfig): readonly Found[] {
  const [what, value] = auth.method === "bearer"
    ? ["token", auth.token] as const
    : auth.method === "oauth2"
    ? ["client_secret", auth.clientSecret] as const
    : ["password", auth.password] as const;
  return value?.kind === "text" ? [[what, value.at]] : [];
}
