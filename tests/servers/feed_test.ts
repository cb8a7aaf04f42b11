/** A feed into a folder and into a server: each event arrives, and is written once. */

import assert from "node:assert/strict";
import { splitCalendar } from "../../lib/item/split_calendar.ts";
import { fill, holding, PLACES } from "../support/acceptance_places.ts";
import { assertSame, countOf } from "../support/acceptance_reader.ts";
import { onEach, WORK, type World } from "../support/acceptance_world.ts";
import { type GeneratedItem, generateEvents } from "../support/events.ts";
import { type FeedServer, serveFeed } from "../support/feed_server.ts";

const EVENTS = 40;
const EMPTY = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//feed//EN\r\nMETHOD:PUBLISH\r\n" +
  "X-WR-CALNAME:A feed\r\nEND:VCALENDAR\r\n";

/** All events of a feed have one CALSCALE, which is Gregorian where it is not given. */
function withoutScale(item: GeneratedItem): GeneratedItem {
  const text = new TextDecoder().decode(item.bytes).replace(/^CALSCALE:.*\r?\n/m, "");
  return { ...item, bytes: new TextEncoder().encode(text) };
}

/** One calendar with all of these events in it. */
function feedOf(items: readonly { readonly bytes: Uint8Array }[]): Uint8Array<ArrayBuffer> {
  const empty = splitCalendar(new TextEncoder().encode(EMPTY));
  assert.ok(empty.state === "split");
  return new Uint8Array(empty.joined(items.map(({ bytes }) => ({ kind: "add", bytes }))));
}

async function addFeed(world: World, { origin }: FeedServer): Promise<void> {
  await world.configure({});
  const text = [
    `storage feed {\n  type webcal\n  url ${origin}/feed.ics\n  collection_id ${WORK}\n}`,
    `pair feed {\n  storage_a feed\n  storage_b other\n  collection ${WORK}\n}`,
    "",
  ].join("\n");
  await Deno.writeTextFile(world.configPath, text, { append: true });
}

onEach(PLACES, "a feed is copied there, and what changes in it follows", async (world) => {
  const items = generateEvents(EVENTS, 7).map(withoutScale);
  let feed = feedOf(items);
  const server = serveFeed(() => new Response(feed));
  try {
    await addFeed(world, server);
    await fill(world.home, WORK, items);
    await world.expect(0, "sync", "feed");
    const [sent, arrived] = [await holding(world.home, WORK), await holding(world.other, WORK)];
    assert.equal(countOf(arrived), EVENTS);
    assertSame(sent, arrived);

    const { stdout } = await world.expect(0, "sync", "feed");
    assert.match(stdout, /everything is in step/);

    feed = feedOf(items.slice(2));
    await world.expect(0, "sync", "feed");
    assert.equal(countOf(await holding(world.other, WORK)), EVENTS - 2);
    await world.expect(0, "sync", "back");
    assertSame(await holding(world.other, WORK), await holding(world.fresh, WORK));
  } finally {
    await server.close();
  }
});
