import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import { ITEM_LIMITS } from "../../../lib/item/components.ts";
import { describe } from "../../../lib/item/describe.ts";
import { readCalendarItem } from "../../../lib/item/icalendar.ts";

const corpus = new URL("../../corpus/items/", import.meta.url);
const file = (name: string): Uint8Array => Deno.readFileSync(new URL(`${name}.ics`, corpus));
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function read(bytes: Uint8Array): { readonly ident: string; readonly digest: string } {
  const item = readCalendarItem(bytes);
  if (item.state === "malformed") throw item.error;
  return item;
}

function event(...lines: readonly string[]): Uint8Array {
  const all = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", ...lines, "END:VEVENT"];
  return encode([...all, "END:VCALENDAR", ""].join("\r\n"));
}

Deno.test("the ident is the UID of the event, however ugly the item", () => {
  const idents: Readonly<Record<string, string>> = {
    plain: "plain-1",
    folded_uid: "folded-uid-1@example.org",
    folded_everywhere: "plain-1",
    folded_in_character: "plain-1",
    uid_params: "params-1",
    lower_case: "plain-1",
    byte_order_mark: "plain-1",
    line_feeds: "plain-1",
    carriage_returns: "plain-1",
    mixed_ends: "plain-1",
    doubled_ends: "plain-1",
    no_final_end: "plain-1",
    empty_lines: "plain-1",
    alarm_uid_first: "event-1",
    escaped_uid: "a,b;c\\d",
    spaced_uid: "spaced-1",
    uid_ends_in_a0: "voilà",
    two_uid_lines: "first-1",
    latin1_uid: "Müller",
    invalid_utf8_a: "invalid-1",
    invalid_utf8_b: "invalid-1",
    quoted_printable: "qp-1",
    lines_without_colon: "opaque-1",
    control_characters: "control-1",
    recurrence: "r-1",
    vcalendar_1: "plain-1",
  };
  for (const [name, ident] of Object.entries(idents)) {
    equal(read(file(name)).ident, ident, name);
  }
});

Deno.test("an item without a UID, or with an empty one, has its digest for an ident", () => {
  for (const name of ["no_uid", "empty_uid"]) {
    const { ident, digest } = read(file(name));
    equal(ident, `sha256:${digest}`);
    match(digest, /^[0-9a-f]{64}$/);
  }
});

Deno.test("line ends, folds, empty lines, a byte order mark and case do not change the digest", () => {
  const names = [
    "folded_everywhere",
    "folded_in_character",
    "lower_case",
    "byte_order_mark",
    "line_feeds",
    "carriage_returns",
    "mixed_ends",
    "doubled_ends",
    "no_final_end",
    "empty_lines",
  ];
  for (const name of names) equal(read(file(name)).digest, read(file("plain")).digest, name);
});

Deno.test("what cannot be read is malformed, and says why", () => {
  const reasons: Readonly<Record<string, string>> = {
    bad_empty: "the item is empty",
    bad_only_ends: "the item is empty",
    bad_html: 'the item begins with "<!DOCTYPE html>" instead of BEGIN (line 1)',
    bad_nul: "the item holds NUL bytes: it is damaged, or in UTF-16",
    bad_utf16: "the item holds NUL bytes: it is damaged, or in UTF-16",
    bad_truncated: "the item ends before END:VEVENT",
    bad_end_mismatch: "the item has END:VTODO where END:VEVENT is due (line 9)",
    bad_lone_end: "the item has END:VEVENT where nothing is due (line 1)",
    bad_text_after: 'the item goes on after its end with "hello" (line 11)',
    bad_two_calendars: "the item holds 2 calendars",
    bad_two_events: 'the item holds more than one item: UIDs "one", "two"',
    bad_two_without_uid: "the item holds 2 items without a UID",
    bad_one_without_uid: 'the item holds more than one item: UIDs "one", none',
    bad_no_event: "the item holds no event, todo or journal entry",
    bad_only_zone: "the item holds no event, todo or journal entry",
    bad_vcard: "the item is no calendar: it begins with BEGIN:VCARD",
    bad_bare_event: "the item is no calendar: it begins with BEGIN:VEVENT",
  };
  for (const [name, reason] of Object.entries(reasons)) {
    const item = readCalendarItem(file(name));
    if (item.state === "read") throw new Error(`${name} was read`);
    deepEqual([item.error.message, item.error.kind], [reason, "malformed"], name);
    equal(item.error.scope, "item");
    equal(item.error.retry, false);
  }
});

Deno.test("every file of the corpus is in one of the tables above", async () => {
  const source = await Deno.readTextFile(new URL(import.meta.url));
  for (const { name } of Deno.readDirSync(corpus)) {
    if (name.endsWith(".ics")) equal(source.includes(name.slice(0, -4)), true, name);
  }
});

Deno.test("an item that is cut off anywhere is malformed", () => {
  const whole = file("recurrence");
  for (let size = 0; size < whole.length - 2; size++) {
    equal(readCalendarItem(whole.subarray(0, size)).state, "malformed", `${size} bytes`);
  }
});

