import assert from "node:assert/strict";
import { fill, SERVERS } from "../support/acceptance_places.ts";
import { onEach, WORK } from "../support/acceptance_world.ts";
import { generateEvents } from "../support/events.ts";

const MANY = 60;

onEach(SERVERS, "uploads go eight at a time", async (world) => {
  await fill(world.home, WORK, generateEvents(MANY, 71));
  world.proxy.latency = 20;
  await world.expect(0, "sync", "there");
  assert.equal(world.proxy.most.get("PUT"), 8);
  assert.ok(world.proxy.mostTogether <= 8);
});

onEach(SERVERS, "uploads go as many at a time as the configuration says", async (world) => {
  await world.configure({ other: ["connections 3"] });
  await fill(world.home, WORK, generateEvents(MANY, 72));
  world.proxy.latency = 20;
  await world.expect(0, "sync", "there");
  assert.equal(world.proxy.most.get("PUT"), 3);
  assert.ok(world.proxy.mostTogether <= 3);
});

onEach(SERVERS, "a download takes no more connections than allowed", async (world) => {
  await world.configure({ other: ["connections 2"] });
  await fill(world.other, WORK, generateEvents(MANY, 73));
  world.proxy.latency = 20;
  await world.expect(0, "sync", "there");
  assert.ok(world.proxy.mostTogether <= 2);
  await world.inStep(MANY);
});
