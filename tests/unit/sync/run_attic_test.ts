/** Whole runs through a filter: what is deleted is in the attic as the storage held it. */

import { deepStrictEqual } from "node:assert/strict";
import { withFilter } from "../../../adapters/with_filter.ts";
import { busyOnly } from "../../../lib/item/filter.ts";
import { readCalendarItem } from "../../../lib/item/icalendar.ts";
import { CALENDARS, ics, through } from "./run_fields.ts";
import { two } from "./run_support.ts";

const SECRET = "the only place where this is written";

Deno.test("what is deleted through a filter is in the attic, with all that the filter hid", async () => {
  const world = two(CALENDARS);
  through(world.b, (storage) =>
    withFilter(storage, {
      read: (bytes) => Promise.resolve(busyOnly(bytes)),
      readItem: readCalendarItem,
    }));
  for (const uid of ["x", "y"]) world.b.put("work", `${uid}.ics`, ics(uid, SECRET));
  deepStrictEqual((await world.run()).done, ["create x on a", "create y on a"]);
  for (const [href, text] of Object.entries(world.items("a"))) {
    deepStrictEqual(text.includes(SECRET), false);
    if (text.includes("UID:x")) world.a.remove("work", href);
  }
  deepStrictEqual((await world.run()).done, ["delete x on b"]);
  deepStrictEqual(Object.keys(world.items("b")), ["y.ics"]);
  const attic = world.status.attic().map(({ intent, bytes }) => [
    intent.kind,
    intent.on,
    new TextDecoder().decode(bytes),
  ]);
  deepStrictEqual(attic, [["delete", "b", ics("x", SECRET)]]);
});
