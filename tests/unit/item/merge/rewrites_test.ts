import { deepEqual, equal } from "node:assert/strict";
import { readCalendarItem } from "../../../../lib/item/icalendar.ts";
import { byteString } from "../../../../lib/item/lines.ts";
import { lostInWords } from "../../../../lib/item/merge/lost.ts";
import { mergeCalendar, mergeContact } from "../../../../lib/item/merge/mod.ts";
import { readContact } from "../../../../lib/item/vcard.ts";
import { bytesOf } from "../../../../lib/item/raw_lines.ts";

const FOLDER = new URL("../../../corpus/items/rewrites/", import.meta.url);

function* rewrites(): Generator<
  { readonly name: string; readonly sent: Uint8Array; readonly stored: Uint8Array }
> {
  for (const { name } of Deno.readDirSync(FOLDER)) {
    const [, item, by, format] = /^(\w+)\.(\w+)\.(ics|vcf)$/.exec(name) ?? [];
    if (item === undefined || by === "sent") continue;
    const sent = Deno.readFileSync(new URL(`${item}.sent.${format}`, FOLDER));
    const stored = Deno.readFileSync(new URL(name, FOLDER));
    // A card in another version is another text: nobody asks for two.
    const version = (bytes: Uint8Array) => /^VERSION:.*$/m.exec(byteString(bytes))?.[0];
    if (format === "ics" || version(sent) === version(stored)) yield { name, sent, stored };
  }
}

/** `bytes` with a line more in its event or todo. */
function withLine(bytes: Uint8Array, line: string): Uint8Array {
  const text = byteString(bytes);
  const at = /^END:V(?:EVENT|TODO|CARD)/m.exec(text)?.index ?? 0;
  return bytesOf(`${text.slice(0, at)}${line}\r\n${text.slice(at)}`);
}

Deno.test("what servers made of an item flows nowhere, and edits on both sides meet", () => {
  let count = 0;
  for (const { name, sent, stored } of rewrites()) {
    const merge = name.endsWith(".ics") ? mergeCalendar : mergeContact;
    const result = merge({
      base: { a: sent, b: stored },
      now: { a: withLine(sent, "X-ONE:1"), b: withLine(stored, "X-TWO:2") },
    });
    if (result.state !== "merged") throw new Error(`${name}: ${JSON.stringify(result)}`);
    const without = (bytes: Uint8Array) =>
      byteString(bytes).replace(/X-ONE:1[\r\n]+/, "").replace(/X-TWO:2[\r\n]+/, "");
    equal(without(result.sides.a), byteString(sent), name);
    equal(without(result.sides.b), byteString(stored), name);
    equal(byteString(result.sides.a).includes("X-TWO:2"), true, name);
    equal(byteString(result.sides.b).includes("X-ONE:1"), true, name);
    count++;
  }
  equal(count > 20, true);
});

Deno.test("a server that changed nothing but the spelling lost nothing, and another one did", () => {
  for (const { name, sent, stored } of rewrites()) {
    const isCalendar = name.endsWith(".ics");
    const read = isCalendar ? readCalendarItem : readContact;
    const [before, after] = [read(sent), read(stored)];
    const same = before.state === "read" && after.state === "read" &&
      before.digest === after.digest;
    const lost = lostInWords(sent, stored, isCalendar ? "calendar" : "contacts");
    if (same) deepEqual(lost, [], name);
    else if (name.startsWith("lossy.radicale")) {
      equal(lost.length > 0, true, `${name}: nothing lost`);
    }
  }
});
