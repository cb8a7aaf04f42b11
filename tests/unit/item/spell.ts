/** Items as a model, to be spelt in many ways: for the property tests of the digest. */

import fc from "fast-check";
import { below, pick, type Random } from "../../support/event_values.ts";

export interface ModelParam {
  readonly name: string;
  readonly values: readonly string[];
}

/** A value by its meaning; how it is spelt is up to {@linkcode spell}. */
export type ModelValue =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "texts"; readonly texts: readonly string[] }
  | { readonly type: "integer"; readonly integer: number }
  | { readonly type: "duration"; readonly days: number; readonly seconds: number }
  | { readonly type: "rule"; readonly parts: readonly (readonly [string, readonly string[]])[] }
  | { readonly type: "raw"; readonly raw: string };

export interface ModelProperty {
  readonly name: string;
  readonly params: readonly ModelParam[];
  readonly value: ModelValue;
}

export interface ModelComponent {
  readonly name: string;
  readonly properties: readonly ModelProperty[];
  readonly children: readonly ModelComponent[];
}

const text = fc.string({ unit: "grapheme", maxLength: 40 }).map((raw) =>
  // deno-lint-ignore no-control-regex -- a NUL makes an item malformed, CR ends a line
  raw.replace(/[\u0000\r]/g, "")
);
const word = fc.stringMatching(/^[A-Za-z0-9 ,;:]{1,12}$/);

const params = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom("CN", "X-ONE", "X-TWO", "ALTREP"),
    values: fc.array(word, { minLength: 1, maxLength: 2 }),
  }),
  { maxLength: 3, selector: (param) => param.name },
);

const days = fc.constantFrom("MO", "TU", "1WE", "-1FR", "SU");
const rule = fc.record({
  freq: fc.constantFrom("DAILY", "WEEKLY", "MONTHLY"),
  interval: fc.integer({ min: 1, max: 3 }),
  count: fc.integer({ min: 1, max: 99 }),
  byDay: fc.uniqueArray(days, { minLength: 1, maxLength: 3 }),
}).map(({ freq, interval, count, byDay }): ModelValue => ({
  type: "rule",
  parts: [["FREQ", [freq]], ["INTERVAL", [`${interval}`]], ["COUNT", [`${count}`]], [
    "BYDAY",
    byDay,
  ]],
}));

const time = fc.date({
  min: new Date("1990-01-01"),
  max: new Date("2090-01-01"),
  noInvalidDate: true,
}).map((date) => date.toISOString().replace(/[-:]|\.\d+Z/g, ""));

const values: Readonly<Record<string, fc.Arbitrary<ModelValue>>> = {
  SUMMARY: text.map((text) => ({ type: "text", text })),
  DESCRIPTION: text.map((text) => ({ type: "text", text })),
  "X-NOTE": text.map((text) => ({ type: "text", text })),
  CATEGORIES: fc.array(text, { minLength: 1, maxLength: 3 })
    .map((texts) => ({ type: "texts", texts })),
  PRIORITY: fc.nat(9).map((integer) => ({ type: "integer", integer })),
  SEQUENCE: fc.nat(99).map((integer) => ({ type: "integer", integer })),
  DURATION: fc.record({ days: fc.nat(30), seconds: fc.nat(86_399) })
    .map((duration) => ({ type: "duration", ...duration })),
  DTSTART: time.map((raw) => ({ type: "raw", raw })),
  EXDATE: time.map((raw) => ({ type: "raw", raw: `${raw}Z` })),
  RRULE: rule,
  GEO: fc.tuple(fc.nat(89), fc.nat(179)).map(([north, east]) => ({
    type: "raw",
    raw: `${north}.5;-${east}.25`,
  })),
};

const property: fc.Arbitrary<ModelProperty> = fc.oneof(
  ...Object.entries(values).map(([name, value]) =>
    fc.record({ name: fc.constant(name), params, value })
  ),
);
const properties = fc.array(property, { minLength: 1, maxLength: 8 });
const alarm = properties.map((properties): ModelComponent => ({
  name: "VALARM",
  properties,
  children: [],
}));
const zone = fc.constantFrom("Europe/Berlin", "Asia/Tokyo").map((raw): ModelComponent => ({
  name: "VTIMEZONE",
  properties: [{ name: "TZID", params: [], value: { type: "raw", raw } }],
  children: [],
}));
const event = fc.record({ properties, children: fc.array(alarm, { maxLength: 2 }) })
  .map(({ properties, children }): ModelComponent => ({
    name: "VEVENT",
    properties: [
      { name: "UID", params: [], value: { type: "raw", raw: "uid-1" } },
      { name: "DTSTAMP", params: [], value: { type: "raw", raw: "20260101T000000Z" } },
      ...properties,
    ],
    children,
  }));

/** A calendar with an event, mostly overrides of it, alarms and a time zone. */
export const calendar: fc.Arbitrary<ModelComponent> = fc.record({
  zones: fc.array(zone, { maxLength: 1 }),
  events: fc.array(event, { minLength: 1, maxLength: 3 }),
}).map(({ zones, events }) => ({
  name: "VCALENDAR",
  properties: [
    { name: "VERSION", params: [], value: { type: "raw", raw: "2.0" } },
    { name: "PRODID", params: [], value: { type: "raw", raw: "-//Example//EN" } },
  ],
  children: [...zones, ...events],
}));

