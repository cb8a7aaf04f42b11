import { deepStrictEqual, notStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { mailboxId, partsOf } from "../../../../lib/item/mail/mailbox_id.ts";
import { decodeMutf7, encodeMutf7 } from "../../../../lib/item/mail/mutf7.ts";
import { collectionId } from "../../../../lib/model/names.ts";

const PART = fc.string({
  unit: fc.constantFrom("%", "/", "2", "5", "F", "f", "a", ".", "~", "&", "é", "\u{1f4e7}"),
  minLength: 1,
});

Deno.test("the id of a mailbox is its parts with slashes, and says them back", () => {
  strictEqual(mailboxId(["Work", "2024"]), "Work/2024");
  strictEqual(mailboxId(["Arch/ive", "100%"]), "Arch%2Five/100%");
  strictEqual(mailboxId(["50%20"]), "50%2520");
  deepStrictEqual(partsOf(collectionId("Arch%2Five/50%2520/100%")), ["Arch/ive", "50%20", "100%"]);
  fc.assert(fc.property(fc.array(PART, { minLength: 1 }), (parts) => {
    deepStrictEqual(partsOf(mailboxId(parts)), parts);
  }));
});

Deno.test("INBOX has no case, and what lies below or beside it has", () => {
  strictEqual(mailboxId(["Inbox"]), "INBOX");
  strictEqual(mailboxId(["Inbox", "Inbox"]), "Inbox/Inbox");
  strictEqual(mailboxId(["inboxes"]), "inboxes");
});

Deno.test("names are spelt in modified UTF-7 as RFC 3501 has it", () => {
  strictEqual(encodeMutf7("~peter/mail/台北/日本語"), "~peter/mail/&U,BTFw-/&ZeVnLIqe-");
  strictEqual(encodeMutf7("Entwürfe & Co"), "Entw&APw-rfe &- Co");
  strictEqual(encodeMutf7("\u{1f4e7}\t"), "&2D3c5wAJ-");
  strictEqual(decodeMutf7("&2D3c5wAJ-"), "\u{1f4e7}\t");
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    if (text.isWellFormed()) strictEqual(decodeMutf7(encodeMutf7(text)), text);
  }));
});

Deno.test("a name in another spelling than the proper one says nothing", () => {
  for (
    const name of ["&", "&A", "&AOk", "&AGE-", "&AOkAAA=-", "é", "&2D3-", "&AOl-", "a&b", "&A/w-"]
  ) {
    strictEqual(decodeMutf7(name), undefined, name);
  }
  notStrictEqual(decodeMutf7("&-"), undefined);
});
