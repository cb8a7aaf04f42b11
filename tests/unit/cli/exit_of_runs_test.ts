/** What whole runs come to: 130 is for those that somebody interrupted, and for no failure. */

import { deepStrictEqual } from "node:assert/strict";
import { atNth } from "../../../adapters/with_faults.ts";
import { exitOfReport, type ExitStatus } from "../../../lib/cli/exit.ts";
import { type ErrorKind, SyncError } from "../../../lib/model/error.ts";
import { event, two } from "../sync/run_support.ts";

Deno.test("a collection that cannot be made is a failure, though what it lacks was not begun", async () => {
  const world = two();
  world.a.put("work", "x.ics", event("x", "of a"));
  world.b.drop("work");
  const error = new SyncError("no", { scope: "collection", kind: "forbidden" });
  const { report } = await world.run({
    b: ({ method }) => method === "createCollection" ? { kind: "fail before", error } : undefined,
  });
  deepStrictEqual([report.skipped > 0, exitOfReport(report)], [true, 1]);
});

const ENDINGS: readonly (readonly [string, ErrorKind, ExitStatus])[] = [
  ["a storage that goes away", "unreachable", 4],
  ["a storage that is full", "quota", 1],
];

for (const [what, kind, status] of ENDINGS) {
  Deno.test(`${what} in the middle of a run ends it with status ${status}, and is no interruption`, async () => {
    const world = two();
    for (let n = 0; n < 5; n++) world.a.put("work", `${n}.ics`, event(`${n}`, "of a"));
    const error = new SyncError("no", { scope: "storage", kind });
    const { report } = await world.run({
      b: atNth(2, { kind: "fail before", error }, ({ moment }) => moment === "action"),
    });
    deepStrictEqual([report.skipped > 0, exitOfReport(report)], [true, status]);
  });
}
