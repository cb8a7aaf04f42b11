import { deepStrictEqual } from "node:assert/strict";
import { describeContact } from "../../../lib/item/describe_contact.ts";

const described = (...lines: readonly string[]) =>
  describeContact(
    new TextEncoder().encode(
      ["BEGIN:VCARD", "VERSION:3.0", ...lines, "END:VCARD", ""].join("\r\n"),
    ),
  );

Deno.test("a contact is called by its name and its organisation", () => {
  deepStrictEqual(described("FN:Ada Lovelace", "item1.ORG:Analytical;Engines"), {
    component: "contact",
    summary: "Ada Lovelace, Analytical",
  });
  deepStrictEqual(described("N:Lovelace;Ada;;;", "FN:"), {
    component: "contact",
    summary: "Ada Lovelace",
  });
  deepStrictEqual(described("FN:ACME", "ORG:ACME"), { component: "contact", summary: "ACME" });
  deepStrictEqual(described("FN:J\\, R\\; M\r\n üller"), {
    component: "contact",
    summary: "J, R; Müller",
  });
});

Deno.test("a group is told from a contact, and a card without a name is a contact all the same", () => {
  deepStrictEqual(described("FN:Friends", "KIND:group"), {
    component: "group",
    summary: "Friends",
  });
  deepStrictEqual(described("UID:x"), { component: "contact" });
});

Deno.test("what is no card is an item", () => {
  deepStrictEqual(describeContact(new Uint8Array([0, 255, 13, 10])), { component: "item" });
  deepStrictEqual(describeContact(new Uint8Array()), { component: "item" });
});
