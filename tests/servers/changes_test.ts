import assert from "node:assert/strict";
import { edit, fill, holding, PLACES, remove } from "../support/acceptance_places.ts";
import { assertSame, assertUntouched, itemOf } from "../support/acceptance_reader.ts";
import { editEvent, generateEvents } from "../support/events.ts";
import { onEach, WORK, type World } from "../support/acceptance_world.ts";

/** Takes the UIDs of so many items, each once. */
function taker(uids: readonly string[]): (count: number) => readonly string[] {
  let taken = 0;
  return (count) => uids.slice(taken, taken += count);
}

const summaryOf = (form: string): string =>
  (/\["SUMMARY", \[[^\]]*\], "((?:[^"\\]|\\.)*)"\]/.exec(form)?.[1] ?? "").replaceAll('\\"', '"');

onEach(PLACES, "changes of both sides meet, and conflicts stay for a person", async (world) => {
  const { home, other } = world;
  const items = generateEvents(40, 11);
  const later = generateEvents(4, 12);
  await fill(home, WORK, items);
  await world.expect(0, "sync", "there");

  const take = taker(items.map((it) => it.uid));
  const editedHome = take(10);
  const editedThere = take(10);
  const conflicts = take(2);
  const rescued = take(2);
  await edit(home, WORK, editedHome, 1);
  await edit(other, WORK, editedThere, 2);
  await remove(home, WORK, take(2));
  await remove(other, WORK, take(1));
  const [goneOnBoth = ""] = take(1);
  await remove(home, WORK, [goneOnBoth]);
  await remove(other, WORK, [goneOnBoth]);
  await edit(home, WORK, conflicts, 31);
  await edit(other, WORK, conflicts, 32);
  // Edited on one side and deleted on the other: the edit is kept, whichever side it is on.
  const [here = "", there = ""] = rescued;
  await edit(home, WORK, [here], 41);
  await remove(other, WORK, [here]);
  await edit(other, WORK, [there], 42);
  await remove(home, WORK, [there]);
  await fill(home, WORK, later.slice(0, 2));
  await fill(other, WORK, later.slice(2));
  const before = await world.both();

  const { stdout } = await world.expect(2, "sync", "there");
  const count = 40 - 4 + 4;
  await world.inStep(count, { except: conflicts });
  const after = await world.both();
  for (const uid of editedHome) assert.match(itemOf(after.other, uid).form, /\(edit 1\)/);
  for (const uid of editedThere) assert.match(itemOf(after.home, uid).form, /\(edit 2\)/);
  assert.match(itemOf(after.other, here).form, /\(edit 41\)/);
  assert.match(itemOf(after.home, there).form, /\(edit 42\)/);
  for (const uid of conflicts) {
    assert.equal(itemOf(after.home, uid).sha256, itemOf(before.home, uid).sha256);
    assert.equal(itemOf(after.other, uid).sha256, itemOf(before.other, uid).sha256);
    const summary = summaryOf(itemOf(after.home, uid).form);
    assert.match(summary, /\(edit 31\)/);
    const line = stdout.split("\n").find((it) => it.includes("conflict") && it.includes(summary));
    assert.ok(line !== undefined, `no line names the conflict "${summary}":\n${stdout}`);
  }

  await staysInConflict(world);
  await solvedByHand(world, conflicts);
  await world.inStep(count);
});

/** A conflict that nobody has decided is told again, and nothing is done. */
async function staysInConflict(world: World): Promise<void> {
  const before = await world.both();
  const { stdout } = await world.expect(2, "sync", "there");
  assert.match(stdout, /2 conflicts/);
  const after = await world.both();
  assertUntouched(before.home, after.home);
  assertUntouched(before.other, after.other);
}

/** One is decided for one side, the other for the other side. */
async function solvedByHand(world: World, conflicts: readonly string[]): Promise<void> {
  const { home, other } = world;
  const { home: atHome, other: there } = await world.both();
  const [mine = "", theirs = ""] = conflicts;
  const kept = await home.get(WORK, itemOf(atHome, mine).name);
  await other.put(WORK, itemOf(there, mine).name, kept);
  const taken = await other.get(WORK, itemOf(there, theirs).name);
  await home.put(WORK, itemOf(atHome, theirs).name, taken);
  const before = await world.both();
  await world.expect(0, "sync", "there");
  const after = await world.both();
  assertUntouched(before.home, after.home);
  assertUntouched(before.other, after.other);
  assert.match(itemOf(after.other, mine).form, /\(edit 31\)/);
  assert.match(itemOf(after.home, theirs).form, /\(edit 32\)/);
}

onEach(
  PLACES,
  "the same items on both sides before the first run need no copying",
  async (world) => {
    const items = generateEvents(12, 13);
    await fill(world.home, WORK, items);
    await fill(world.other, WORK, items);
    const [mine] = items;
    assert.ok(mine !== undefined);
    await edit(world.home, WORK, [mine.uid], 5);
    const before = await world.both();
    const { stdout } = await world.expect(2, "sync", "there");
    assert.match(stdout, /conflict\s.*\(edit 5\).*new on both sides, different/);
    const after = await world.both();
    assertUntouched(before.home, after.home);
    assertUntouched(before.other, after.other);
  },
);

onEach(PLACES, "a deletion and a new item of the same UID travel", async (world) => {
  const [item] = generateEvents(3, 14);
  assert.ok(item !== undefined);
  await fill(world.home, WORK, generateEvents(3, 14));
  await world.expect(0, "sync", "there");
  await remove(world.home, WORK, [item.uid]);
  await world.expect(0, "sync", "there");
  await world.inStep(2);
  await world.home.put(WORK, `again-${item.name}`, editEvent(item.bytes, 6));
  await world.expect(0, "sync", "there");
  await world.inStep(3);
  const { other } = await world.both();
  assert.match(itemOf(other, item.uid).form, /\(edit 6\)/);
});

onEach(PLACES, "a file that gets another name is the same item", async (world) => {
  const items = generateEvents(5, 15);
  await fill(world.home, WORK, items);
  await world.expect(0, "sync", "there");
  const before = await holding(world.other, WORK);
  const [moved] = items;
  assert.ok(moved !== undefined);
  await Deno.rename(
    `${world.home.home}/${WORK}/${moved.name}`,
    `${world.home.home}/${WORK}/renamed.ics`,
  );
  await world.expect(0, "sync", "there");
  const after = await holding(world.other, WORK);
  assertUntouched(before, after);
  await edit(world.home, WORK, [moved.uid], 7);
  await world.expect(0, "sync", "there");
  assertSame(await holding(world.home, WORK), await holding(world.other, WORK));
  assert.equal(itemOf(await holding(world.home, WORK), moved.uid).name, "renamed.ics");
});
