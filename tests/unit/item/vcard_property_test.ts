import { equal, notEqual } from "node:assert/strict";
import fc from "fast-check";
import { readContact } from "../../../lib/item/vcard.ts";
import { below, pick, type Random, randomNumbers } from "../../support/event_values.ts";

interface Line {
  readonly group: string;
  readonly name: string;
  readonly params: readonly (readonly [name: string, values: readonly string[]])[];
  /** By its meaning: texts that belong together, which `separator` parts. */
  readonly texts: readonly string[];
  readonly separator: "" | ";" | ",";
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const text = fc.string({ unit: "grapheme", maxLength: 30 }).map((raw) =>
  // deno-lint-ignore no-control-regex -- a NUL makes a card malformed, CR ends a line
  raw.replace(/[\u0000\r]/g, "")
);
const separators: Readonly<Record<string, Line["separator"]>> = {
  FN: "",
  NOTE: "",
  TEL: "",
  "X-ABLABEL": "",
  "X-FOO": "",
  N: ";",
  ADR: ";",
  ORG: ";",
  NICKNAME: ",",
  CATEGORIES: ",",
};
const word = fc.stringMatching(/^[A-Za-z0-9 ;:]{1,10}$/);
const params = fc.uniqueArray(
  fc.tuple(fc.constantFrom("TYPE", "LANGUAGE", "X-ONE"), fc.array(word, { minLength: 1 })),
  { maxLength: 3, selector: ([name]) => name },
);
const line: fc.Arbitrary<Line> = fc.record({
  group: fc.constantFrom("", "", "item1", "item2"),
  name: fc.constantFrom(...Object.keys(separators)),
  params,
  // The last is not empty: empty parts at the end of N and ADR say nothing.
  texts: fc.tuple(fc.array(text, { maxLength: 4 }), text)
    .map(([before, last]) => [...before, `${last}.`]),
}).map((made) => {
  const separator = separators[made.name] ?? "";
  return { ...made, separator, texts: separator === "" ? [made.texts.join("")] : made.texts };
});
const card = fc.array(line, { minLength: 1, maxLength: 10 });

const quote = (value: string): string => `"${value}"`;
const escape = (value: string): string => value.replace(/[\\,;]/g, "\\$&").replaceAll("\n", "\\n");

function wrapped(lines: readonly string[]): readonly string[] {
  return ["BEGIN:VCARD", "VERSION:3.0", "UID:uid-1", ...lines, "END:VCARD"];
}

function plain(lines: readonly Line[]): Uint8Array {
  const texts = lines.map(({ group, name, params, texts, separator }) => {
    const left = params.map(([param, values]) => `;${param}=${values.map(quote).join(",")}`);
    const head = `${group === "" ? "" : `${group}.`}${name}${left.join("")}`;
    return `${head}:${texts.map(escape).join(separator)}`;
  });
  return encode(wrapped(texts).map((text) => `${text}\r\n`).join(""));
}

/** The same card in another order, other folds, line ends, case, quotes, and with stamps. */
function respell(lines: readonly Line[], random: Random): Uint8Array {
  const stamps = ["PRODID", "REV", "X-RADICALE-NAME"].slice(below(random, 4));
  const spelt = [
    ...lines.map((line) => spell(line, random)),
    ...stamps.map((name) => `${name}:${random()}`),
  ];
  const end = pick(random, ["\r\n", "\n", "\r"]);
  const all = wrapped(shuffled(spelt, random)).map((text) => fold(encode(text), end, random));
  return Uint8Array.from(all.flatMap((bytes) => [...bytes, ...encode(end)]));
}

function spell({ group, name, params, texts, separator }: Line, random: Random): string {
  const left = shuffled(params, random).map(([param, values]) => {
    const quoted = values.map((value) =>
      /[;:]/.test(value) || random() < 0.5 ? quote(value) : value
    );
    return random() < 0.5
      ? `;${anyCase(param, random)}=${quoted.join(",")}`
      : quoted.map((value) => `;${anyCase(param, random)}=${value}`).join("");
  });
  const value = separator === ""
    ? texts.join("").replace(
      /[\\,;]/g,
      (char) => char === "\\" || random() < 0.5 ? `\\${char}` : char,
    ).replaceAll("\n", () => random() < 0.5 ? "\\n" : "\\N")
    : texts.map(escape).join(separator);
  const empty = name === "N" || name === "ADR" ? ";".repeat(below(random, 3)) : "";
  const head = anyCase(`${group === "" ? "" : `${group}.`}${name}`, random);
  return `${head}${left.join("")}:${value}${empty}`;
}

const anyCase = (text: string, random: Random): string =>
  [...text].map((char) => random() < 0.3 ? char.toLowerCase() : char.toUpperCase()).join("");

/** Folded anywhere but before the first byte, also within a character. */
function fold(line: Uint8Array, end: string, random: Random): Uint8Array {
  const pieces: number[] = [];
  for (const [at, byte] of line.entries()) {
    if (at > 0 && random() < 0.05) pieces.push(...encode(`${end}${pick(random, [" ", "\t"])}`));
    pieces.push(byte);
  }
  return Uint8Array.from(pieces);
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return items.map((item) => [random(), item] as const).sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}

function digest(bytes: Uint8Array): string {
  const item = readContact(bytes);
  if (item.state === "malformed") throw item.error;
  return item.digest;
}

Deno.test("a card has the same digest however it is spelt", () => {
  fc.assert(
    fc.property(card, fc.integer(), (lines, seed) => {
      equal(digest(respell(lines, randomNumbers(seed))), digest(plain(lines)));
    }),
    { numRuns: 500 },
  );
});

Deno.test("a card has another digest if any one line is missing, or is in another group", () => {
  fc.assert(
    fc.property(card, fc.integer(), fc.boolean(), (lines, seed, drop) => {
      const random = randomNumbers(seed);
      const at = below(random, lines.length);
      const changed = lines.flatMap((line, index) => {
        if (index !== at) return line;
        return drop ? [] : { ...line, group: `${line.group}other` };
      });
      notEqual(digest(respell(changed, random)), digest(plain(lines)));
    }),
    { numRuns: 500 },
  );
});

Deno.test("a card has another digest if any one value or parameter is another", () => {
  fc.assert(
    fc.property(card, fc.integer(), fc.boolean(), (lines, seed, inParams) => {
      const random = randomNumbers(seed);
      const at = below(random, lines.length);
      const changed = lines.map((line, index): Line => {
        if (index !== at) return line;
        if (inParams) return { ...line, params: [...line.params, ["X-TWO", ["other"]]] };
        const which = below(random, line.texts.length);
        const texts = line.texts.map((text, n) => n === which ? edited(text, random) : text);
        return { ...line, texts };
      });
      notEqual(digest(respell(changed, random)), digest(plain(lines)));
    }),
    { numRuns: 500 },
  );
});

/** One character more: also a comma, a backslash, an n. */
function edited(text: string, random: Random): string {
  const at = below(random, text.length + 1);
  const added = pick(random, ["x", ",", ";", "\\", "n", "\n", " ", "ü"]);
  return `${text.slice(0, at)}${added}${text.slice(at)}`;
}

Deno.test("reading a contact never throws, whatever the bytes are", () => {
  const almost = fc.array(
    fc.oneof(
      fc.constantFrom("BEGIN:VCARD", "VERSION:3.0", "VERSION:4.0", "END:VCARD", "UID:a", "a.N:;"),
      fc.constantFrom(";", ":", '"', "\\", ",", "=", "\r", "\n", "\r\n", "\r\n ", "\t", "\0"),
      fc.constantFrom("TEL;TYPE=", "PHOTO;ENCODING=b:", "ADR:;;\\", "NICKNAME:a,\\", "LABEL="),
      fc.string({ maxLength: 5 }),
    ),
  ).map((parts) => encode(parts.join("")));
  fc.assert(
    fc.property(fc.oneof(almost, fc.uint8Array({ maxLength: 400 })), (bytes) => {
      const read = readContact(bytes);
      if (read.state === "malformed") {
        equal(read.error.scope, "item");
        equal(read.error.message.length < 1024, true);
      }
    }),
    { numRuns: 2000 },
  );
});
