import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { NoItem, type Split } from "../../../lib/item/split.ts";
import { splitCards } from "../../../lib/item/split_cards.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const lines = (...all: readonly string[]): string => all.map((it) => `${it}\r\n`).join("");
const card = (...more: readonly string[]): string =>
  lines("BEGIN:VCARD", "VERSION:3.0", ...more, "END:VCARD");

function split(text: string): Extract<Split, { state: "split" }> {
  const result = splitCards(encode(text));
  if (result.state !== "split") throw new Error(result.reason);
  return result;
}

Deno.test("each card is an item, byte for byte", () => {
  const one = card("UID:one", "FN:One");
  const two = "begin:vcard\nVERSION:2.1\nFN:Two\nuid:two\nEND:VCARD\n\n";
  const three = card("UID:three", "item1.TEL:1", "PHOTO;ENCODING=b:AAAA\r\n AAAA");
  const { items } = split(one + two + three);
  deepEqual(items.map(({ ident }) => ident), ["one", "two", "three"]);
  deepEqual(items.map(({ bytes }) => decode(bytes())), [one, two, three]);
});

Deno.test("a card without a UID gets one made of its content; of two alike, the second has another", () => {
  const { items } = split(card("FN:One") + card("FN:Two") + card("FN:One", "REV:20260101T000000Z"));
  const [one, two, three] = items;
  ok(one && two && three);
  match(one.ident, /^[0-9a-f]{64}$/);
  equal(three.ident, `${one.ident}-2`);
  equal(
    decode(two.bytes()),
    lines("BEGIN:VCARD", "VERSION:3.0", "FN:Two", `UID:${two.ident}`, "END:VCARD"),
  );
});

Deno.test("an empty file holds no cards, and what is cut short or something else is malformed", () => {
  deepEqual(split("").items, []);
  deepEqual(split("\r\n").items, []);
  for (
    const text of [
      lines("BEGIN:VCARD", "UID:x"),
      lines("BEGIN:VCALENDAR", "END:VCALENDAR"),
      `${card("UID:x")}more`,
      "<html>",
    ]
  ) {
    equal(splitCards(encode(text)).state, "malformed", text);
  }
});

Deno.test("a card that is added, replaced or removed leaves the others alone", () => {
  const [a, b] = [card("UID:a", "FN:A"), card("UID:b", "FN:B")];
  const whole = split(`\n${a}\n${b.trimEnd()}`);
  const [itemA] = whole.items;
  ok(itemA);
  const newA = card("UID:a", "FN:New");
  equal(
    decode(whole.joined([{ kind: "replace", item: itemA, bytes: encode(newA.trimEnd()) }])),
    `\n${newA}${b.trimEnd()}`,
  );
  equal(decode(whole.joined([{ kind: "remove", item: itemA }])), `\n${b.trimEnd()}`);
  const c = card("UID:c");
  equal(decode(whole.joined([{ kind: "add", bytes: encode(c) }])), `\n${a}\n${b}${c}`);
  equal(decode(whole.joined([])), `\n${a}\n${b.trimEnd()}`);
  throws(() => whole.joined([{ kind: "add", bytes: encode("no card") }]), NoItem);
  throws(() => whole.joined([{ kind: "add", bytes: encode(a + b) }]), NoItem);
});

Deno.test("cards in the wrapper that vdirsyncer writes are items too, and the wrapper stays", () => {
  const [a, b] = [card("UID:a", "FN:A"), card("UID:b", "FN:B")];
  const wrapper = (...cards: readonly string[]) =>
    `BEGIN:VADDRESSBOOK\r\n${cards.join("")}END:VADDRESSBOOK\r\n`;
  const whole = split(wrapper(a, b));
  deepEqual(whole.items.map(({ ident, bytes }) => [ident, decode(bytes())]), [["a", a], ["b", b]]);
  equal(decode(whole.joined([])), wrapper(a, b));
  const [itemA] = whole.items;
  ok(itemA);
  const c = card("UID:c", "FN:C");
  const edits = [{ kind: "remove", item: itemA }, { kind: "add", bytes: encode(c) }] as const;
  equal(decode(whole.joined(edits)), wrapper(b, c));
  const empty = split(wrapper());
  deepEqual(empty.items, []);
  equal(decode(empty.joined([{ kind: "add", bytes: encode(c) }])), wrapper(c));
  deepEqual(split(wrapper(a) + wrapper(b) + c).items.map(({ ident }) => ident), ["a", "b", "c"]);
  const strange = wrapper(a, lines("BEGIN:VEVENT", "UID:x", "END:VEVENT"));
  equal(splitCards(encode(strange)).state, "malformed");
});
