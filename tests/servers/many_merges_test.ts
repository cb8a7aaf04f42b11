/** Both sides edit every one of many realistic events: what servers rewrite is in nobody's way. */

import assert from "node:assert/strict";
import { ACCOUNTS, insertBefore, isAccountInstalled } from "../support/acceptance_account.ts";
import { withBench } from "../support/acceptance_bench.ts";
import { itemOf } from "../support/acceptance_reader.ts";
import { generateEvents } from "../support/events.ts";

const EVENTS = 40;

/** What is put before the end of the first event in a text. */
const ALARM = [
  "BEGIN:VALARM",
  "ACTION:DISPLAY",
  "DESCRIPTION:Added there",
  "TRIGGER:-PT7M",
  "END:VALARM",
];

for (const kind of ACCOUNTS) {
  Deno.test(`${kind}: all events are edited on both sides, and all edits are on both sides`, {
    ignore: !isAccountInstalled(kind),
  }, () =>
    withBench(async (bench) => {
      const { write, read, put, get, sync, quiet, held } = bench;
      const events = generateEvents(EVENTS, 81);
      for (const { name, bytes } of events) await write(name, new TextDecoder().decode(bytes));
      await sync();
      await quiet();
      const before = await held();
      const nameThere = (uid: string) => itemOf(before.there, uid).name;
      for (const { uid, name } of events) {
        await write(name, insertBefore(await read(name), "END:VEVENT", "X-ADDED-HERE:yes"));
        const there = nameThere(uid);
        await put(there, insertBefore(await get(there), "END:VEVENT", ...ALARM));
      }
      const { stdout } = await sync();
      assert.match(stdout, new RegExp(`${2 * EVENTS} updated`));
      const after = await held();
      for (const { uid } of events) {
        const forms = [itemOf(after.home, uid).form, itemOf(after.there, uid).form];
        for (const form of forms) {
          assert.match(form, /X-ADDED-HERE/, uid);
          assert.match(form, /Added there/, uid);
        }
        // What the server had made of it before is all that may be different.
        if (itemOf(before.home, uid).form === itemOf(before.there, uid).form) {
          assert.deepEqual(JSON.parse(forms[0] ?? ""), JSON.parse(forms[1] ?? ""), uid);
        }
      }
      await quiet();
    }, { server: kind }));
}
