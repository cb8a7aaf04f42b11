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

onEach(PLACES, "what is empty or not there deletes nothing", async (world, t) => {
  await filledAndInStep(world);
  const { home, other, root } = world;
  const before = await world.both();
  const work = `${home.home}/${WORK}`;
  const aside = `${root}/aside`;
  const afterwards = async () => {
    assertUntouched(before.other, await holding(other, WORK));
    await Deno.rename(aside, work);
    await world.expect(0, "sync", "there");
    await world.inStep(MANY);
  };

  await t.step("an emptied folder", async () => {
    await Deno.rename(work, aside);
    await Deno.mkdir(work);
    for (const time of ["once", "and again"]) {
      const { stdout } = await world.expect(2, "sync", "there");
      assert.match(stdout, /held/, time);
      assert.match(stdout, /home has no items in "work" any more/);
      assert.match(stdout, /on_empty sync/);
    }
    assert.equal(countOf(await holding(home, WORK)), 0);
    await Deno.remove(work);
    await afterwards();
  });

  await t.step("a collection's folder that is not there", async () => {
    await Deno.rename(work, aside);
    const { stdout } = await world.expect(2, "sync", "there");
    assert.match(stdout, /"work" was kept in step and is no longer on home/);
    assert.deepEqual(await home.collections(), []);
    await afterwards();
  });

  await t.step("a mount point without its disk", async () => {
    await Deno.rename(work, aside);
    await world.configure({ pair: ["collections from b"] });
    const { stdout } = await world.expect(2, "sync", `there/${WORK}`);
    assert.match(stdout, /"work" was kept in step and is no longer on home/);
    await world.configure({});
    await afterwards();
  });

  await t.step("a folder of collections that is not there", async () => {
    await Deno.rename(home.home, aside);
    const { said } = await world.expect(4, "sync", "there");
    assert.ok(said.includes(home.home), `the folder is not named:\n${said}`);
    // It is not made either: the disk that belongs there would hide what is written below it.
    await assert.rejects(Deno.stat(home.home), Deno.errors.NotFound);
    await Deno.mkdir(home.home);
    await Deno.rename(`${aside}/${WORK}`, `${root}/work`);
    await Deno.remove(aside, { recursive: true });
    await Deno.rename(`${root}/work`, aside);
    await afterwards();
  });

  await t.step("an emptied collection on the other side", async () => {
    await removeAll(other, WORK);
    const { stdout } = await world.expect(2, "sync", "there");
    assert.match(stdout, /other has no items in "work" any more/);
    assert.match(stdout, /on_empty sync/);
    assertUntouched(before.home, await holding(home, WORK));
    assert.equal(countOf(await holding(other, WORK)), 0);
  });

  await t.step("a collection that is no longer on the other side", async () => {
    await other.drop(WORK);
    const { stdout } = await world.expect(2, "sync", "there");
    assert.match(stdout, /"work" was kept in step and is no longer on other/);
    assertUntouched(before.home, await holding(home, WORK));
    assert.ok(!(await other.collections()).includes(WORK));
  });
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
  "without its status nothing is a deletion and nothing a conflict",
  async (world, t) => {
    await filledAndInStep(world);
    const before = await world.both();
    await t.step("where both sides hold the same", async () => {
      await Deno.remove(world.statusPath, { recursive: true });
      const { stdout } = await world.expect(0, "sync", "there");
      assert.match(stdout, /everything is in step/);
      const after = await world.both();
      assertUntouched(before.home, after.home);
      // A server's rewriting is not an edit.
      assertUntouched(before.other, after.other);
    });
    await t.step("where one side is empty", async () => {
      await Deno.remove(world.statusPath, { recursive: true });
      await removeAll(world.home, WORK);
      await world.expect(0, "sync", "there");
      await world.inStep(MANY);
      assertUntouched(before.other, await holding(world.other, WORK));
    });
  },
);
