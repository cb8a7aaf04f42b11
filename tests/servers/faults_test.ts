import assert from "node:assert/strict";
import { edit, fill, holding, SERVERS } from "../support/acceptance_places.ts";
import type { Asked, Fault, Framing } from "../support/acceptance_proxy.ts";
import { assertUntouched, countOf, type Holding } from "../support/acceptance_reader.ts";
import { generateEvents } from "../support/events.ts";
import { onEach, WORK, type World } from "../support/acceptance_world.ts";

const MANY = 30;
const FRAMINGS = ["content-length", "chunked", "close"] as const;

/** What a wireless network answers before its terms are accepted, or a proxy that is broken. */
const PAGE = "<!DOCTYPE html><html><body><p>Please accept our terms.<br></body></html>";

/**
 * A failure: of the answer (1) or of the connection (4), which it is told by how the answer's end is
 * marked and whether it is compressed.
 */
const FAILED = [1, 4];

interface Both {
  readonly home: Holding;
  readonly other: Holding;
}

/** A filled collection on both sides, and something to do in each direction. */
async function withChanges(world: World): Promise<Both> {
  const items = generateEvents(MANY, 31);
  await fill(world.home, WORK, items);
  await world.expect(0, "sync", "there");
  await world.inStep(MANY);
  const uids = items.map((it) => it.uid);
  await edit(world.home, WORK, uids.slice(0, 2), 1);
  await edit(world.other, WORK, uids.slice(2, 4), 2);
  return await world.both();
}

/** Runs with a fault; nothing may have been done anywhere. Gives back what was printed. */
async function nothingHappens(
  world: World,
  before: Both,
  status: number | readonly number[],
  fault: (asked: Asked) => Fault | undefined,
): Promise<string> {
  let met = 0;
  world.proxy.fault = (asked) => {
    const found = fault(asked);
    if (found !== undefined) met++;
    return found;
  };
  const { said } = await world.expect(status, "sync", "there");
  assert.ok(met > 0, "the run never met the fault");
  world.proxy.fault = () => undefined;
  const after = await world.both();
  assertUntouched(before.home, after.home);
  assertUntouched(before.other, after.other);
  return said;
}

/** The fault is over: the next run does what there is to do. */
async function allIsWellAfterwards(world: World): Promise<void> {
  await world.expect(0, "sync", "there");
  await world.inStep(MANY);
}

/** Whether this lists the collection, in whatever way. */
const isListing = (world: World, { method, path, text }: Asked): boolean =>
  path === `${world.other.home}${WORK}/` &&
  (method === "PROPFIND" || method === "REPORT") && !text.includes("calendar-data");

/** Whether this brings items. */
const isFetch = ({ method, text }: Asked): boolean =>
  method === "GET" || (method === "REPORT" && text.includes("calendar-data"));

onEach(SERVERS, "a server that is ill deletes nothing anywhere", async (world, t) => {
  const before = await withChanges(world);
  const onListing = (fault: Fault) => (asked: Asked) => isListing(world, asked) ? fault : undefined;
  const html = { "content-type": "text/html" };

  await t.step("when it answers 500 to everything", async () => {
    const fault: Fault = { kind: "answer", status: 500, body: "it hurts" };
    assert.match(await nothingHappens(world, before, 1, () => fault), /500.*it hurts/);
  });
  await t.step("when it answers 500 to the listing", async () => {
    const said = await nothingHappens(world, before, 1, onListing({ kind: "answer", status: 500 }));
    assert.match(said, /500/);
  });
  for (const framing of FRAMINGS) {
    await t.step(`when half a listing comes (${framing})`, async () => {
      const said = await nothingHappens(world, before, FAILED, onListing({ kind: "cut", framing }));
      assert.match(said, /before its answer was complete|unclosed tag/);
    });
  }
  for (const status of [200, 207]) {
    await t.step(`when the listing is a page of HTML (${status})`, async () => {
      const fault: Fault = { kind: "answer", status, body: PAGE, headers: html };
      await nothingHappens(world, before, 1, onListing(fault));
    });
  }
  await t.step("when every answer is a page of HTML", async () => {
    const fault: Fault = { kind: "answer", status: 200, body: PAGE, headers: html };
    await nothingHappens(world, before, FAILED, () => fault);
  });
  await t.step("when the listing is well-formed and something else", async () => {
    const body = '<?xml version="1.0"?><answer xmlns="urn:example:other"/>';
    const headers = { "content-type": "application/xml" };
    const fault: Fault = { kind: "answer", status: 207, body, headers };
    await nothingHappens(world, before, 1, onListing(fault));
  });
  await t.step("and all is done once it is well again", () => allIsWellAfterwards(world));
});