/** The plain spelling: as it stands, in CRLF, not folded. */
export function plain(component: ModelComponent): Uint8Array {
  return encode(plainLines(component).map((line) => `${line}\r\n`).join(""));
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function plainLines(component: ModelComponent): readonly string[] {
  return [
    `BEGIN:${component.name}`,
    ...component.properties.map(({ name, params, value }) => {
      const texts = params.map((param) => `;${param.name}=${param.values.map(quote).join(",")}`);
      return `${name}${texts.join("")}:${plainValue(value)}`;
    }),
    ...component.children.flatMap(plainLines),
    `END:${component.name}`,
  ];
}

const quote = (value: string): string => `"${value}"`;

const escapeText = (text: string): string =>
  text.replace(/[\\,;]/g, "\\$&").replaceAll("\n", "\\n");

function plainValue(value: ModelValue): string {
  switch (value.type) {
    case "text":
      return escapeText(value.text);
    case "texts":
      return value.texts.map(escapeText).join(",");
    case "integer":
      return `${value.integer}`;
    case "duration":
      return `P${value.days}DT${value.seconds}S`;
    case "rule":
      return value.parts.map(([name, values]) => `${name}=${values.join(",")}`).join(";");
    case "raw":
      return value.raw;
  }
}

/** Another spelling of the same: another order, other folds, line ends, case, quotes, stamps. */
export function respell(component: ModelComponent, random: Random): Uint8Array {
  const end = pick(random, ["\r\n", "\n", "\r"]);
  const lines = spellLines(component, random).map((line) => fold(encode(line), end, random));
  const last = random() < 0.5 ? "" : end;
  return join([
    ...lines.flatMap((line, at) => at === 0 ? [line] : [encode(end), line]),
    encode(last),
  ]);
}

function spellLines(component: ModelComponent, random: Random): readonly string[] {
  const kept = component.properties.filter(({ name }) => name !== "DTSTAMP" && name !== "PRODID");
  const stamps = ["DTSTAMP", "LAST-MODIFIED", "CREATED", "PRODID", "METHOD", "X-WR-CALNAME"];
  const added = stamps.slice(below(random, stamps.length)).map((name) => `${name}:${random()}`);
  return [
    `${anyCase("BEGIN", random)}:${anyCase(component.name, random)}`,
    ...shuffled([...kept.map((property) => spellProperty(property, random)), ...added], random),
    ...shuffled(component.children, random).flatMap((child) => spellLines(child, random)),
    `${anyCase("END", random)}:${anyCase(component.name, random)}`,
  ];
}

function spellProperty(property: ModelProperty, random: Random): string {
  const params = shuffled(property.params, random).map(({ name, values }) => {
    const texts = values.map((value) =>
      /[,;:]/.test(value) || random() < 0.5 ? quote(value) : value
    );
    return `;${anyCase(name, random)}=${texts.join(",")}`;
  });
  return `${anyCase(property.name, random)}${params.join("")}:${
    spellValue(property.value, random)
  }`;
}

function spellValue(value: ModelValue, random: Random): string {
  switch (value.type) {
    case "text":
      return value.text.replace(
        /[\\,;]/g,
        (char) => char === "\\" || random() < 0.5 ? `\\${char}` : char,
      )
        .replaceAll("\n", () => random() < 0.5 ? "\\n" : "\\N");
    case "texts":
      return shuffled(value.texts, random).map(escapeText).join(",");
    case "integer":
      return `${pick(random, ["", "+", "00"])}${value.integer}`;
    case "duration":
      return spellDuration(value.days, value.seconds, random);
    case "rule":
      return shuffled(value.parts, random).map(([name, values]) =>
        anyCase(`${name}=${shuffled(values, random).join(",")}`, random)
      ).join(";");
    case "raw":
      return value.raw;
  }
}

function spellDuration(days: number, seconds: number, random: Random): string {
  const sign = pick(random, ["", "+"]);
  const date = days % 7 === 0 && random() < 0.5 ? `${days / 7}W` : `${days}D`;
  const minutes = Math.floor(seconds / 60);
  const time = pick(random, [
    `${seconds}S`,
    `${minutes}M${seconds % 60}S`,
    `${Math.floor(minutes / 60)}H${minutes % 60}M${seconds % 60}S`,
  ]);
  return seconds === 0 && random() < 0.5 ? `${sign}P${date}` : `${sign}P${date}T${time}`;
}

const anyCase = (text: string, random: Random): string =>
  [...text].map((char) => random() < 0.3 ? char.toLowerCase() : char).join("");

/** Folded anywhere but before the first byte, also within a character. */
function fold(line: Uint8Array, end: string, random: Random): Uint8Array {
  if (random() < 0.5) return line;
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < line.length;) {
    const size = 1 + below(random, 20);
    if (at > 0) pieces.push(encode(`${end}${pick(random, [" ", "\t"])}`));
    pieces.push(line.subarray(at, at + size));
    at += size;
  }
  return join(pieces);
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return items.map((item) => [random(), item] as const).sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}
