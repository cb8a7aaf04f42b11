import assert from "node:assert/strict";
import { edit, fill, holding, PLACES, remove } from "../support/acceptance_places.ts";
import { assertUntouched } from "../support/acceptance_reader.ts";
import { onEach, WORK, type World } from "../support/acceptance_world.ts";
import { generateEvents } from "../support/events.ts";

/**
 * Everything in a folder: names, kinds, modes, sizes, times and contents. Without the times of
 * folders where files may come and go, as SQLite has some while it reads.
 */
async function snapshot(path: string, folderTimes: boolean): Promise<readonly string[]> {
  const lines: string[] = [];
  const visit = async (path: string) => {
    const { isDirectory, mode, size, mtime } = await Deno.lstat(path).catch(() => {
      return { isDirectory: false, mode: null, size: -1, mtime: null };
    });
    const bytes = size < 0 || isDirectory ? new Uint8Array() : await Deno.readFile(path);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const time = isDirectory && !folderTimes ? "" : mtime?.getTime();
    lines.push([path, mode, size, time, digest.toHex()].join(" "));
    if (isDirectory) {
      for (const name of (await Array.fromAsync(Deno.readDir(path), (it) => it.name)).sort()) {
        await visit(`${path}/${name}`);
      }
    }
  };
  await visit(path);
  return lines;
}

/** A dry run, and then the run; the first changes nothing, the second does what the first showed. */
async function shownThenDone(world: World, status: number): Promise<void> {
  const state = () =>
    Promise.all([snapshot(world.home.home, true), snapshot(world.statusPath, false)]);
  const before = await state();
  const there = await holding(world.other, WORK);
  const dry = await world.expect(status, "sync", "-n", "there");
  assert.deepEqual(await state(), before, "the dry run changed files");
  assertUntouched(there, await holding(world.other, WORK));

  const done = await world.expect(status, "sync", "there");
  const plan = planIn(dry.stdout);
  assert.match(plan, /to create/);
  assert.equal(planIn(done.stdout), plan);
}

/** What is printed before the last line, which says what the run came to. */
const planIn = (stdout: string): string => stdout.trimEnd().split("\n").slice(0, -1).join("\n");

onEach(PLACES, "a dry run changes nothing, and shows what the run does", async (world, t) => {
  const items = generateEvents(14, 81);
  const uids = items.map((it) => it.uid);
  await fill(world.home, WORK, items.slice(0, 12));
  await t.step("before the first run", () => shownThenDone(world, 0));
  await t.step("with something of everything", async () => {
    await fill(world.home, WORK, items.slice(12, 13));
    await fill(world.other, WORK, items.slice(13));
    await edit(world.home, WORK, uids.slice(0, 3), 1);
    await edit(world.other, WORK, uids.slice(2, 5), 2);
    await remove(world.home, WORK, uids.slice(5, 7));
    await remove(world.other, WORK, uids.slice(7, 8));
    await shownThenDone(world, 2);
  });
});

onEach(PLACES, "a dry run makes no collection", async (world) => {
  await world.configure({ pair: ["collections from a", "collection new"] });
  await fill(world.home, WORK, generateEvents(2, 82));
  await world.home.make("new");
  const before = await world.other.collections();
  const { stdout } = await world.expect(0, "sync", "-n", "there");
  assert.match(stdout, /1 collection to make/);
  assert.deepEqual(await world.other.collections(), before);
});
