import assert from "node:assert/strict";
import { fill, SERVERS } from "../support/acceptance_places.ts";
import { assertStatus, onEach, WORK, type World } from "../support/acceptance_world.ts";
import { generateEvents } from "../support/events.ts";

const MANY = 120;

/** Waits until so many requests of a method have been answered. */
async function untilPassed(world: World, method: string, count: number): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (world.proxy.passed.filter((it) => it.method === method).length < count) {
    if (Date.now() > deadline) throw new Error(`no ${count} requests ${method} in a minute`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

onEach(SERVERS, "Ctrl-C ends what has begun and nothing else", async (world) => {
  await fill(world.home, WORK, generateEvents(MANY, 61));
  world.proxy.latency = 20;
  const running = world.start("sync", "there");
  await untilPassed(world, "PUT", 10);
  running.kill("SIGINT");
  const outcome = await running.outcome;
  assertStatus(outcome, 130);
  assert.match(outcome.said, /stopped safely; run again to go on/);
  assert.equal(world.proxy.going, 0, "it left before its requests were answered");
  const writes = world.proxy.passed.filter((it) => it.method === "PUT").length;
  assert.ok(writes < MANY, "it was done before it was asked to stop");
  // What the server took is recorded: none of it is sent, or fetched to be looked at, again.
  world.proxy.latency = 0;
  world.proxy.forget();
  await world.expect(0, "sync", "there");
  await world.inStep(MANY);
  const more = world.proxy.passed.filter((it) => it.method === "PUT").length;
  assert.equal(writes + more, MANY);
});

onEach(SERVERS, "Ctrl-C twice ends at once, and the next run makes it good", async (world) => {
  await fill(world.home, WORK, generateEvents(MANY, 62));
  world.proxy.latency = 400;
  const running = world.start("sync", "there");
  await untilPassed(world, "PUT", 8);
  running.kill("SIGINT");
  await new Promise((resolve) => setTimeout(resolve, 50));
  running.kill("SIGINT");
  assertStatus(await running.outcome, 130);
  while (world.proxy.going > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  world.proxy.latency = 0;
  await world.expect(0, "sync", "there");
  await world.inStep(MANY);
});

onEach(SERVERS, "a second run of the same pair gives way to the first", async (world) => {
  await fill(world.home, WORK, generateEvents(40, 63));
  world.proxy.latency = 50;
  const first = world.start("sync", "there");
  await untilPassed(world, "PUT", 2);
  world.proxy.forget();
  const { said } = await world.expect(5, "sync", "there");
  assert.match(said, new RegExp(`\\b${first.pid}\\b`), "it does not say who holds the lock");
  // Another pair is nobody's business.
  await world.expect(0, "list", "pairs");
  assertStatus(await first.outcome, 0);
  await world.inStep(40);
});
