import assert from "node:assert/strict";
import { fill, holding, PLACES, removeAll } from "../support/acceptance_places.ts";
import { assertUntouched, countOf } from "../support/acceptance_reader.ts";
import { generateEvents } from "../support/events.ts";
import { onEach, WORK, type World } from "../support/acceptance_world.ts";

const MANY = 12;

async function filledAndInStep(world: World): Promise<void> {
  await fill(world.home, WORK, generateEvents(MANY, 21));
  await world.expect(0, "sync", "there");
  await world.inStep(MANY);
}

onEach(PLACES, "an emptied folder empties nothing", async (world) => {
  await filledAndInStep(world);
  const there = await holding(world.other, WORK);
  await removeAll(world.home, WORK);
  for (const time of ["once", "and again"]) {
    const { stdout } = await world.expect(2, "sync", "there");
    assert.match(stdout, /held/, time);
    assert.match(stdout, /home has no items in "work" any more/);
    assert.match(stdout, /on_empty sync/);
  }
  assertUntouched(there, await holding(world.other, WORK));
  assert.equal(countOf(await holding(world.home, WORK)), 0);
});

onEach(PLACES, "an emptied collection there empties nothing here", async (world) => {
  await filledAndInStep(world);
  const here = await holding(world.home, WORK);
  await removeAll(world.other, WORK);
  const { stdout } = await world.expect(2, "sync", "there");
  assert.match(stdout, /other has no items in "work" any more/);
  assert.match(stdout, /on_empty sync/);
  assertUntouched(here, await holding(world.home, WORK));
  assert.equal(countOf(await holding(world.other, WORK)), 0);
});

onEach(PLACES, "with on_empty sync an emptied folder empties the other side", async (world) => {
  await filledAndInStep(world);
  await removeAll(world.home, WORK);
  await world.configure({ pair: [`collection ${WORK}`, "on_empty sync"] });
  await world.expect(0, "sync", "there");
  await world.inStep(0);
});

onEach(
  PLACES,
  "a folder of collections that is not there is an unreachable storage",
  async (world) => {
    await filledAndInStep(world);
    const there = await holding(world.other, WORK);
    await Deno.rename(world.home.home, `${world.root}/unmounted`);
    const { said } = await world.expect(4, "sync", "there");
    assert.ok(said.includes(world.home.home), `the folder is not named:\n${said}`);
    assertUntouched(there, await holding(world.other, WORK));
    // It is not made either: the disk that belongs there would hide what is written below it.
    await assert.rejects(Deno.stat(world.home.home), Deno.errors.NotFound);
    await Deno.rename(`${world.root}/unmounted`, world.home.home);
    await world.expect(0, "sync", "there");
    await world.inStep(MANY);
  },
);

onEach(
  PLACES,
  "a mount point without its disk is no deletion of all collections",
  async (world) => {
    await filledAndInStep(world);
    const there = await holding(world.other, WORK);
    await Deno.rename(world.home.home, `${world.root}/unmounted`);
    await Deno.mkdir(world.home.home);
    await world.configure({ pair: ["collections from b"] });
    const { stdout } = await world.expect(2, "sync", `there/${WORK}`);
    assert.match(stdout, /"work" was kept in step and is no longer on home/);
    assertUntouched(there, await holding(world.other, WORK));
  },
);

onEach(PLACES, "a collection's folder that is not there is left alone", async (world) => {
  await filledAndInStep(world);
  const there = await holding(world.other, WORK);
  await Deno.rename(`${world.home.home}/${WORK}`, `${world.root}/moved away`);
  const { stdout } = await world.expect(2, "sync", "there");
  assert.match(stdout, /"work" was kept in step and is no longer on home/);
  assertUntouched(there, await holding(world.other, WORK));
  assert.deepEqual(await world.home.collections(), []);
  await Deno.rename(`${world.root}/moved away`, `${world.home.home}/${WORK}`);
  await world.expect(0, "sync", "there");
  await world.inStep(MANY);
});

onEach(PLACES, "a collection that is no longer there is left alone here", async (world) => {
  await filledAndInStep(world);
  const here = await holding(world.home, WORK);
  await world.other.drop(WORK);
  const { stdout } = await world.expect(2, "sync", "there");
  assert.match(stdout, /"work" was kept in step and is no longer on other/);
  assertUntouched(here, await holding(world.home, WORK));
  assert.ok(!(await world.other.collections()).includes(WORK));
});

onEach(PLACES, "without its status everything is found to be the same", async (world) => {
  await filledAndInStep(world);
  const before = await world.both();
  await Deno.remove(world.statusPath, { recursive: true });
  await world.expect(0, "sync", "there");
  const after = await world.both();
  assertUntouched(before.home, after.home);
  // A server's rewriting is not an edit, so nothing is a conflict either.
  assertUntouched(before.other, after.other);
});

onEach(PLACES, "an empty folder without a status is filled, and empties nothing", async (world) => {
  await filledAndInStep(world);
  const there = await holding(world.other, WORK);
  await Deno.remove(world.statusPath, { recursive: true });
  await removeAll(world.home, WORK);
  await world.expect(0, "sync", "there");
  await world.inStep(MANY);
  assertUntouched(there, await holding(world.other, WORK));
});
