/**
 * What the last run wrote, and somebody undid since. The cursor that a run keeps is older than what
 * it writes, so to a server whose token is made of the content (Xandikos: a git tree), or that tells
 * nothing of what came and went since a token (RFC 6578 allows it), nothing has changed.
 */

import assert from "node:assert/strict";
import { edit, fill, holding, PLACES, remove } from "../support/acceptance_places.ts";
import { itemOf } from "../support/acceptance_reader.ts";
import { onEach, WORK, type World } from "../support/acceptance_world.ts";
import { generateEvents } from "../support/events.ts";

const ITEMS = generateEvents(3, 131);
const [KEPT, CHANGED, NEW] = ITEMS.map(({ uid }) => uid) as [string, string, string];

/** Two items on both sides, and a cursor that knows of them. */
async function settled(world: World): Promise<void> {
  await fill(world.home, WORK, ITEMS.slice(0, 2));
  await world.expect(0, "sync", "there");
  await world.expect(0, "sync", "there");
}

onEach(PLACES, "a creation of ours that is undone there is a deletion", async (world) => {
  await settled(world);
  await fill(world.home, WORK, ITEMS.slice(2));
  await world.expect(0, "sync", "there");
  await remove(world.other, WORK, [NEW]);
  await world.expect(0, "sync", "there");
  await world.inStep(2);
});

onEach(PLACES, "an update of ours that is undone there is an edit", async (world) => {
  await settled(world);
  const { name } = itemOf(await holding(world.other, WORK), CHANGED);
  const former = await world.other.get(WORK, name);
  await edit(world.home, WORK, [CHANGED], 1);
  await world.expect(0, "sync", "there");
  await world.other.put(WORK, name, former);
  await world.expect(0, "sync", "there");
  await world.inStep(2);
  const { form } = itemOf(await holding(world.home, WORK), CHANGED);
  assert.doesNotMatch(form, /\(edit 1\)/);
});

onEach(PLACES, "a deletion of ours that is undone there is a new item", async (world) => {
  await settled(world);
  const { name } = itemOf(await holding(world.other, WORK), CHANGED);
  const former = await world.other.get(WORK, name);
  await remove(world.home, WORK, [CHANGED]);
  await world.expect(0, "sync", "there");
  await world.other.put(WORK, name, former);
  await world.expect(0, "sync", "there");
  await world.inStep(2);
  assert.ok((await holding(world.home, WORK)).items.has(KEPT));
});
