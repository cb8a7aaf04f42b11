import assert from "node:assert/strict";
import { describeMail } from "../../../lib/item/describe_mail.ts";

const describe = (text: string) => describeMail(new TextEncoder().encode(text));

Deno.test("a mail is described by its subject, its sender and its date", () => {
  assert.deepEqual(
    describe(
      'From: "Ada Lovelace" <ada@example.com>\r\nDate: Mon, 2 Mar 2026 10:00:00 +0100 (CET)\r\n' +
        "Subject: Notes on\r\n the engine\r\n\r\nSubject: not this\r\n",
    ),
    {
      component: "MAIL",
      summary: "Notes on the engine",
      when: "2026-03-02 09:00 UTC, from Ada Lovelace",
    },
  );
});

Deno.test("encoded words are decoded, and what cannot be is shown as it is", () => {
  const subject = (text: string) => describe(`Subject: ${text}\n\n`).summary;
  assert.equal(subject("=?utf-8?Q?Gr=C3=BC=C3=9Fe_aus?= =?utf-8?B?IEvDtmxu?="), "Grüße aus Köln");
  assert.equal(subject("=?iso-8859-1*de?q?M=FCll?="), "Müll");
  assert.equal(subject("=?no-such-charset?Q?x?="), "=?no-such-charset?Q?x?=");
  assert.equal(subject("=?utf-8?B?*?="), "=?utf-8?B?*?=");
});

Deno.test("a mail without a header, or with a strange one, is described all the same", () => {
  assert.deepEqual(describe(""), { component: "MAIL" });
  assert.deepEqual(describe("no header at all"), { component: "MAIL" });
  assert.deepEqual(describe("From: ada@example.com\nDate: yesterday\n\n"), {
    component: "MAIL",
    when: "from ada@example.com",
  });
});
