/** The real statuses, each in its database; a process that dies leaves the files as they are. */

import { pairName } from "../../lib/model/names.ts";
import { openStatus, type PairStatus } from "../../lib/status/mod.ts";
import type { StatusKeeper } from "./keeper.ts";

/** @param from A folder that holds statuses which nobody has open. */
export async function databaseKeeper(from?: string): Promise<StatusKeeper> {
  const root = await Deno.makeTempDir({ prefix: "dovetail-sim-" });
  let life = 0;
  let folder = `${root}/${life}`;
  Deno.mkdirSync(folder);
  if (from !== undefined) copyFiles(from, folder);
  const open = new Map<string, Promise<PairStatus>>();
  const dead: Promise<PairStatus>[] = [];

  async function close(statuses: Iterable<Promise<PairStatus>>): Promise<void> {
    for (const status of statuses) await (await status).close();
  }

  async function settled(): Promise<void> {
    await close(open.values());
    open.clear();
    await close(dead.splice(0));
  }

  return {
    settled,
    open(pair) {
      const status = open.get(pair) ?? openStatus({
        directory: folder,
        pair: pairName(pair),
        mode: "read-write",
        now: () => new Date(),
        version: "0.0.0",
      });
      open.set(pair, status);
      return status;
    },
    die() {
      const left = folder;
      folder = `${root}/${++life}`;
      Deno.mkdirSync(folder);
      copyFiles(left, folder);
      dead.push(...open.values());
      open.clear();
    },
    async copy() {
      await settled();
      return await databaseKeeper(folder);
    },
    async end() {
      await settled();
      await Deno.remove(root, { recursive: true });
    },
  };
}

/** What a process leaves that dies now: the system has all that it wrote, and lets go of its locks. */
function copyFiles(from: string, to: string): void {
  for (const { name } of Deno.readDirSync(from)) {
    if (!name.endsWith(".lock")) Deno.copyFileSync(`${from}/${name}`, `${to}/${name}`);
  }
}