onEach(
  SERVERS,
  "half of a first listing or download is not taken for all of it",
  async (world, t) => {
    const items = generateEvents(MANY, 32);
    await fill(world.other, WORK, items);
    await fill(world.home, WORK, items.slice(0, 10));
    const before = await world.both();
    const cut = (framing: Framing, which: (asked: Asked) => boolean) => (asked: Asked) =>
      which(asked) ? { kind: "cut", framing } as const : undefined;
    await t.step("a listing", async () => {
      const fault = cut("close", (asked) => isListing(world, asked));
      await nothingHappens(world, before, FAILED, fault);
    });
    for (const framing of ["chunked", "close"] as const) {
      await t.step(`a download (${framing})`, async () => {
        await nothingHappens(world, before, FAILED, cut(framing, isFetch));
      });
    }
    await t.step("and all is done afterwards", () => allIsWellAfterwards(world));
  },
);

onEach(SERVERS, "an item that is refused does not stop the others", async (world) => {
  const items = generateEvents(MANY, 33);
  await fill(world.home, WORK, items);
  const refused = items[7];
  assert.ok(refused !== undefined);
  world.proxy.fault = ({ method, text }) =>
    method === "PUT" && text.replace(/\r?\n /g, "").includes(`UID:${refused.uid}`)
      ? { kind: "answer", status: 500, body: "not this one" }
      : undefined;
  const before = await holding(world.home, WORK);
  const { said } = await world.expect(1, "sync", "there");
  assert.match(said, /500/);
  assert.ok(said.includes(refused.name) || said.includes(refused.uid), said);
  const there = await holding(world.other, WORK);
  assert.equal(countOf(there), MANY - 1);
  assert.ok(!there.items.has(refused.uid));
  assertUntouched(before, await holding(world.home, WORK));
  world.proxy.fault = () => undefined;
  await allIsWellAfterwards(world);
});

onEach(SERVERS, "an answer to a write that is lost makes no second copy", async (world) => {
  const items = generateEvents(MANY, 34);
  await fill(world.home, WORK, items);
  let lost = 0;
  world.proxy.fault = ({ method }) => {
    if (method !== "PUT" || lost >= 5) return undefined;
    lost++;
    return { kind: "lose" };
  };
  // Whoever asks the server again finds out at once; whoever does not says that it is not known.
  await world.expect([0, 1], "sync", "there");
  assert.equal(lost, 5);
  world.proxy.fault = () => undefined;
  await allIsWellAfterwards(world);
});

onEach(SERVERS, "a token that is refused is followed by a whole listing", async (world) => {
  await withChanges(world);
  const body = '<?xml version="1.0"?><error xmlns="DAV:"><valid-sync-token/></error>';
  const headers = { "content-type": "application/xml; charset=utf-8" };
  let refused = 0;
  world.proxy.fault = ({ method, text }) => {
    // One with a token: an empty one asks for everything, and is not refused.
    if (method !== "REPORT" || !/sync-token>[^<\s]/.test(text)) return undefined;
    refused++;
    return { kind: "answer", status: 403, body, headers };
  };
  await world.expect(0, "sync", "there");
  assert.ok(refused > 0, "no token was ever sent");
  await world.inStep(MANY);
});
