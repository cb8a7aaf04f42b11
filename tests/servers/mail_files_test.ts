/**
 * Mail that was delivered into folders, and that no server has seen: what comes over first is what a
 * server sees then, UIDs included.
 */

import assert from "node:assert/strict";
import { assertAlike } from "../support/mail_compare.ts";
import { corpusWithout } from "../support/mail_corpus.ts";
import { writeMaildir } from "../support/mail_fill.ts";
import { assertStatus, keptBy, newMailWorld } from "../support/mail_world.ts";
import { isDovecotInstalled } from "../support/servers/dovecot.ts";

const ignore = !isDovecotInstalled();

for (const to of ["maildir", "fs", "mbox"] as const) {
  for (const command of ["mirror", "backup"] as const) {
    Deno.test({
      name: `a Maildir that no server has seen: ${command} to ${to}`,
      ignore,
      fn: async () => {
        await using world = await newMailWorld();
        const [a, b] = [await world.end("maildir"), await world.end(to)];
        await writeMaildir(`${a.user.home}/Maildir`, corpusWithout({ notInMbox: to === "mbox" }));
        assertStatus(await world[command](a, b), 0);
        const bytes = [await mailsBelow(a.user.home), await mailsBelow(b.user.home)];
        if (to !== "mbox") assert.deepEqual(bytes[0], bytes[1]);
        const [left, right] = [await a.see(), await b.see()];
        assertAlike(left, right, keptBy("maildir", to));
        assertStatus(await world[command](a, b), 0);
        assertAlike(left, await a.see(), {}, ["a before", "a"]);
        assertAlike(right, await b.see(), {}, ["b before", "b"]);
      },
    });
  }
}

/** What the mails below a folder consist of, whatever they are called. */
async function mailsBelow(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await mailsBelow(path));
    else if (/\/(?:cur|new)$/.test(folder)) {
      const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
      found.push(new Uint8Array(digest).toHex());
    }
  }
  return found.sort();
}
