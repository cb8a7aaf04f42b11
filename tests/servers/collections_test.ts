import assert from "node:assert/strict";
import { fill, type Place, PLACES, SERVERS } from "../support/acceptance_places.ts";
import { assertSame, countOf, readPlaces } from "../support/acceptance_reader.ts";
import { onEach, WORK, type World } from "../support/acceptance_world.ts";
import { type GeneratedItem, generateEvents } from "../support/events.ts";

/** What `world` has on the other side from the start: Xandikos makes one of its own. */
const isOwn = (id: string) => id === WORK || id === "calendar";

const others = async (place: Place): Promise<readonly string[]> =>
  (await place.collections()).filter((id) => !isOwn(id));

async function makeFilled(
  place: Place,
  id: string,
  items: readonly GeneratedItem[],
): Promise<void> {
  await place.make(id);
  await fill(place, id, items);
}

async function assertCollection(world: World, id: string, count: number): Promise<void> {
  const places = [world.home.address(id), world.other.address(id)];
  const [home, other] = await readPlaces(places, world.other);
  assert.ok(home !== undefined && other !== undefined);
  assertSame(home, other);
  assert.equal(countOf(home), count, id);
}

/** Two collections here, two there, one of them on both sides. */
async function scattered(world: World): Promise<void> {
  const items = generateEvents(8, 101);
  await makeFilled(world.home, "here", items.slice(0, 2));
  await makeFilled(world.home, "shared", items.slice(2, 4));
  await makeFilled(world.other, "shared", items.slice(4, 5));
  await makeFilled(world.other, "there", items.slice(5));
}

onEach(PLACES, "collections all makes on each side what the other has", async (world) => {
  await scattered(world);
  await world.configure({ pair: ["collections all"] });
  const { stdout } = await world.expect(0, "sync", "there");
  assert.match(stdout, /here\n\s+\+ other\s+the collection itself/);
  assert.match(stdout, /there\n\s+\+ home\s+the collection itself/);
  await assertCollection(world, "here", 2);
  await assertCollection(world, "shared", 3);
  await assertCollection(world, "there", 3);
  assert.match((await world.expect(0, "sync", "there")).stdout, /everything is in step/);
});

onEach(PLACES, "collections from a leaves alone what only b has", async (world) => {
  await scattered(world);
  await world.configure({ pair: ["collections from a"] });
  await world.expect(0, "sync", "there");
  await assertCollection(world, "here", 2);
  await assertCollection(world, "shared", 3);
  assert.deepEqual(await others(world.home), ["here", "shared"]);
});

onEach(PLACES, "collections from b leaves alone what only a has", async (world) => {
  await scattered(world);
  await world.configure({ pair: ["collections from b"] });
  await world.expect(0, "sync", "there");
  await assertCollection(world, "there", 3);
  await assertCollection(world, "shared", 3);
  assert.deepEqual(await others(world.other), ["shared", "there"]);
});

onEach(PLACES, "a collection that is named is made where it is missing", async (world) => {
  await scattered(world);
  await world.configure({ pair: ["collection here", "collection there", "collection nowhere"] });
  await world.expect(0, "sync", "there");
  await assertCollection(world, "here", 2);
  await assertCollection(world, "there", 3);
  await assertCollection(world, "nowhere", 0);
  // What is not named is not touched.
  const [shared] = await readPlaces([world.home.address("shared")]);
  assert.equal(shared?.items.size, 2);
});

onEach(PLACES, "one collection of a pair can be asked for", async (world) => {
  await scattered(world);
  await world.configure({ pair: ["collections all"] });
  await world.expect(0, "sync", "there/shared");
  await assertCollection(world, "shared", 3);
  assert.deepEqual(await others(world.home), ["here", "shared"]);
  assert.deepEqual(await others(world.other), ["shared", "there"]);
  const { said } = await world.expect(3, "sync", "nowhere/shared");
  assert.match(said, /nowhere/);
});

const NAMES = ["Familie Müller", "work & play", "a+b=c (neu)", "50% sure", "日本語 カレンダー"];

onEach(PLACES, "collections may be called anything, on either side", async (world) => {
  const items = generateEvents(NAMES.length, 102);
  await world.configure({ pair: ["collections all"] });
  for (const [at, id] of NAMES.entries()) {
    await makeFilled(world.home, id, items.slice(at, at + 1));
    await makeFilled(world.other, `${id} 2`, items.slice(at, at + 1));
  }
  await world.expect(0, "sync", "there");
  const names = NAMES.flatMap((id) => [id, `${id} 2`]).sort();
  assert.deepEqual(await others(world.home), names);
  assert.deepEqual(await others(world.other), names);
  for (const id of names) await assertCollection(world, id, 1);
  assert.match((await world.expect(0, "sync", "there")).stdout, /everything is in step/);
});

onEach(SERVERS, "a collection is made with the name that people see", async (world) => {
  await world.home.make("new");
  await Deno.writeTextFile(`${world.home.home}/new/displayname`, "Größe & <Maß>\n");
  await world.configure({ pair: ["collection new"] });
  await world.expect(0, "sync", "there");
  const { stdout } = await world.expect(0, "discover", "there");
  assert.match(stdout, /Größe & <Maß>/);
  const response = await fetch(world.other.address("new"), {
    method: "PROPFIND",
    headers: {
      Depth: "0",
      "Content-Type": "application/xml; charset=utf-8",
      Authorization: `Basic ${btoa(`${world.other.username}:${world.other.password}`)}`,
    },
    body: '<?xml version="1.0"?><propfind xmlns="DAV:"><prop><displayname/></prop></propfind>',
  });
  assert.match(await response.text(), /Größe &amp; &lt;Maß(?:&gt;|>)/);
});

onEach(PLACES, "nothing is written where nothing may be written", async (world) => {
  await scattered(world);
  await world.configure({ pair: ["collections all"], other: ["read_only"] });
  const { stdout } = await world.expect(2, "sync", "there");
  assert.match(stdout, /where nothing may be written/);
  assert.deepEqual(await others(world.other), ["shared", "there"]);
  const [shared] = await readPlaces([world.other.address("shared")], world.other);
  assert.equal(shared?.items.size, 1);
  const [home] = await readPlaces([world.home.address("shared")]);
  assert.equal(home?.items.size, 3);
});
