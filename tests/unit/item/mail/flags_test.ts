import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { etagOfFlags, flagsOf } from "../../../../lib/item/mail/flags.ts";

Deno.test("flags are sorted, each once, without case and without \\Recent", () => {
  deepStrictEqual(
    flagsOf(["work", "\\seen", "\\RECENT", "$Forwarded", "Work", "\\Answered", "", "$forwarded"]),
    ["$Forwarded", "\\Answered", "\\Seen", "work"],
  );
  deepStrictEqual(flagsOf([]), []);
});

Deno.test("the etag of a mail is the text of its flags", () => {
  strictEqual(etagOfFlags(flagsOf(["b", "\\Seen", "a"])), "(\\Seen a b)");
  strictEqual(etagOfFlags([]), "()");
});