Deno.test("a component of an unknown name is an item, a time zone is none", () => {
  const bytes = encode(
    "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nUID:zone\nEND:VTIMEZONE\nBEGIN:X-THING\nUID:x\nEND:X-THING\nEND:VCALENDAR",
  );
  equal(read(bytes).ident, "x");
});

Deno.test("the UID of a component within does not make it another item", () => {
  const bytes = event("BEGIN:VLOCATION", "UID:place", "END:VLOCATION", "UID:event");
  equal(read(bytes).ident, "event");
});

Deno.test("the UID is part of the digest, without spaces around and needless escapes", () => {
  notEqual(read(event("UID:a")).digest, read(event("UID:b")).digest);
  equal(read(event("UID: a\\,b")).digest, read(event("UID:a,b ")).digest);
});

Deno.test("two different invalid UTF-8 sequences are two different values", () => {
  notEqual(read(file("invalid_utf8_a")).digest, read(file("invalid_utf8_b")).digest);
});

Deno.test("a line that is no property belongs to the one before it, and to the digest", () => {
  const lines = ["DESCRIPTION:one", "two, raw", "three, raw"] as const;
  const [description, two, three] = lines;
  const digest = read(event("UID:1", "SUMMARY:x", ...lines)).digest;
  equal(read(event("UID:1", ...lines, "SUMMARY:x")).digest, digest);
  notEqual(read(event("UID:1", "SUMMARY:x", description, three, two)).digest, digest);
  notEqual(read(event("UID:1", description, "SUMMARY:x", two, three)).digest, digest);
  notEqual(read(event("UID:1", "SUMMARY:x", description, two)).digest, digest);
  const ignored = read(event("UID:1", "SUMMARY:x", "DTSTAMP:1", "raw")).digest;
  notEqual(ignored, read(event("UID:1", "SUMMARY:x", "DTSTAMP:1")).digest);
});

Deno.test("limits are kept: bytes, lines, depth and the length of a UID", () => {
  const nested = (depth: number) =>
    encode(
      "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n" + "BEGIN:X\n".repeat(depth - 2) +
        "END:X\n".repeat(depth - 2) + "END:VEVENT\nEND:VCALENDAR\n",
    );
  equal(read(nested(64)).ident, "1");
  const cases: readonly (readonly [Uint8Array, string])[] = [
    [nested(65), "the item nests components more than 64 deep"],
    [nested(100_000), "the item has more than 100000 lines"],
    [
      event("UID:1", ...Array.from({ length: 100_000 }, () => "X:")),
      "the item has more than 100000 lines",
    ],
    [
      event("UID:1", `SUMMARY:${"x".repeat(10 * 1024 * 1024)}`),
      "the item has 10485848 bytes; 10485760 are allowed",
    ],
    [event(`UID:${"x".repeat(8193)}`), "the item has a UID of 8193 bytes; 8192 are allowed"],
  ];
  for (const [bytes, reason] of cases) {
    const item = readCalendarItem(bytes);
    if (item.state === "read") throw new Error(`read instead of: ${reason}`);
    deepEqual([item.error.message, item.error.kind], [reason, "too large"]);
  }
});

Deno.test("one line of ten million bytes is read", () => {
  equal(read(event("UID:1", `SUMMARY:${"x".repeat(ITEM_LIMITS.bytes - 200)}`)).ident, "1");
});

Deno.test("reading takes time in proportion to the size, whatever is in the item", async () => {
  const size = 256 * 1024;
  const lines = [
    `SUMMARY:${"\\,".repeat(size / 2)}`,
    `SUMMARY:${"\\\\".repeat(size / 2)}`,
    `SUMMARY:${"\r\n x".repeat(size / 4)}`,
    `CATEGORIES:${"\\,,".repeat(size / 3)}`,
    `EXDATE:${"1,".repeat(size / 2)}`,
    `RRULE:${"A=1;".repeat(size / 4)}`,
    `RRULE:BYDAY=${"1,".repeat(size / 2)}`,
    `DURATION:P${"1".repeat(size)}D`,
    `GEO:${"1".repeat(size)};1`,
    `PRIORITY:${"0".repeat(size)}x`,
    `UID:${" ".repeat(size)}x`,
    `SUMMARY${";A=1".repeat(size / 4)}:x`,
    `SUMMARY;A=${'"1",'.repeat(size / 4)}:x`,
    `SUMMARY;A=${'"'.repeat(size)}:x`,
    `STATUS:${"a-".repeat(size / 2)}`,
    ...["BEGIN:X\r\nEND:X\r\n".repeat(40_000)],
  ];
  for (const line of lines) {
    const bytes = event("UID:1", line);
    const start = performance.now();
    readCalendarItem(bytes);
    await describe(bytes);
    const seconds = (performance.now() - start) / 1000;
    equal(seconds < 10, true, `${seconds} s for ${line.slice(0, 20)}`);
  }
});
