/** Whole runs through a filter that leaves items out: they are there, under whatever name. */

import { deepStrictEqual } from "node:assert/strict";
import { withFilter } from "../../../adapters/with_filter.ts";
import type { ReadItem } from "../../../lib/item/parse_item.ts";
import { digest, ident, SIDES } from "../../../lib/model/names.ts";
import type { Storage } from "../../../lib/model/storage.ts";
import { PLAIN_FORMAT as format } from "../../support/plain_format.ts";
import { event, through } from "./run_fields.ts";
import { two } from "./run_support.ts";

const readItem = (bytes: Uint8Array): ReadItem => {
  const text = new TextDecoder().decode(bytes);
  return {
    state: "read",
    ident: ident(/^UID:(.*)$/m.exec(text)?.[1] ?? text),
    digest: digest(text),
  };
};

/** Whatever is private is not shown. */
const shown = (bytes: Uint8Array): Promise<Uint8Array | undefined> =>
  Promise.resolve(new TextDecoder().decode(bytes).includes("PRIVATE") ? undefined : bytes);

const veil = (storage: Storage): Storage => withFilter(storage, { read: shown, readItem });

const plain = (uid: string): string => event({ TITLE: "old", UID: uid });
const hidden = (uid: string): string => event({ PRIVATE: "yes", TITLE: "old", UID: uid });

Deno.test("an item that is hidden by a filter and renamed is not deleted on the other side", async () => {
  const world = two({ format });
  through(world.b, veil);
  for (const uid of ["x", "y"]) world.a.put("work", uid, plain(uid));
  await world.run();
  world.b.remove("work", "x");
  world.b.put("work", "renamed", hidden("x"));
  for (let times = 0; times < 3; times++) {
    const { done, problems } = await world.run();
    deepStrictEqual([done, problems], [[], []]);
  }
  deepStrictEqual(world.items("a"), { x: plain("x"), y: plain("y") });
  // And it is the same item when it is shown again.
  world.b.put("work", "renamed", event({ TITLE: "shown again", UID: "x" }));
  deepStrictEqual((await world.run()).done, ["update x on a"]);
});

Deno.test("an item that is hidden by a filter is not made a second time, whatever it is called", async () => {
  for (const name of ["x", "another-name"]) {
    const world = two({ format });
    through(world.b, veil);
    world.a.put("work", "x", plain("x"));
    world.b.put("work", name, hidden("x"));
    for (let times = 0; times < 3; times++) {
      const { done, problems, report } = await world.run();
      deepStrictEqual([done, problems, report.failures], [[], [], []]);
    }
    deepStrictEqual(world.items("b"), { [name]: hidden("x") });
  }
});

Deno.test("one way, what the original hides by a filter is not deleted from the copy", async () => {
  const world = two({ format, policy: { oneWay: true } });
  through(world.a, veil);
  world.a.put("work", "y", plain("y"));
  world.a.put("work", "x", hidden("x"));
  world.b.put("work", "elsewhere", plain("x"));
  for (let times = 0; times < 2; times++) await world.run();
  deepStrictEqual(world.items("b"), { elsewhere: plain("x"), y: plain("y") });
});

Deno.test("what was hidden on both sides is left alone on both", async () => {
  const world = two({ format });
  for (const side of SIDES) {
    through(world[side], veil);
    world[side].put("work", `${side}.ics`, hidden("x"));
  }
  for (let times = 0; times < 2; times++) deepStrictEqual((await world.run()).done, []);
});
