/** What belongs to mail alone goes through every decorator. */

import assert from "node:assert/strict";
import { createMemory } from "../../../adapters/memory/mod.ts";
import { withFaults } from "../../../adapters/with_faults.ts";
import { withFullListing } from "../../../adapters/with_full_listing.ts";
import { withHooks } from "../../../adapters/with_hooks.ts";
import { withReadOnly } from "../../../adapters/with_read_only.ts";
import { withTransform } from "../../../adapters/with_transform.ts";
import { bodyOf } from "../../../lib/model/item.ts";
import { collectionId, digest, href, ident } from "../../../lib/model/names.ts";
import type { Action, Storage } from "../../../lib/model/storage.ts";
import { NEVER } from "./kit.ts";

const same = (bytes: Uint8Array) => Promise.resolve(bytes);

const DECORATORS: Readonly<Record<string, (storage: Storage) => Storage>> = {
  "faults that never happen": (storage) => withFaults(storage, () => undefined),
  "full listings": withFullListing,
  "hooks": (storage) =>
    withHooks(storage, { pathOf: (_, at) => at, onProblem: () => assert.fail("no hook is there") }),
  "a transform": (storage) =>
    withTransform(storage, {
      read: same,
      write: same,
      needsHeld: () => false,
      readItem: (bytes) => {
        const text = new TextDecoder().decode(bytes);
        return { state: "read", ident: ident(text), digest: digest(text) };
      },
    }),
};

const PASSED = ["localId", "renameCollection", "renumber", "holds"] as const;

for (const [what, decorate] of Object.entries(DECORATORS)) {
  Deno.test(`mail goes through ${what} with all that is known of it`, async () => {
    const memory = createMemory({ name: "test", kind: "mail", keeps: ["\\Seen"] });
    const collection = memory.add("work", {}, { specialUse: "\\Sent" });
    const inner = memory.open();
    const storage = decorate(inner);
    for (const name of PASSED) assert.equal(typeof storage[name], typeof inner[name], name);
    assert.equal(storage.capabilities.keepsGuids, true);
    const action: Action = {
      kind: "create",
      id: 1,
      ident: ident("x"),
      href: href("7"),
      content: {
        digest: digest("x"),
        flags: ["\\Seen"],
        body: bodyOf(new TextEncoder().encode("UID:x")),
        mail: { guid: "g", received: 1_500, saved: 2_500, uidl: "l", pop3Order: 3 },
      },
    };
    const actions = async function* () {
      yield await Promise.resolve(action);
    };
    await Array.fromAsync(storage.apply(collection, actions(), NEVER));
    const stored = memory.items("work").get(href("7"));
    assert.deepEqual(stored?.mail, action.content.mail);

    const [entries, end] = await Array.fromAsync(storage.changes(collection, undefined, NEVER));
    assert.ok(entries?.type === "entries" && end?.type === "end");
    const [entry] = entries.entries;
    assert.ok(entry?.state === "present");
    assert.deepEqual(entry.mail, { ident: "g", size: 5, received: 1_500 });
    assert.deepEqual(end.keeps, ["\\Seen"]);

    const [batch] = await Array.fromAsync(
      storage.fetch(collection, [href("7")], { signal: NEVER, identsOnly: true }),
    );
    const [fetched] = batch ?? [];
    assert.ok(fetched?.state === "present");
    assert.deepEqual([fetched.item.ident, fetched.item.mail], ["g", action.content.mail]);

    const [found] = await storage.collections(NEVER);
    assert.equal(found?.mailbox?.specialUse, "\\Sent");
    const renamed = await storage.renameCollection?.(found, collectionId("play"), NEVER);
    assert.equal(renamed?.id, "play");
  });
}

Deno.test("what is asked of a mail storage is passed on, with what it is asked for", async () => {
  const memory = createMemory({ name: "test", kind: "mail" });
  const collection = memory.add("work");
  memory.deliver("work", "UID:x");
  const asked: unknown[] = [];
  const bare = memory.open();
  const counting: Storage = {
    ...bare,
    fetch(collection, hrefs, options) {
      asked.push(options.identsOnly);
      return bare.fetch(collection, hrefs, options);
    },
  };
  for (const decorate of [DECORATORS["hooks"], withReadOnly, DECORATORS["a transform"]]) {
    const storage = decorate?.(counting) ?? assert.fail();
    const options = { signal: NEVER, identsOnly: true } as const;
    await Array.fromAsync(storage.fetch(collection, [href("1")], options));
  }
  // Who an item is in another form has to be read from its bytes.
  assert.deepEqual(asked, [true, true, undefined]);
});
