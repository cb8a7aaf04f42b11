/**
 * A server that schedules (DAViCal) invites nobody to what is copied to it, for the guests have their
 * invitations already; what is made there is left to it.
 */

import assert from "node:assert/strict";
import { isAccountInstalled, replaced } from "../support/acceptance_account.ts";
import { simple, withBench } from "../support/acceptance_bench.ts";

/** By the account's own user, so that the server is to tell the guests (RFC 6638, 3.2.1). */
const meeting = (uid: string, summary = "Meeting") =>
  simple(
    uid,
    summary,
    "DTEND:20261201T110000Z",
    "ORGANIZER;CN=A User:mailto:user@localhost",
    "ATTENDEE;CN=A User;PARTSTAT=ACCEPTED:mailto:user@localhost",
    "ATTENDEE;CN=Guest;PARTSTAT=ACCEPTED:mailto:guest@localhost",
  );

/** What the server notes where it has told a guest, or has tried to. */
const TOLD = /SCHEDULE-STATUS/;

Deno.test("DAViCal: nobody is invited a second time to what is copied there", {
  ignore: !isAccountInstalled("DAViCal"),
}, () =>
  withBench(async (bench) => {
    const { write, put, get, read, sync, quiet, configure } = bench;
    await put("there.ics", meeting("there"));
    assert.match(await get("there.ics"), TOLD, "the server does not schedule at all");
    await write("here.ics", meeting("here"));
    await sync();
    const copied = (await get("here.ics")).replace(/\r?\n[ \t]/g, "");
    assert.doesNotMatch(copied, TOLD);
    assert.match(copied, /guest@localhost/);
    assert.doesNotMatch(await read("here.ics"), /SCHEDULE-AGENT/);
    await quiet();

    // Nor where it is edited, on either side.
    await write("here.ics", replaced(await read("here.ics"), "SUMMARY:Meeting", "SUMMARY:Other"));
    await sync();
    assert.match(await get("here.ics"), /SUMMARY:Other/);
    assert.doesNotMatch(await get("here.ics"), TOLD);
    await put("here.ics", replaced(await get("here.ics"), "SUMMARY:Other", "SUMMARY:Third"));
    await sync();
    const back = await read("here.ics");
    assert.match(back, /SUMMARY:Third/);
    assert.doesNotMatch(back, /SCHEDULE-AGENT|X-DOVETAIL/);
    await quiet();

    // What was made there stays the server's, after an edit here too.
    await write("there.ics", replaced(await read("there.ics"), "SUMMARY:Meeting", "SUMMARY:Mine"));
    await sync();
    const theirs = (await get("there.ics")).replace(/\r?\n[ \t]/g, "");
    assert.match(theirs, /SUMMARY:Mine/);
    assert.doesNotMatch(theirs, /SCHEDULE-AGENT=CLIENT/);

    await configure({ there: ["schedule_agent server"] });
    await write("told.ics", meeting("told"));
    await sync();
    assert.match(await get("told.ics"), TOLD);
  }, { server: "DAViCal" }));
