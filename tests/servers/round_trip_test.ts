import assert from "node:assert/strict";
import { fill, holding, PLACES, SERVERS } from "../support/acceptance_places.ts";
import type { Passed } from "../support/acceptance_proxy.ts";
import { assertSame, assertUntouched, countOf } from "../support/acceptance_reader.ts";
import { generateEvents } from "../support/events.ts";
import { ITEMS, onEach, WORK, type World } from "../support/acceptance_world.ts";

const WRITES = ["PUT", "POST", "DELETE", "MKCALENDAR", "MKCOL", "PROPPATCH", "MOVE", "COPY"];

const writesIn = (passed: readonly Passed[]) =>
  passed.filter((it) => WRITES.includes(it.method)).map((it) => `${it.method} ${it.path}`);

/** Requests that bring items: a GET, or a REPORT that asks for their data. */
const downloadsIn = (passed: readonly Passed[]) =>
  passed.filter((it) => it.method === "GET" || it.text.includes("calendar-data"))
    .map((it) => `${it.method} ${it.path}`);

onEach(PLACES, "items go there and back, and are the same", async (world) => {
  const items = generateEvents(ITEMS, 1, { todos: 10 });
  await fill(world.home, WORK, items);
  const sent = await holding(world.home, WORK);

  await world.expect(0, "sync", "there");
  const keepsBytes = world.other.kind === "folder";
  await world.inStep(ITEMS, { bytes: keepsBytes });

  await world.expect(0, "sync", "back");
  const [stored, returned] = [await holding(world.other, WORK), await holding(world.fresh, WORK)];
  assert.equal(countOf(returned), ITEMS);
  // What the other place gave is what was written, byte for byte.
  assertSame(stored, returned, { bytes: true });
  assertSame(sent, returned, { bytes: keepsBytes });
  assertUntouched(sent, await holding(world.home, WORK));

  world.proxy.forget();
  await world.expect(0, "sync");
  assert.deepEqual(writesIn(world.proxy.passed), []);
  assert.deepEqual(downloadsIn(world.proxy.passed), []);
  assertUntouched(stored, await holding(world.other, WORK));
  assertUntouched(returned, await holding(world.fresh, WORK));
});

/** The requests of a run with nothing to do. */
async function idleRun(world: World): Promise<readonly Passed[]> {
  await world.expect(0, "sync", "there");
  world.proxy.forget();
  const { stdout } = await world.expect(0, "sync", "there");
  assert.match(stdout, /everything is in step/);
  const passed = [...world.proxy.passed];
  assert.deepEqual(writesIn(passed), []);
  assert.deepEqual(downloadsIn(passed), []);
  return passed;
}

onEach(SERVERS, "a run with nothing to do costs the same however much there is", async (world) => {
  const items = generateEvents(ITEMS, 2);
  await fill(world.home, WORK, items.slice(0, 5));
  await world.expect(0, "sync", "there");
  const small = await idleRun(world);

  await fill(world.home, WORK, items.slice(5));
  await world.expect(0, "sync", "there");
  const large = await idleRun(world);

  const path = `${world.other.home}${WORK}/`;
  const ofCollection = large.filter((it) => it.path === path);
  assert.ok(
    ofCollection.length <= 2,
    `it takes ${ofCollection.length} requests of the collection: ${lines(ofCollection)}`,
  );
  assert.equal(large.length, small.length, `${lines(small)}\nbecame\n${lines(large)}`);
  for (const [at, request] of large.entries()) {
    const before = small[at];
    // Tokens and dates may be a few characters longer.
    const grown = request.responseBytes - (before?.responseBytes ?? 0);
    const asked = request.requestBytes - (before?.requestBytes ?? 0);
    assert.ok(Math.max(grown, asked) < 100, `it grew: ${lines([request])}`);
  }
});

const lines = (passed: readonly Passed[]) =>
  passed.map((it) =>
    `${it.method} ${it.path} (depth ${it.depth}): ${it.status}, ${it.responseBytes} bytes`
  ).join("\n");
