/** `dovetail status`: what runs have set aside, and why, without asking any storage. */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { event, inWorld } from "./world.ts";

const objects = (text: string): readonly Record<string, unknown>[] =>
  text.split("\n").filter((it) => it !== "").map((it) => JSON.parse(it));

Deno.test("a pair that was never brought in step has no status, and none is made", () =>
  inWorld(async (world) => {
    const { code, stdout } = await world.dovetail(["status"]);
    deepStrictEqual([code, stdout], [0, "calendars: never brought in step\n"]);
    deepStrictEqual([...Deno.readDirSync(world.folder)].map((it) => it.name).sort(), [
      ".config",
      "home",
      "server",
    ]);
  }));

Deno.test("what is set aside is listed with its reason, and the rest is in step", () =>
  inWorld(async (world) => {
    for (const [uid, day] of [["a", 1], ["b", 2], ["c", 3]] as const) {
      await world.write("home", `work/${uid}.ics`, event(uid, `Event ${uid}`, day));
    }
    strictEqual((await world.dovetail(["sync"])).code, 0);
    const clean = await world.dovetail(["status"]);
    strictEqual(clean.code, 0);
    match(clean.stdout, /^calendars: 3 items in step in 1 collection, last changed \d{4}-/);

    await world.write("home", "work/a.ics", event("a", "Here", 1));
    await world.write("server", "work/a.ics", event("a", "There", 1));
    await world.write("home", "work/b-again.ics", event("b", "Event b", 2));
    await world.write("home", "work/broken.ics", "no calendar");
    await world.write("home", "work/new.ics", event("new", "New", 9));
    strictEqual((await world.dovetail(["sync"])).code, 1);
    const { code, stdout } = await world.dovetail(["status", "--json"]);
    strictEqual(code, 2);
    const [status, ...aside] = objects(stdout);
    deepStrictEqual([status?.["type"], status?.["items"], status?.["interrupted"]], [
      "status",
      4,
      false,
    ]);
    deepStrictEqual(
      aside.map((it) => [it["why"], it["what"], it["storages"], it["reason"]]),
      [
        [
          "unreadable",
          "broken.ics",
          ["home"],
          'the item begins with "no calendar" instead of BEGIN (line 1)',
        ],
        ["conflict", "a", ["home", "server"], undefined],
        ["duplicate", "b", ["home"], "b-again.ics, b.ics"],
      ],
    );
    match((await world.dovetail(["status"])).stdout, /conflict +work\/a on home and server\n/);
  }));

Deno.test("deletions that a guard holds are told until they are allowed", () =>
  inWorld(async (world) => {
    const path = (n: number) => `work/e${n}.ics`;
    for (let n = 1; n <= 21; n++) await world.write("home", path(n), event(`e${n}`, "Event", n));
    strictEqual((await world.dovetail(["sync"])).code, 0);
    for (let n = 2; n <= 21; n++) await world.remove("home", path(n));
    strictEqual((await world.dovetail(["sync"])).code, 2);
    const { code, stdout } = await world.dovetail(["status"]);
    strictEqual(code, 2);
    match(stdout, /held +work\/20 deletions on server: too many at once/);
    strictEqual((await world.dovetail(["sync", "--allow-delete"])).code, 0);
    strictEqual((await world.dovetail(["status"])).code, 0);
  }));
