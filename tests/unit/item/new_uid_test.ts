import { equal } from "node:assert/strict";
import fc from "fast-check";
import { readCalendarItem } from "../../../lib/item/icalendar.ts";
import { withUid } from "../../../lib/item/new_uid.ts";
import { readContact } from "../../../lib/item/vcard.ts";
import { alarm, bytesOf, calendar, card, event, textOf, vevent } from "./merge/kit.ts";

const renamed = (text: string, uid = "new"): string =>
  textOf(withUid(bytesOf(text), text.startsWith("BEGIN:VCARD") ? "contacts" : "calendar", uid));

Deno.test("all components of an item get the UID, and nothing else is touched", () => {
  const text = calendar(
    "BEGIN:VTIMEZONE",
    "TZID:UID:1",
    "END:VTIMEZONE",
    ...vevent("SUMMARY:UID:1", ...alarm("-PT5M", "UID:1")),
    ...vevent("RECURRENCE-ID:20260302T100000Z", "X: folded", " in two"),
  );
  equal(renamed(text), text.replaceAll("BEGIN:VEVENT\r\nUID:1", "BEGIN:VEVENT\r\nUID:new"));
});

Deno.test("where there is no UID it is put in, in a card after its version", () => {
  const bare = calendar("BEGIN:VEVENT", "SUMMARY:x", "END:VEVENT").replaceAll("\r\n", "\n");
  equal(renamed(bare), bare.replace("BEGIN:VEVENT\n", "BEGIN:VEVENT\nUID:new\n"));
  const text = card("FN:Ann").replace("UID:1\r\n", "");
  equal(renamed(text), card("FN:Ann").replace("UID:1", "UID:new"));
});

Deno.test("of two UIDs of one component the second goes, and parameters stay", () => {
  equal(
    renamed(event("UID:2").replace("UID:1", "UID;X-A=b:1")),
    event().replace("UID:1", "UID;X-A=b:new"),
  );
  equal(
    renamed(card("FN:x").replace("UID:1", "item1.UID:1")),
    card("FN:x").replace("UID:1", "item1.UID:new"),
  );
});

Deno.test("the item is read under exactly the UID that it was given", () => {
  const uid = fc.string({ unit: "grapheme", minLength: 1, maxLength: 120 })
    // deno-lint-ignore no-control-regex -- those are no text in iCalendar
    .filter((text) => !/[\u0000-\u001f]/.test(text) && text.trim() === text);
  fc.assert(
    fc.property(uid, (uid) => {
      const read = readCalendarItem(withUid(bytesOf(event("SUMMARY:x")), "calendar", uid));
      equal(read.state === "read" ? read.ident : read.error.message, uid);
      const contact = readContact(withUid(bytesOf(card("FN:x")), "contacts", uid));
      equal(contact.state === "read" ? contact.ident : contact.error.message, uid);
    }),
  );
});
