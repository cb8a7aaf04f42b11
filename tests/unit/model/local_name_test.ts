import assert from "node:assert/strict";
import fc from "fast-check";
import { localName } from "../../../lib/model/local_name.ts";
import { NASTY_NAMES } from "../../support/nasty_names.ts";

const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

function assertFit(name: string, of: string): void {
  const shown = `${JSON.stringify(name)} for ${JSON.stringify(of)}`;
  assert.match(name, /^[A-Za-z0-9_@+=][A-Za-z0-9_.@+=-]{0,119}$/, shown);
  assert.ok(!name.endsWith("."), shown);
  assert.doesNotMatch(name, DEVICE, shown);
}

Deno.test("localName() leaves a name alone that is safe everywhere", () => {
  for (
    const safe of [
      "a",
      "20260101T090000Z-1234@example.org",
      "2f0c1b3e-7d55-4c21-9a11-0d1f2b3c4d5e",
      "A+b=c_d.e",
      "contract",
      "console",
      "_x",
      "u".repeat(120),
    ]
  ) assert.equal(localName(safe, 0), safe);
});

Deno.test("localName() makes a fit name of each nasty one, and no name twice", () => {
  assert.ok(NASTY_NAMES.length > 200);
  for (const nasty of NASTY_NAMES) {
    for (const attempt of [0, 1, 2]) assertFit(localName(nasty, attempt), nasty);
  }
  const names = NASTY_NAMES.map((nasty) => localName(nasty, 0));
  // Lone surrogates have no bytes of their own, so all of them are one.
  const distinct = new Set(NASTY_NAMES.map((nasty) => new TextEncoder().encode(nasty).join()));
  assert.equal(new Set(names).size, distinct.size);
});

Deno.test("localName() keeps what a person can recognise of an unsafe name", () => {
  assert.match(localName("Käthe Müller", 0), /^K_the_M_ller-[0-9a-f]{16}$/);
  assert.match(localName("../../etc/passwd", 0), /^etc_passwd-[0-9a-f]{16}$/);
  assert.match(localName("con", 0), /^_con-[0-9a-f]{16}$/);
  assert.match(localName("日本語", 0), /^[0-9a-f]{16}$/);
});

Deno.test("localName() gives another name for each attempt, and the same one for the same", () => {
  for (const text of ["plain", "un safe", "", "u".repeat(500)]) {
    const names = Array.from({ length: 20 }, (_, attempt) => localName(text, attempt));
    assert.equal(new Set(names).size, 20);
    assert.deepEqual(Array.from({ length: 20 }, (_, attempt) => localName(text, attempt)), names);
  }
});

Deno.test("localName() tells apart names that a disk may take for one, at the next attempt", () => {
  assert.notEqual(
    localName("UID", 1).toLowerCase(),
    localName("uid", 1).toLowerCase(),
  );
});

Deno.test("localName() refuses an attempt that is none", () => {
  for (const attempt of [-1, 0.5, NaN, Infinity]) {
    assert.throws(() => localName("a", attempt), RangeError);
  }
});

Deno.test("localName() is fit for 50,000 texts of any kind", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.string({ unit: "grapheme", maxLength: 60 }),
    fc.array(fc.constantFrom("..", "/", "con", ".", "-", "a", "\u0000", "~", " "))
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, fc.nat(3), (text, attempt) => assertFit(localName(text, attempt), text)),
    { numRuns: 50_000 },
  );
});
