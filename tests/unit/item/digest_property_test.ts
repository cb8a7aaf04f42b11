import { deepEqual, equal, notEqual } from "node:assert/strict";
import fc from "fast-check";
import { digestOf } from "../../../lib/item/digest.ts";
import { parseCalendar } from "../../../lib/item/icalendar.ts";
import { describe } from "../../../lib/item/describe.ts";
import { readCalendarItem } from "../../../lib/item/icalendar.ts";
import { parseLine, parseParams, unfold } from "../../../lib/item/lines.ts";
import { below, type Random, randomNumbers } from "../../support/event_values.ts";
import {
  calendar,
  type ModelComponent,
  type ModelProperty,
  type ModelValue,
  plain,
  respell,
} from "./spell.ts";

function digest(bytes: Uint8Array): string {
  const parsed = parseCalendar(bytes);
  if (parsed.state === "malformed") throw parsed.error;
  return digestOf(parsed.calendar);
}

Deno.test("an item has the same digest however it is spelt", () => {
  fc.assert(
    fc.property(calendar, fc.integer(), (item, seed) => {
      equal(digest(respell(item, randomNumbers(seed))), digest(plain(item)));
    }),
    { numRuns: 500 },
  );
});

Deno.test("an item has another digest if any one value is another", () => {
  fc.assert(
    fc.property(calendar, fc.integer(), (item, seed) => {
      const random = randomNumbers(seed);
      const changed = changeOne(item, random, (property) => ({
        ...property,
        value: changeValue(property.value, random),
      }));
      notEqual(digest(respell(changed, random)), digest(plain(item)));
    }),
    { numRuns: 500 },
  );
});

Deno.test("an item has another digest if any one property is missing", () => {
  fc.assert(
    fc.property(calendar, fc.integer(), (item, seed) => {
      const random = randomNumbers(seed);
      const changed = changeOne(item, random, () => undefined);
      notEqual(digest(respell(changed, random)), digest(plain(item)));
    }),
    { numRuns: 500 },
  );
});

Deno.test("an item has another digest if any one parameter is missing or another", () => {
  fc.assert(
    fc.property(calendar, fc.integer(), fc.boolean(), (item, seed, drop) => {
      const random = randomNumbers(seed);
      const changed = changeOne(
        item,
        random,
        (property) => {
          const at = below(random, property.params.length);
          const params = property.params.flatMap((param, index) => {
            if (index !== at) return param;
            return drop ? [] : { ...param, values: [...param.values, "other"] };
          });
          return { ...property, params };
        },
        (property) => property.params.length > 0,
      );
      fc.pre(changed !== item);
      notEqual(digest(respell(changed, random)), digest(plain(item)));
    }),
    { numRuns: 500 },
  );
});

Deno.test("an item has another digest if a component is missing", () => {
  fc.assert(
    fc.property(calendar, fc.integer(), (item, seed) => {
      const random = randomNumbers(seed);
      const at = below(random, item.children.length);
      const changed = { ...item, children: item.children.filter((_, index) => index !== at) };
      notEqual(digest(respell(changed, random)), digest(plain(item)));
    }),
  );
});

Deno.test("nothing that reads bytes throws, whatever they are", async () => {
  const almost = fc.array(
    fc.oneof(
      fc.constantFrom("BEGIN:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT", "END:VCALENDAR", "UID:a"),
      fc.constantFrom(";", ":", '"', "\\", ",", "=", "\r", "\n", "\r\n", "\r\n ", "\t", "\0"),
      fc.constantFrom("SUMMARY", "RRULE:FREQ=", "DURATION:P", "EXDATE;TZID=", "CATEGORIES:a,\\"),
      fc.string({ maxLength: 5 }),
    ),
  ).map((parts) => new TextEncoder().encode(parts.join("")));
  await fc.assert(
    fc.asyncProperty(fc.oneof(almost, fc.uint8Array({ maxLength: 400 })), async (bytes) => {
      const read = readCalendarItem(bytes);
      if (read.state === "malformed") {
        equal(read.error.scope, "item");
        equal(read.error.message.length < 1024, true);
      }
      await describe(bytes);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("a line that is taken apart can be put together again", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      for (const line of unfold(text, Infinity) ?? []) {
        const { group, name, params, value } = parseLine(line);
        if (name === "") equal(value, line);
        else {
          const whole = `${group}${group === "" ? "" : "."}${name}${params}:${value}`;
          equal(whole.length, line.length);
          equal(line.endsWith(`${params}:${value}`), true);
        }
        parseParams(params);
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test("parameters are read as they were written", () => {
  const values = fc.array(fc.stringMatching(/^[^"\r\n]*$/), { minLength: 1, maxLength: 3 });
  const param = fc.record({ name: fc.stringMatching(/^[A-Z-]+$/), values });
  fc.assert(
    fc.property(fc.array(param), (params) => {
      const text = params.map(({ name, values }) =>
        `;${name}=${values.map((value) => `"${value}"`).join(",")}`
      ).join("");
      deepEqual(parseParams(text), params);
      const line = parseLine(`NAME${text}:value`);
      deepEqual([line.name, line.params, line.value], ["NAME", text, "value"]);
    }),
  );
});

/** `item` with one of its properties changed, or without it; itself if none is `wanted`. */
function changeOne(
  item: ModelComponent,
  random: Random,
  change: (property: ModelProperty) => ModelProperty | undefined,
  wanted: (property: ModelProperty) => boolean = () => true,
): ModelComponent {
  const ignored = ["DTSTAMP", "PRODID"];
  const all = propertiesOf(item).filter((property) =>
    !ignored.includes(property.name) && wanted(property)
  );
  const target = all[below(random, all.length)];
  return target === undefined ? item : replace(item, target, change(target));
}

function propertiesOf(component: ModelComponent): readonly ModelProperty[] {
  return [...component.properties, ...component.children.flatMap(propertiesOf)];
}

function replace(
  component: ModelComponent,
  target: ModelProperty,
  by: ModelProperty | undefined,
): ModelComponent {
  return {
    ...component,
    properties: component.properties.flatMap((property) =>
      property === target ? by ?? [] : property
    ),
    children: component.children.map((child) => replace(child, target, by)),
  };
}

function changeValue(value: ModelValue, random: Random): ModelValue {
  switch (value.type) {
    case "text":
      return { ...value, text: changeText(value.text, random) };
    case "texts":
      return {
        ...value,
        texts: [...value.texts.slice(1), changeText(value.texts[0] ?? "", random)],
      };
    case "integer":
      return { ...value, integer: value.integer + 1 };
    case "duration":
      return random() < 0.5
        ? { ...value, days: value.days + 1 }
        : { ...value, seconds: value.seconds + 1 };
    case "rule":
      return {
        ...value,
        parts: value.parts.map(([name, values]) =>
          name === "COUNT" ? [name, ["100"]] : [name, values]
        ),
      };
    case "raw":
      return { ...value, raw: value.raw.replace(/\d/, (digit) => digit === "1" ? "2" : "1") + "x" };
  }
}

/** One character more, less or another: also a comma, a backslash, an n. */
function changeText(text: string, random: Random): string {
  const at = below(random, text.length + 1);
  const added = ["x", ",", ";", "\\", "n", "\n", " ", "ü"][below(random, 8)] ?? "";
  return `${text.slice(0, at)}${added}${text.slice(at)}`;
}
