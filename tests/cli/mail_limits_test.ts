/** What a pair of mail leaves where it is. */

import { deepStrictEqual } from "node:assert/strict";
import { inMailWorld, mail, maildirAt, type MailWorld, makeMaildir } from "./mail_kit.ts";

const configure = (world: MailWorld, lines: string) =>
  world.write(
    ".config/dovetail/dovetail.conf",
    `storage a {
  type maildir
  path ${world.folder}/A
}
storage b {
  type maildir
  path ${world.folder}/B
}
pair mail {
  storage_a a
  storage_b b
${lines}
}
`,
  );

/** Two Maildirs of which B is empty, brought in step. */
async function synced(
  world: MailWorld,
  lines: string,
  mailboxes: Readonly<Record<string, readonly string[]>>,
): Promise<Readonly<Record<string, readonly string[]>>> {
  await configure(world, lines);
  await makeMaildir(world.path("A"), mailboxes);
  await makeMaildir(world.path("B"), { INBOX: [] });
  const { code, stderr } = await world.dovetail("sync");
  deepStrictEqual([code, stderr], [0, ""]);
  return await maildirAt(world.path("B"));
}

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
