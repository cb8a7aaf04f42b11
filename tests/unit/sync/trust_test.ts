import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { createMemory, type MemoryOptions } from "../../../adapters/memory/mod.ts";
import { propertyNames, TRIALS, type Trust, trustIn } from "../../../lib/sync/trust.ts";

const namesIn = (...lines: readonly string[]) =>
  propertyNames(new TextEncoder().encode(lines.join("\r\n")));

/** What a run thinks of a storage of this kind. Unless it says otherwise, it may rewrite items. */
function trustOf(options: Partial<MemoryOptions> = {}, rewrites?: true): Trust {
  const memory = createMemory({
    name: "server",
    kind: "calendar",
    rewrite: (bytes) => bytes,
    ...options,
  });
  const collection = memory.add("work");
  return trustIn(memory.open(), { ...collection, ...(rewrites === undefined ? {} : { rewrites }) });
}

const PLAIN = namesIn("BEGIN:VEVENT", "UID:x", "SUMMARY:y", "END:VEVENT");
const WITH_PHOTO = namesIn("BEGIN:VEVENT", "UID:x", "ATTACH;VALUE=URI:z", "END:VEVENT");
const trials = Array.from({ length: TRIALS }, () => PLAIN);

Deno.test("propertyNames() names each property once, with or without parameters or a group", () => {
  deepStrictEqual(
    [...namesIn(
      "BEGIN:VCARD",
      "UID:x",
      "item1.X-ABLabel:home",
      "TEL;TYPE=home:1",
      "TEL;TYPE=work:2",
      "END:VCARD",
    )],
    ["BEGIN", "UID", "X-ABLabel", "TEL", "END"],
  );
});

Deno.test("propertyNames() does not take the rest of a folded line, or a value, for a property", () => {
  deepStrictEqual([...namesIn("NOTE:one", " PHOTO:two", "\tLOGO:three", "and no colon")], ["NOTE"]);
  deepStrictEqual([...namesIn("DESCRIPTION:PHOTO:x;LOGO:y")], ["DESCRIPTION"]);
  deepStrictEqual([...namesIn("")], []);
});

Deno.test("a storage that may rewrite is looked at until enough items were kept", () => {
  const trust = trustOf();
  for (const item of trials) {
    deepStrictEqual([trust.mustLook(PLAIN), trust.isFaithful(), trust.isDecided()], [
      true,
      false,
      false,
    ]);
    trust.looked([item], true);
  }
  deepStrictEqual([trust.mustLook(PLAIN), trust.isFaithful(), trust.isDecided()], [
    false,
    true,
    true,
  ]);
});

Deno.test("a property that was not seen kept yet is looked at, however many items were kept", () => {
  const trust = trustOf();
  trust.looked([...trials, ...trials], true);
  deepStrictEqual([trust.mustLook(PLAIN), trust.mustLook(WITH_PHOTO)], [false, true]);
  // Once it was, it is one like any other.
  trust.looked([WITH_PHOTO], true);
  strictEqual(trust.mustLook(WITH_PHOTO), false);
});

Deno.test("a property counts as kept only in an item that was, and one loss is enough for all", () => {
  const trust = trustOf();
  trust.looked(trials, true);
  trust.looked([WITH_PHOTO], false);
  deepStrictEqual([trust.mustLook(PLAIN), trust.mustLook(WITH_PHOTO)], [true, true]);
  deepStrictEqual([trust.isFaithful(), trust.isDecided()], [false, true]);
  trust.looked([...trials, ...trials], true);
  strictEqual(trust.mustLook(PLAIN), true);
});

Deno.test("every card is looked at, and every item where a collection is known to rewrite", () => {
  const cards = trustOf({ kind: "contacts" });
  cards.looked([...trials, ...trials], true);
  deepStrictEqual([cards.mustLook(PLAIN), cards.isDecided()], [true, true]);
  const known = trustOf({}, true);
  known.looked([...trials, ...trials], true);
  deepStrictEqual([known.mustLook(PLAIN), known.isFaithful()], [true, false]);
});

Deno.test("a storage that never rewrites is believed from the first item on", () => {
  const memory = createMemory({ name: "disk", kind: "calendar" });
  const trust = trustIn(memory.open(), memory.add("work"));
  deepStrictEqual([trust.mustLook(WITH_PHOTO), trust.isFaithful(), trust.isDecided()], [
    false,
    true,
    true,
  ]);
});
