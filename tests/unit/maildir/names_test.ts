import { deepStrictEqual, notStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  formatKeywords,
  isKeyword,
  keptBy,
  parseKeywords,
  withLettersFor,
} from "../../../adapters/maildir/keywords.ts";
import { hrefOfId, localIdOf, partsOfHref } from "../../../adapters/maildir/layout.ts";
import {
  baseOf,
  byArrival,
  flagsOfLetters,
  infoOf,
  isSafeBase,
  nameOf,
  newBase,
  sizesOf,
} from "../../../adapters/maildir/mail_name.ts";
import { mailboxId } from "../../../lib/item/mail/mailbox_id.ts";
import { collectionId } from "../../../lib/model/names.ts";

Deno.test("a file's name says which mail it is and what flags it has", () => {
  for (
    const [name, base, letters, more] of [
      ["1700.M1P1.host,S=5", "1700.M1P1.host,S=5", "", ""],
      ["a:2,", "a", "", ""],
      ["a:2,DFRSTab", "a", "DFRSTab", ""],
      ["a:2,SXZ,more:2,T", "a", "SXZ", ",more:2,T"],
      ["a:1,experimental", "a", "", ""],
      ["a:", "a", "", ""],
    ] as const
  ) {
    strictEqual(baseOf(name), base);
    deepStrictEqual(infoOf(name), { letters, more });
  }
  strictEqual(nameOf("a", { letters: "bSaSP", more: ",x" }), "a:2,PSab,x");
});

Deno.test("letters mean flags and keywords, P too, and unknown ones nothing", () => {
  const keywords = ["work", undefined, "$Forwarded"];
  deepStrictEqual(flagsOfLetters("DFPRSTXabc", keywords), [
    "$Forwarded",
    "\\Answered",
    "\\Deleted",
    "\\Draft",
    "\\Flagged",
    "\\Seen",
    "work",
  ]);
  deepStrictEqual(flagsOfLetters("bz", keywords), []);
});

Deno.test("keywords are read from their lines, without those that are none", () => {
  const text = "0 work\n1 Work\n2 two words\n25 last\n26 beyond\nx\n3 \\System\n4 ok\n0 again\n";
  const keywords = parseKeywords(text);
  deepStrictEqual([keywords[0], keywords[4], keywords[25]], ["work", "ok", "last"]);
  strictEqual(Object.keys(keywords).length, 3);
  strictEqual(formatKeywords(keywords), "0 work\n4 ok\n25 last\n");
});

Deno.test("a keyword gets the first letter that is free, whatever its case, and 26 get one", () => {
  deepStrictEqual(Array.from(withLettersFor(["a"], ["A", "\\Seen", "b", "not one"], "b")), [
    "a",
    undefined,
    "b",
  ]);
  const names = Array.from({ length: 30 }, (_, at) => `keyword-${at}`);
  const all = withLettersFor([], names, "");
  strictEqual(all.length, 26);
  deepStrictEqual(keptBy(all)?.slice(-26), names.slice(0, 26));
  strictEqual(keptBy(all.slice(0, 25)), undefined);
  ok(!isKeyword("\\Seen") && !isKeyword("a b") && !isKeyword("") && !isKeyword("x".repeat(500)));
});

Deno.test("sizes are read from a name where they stand, and a GUID that is no safe name is none", () => {
  deepStrictEqual(sizesOf("1.M2P3.host,S=350,W=359"), { file: 350, crlf: 359 });
  deepStrictEqual(sizesOf("1.M2P3.host,S=x,U=4"), {});
  for (const guid of ["1700.M1P1.host,S=5,W=6", "0123456789abcdef", "_a"]) {
    ok(isSafeBase(guid), guid);
  }
  for (const guid of ["", ".a", "a/b", "a:2,S", "../x", "a b", "é", "a\n", "x".repeat(300)]) {
    ok(!isSafeBase(guid), guid);
  }
  const [one, two] = [newBase(0, 1, "ho/st:x"), newBase(0, 1, "ho/st:x")];
  ok(isSafeBase(one) && one.endsWith(".ho_st_x"));
  notStrictEqual(one, two);
});

Deno.test("mails without a UID get theirs in the order of their times", () => {
  deepStrictEqual(["900.b", "1700.a", "x", "900.a"].toSorted(byArrival), [
    "x",
    "900.a",
    "900.b",
    "1700.a",
  ]);
});

const id = (...parts: readonly string[]) => mailboxId(parts);

Deno.test("a mailbox's name becomes its folder's and back, in both layouts", () => {
  strictEqual(hrefOfId("maildir++", id("Entwürfe", "&")), ".Entw&APw-rfe.&-");
  strictEqual(hrefOfId("fs", id("Entwürfe", "a.b")), "Entw&APw-rfe/a.b");
  deepStrictEqual(partsOfHref("maildir++", ".Entw&APw-rfe.&-"), ["Entwürfe", "&"]);
  deepStrictEqual(partsOfHref("maildir++", ".caf\u00e9"), ["café"]);
  for (const name of ["cur", ".", "..", ".a..b", ".inbox", ".a."]) {
    strictEqual(partsOfHref("maildir++", name), undefined, name);
  }
  for (
    const name of ["cur", "a/new", "inbox", ".hidden", "a//b", "dovecot-uidlist", "subscriptions"]
  ) {
    strictEqual(partsOfHref("fs", name), undefined, name);
  }
});

Deno.test("a name that cannot be is given another, the same one each time", () => {
  strictEqual(localIdOf("maildir++", "_", id("a.b", "c/d")), "a_b/c_d");
  strictEqual(localIdOf("maildir++", "-", id("~x\u0001")), "-x-");
  strictEqual(localIdOf("fs", "_", id("a.b", "c/d", "cur", ".x")), "a.b/c_d/_cur/_.x");
  strictEqual(localIdOf("maildir++", "_", collectionId("INBOX")), "INBOX");
  notStrictEqual(localIdOf("fs", "_", id("\u00e9")), localIdOf("fs", "_", id("e\u0301")));
  const PART = fc.string({
    unit: fc.constantFrom(..."a./~%&\u0001é\u{1f4e7}日\ud800"),
    minLength: 1,
    maxLength: 300,
  });
  for (const layout of ["maildir++", "fs"] as const) {
    fc.assert(fc.property(fc.array(PART, { minLength: 1, maxLength: 20 }), (parts) => {
      const local = localIdOf(layout, "_", mailboxId(parts));
      strictEqual(localIdOf(layout, "_", local), local);
      const name = hrefOfId(layout, local);
      ok(name.split("/").every((part) => part.length <= 255), `${name.length}`);
      ok(/^[\x20-\x7e]+$/.test(name));
      strictEqual(mailboxId(partsOfHref(layout, name) ?? []), local);
    }));
  }
});
