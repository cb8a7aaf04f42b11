/** What somebody adds to a collection at the very moment at which it is deleted, on real servers. */

import assert from "node:assert/strict";
import { openCaldav } from "../../adapters/caldav/mod.ts";
import { openCarddav } from "../../adapters/carddav/mod.ts";
import { storageName } from "../../lib/model/names.ts";
import { Secret } from "../../lib/model/secret.ts";
import { isAccountInstalled, openAccount } from "../support/acceptance_account.ts";
import { never } from "./context.ts";
import { calendarKit, contactsKit } from "./kit.ts";

// DAViCal 1.1 is not among them: it deletes whatever the request says.
for (const kind of ["Radicale", "Xandikos", "Cyrus"] as const) {
  const ignore = !isAccountInstalled(kind);
  Deno.test(`what is added when a collection is to be deleted stays on ${kind}`, {
    ignore,
  }, async () => {
    await using account = await openAccount(kind);
    for (const open of [openCaldav, openCarddav]) {
      const isCalendar = open === openCaldav;
      const path = isCalendar
        ? await account.makeCalendar("going")
        : await account.makeAddressbook("leaving");
      const text = new TextDecoder().decode(
        (isCalendar ? calendarKit : contactsKit).item("u", "t"),
      );
      let meanwhile: (() => Promise<void>) | undefined = () =>
        account.put(`${path}u.${isCalendar ? "ics" : "vcf"}`, text);
      const storage = open({
        name: storageName("server"),
        url: account.origin + path,
        insecure: true,
        username: account.username,
        password: new Secret(account.password),
        async fetch(url, init) {
          if (init.method === "DELETE") await meanwhile?.();
          return await fetch(url, init);
        },
      });
      try {
        const [collection] = await storage.collections(never);
        assert(collection !== undefined);
        await assert.rejects(storage.deleteCollection(collection, never), {
          kind: "refused",
          message: /something was added/,
        });
        const members = await account.members(path);
        assert.equal(members.length, 1);
        await account.remove(members[0] ?? "");
        meanwhile = undefined;
        await storage.deleteCollection(collection, never);
        await assert.rejects(storage.deleteCollection(collection, never), { kind: "missing" });
      } finally {
        await storage.close();
      }
    }
  });
}
