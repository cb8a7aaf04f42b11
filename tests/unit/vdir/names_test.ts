import assert from "node:assert/strict";
import { isCollectionName, isItemName } from "../../../adapters/vdir/names.ts";
import { isTemporaryName, temporaryName, unfitForFolder } from "../../../lib/files/names.ts";

Deno.test("a file is an item if it has the extension, something before it and no leading dot", () => {
  for (const name of ["a.ics", "a.b.ics", "ä ö.ics", "-.ics", "a.ics.ics"]) {
    assert.equal(isItemName(name, { fileext: "ics", ignored: ".tmp" }), true, name);
  }
  for (
    const name of [
      ".ics",
      "a",
      "ics",
      "a.ICS",
      "a.ics~",
      "a.ics.tmp",
      ".a.ics",
      "a.vcf",
      "../a.ics",
      "/a.ics",
      "a/b.ics",
      "a\u0000.ics",
      "",
    ]
  ) assert.equal(isItemName(name, { fileext: "ics", ignored: ".tmp" }), false, name);
});

Deno.test("a folder is a collection unless its name begins with a dot", () => {
  assert.equal(isCollectionName("work"), true);
  for (const name of [".git", ".", "..", "", "a/b", "a\u0000"]) {
    assert.equal(isCollectionName(name), false, name);
  }
});

Deno.test("our temporary files are told from everybody else's", () => {
  const names = new Set(Array.from({ length: 100 }, temporaryName));
  assert.equal(names.size, 100);
  for (const name of names) {
    assert.ok(isTemporaryName(name));
    assert.ok(name.endsWith(".tmp") && !isItemName(name, { fileext: "tmp", ignored: ".tmp" }));
  }
  for (const name of ["a.tmp", ".a.tmp", ".0123.dovetail.tmp", ".dovetail.tmp", "dovetail.tmp"]) {
    assert.equal(isTemporaryName(name), false, name);
  }
});

Deno.test("a folder may have any name that a person would give it", () => {
  for (
    const id of [
      "work",
      "work and play",
      "Käthe@öffentlich",
      "我的日历",
      "내 달력",
      "التقويم",
      "می‌خواهم",
      "👨‍👩‍👧 family",
      "100%25",
      "it's (mine) & [yours]; #1, a+b=c!",
      "a..b",
      "v1.2",
      "contract",
    ]
  ) assert.equal(unfitForFolder(id), undefined, id);
});

Deno.test("a folder is not given a name that is unsafe or cannot be seen, and the reason is said", () => {
  const reasons: readonly (readonly [id: string, reason: RegExp])[] = [
    ["", /empty/],
    [".", /begins with a dot/],
    ["..", /begins with a dot/],
    [".git", /begins with a dot/],
    ["-rf", /begins with a dot or a dash/],
    ["a/b", /has one of/],
    ["a\\b", /has one of/],
    ["C:", /has one of/],
    ["what?", /has one of/],
    ["a\nb", /cannot be seen/],
    ["a\u0000b", /cannot be seen/],
    ["\u202egpj", /cannot be seen/],
    ["a\u200eb", /cannot be seen/],
    ["a\ufeff", /cannot be seen/],
    ["a\ud800", /cannot be seen/],
    ["a\u00a0b", /cannot be seen/],
    [" a", /space/],
    ["a ", /space/],
    ["a.", /dot/],
    ["CON", /device/],
    ["nul.txt", /device/],
    ["e\u0301", /NFC/],
    ["ü".repeat(61), /120 bytes/],
  ];
  for (const [id, reason] of reasons) {
    assert.match(unfitForFolder(id) ?? "(fit)", reason, JSON.stringify(id));
  }
});
