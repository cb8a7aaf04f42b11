import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { idOf, isOwn, localIdOf, nameOf, type Naming } from "../../../adapters/imap/names.ts";
import { collectionId } from "../../../lib/model/names.ts";

const namings: readonly Naming[] = [
  { prefix: "", separator: "/", foreign: [] },
  { prefix: "", separator: ".", foreign: [] },
  { prefix: "INBOX.", separator: ".", foreign: ["shared."] },
  { prefix: "", separator: "\\", foreign: [] },
  { prefix: "", separator: undefined, foreign: [] },
];

Deno.test("an id that fits is the same after it was a name", () => {
  const char = fc.constantFrom(
    "a",
    "/",
    ".",
    "%",
    "2",
    "F",
    "\u00e4",
    "&",
    "-",
    " ",
    '"',
    "\\",
    "\x00",
    "\u{1f600}",
  );
  const text = fc.oneof(fc.string({ unit: char, maxLength: 12 }), fc.string({ unit: "grapheme" }));
  fc.assert(
    fc.property(text, fc.constantFrom(...namings), (id, naming) => {
      const local = localIdOf(collectionId(id.toWellFormed()), "_", naming);
      strictEqual(localIdOf(local, "_", naming), local);
      const name = nameOf(local, naming);
      ok(/^[\x20-\x7e]+$/.test(name), JSON.stringify(name));
      strictEqual(idOf(name, naming.separator, naming), local);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("INBOX is INBOX however it is spelt, and what is below it is not", () => {
  for (const naming of namings) {
    strictEqual(idOf("inbox", naming.separator, naming), "INBOX");
    strictEqual(nameOf(collectionId("INBOX"), naming), "INBOX");
  }
  const [slash, , courier] = namings;
  ok(slash !== undefined && courier !== undefined);
  strictEqual(idOf("INBOX/x", "/", slash), "INBOX/x");
  strictEqual(idOf("INBOX.Sent.2024", ".", courier), "Sent/2024");
  strictEqual(nameOf(collectionId("Sent/2024"), courier), "INBOX.Sent.2024");
});

Deno.test("names that are not spelt properly are still told apart", () => {
  const naming: Naming = { prefix: "", separator: ".", foreign: [] };
  const ids = ["&AOk-", "&AOk", "&ZZ-", "\xc3\xa9x", "\xff", "a/b", "a%2Fb"]
    .map((name) => idOf(name, ".", naming));
  strictEqual(new Set(ids).size, ids.length);
  deepStrictEqual(ids.slice(0, 1), [collectionId("\u00e9")]);
  strictEqual(ids[3], "\u00e9x");
});

Deno.test("other people's mailboxes are told by what stands before them", () => {
  const naming: Naming = { prefix: "", separator: "/", foreign: ["Other Users/", "Shared"] };
  for (const name of ["Other Users/me/x", "Other Users", "Shared", "Shared/x"]) {
    ok(!isOwn(name, naming), name);
  }
  for (const name of ["INBOX", "Other", "Share"]) ok(isOwn(name, naming), name);
});
