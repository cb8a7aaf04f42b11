import assert from "node:assert/strict";
import fc from "fast-check";
import { cursor } from "../../../lib/model/names.ts";
import { safeId } from "../../../lib/net/dav/collections.ts";
import { cursorOf, markIn } from "../../../lib/net/dav/cursor.ts";
import { pathIn, saysNone, srvOrder } from "../../../lib/net/dav/dns.ts";
import { ifMatch, sameEtag, writtenEtag } from "../../../lib/net/dav/etag.ts";
import { newName } from "../../../lib/net/dav/new_name.ts";
import { NASTY_NAMES } from "../../support/nasty_names.ts";

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*\.ics$/;

Deno.test("an ident that is harmless is the name", () => {
  assert.equal(newName("20260101T090000-ab_c.1", "ics", 0), "20260101T090000-ab_c.1.ics");
});

Deno.test("an ident that is not is reduced and told apart by a hash", () => {
  assert.match(newName("a@example.org", "ics", 0), /^a-example\.org-[0-9a-f]{16}\.ics$/);
  assert.match(newName("ääää", "ics", 0), /^[0-9a-f]{16}\.ics$/);
  assert.notEqual(newName("a/b", "ics", 0), newName("a:b", "ics", 0));
});

Deno.test("whatever the ident, its name is made of harmless characters and not long", () => {
  const check = (text: string) => {
    for (let attempt = 0; attempt < 3; attempt++) {
      const name = newName(text, "ics", attempt);
      assert.match(name, NAME, JSON.stringify(text));
      assert(name.length <= 120);
      assert.equal(newName(text, "ics", attempt), name);
      assert.equal(encodeURIComponent(name), name);
    }
  };
  for (const name of NASTY_NAMES) check(name);
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), check));
});

Deno.test("each attempt gives another name, and no two idents the same", () => {
  const names = new Set<string>();
  const idents = [...new Set([...NASTY_NAMES, "a", "A", "a.ics", "a-", "-a", ".a", "a."])];
  for (const one of idents) {
    for (let attempt = 0; attempt < 4; attempt++) names.add(newName(one, "ics", attempt));
  }
  assert.equal(names.size, idents.length * 4);
});

Deno.test("an id holds nothing that has a meaning in a path, and what is harmless stays", () => {
  for (const plain of ["work", "Wörk", "a b", "a@b", "Кириллица", ".hidden", "a.b", "1"]) {
    assert.equal(safeId(plain), plain);
  }
  for (
    const name of [
      "",
      ".",
      "..",
      "../../tmp/pwn",
      "/etc/cron.d",
      "a\\b",
      "a\0b",
      "a\nb",
      "x".repeat(300),
    ]
  ) {
    const id = safeId(name);
    assert.notEqual(id, name);
    // deno-lint-ignore no-control-regex -- these are what must not be there
    assert.doesNotMatch(id, /[/\\\u0000-\u001f\u007f-\u009f]|^\.*$/);
    assert(id.length <= 60);
    assert.equal(safeId(id), id);
  }
});

Deno.test("a cursor says what it is, and one that does not is as good as none", () => {
  for (
    const mark of [{ kind: "sync", value: "http://x/1?a:b", day: 20_000 }, {
      kind: "ctag",
      value: '"x"',
    }] as const
  ) {
    assert.deepEqual(markIn(cursorOf(mark)), mark);
  }
  for (const text of ["", "sync:", "sync@1:", "sync@x:y", "http://x", "modseq:1"]) {
    assert.equal(markIn(cursor(text)), undefined);
  }
  assert.equal(markIn(undefined), undefined);
});

Deno.test("an etag goes into If-Match as it came, but for its weakness", () => {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['"abc"', '"abc"'],
    ['W/"abc"', '"abc"'],
    ["abc", "abc"],
    ['""abc""', '""abc""'],
    ['"abc-gzip"', '"abc-gzip"'],
    ['"ä"', '"ä"'],
    ['"a\nb"', undefined],
    ['"\u20ac"', undefined],
  ];
  for (const [etag, value] of rows) assert.equal(ifMatch(etag), value, etag);
});

Deno.test("a weak etag, or none, says nothing of what was written", () => {
  assert.equal(writtenEtag(new Headers({ etag: '"a"' })), '"a"');
  assert.equal(writtenEtag(new Headers({ etag: "a" })), "a");
  assert.equal(writtenEtag(new Headers({ etag: 'W/"a"' })), undefined);
  assert.equal(writtenEtag(new Headers({ etag: "" })), undefined);
  assert.equal(writtenEtag(new Headers()), undefined);
});

Deno.test("two spellings of an etag are one version", () => {
  assert(sameEtag('"a"', 'W/"a"'));
  assert(sameEtag('"a"', "a"));
  assert(!sameEtag('"a"', '"b"'));
});

Deno.test("servers are tried by priority, and among equals by weight", () => {
  const record = (target: string, priority: number, weight: number) => ({
    target,
    priority,
    weight,
    port: 443,
  });
  const records = [record("c", 2, 1), record("a", 1, 10), record("b", 1, 90)];
  const order = (random: number) =>
    srvOrder(records, () => random).map(({ target }) => target).join("");
  assert.equal(order(0.05), "abc");
  assert.equal(order(0.5), "bac");
  assert.equal(srvOrder([record("x", 1, 0), record("y", 1, 0)], () => 0.5).length, 2);
  let first = 0;
  let seed = 1;
  const random = () => (seed = seed * 16807 % 2147483647) / 2147483647;
  for (let n = 0; n < 1_000; n++) if (srvOrder(records, random)[0]?.target === "b") first++;
  assert(first > 850 && first < 950, String(first));
});

Deno.test("a target of a dot says that there is no such service", () => {
  assert(saysNone([{ target: ".", priority: 0, weight: 0, port: 0 }]));
  assert(!saysNone([{ target: "dav.example.org.", priority: 0, weight: 0, port: 443 }]));
  assert(!saysNone([]));
});

Deno.test("the context path is what a TXT record says after path=", () => {
  assert.equal(pathIn(["v=spf1 -all", "path=/dav"]), "/dav");
  assert.equal(pathIn(["PATH=/x"]), "/x");
  assert.equal(pathIn(["path=dav"]), undefined);
  assert.equal(pathIn([]), undefined);
});
