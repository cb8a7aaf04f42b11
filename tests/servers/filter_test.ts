/** Filters between a folder and a server: what is left out on the way is not lost, whoever edits. */

import assert from "node:assert/strict";
import { insertBefore, isAccountInstalled, replaced } from "../support/acceptance_account.ts";
import { type Bench, simple, withBench } from "../support/acceptance_bench.ts";

const ignore = !isAccountInstalled("Radicale");

const unfolded = (text: string) => text.replace(/\r?\n[ \t]/g, "");

const EVENT = simple(
  "e",
  "Meeting",
  "DTEND:20261201T110000Z",
  "LOCATION:Room 5",
  "DESCRIPTION:Secret plans",
  "ORGANIZER:mailto:ada@example.org",
  "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.org",
  "BEGIN:VALARM",
  "ACTION:DISPLAY",
  "DESCRIPTION:Reminder",
  "TRIGGER:-PT15M",
  "END:VALARM",
);

/** Edits the summary on one side, and something else on the other. */
async function editBoth({ read, write, get, put }: Bench, n: number): Promise<void> {
  await write("e.ics", replaced(await read("e.ics"), /^SUMMARY:.*$/m, `SUMMARY:Here ${n}`));
  const there = await get("e.ics");
  await put("e.ics", insertBefore(there, "END:VEVENT", `COMMENT:There ${n}`));
}

Deno.test("filter write drop: alarms and guests stay here, and edits of both sides travel", {
  ignore,
}, () =>
  withBench(async (bench) => {
    const { configure, sync, write, read, get, put, quiet } = bench;
    await configure({ there: ["filter write drop VALARM ATTENDEE ORGANIZER"] });
    await write("e.ics", EVENT);
    await sync();
    assert.doesNotMatch(await get("e.ics"), /VALARM|ATTENDEE|ORGANIZER/);
    assert.equal(await read("e.ics"), EVENT);
    await quiet();

    await put("e.ics", replaced(await get("e.ics"), "LOCATION:Room 5", "LOCATION:Room 6"));
    await sync();
    const after = await read("e.ics");
    assert.match(after, /LOCATION:Room 6/);
    assert.match(after, /TRIGGER:-PT15M/);
    assert.match(after, /bob@example\.org/);
    await quiet();

    await editBoth(bench, 1);
    await sync();
    for (const text of [await read("e.ics"), await get("e.ics")]) {
      assert.match(text, /SUMMARY:Here 1/);
      assert.match(text, /COMMENT:There 1/);
    }
    assert.match(await read("e.ics"), /TRIGGER:-PT15M/);
    assert.doesNotMatch(await get("e.ics"), /VALARM|ATTENDEE|ORGANIZER/);
    await quiet();

    // An edit of what is left out is no edit for the other side.
    await write("e.ics", replaced(await read("e.ics"), "TRIGGER:-PT15M", "TRIGGER:-PT30M"));
    const before = await get("e.ics");
    await sync();
    assert.equal(await get("e.ics"), before);
    assert.match(await read("e.ics"), /TRIGGER:-PT30M/);
    await quiet();
  }));

Deno.test(
  "filter read drop: what the server has beside it stays there",
  { ignore },
  () =>
    withBench(async (bench) => {
      const { configure, sync, write, read, get, put, quiet } = bench;
      await configure({ there: ["filter read drop VALARM"] });
      await put("e.ics", EVENT);
      await sync();
      assert.doesNotMatch(await read("e.ics"), /VALARM/);
      assert.match(await read("e.ics"), /ATTENDEE/);
      await quiet();
      await write("e.ics", replaced(await read("e.ics"), "LOCATION:Room 5", "LOCATION:Room 7"));
      await sync();
      assert.match(await get("e.ics"), /LOCATION:Room 7/);
      assert.match(await get("e.ics"), /TRIGGER:-PT15M/);
      await quiet();
      await editBoth(bench, 2);
      await sync();
      assert.match(await get("e.ics"), /TRIGGER:-PT15M/);
      assert.match(await get("e.ics"), /SUMMARY:Here 2/);
      assert.match(await read("e.ics"), /COMMENT:There 2/);
      assert.doesNotMatch(await read("e.ics"), /VALARM/);
      await quiet();
    }),
);

Deno.test(
  "filter write busy_only: the server learns when, and nothing else",
  { ignore },
  () =>
    withBench(async (bench) => {
      const { configure, sync, write, read, get, quiet } = bench;
      await configure({ there: ["filter write busy_only"] });
      await write("e.ics", EVENT);
      await sync();
      const busy = await get("e.ics");
      assert.doesNotMatch(busy, /Meeting|Room|Secret|example\.org|VALARM/);
      assert.match(busy, /DTSTART:20261201T100000Z/);
      assert.equal(await read("e.ics"), EVENT);
      await quiet();
      await write("e.ics", replaced(EVENT, "DTSTART:20261201T10", "DTSTART:20261201T09"));
      await sync();
      assert.match(await get("e.ics"), /DTSTART:20261201T090000Z/);
      assert.doesNotMatch(await get("e.ics"), /Meeting|Room|Secret|example\.org|VALARM/);
      await quiet();
    }),
);

Deno.test("filter cmd: a program changes what is written, leaves out items, or fails for one", {
  ignore,
}, () =>
  withBench(async (bench) => {
    const { configure, sync, write, read, get, names, desk, quiet } = bench;
    const program = `${desk.root}/filter.sh`;
    await Deno.writeTextFile(
      program,
      `#!/bin/sh
text=$(cat)
case "$text" in
  *"SUMMARY:Private"*) exit 0 ;;
  *"SUMMARY:Broken"*) echo "cannot do this one" >&2; exit 3 ;;
esac
printf '%s\\n' "$text" | sed 's/^LOCATION:.*/LOCATION:somewhere/'
`,
      { mode: 0o755 },
    );
    await configure({ there: [`filter write cmd ${program}`] });
    await write("e.ics", EVENT);
    await write("p.ics", simple("p", "Private"));
    await write("b.ics", simple("b", "Broken"));
    const { status, said } = await desk.run("sync");
    assert.equal(status, 1, said);
    assert.match(said, /cannot do this one/);
    assert.deepEqual((await names()).there, ["e.ics"]);
    assert.match(unfolded(await get("e.ics")), /LOCATION:somewhere/);
    assert.match(await read("e.ics"), /LOCATION:Room 5/);
    await write("b.ics", simple("b", "Mended"));
    await sync();
    assert.deepEqual((await names()).there, ["b.ics", "e.ics"]);
    assert.deepEqual((await names()).home, ["b.ics", "e.ics", "p.ics"]);
    assert.match(await read("e.ics"), /LOCATION:Room 5/);
    await quiet();
  }));
