import assert from "node:assert/strict";
import { edit, fill, PLACES } from "../support/acceptance_places.ts";
import { onEach, WORK } from "../support/acceptance_world.ts";
import { generateEvents } from "../support/events.ts";

/** The paths below a folder, with who may do what: `0600 work/x.ics`. */
async function modesIn(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  const visit = async (path: string, shown: string) => {
    const { mode, isDirectory } = await Deno.lstat(path);
    found.push(`${((mode ?? 0) & 0o7777).toString(8).padStart(4, "0")} ${shown}`);
    if (!isDirectory) return;
    for await (const { name } of Deno.readDir(path)) await visit(`${path}/${name}`, name);
  };
  await visit(folder, folder.slice(folder.lastIndexOf("/") + 1));
  return found;
}

onEach(PLACES, "what is written is for the owner's eyes only", async (world) => {
  const items = generateEvents(6, 121);
  await fill(world.other, WORK, items.slice(0, 3));
  await world.other.make("secret");
  await fill(world.other, "secret", items.slice(3));
  // Somebody's umask may allow everything.
  await Deno.chmod(world.home.home, 0o755);
  await world.configure({ pair: ["collections all"] });
  await world.expect(0, "sync", "there");
  await edit(world.other, WORK, [items[0]?.uid ?? ""], 1);
  await world.expect(0, "sync", "there");

  for (const collection of [WORK, "secret"]) {
    const modes = await modesIn(world.home.address(collection));
    assert.equal(modes.filter((line) => line.endsWith(".ics")).length, 3);
    // Besides the items, a new collection may have a displayname.
    assert.match(modes[0] ?? "", /^0700 /);
    for (const line of modes.slice(1)) assert.match(line, /^0600 /);
  }
  const status = await modesIn(world.statusPath);
  assert.ok(status.length > 1, "there is nothing in the status");
  const [folder = "", ...within] = status;
  assert.match(folder, /^0700 /);
  for (const line of within) assert.match(line, /^0[67]00 /);
});
