/** The real statuses, each in its database; a process that dies leaves the files as they are. */

import { pairName } from "../../lib/model/names.ts";
import { openStatus, type PairStatus } from "../../lib/status/mod.ts";
import type { StatusKeeper } from "./keeper.ts";

export async function databaseKeeper(): Promise<StatusKeeper> {
  const root = await Deno.makeTempDir({ prefix: "dovetail-sim-" });
  let life = 0;
  let folder = `${root}/${life}`;
  await Deno.mkdir(folder);
  const open = new Map<string, Promise<PairStatus>>();
  const dead: Promise<PairStatus>[] = [];

  async function close(statuses: Iterable<Promise<PairStatus>>): Promise<void> {
    for (const status of statuses) await (await status).close();
  }

  return {
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
      for (const { name } of Deno.readDirSync(left)) {
        if (!name.endsWith(".lock")) Deno.copyFileSync(`${left}/${name}`, `${folder}/${name}`);
      }
      dead.push(...open.values());
      open.clear();
    },
    async settled() {
      await close(open.values());
      open.clear();
      await close(dead.splice(0));
    },
    async end() {
      await close([...open.values(), ...dead.splice(0)]);
      await Deno.remove(root, { recursive: true });
    },
  };
}
