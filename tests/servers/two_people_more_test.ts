/** Two people edit a series, or a contact; and a program writes what it read in its own spelling. */

import assert from "node:assert/strict";
import {
  ACCOUNTS,
  insertBefore,
  isAccountInstalled,
  replaced,
} from "../support/acceptance_account.ts";
import {
  CARD,
  count,
  EVENT,
  has,
  hasNot,
  inStep,
  isQuiet,
  moveOne,
  SERIES,
} from "../support/acceptance_one_item.ts";

for (const kind of ACCOUNTS) {
  const ignore = !isAccountInstalled(kind);

  Deno.test(
    `${kind}: one edits a series, the other single events of it`,
    { ignore },
    () =>
      inStep(kind, "caldav", SERIES, async (given) => {
        await given.editHere((text) =>
          replaced(
            replaced(
              text,
              "DESCRIPTION:Bring the figures\\, please.",
              "DESCRIPTION:Nothing to bring.",
            ),
            "SEQUENCE:1",
            "SEQUENCE:2\r\nCATEGORIES:Figures",
          )
        );
        await given.editThere((text) =>
          moveOne(replaced(text, /SUMMARY:Planning\\?, early/, "SUMMARY:Planning at dawn"))
        );
        await given.desk.expect(0, "sync");
        const { form } = await given.same();
        has(form, "COUNT=10", "Figures", "Nothing to bring.", "Planning for Köln");
        has(
          form,
          "Planning at dawn",
          "2026-12-09T08:00:00",
          "Planning, late",
          "2026-12-16T16:00:00",
        );
        assert.equal(count(form, '"RECURRENCE-ID"'), 2);
        assert.equal(count(form, '"VALARM"'), 2);
        await isQuiet(given);
      }),
  );

  Deno.test(`${kind}: one changes a phone number, the other adds an address and a note`, {
    ignore,
  }, () =>
    inStep(kind, "carddav", CARD, async (given) => {
      await given.editHere((text) => replaced(text, "+49 170 1234567", "+49 171 9999999"));
      await given.editThere((text) =>
        insertBefore(
          text,
          "END:VCARD",
          "EMAIL;TYPE=WORK:hopper@example.com",
          "NOTE:Met in Köln\\, likes clocks",
        )
      );
      await given.desk.expect(0, "sync");
      const { form } = await given.same();
      has(form, "+49 171 9999999", "+49 221 7654321", "grace@example.org", "hopper@example.com");
      has(form, "Met in Köln, likes clocks", "Domkloster 4");
      hasNot(form, "+49 170");
      await isQuiet(given);
    }));
}

/** What a program makes of an item that reads it, adds a category and writes it in its own spelling. */
async function rewritten(text: string): Promise<string> {
  const program = `
import sys, vobject
item = vobject.readOne(sys.stdin.read())
event = item.vevent
event.add('categories').value = ['Rewritten']
event.add('comment').value = 'Written anew'
event.sequence.value = '7'
sys.stdout.write(item.serialize())
`;
  const child = new Deno.Command("/usr/bin/python3", {
    args: ["-c", program],
    env: { PYTHONIOENCODING: "utf-8" },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout } = await child.output();
  assert.ok(success);
  return new TextDecoder().decode(stdout);
}

Deno.test(
  "a program that writes the whole event anew, in its own spelling, edited what it edited",
  {
    ignore: !isAccountInstalled("Radicale"),
  },
  () =>
    inStep("Radicale", "caldav", EVENT, async (given) => {
      const { account, desk, member } = given;
      const path = await member();
      const ours = (await given.bytes())[0];
      // At first alone, then beside an edit here.
      await account.put(path, await rewritten(await account.get(path)));
      await desk.expect(0, "sync");
      const { form } = await given.same();
      has(form, "Written anew", "Rewritten", "Planning for Köln", "TENTATIVE");
      await isQuiet(given);
      assert.notEqual((await given.bytes())[0], ours);

      await given.editHere((text) => replaced(text, "LOCATION:Room 5", "LOCATION:Room 8"));
      await account.put(
        path,
        (await rewritten(await account.get(path))).replace("Written anew", "X"),
      );
      await desk.expect(0, "sync");
      const merged = (await given.same()).form;
      has(merged, "Room 8", "Rewritten");
      assert.equal(count(merged, '"VALARM"'), 2);
      assert.equal(count(merged, '"ATTENDEE"'), 3);
      assert.equal(count(merged, '"VTIMEZONE"'), 1);
      await isQuiet(given);
    }),
);
