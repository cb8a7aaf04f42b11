import assert from "node:assert/strict";
import { edit, fill, holding, PLACES, remove } from "../support/acceptance_places.ts";
import { assertSame, type Holding, readPlaces } from "../support/acceptance_reader.ts";
import { onEach, type World } from "../support/acceptance_world.ts";
import { generateEvents } from "../support/events.ts";

/** How many runs are killed with each place; the fifty by hand. */
const ROUNDS = Number(Deno.env.get("KILL_ROUNDS") ?? 4);
/** Repeats the moments of an earlier run, as far as moments can be repeated. */
const SEED = Number(Deno.env.get("KILL_SEED") ?? Date.now() % 1_000_000);

const MANY = 200;
const ITEMS = generateEvents(MANY, 51);
/** A collection that is full on the other side for as long as the world lasts. */
const FULL = "full";

/** What a run that is killed had to do. */
const MODES = ["upload", "download", "both ways", "changes"] as const;
type Mode = typeof MODES[number];

/** Numbers from 0 up to 1, by a linear congruence: enough to pick moments. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) / 0x1000000;
  };
}

onEach(PLACES, "a run that is killed is made good by the next one", async (world, t) => {
  const random = randomNumbers(SEED);
  await world.other.make(FULL);
  await fill(world.other, FULL, ITEMS);
  const full = await holding(world.other, FULL);
  let killed = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const mode = MODES[round % MODES.length] ?? "upload";
    await t.step(`round ${round}: ${mode} (KILL_SEED=${SEED})`, async () => {
      const { collection, expected } = await prepare(world, full, mode, round);
      await world.configure({ pair: [`collection ${collection}`] });
      const times = random() < 0.3 ? 2 : 1;
      for (let time = 0; time < times; time++) {
        if (await killOnce(world, collection, random)) killed++;
      }
      await world.expect(0, "sync", "there");
      const places = [world.home.address(collection), world.other.address(collection)];
      const [home, other] = await readPlaces(places, world.other);
      assert.ok(home !== undefined && other !== undefined);
      assertSame(home, other);
      assertSame(expected, home);
      await nothingIsLeft(world, collection);
    });
  }
  // One or the other may be done before it is to be killed, but not most of them.
  assert.ok(killed >= ROUNDS / 2, `only ${killed} runs were killed in ${ROUNDS} rounds`);
});

interface Prepared {
  readonly collection: string;
  /** What both sides are to hold in the end. */
  readonly expected: Holding;
}

async function prepare(world: World, full: Holding, mode: Mode, round: number): Promise<Prepared> {
  const { home, other, statusPath } = world;
  if (mode === "download") {
    await Deno.remove(statusPath, { recursive: true }).catch(ignoreMissing);
    await home.drop(FULL).catch(ignoreMissing);
    await home.make(FULL);
    return { collection: FULL, expected: full };
  }
  const collection = `round${round}`;
  await home.make(collection);
  await other.make(collection);
  await fill(home, collection, mode === "both ways" ? ITEMS.slice(0, MANY / 2) : ITEMS);
  if (mode === "both ways") await fill(other, collection, ITEMS.slice(MANY / 2));
  if (mode !== "changes") return { collection, expected: full };

  await world.configure({ pair: [`collection ${collection}`] });
  await world.expect(0, "sync", "there");
  const uids = ITEMS.map(({ uid }) => uid);
  await edit(home, collection, uids.slice(0, 20), 1);
  await remove(home, collection, uids.slice(20, 30));
  await edit(other, collection, uids.slice(30, 40), 2);
  await remove(other, collection, uids.slice(40, 45));
  const [atHome, atOther] = await readPlaces(
    [home.address(collection), other.address(collection)],
    other,
  );
  const changedThere = new Set(uids.slice(30, 45));
  const items = new Map([
    ...[...existing(atHome).items].filter(([uid]) => !changedThere.has(uid)),
    ...[...existing(atOther).items].filter(([uid]) => changedThere.has(uid)),
  ]);
  return { collection, expected: { items, broken: [] } };
}

function existing(holding: Holding | undefined): Holding {
  if (holding === undefined) throw new Error("the reader said nothing");
  return holding;
}

function ignoreMissing(thrown: unknown): void {
  if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
}

/** Starts a run and kills it at a moment of chance. Whether it was still going on. */
async function killOnce(
  world: World,
  collection: string,
  random: () => number,
): Promise<boolean> {
  const before = await progressOf(world, collection);
  world.proxy.forget();
  const running = world.start("sync", "there");
  const ended = { yes: false };
  const outcome = running.outcome.finally(() => ended.yes = true);
  // Some before anything is written, most while it is, some when all is written.
  const writes = random() < 0.2 ? 0 : Math.ceil(random() * MANY * 1.05);
  const patience = writes === 0 ? random() * 800 : Infinity;
  const began = performance.now();
  while (!ended.yes && performance.now() - began < patience) {
    if (writes > 0 && await progressOf(world, collection) - before >= Math.min(writes, MANY)) break;
    await pause(1);
  }
  await pause(random() * 15);
  running.kill("SIGKILL");
  const { status, said } = await outcome;
  // What the server had taken in when the run was killed, it carries out.
  while (world.proxy.going > 0) await pause(5);
  if (status === 137) return true;
  assert.equal(status, 0, said);
  return false;
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** How much has been written: files at home and, there, files or requests that write. */
async function progressOf(world: World, collection: string): Promise<number> {
  const count = async (path: string) => (await Array.fromAsync(Deno.readDir(path))).length;
  const here = await count(world.home.address(collection));
  if (world.other.kind === "folder") return here + await count(world.other.address(collection));
  return here +
    world.proxy.passed.filter(({ method }) => method === "PUT" || method === "DELETE").length;
}

/** The next run has nothing to do, and nothing lies about but hidden files of ours. */
async function nothingIsLeft(world: World, collection: string): Promise<void> {
  const { stdout } = await world.expect(0, "sync", "there");
  assert.match(stdout, /everything is in step/);
  for (const folder of [world.home, world.other].filter((it) => it.kind === "folder")) {
    const names = await Array.fromAsync(Deno.readDir(folder.address(collection)), (it) => it.name);
    // They are removed by a later run, once it is certain that nobody writes to them any more.
    const others = names.filter((name) => !/^\.[0-9a-f]+\.dovetail\.tmp$|\.ics$/.test(name));
    assert.deepEqual(others, []);
  }
}
