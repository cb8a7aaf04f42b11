import assert from "node:assert/strict";
import fc from "fast-check";
import { readDateBound, windowAt, writeDateBound } from "../../../lib/config/date_bound.ts";

/** The day that a bound comes to when it begins a window. */
function dayOf(text: string, now: string): string | undefined {
  const bound = readDateBound(text);
  assert.ok(bound !== undefined, text);
  return windowAt({ from: bound }, new Date(now)).from?.toISOString();
}

Deno.test("days are counted from the day of the run, in UTC", () => {
  const now = "2026-03-31T23:30:00Z";
  const cases: readonly (readonly [text: string, day: string])[] = [
    ["today", "2026-03-31"],
    ["-0d", "2026-03-31"],
    ["+1d", "2026-04-01"],
    ["-365d", "2025-03-31"],
    ["-2w", "2026-03-17"],
    ["-1m", "2026-02-28"],
    ["+1m", "2026-04-30"],
    ["+11m", "2027-02-28"],
    ["-1y", "2025-03-31"],
    ["2024-02-29", "2024-02-29"],
  ];
  for (const [text, day] of cases) assert.equal(dayOf(text, now), `${day}T00:00:00.000Z`, text);
  assert.equal(dayOf("+1y", "2024-02-29T00:00:00Z"), "2025-02-28T00:00:00.000Z");
});

Deno.test("the last day of a window is part of it", () => {
  const now = new Date("2026-12-31T12:00:00Z");
  const from = readDateBound("today");
  const to = readDateBound("2026-12-31");
  assert.ok(from !== undefined && to !== undefined);
  assert.deepEqual(windowAt({ from, to: from }, now), {
    from: new Date("2026-12-31T00:00:00Z"),
    until: new Date("2027-01-01T00:00:00Z"),
  });
  assert.deepEqual(windowAt({ to }, now), { until: new Date("2027-01-01T00:00:00Z") });
});

Deno.test("a bound that is written is read as the same", () => {
  const relative = fc.tuple(
    fc.integer({ min: -99_999, max: 99_999 }),
    fc.constantFrom("d", "w", "m", "y"),
  ).map(([count, unit]) => `${count < 0 ? "-" : "+"}${Math.abs(count)}${unit}`);
  fc.assert(
    fc.property(relative, (text) => {
      const bound = readDateBound(text);
      assert.ok(bound?.kind === "relative");
      const again = readDateBound(writeDateBound(bound));
      assert.deepEqual(again, bound.count === 0 ? { ...bound, unit: "day" } : bound);
    }),
  );
});

Deno.test("what is no day is not guessed at", () => {
  for (
    const text of ["", "2026-02-29", "2026-13-01", "-100000d", "1d", "+d", "now", "2026-01-01 "]
  ) {
    assert.equal(readDateBound(text), undefined, text);
  }
});
