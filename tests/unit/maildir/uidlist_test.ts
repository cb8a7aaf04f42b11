import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  bytesOf,
  fieldOf,
  formatUidList,
  guidOf,
  parseUidList,
  type UidList,
} from "../../../adapters/maildir/uidlist.ts";

const parse = (text: string): UidList => parseUidList(bytesOf(text));
const GUID = "2e5d43333367026b1665000083ecc375";
const HEADER = `3 V1795319604 N505 G${GUID}`;
const records = (list: UidList) => [...list.records.values()].map(({ uid, base }) => [uid, base]);

Deno.test("a list of version 3 is read with all that stands in it, and written the same", () => {
  const text = `${HEADER} Xother\n7 :1700.M1P1.host,S=350\n` +
    "42 W367 Zunknown :a b :c\n300 Gsome-guid Puidl-text O5 :name\n";
  const list = parse(text);
  strictEqual(list.uidValidity, 1_795_319_604);
  strictEqual(list.next, 505);
  strictEqual(list.guid, GUID);
  ok(list.isSound);
  deepStrictEqual(records(list), [[7, "1700.M1P1.host,S=350"], [42, "a b "], [300, "name"]]);
  const third = list.records.get(300);
  ok(third !== undefined);
  strictEqual(guidOf(third), "some-guid");
  strictEqual(fieldOf(third, "P"), "uidl-text");
  strictEqual(fieldOf(third, "Q"), undefined);
  strictEqual(
    new TextDecoder().decode(formatUidList(list)),
    text.replace("a b :c", "a b "),
  );
});

Deno.test("a list of version 1 is read, and is to be written anew", () => {
  const list = parse("1 1234 9\n3 one:2,S\n7 two\n");
  deepStrictEqual([list.uidValidity, list.next, list.guid], [1234, 9, undefined]);
  deepStrictEqual(records(list), [[3, "one"], [7, "two"]]);
  ok(!list.isSound);
});

Deno.test("a list that was cut off anywhere gives only records that stand in it whole or named", () => {
  const text = `${HEADER}\n7 :first\n42 W3 :second\n300 :third\n`;
  const whole = new Map<number, string>([[7, "first"], [42, "second"], [300, "third"]]);
  for (let cut = 0; cut < text.length; cut++) {
    const list = parse(text.slice(0, cut));
    ok(!list.isSound || text[cut - 1] === "\n", `cut at ${cut}`);
    for (const { uid, base } of list.records.values()) {
      // A UID that was cut off has no name behind it, and so is none.
      ok(whole.get(uid)?.startsWith(base), `${uid} ${base}`);
    }
  }
});

Deno.test("records without order keep their UIDs, and the list is to be written anew", () => {
  const list = parse(`${HEADER}\n9 :b\n7 :a\n900 :c\n`);
  ok(!list.isSound);
  strictEqual(list.next, 901);
  deepStrictEqual(records(parse(new TextDecoder().decode(formatUidList(list)))), [
    [7, "a"],
    [9, "b"],
    [900, "c"],
  ]);
});

Deno.test("of one UID the first record counts, and of one name the last", () => {
  deepStrictEqual(records(parse(`${HEADER}\n7 :a\n7 :b\n8 :c\n9 :a\n`)), [[8, "c"], [9, "a"]]);
});

Deno.test("what is no list, or has numbers that there are not, is an empty one", () => {
  for (
    const text of ["", "\n", "2 V1 N1\n", "3 N1\n", "3 V0 N1\n", "3 V4294967296 N1\n", "1 x 1\n"]
  ) {
    const list = parse(`${text}7 :a\n`);
    deepStrictEqual([list.uidValidity, list.records.size], [undefined, 0], text);
  }
  const list = parse(`${HEADER}\n0 :a\n4294967296 :b\n-1 :c\nx :d\n5 :\n6\n\n4294967295 :e\n`);
  deepStrictEqual(records(list), [[4_294_967_295, "e"]]);
  strictEqual(list.next, 4_294_967_295);
});

Deno.test("no bytes make it fail, and names keep each byte", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (tail) => {
    const list = parseUidList(new Uint8Array([...bytesOf(`${HEADER}\n7 :`), ...tail]));
    ok(list.records.size <= 61);
  }));
  const name = String.fromCharCode(...Array.from({ length: 246 }, (_, at) => at + 10))
    .replace(/[\n:]/g, "");
  const list = parse(`${HEADER}\n7 :${name}\n`);
  strictEqual(list.records.get(7)?.base, name);
  strictEqual(parseUidList(formatUidList(list)).records.get(7)?.base, name);
});
