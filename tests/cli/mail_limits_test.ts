/** What a pair of mail leaves where it is. */

import { deepStrictEqual } from "node:assert/strict";
import { inMailWorld, mail, makeMaildir, synced } from "./mail_kit.ts";

Deno.test("max_size: a larger mail is left where it is", () =>
  inMailWorld(async (world) => {
    await makeMaildir(world.path("A"), { INBOX: [] });
    await world.write("A/cur/9.M1P1.big:2,", mail("big", "x".repeat(5000) + "\n"));
    const found = await synced(world, "collections all\nmax_size 2k", { INBOX: ["one"] });
    deepStrictEqual(found["INBOX"], ["one"]);
  }));

Deno.test("max_age: a mail that was received before is left where it is", () =>
  inMailWorld(async (world) => {
    await makeMaildir(world.path("A"), { INBOX: [] });
    await world.write("A/cur/9.M1P1.old:2,", mail("old"));
    const before = new Date(Date.now() - 100 * 86_400_000);
    await Deno.utime(world.path("A/cur/9.M1P1.old:2,"), before, before);
    const found = await synced(world, "collections all\nmax_age 30d", { INBOX: ["one"] });
    deepStrictEqual(found["INBOX"], ["one"]);
  }));
