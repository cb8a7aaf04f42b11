/** `dovetail check`: is the whole set-up right, and can every storage be used? Changes nothing. */

import { ConfigError } from "../../config/problem.ts";
import type { StorageName } from "../../model/names.ts";
import { askAccess } from "../checks/access.ts";
import { exitOfFinding, finderOf, type Finding, showFinding } from "../checks/finding.ts";
import { checkPair } from "../checks/pair.ts";
import { resolveEach } from "../checks/resolve_each.ts";
import { checkSecretFiles } from "../checks/secret_files.ts";
import { checkStatusPath } from "../checks/status.ts";
import { type CheckedStorage, checkStorage, isWritten } from "../checks/storage.ts";
import { readConfiguration, talkOf } from "../configuration.ts";
import type { Context } from "../context.ts";
import { combined, type ExitStatus } from "../exit.ts";
import { openStorages } from "../open.ts";
import { choose } from "../select.ts";
import { counted } from "../show/count.ts";

export interface CheckInvocation {
  readonly pairs: readonly string[];
}

export async function check({ pairs }: CheckInvocation, context: Context): Promise<ExitStatus> {
  const { screen, signal, verbose } = context;
  const loaded = await readConfiguration(context);
  const chosen = choose(loaded.config, pairs).map(({ pair }) => pair);
  const statuses: ExitStatus[] = [];
  const show = (findings: readonly Finding[]) => {
    signal.throwIfAborted();
    for (const finding of findings) {
      showFinding(finding, screen);
      statuses.push(exitOfFinding(finding));
    }
    screen.flush();
  };

  show([configurationFinding(loaded.config.file, loaded.warnings.length, chosen.length)]);
  show(await checkSecretFiles(loaded));
  const resolved = await resolveEach(loaded, chosen, context);
  const talk = talkOf(context);
  // All are asked at once; what they say is shown in their order, as soon as it can be.
  const storages = new Map<StorageName, Promise<CheckedStorage>>();
  for (const [name, config] of resolved.storages) {
    if (config instanceof ConfigError) {
      const findings = [finderOf("storage", name).failure(config)];
      storages.set(name, Promise.resolve({ findings }));
      continue;
    }
    const open = async () => {
      const alone = { statusPath: "/", pairs: [], storages: new Map([[name, config]]) };
      return (await openStorages(alone, talk, { assign: "pretend" })).get(name);
    };
    const { log } = talk;
    storages.set(
      name,
      checkStorage(open, {
        config,
        written: isWritten(config, chosen),
        verbose: verbose > 0,
        now: Date.now,
        signal,
        ...(log === undefined ? {} : { log: (entry) => log(name, entry) }),
      }),
    );
  }
  for (const checked of storages.values()) show((await checked).findings);

  const { statusPath } = resolved;
  show(await checkStatusPath(statusPath, askAccess));
  for (const pair of chosen) {
    const collections = async (name: StorageName) => (await storages.get(name))?.collections;
    const readOnly = (name: StorageName) => loaded.config.storages.get(name)?.readOnly ?? false;
    show(
      await checkPair({
        pair,
        ...(statusPath instanceof ConfigError ? {} : { statusPath }),
        collections: { a: await collections(pair.a), b: await collections(pair.b) },
        readOnly: { a: readOnly(pair.a), b: readOnly(pair.b) },
      }),
    );
  }
  return combined(statuses);
}

function configurationFinding(file: string, warnings: number, pairs: number): Finding {
  const finder = finderOf("configuration", file);
  const message = counted(pairs, "pair");
  if (warnings === 0) return finder.ok(message);
  return finder.warning(`${message}, ${counted(warnings, "warning")}, see above`);
}
