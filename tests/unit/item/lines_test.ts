import { deepEqual, equal } from "node:assert/strict";
import {
  byteString,
  decodeBytes,
  excerpt,
  parseLine,
  parseParams,
  trimSpaces,
  unescapeText,
  unfold,
} from "../../../lib/item/lines.ts";

Deno.test("lines may end in CRLF, LF or CR, doubled too, and need not end", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["", []],
    ["\r\n\n\r", []],
    ["a", ["a"]],
    ["a\r\nb\r\n", ["a", "b"]],
    ["a\nb\rc", ["a", "b", "c"]],
    ["a\r\r\nb\r\r\n", ["a", "b"]],
    ["\n\na\n\n\nb\n\n", ["a", "b"]],
  ];
  for (const [text, lines] of cases) deepEqual(unfold(text, 10), lines, JSON.stringify(text));
});

Deno.test("a line that begins with a space or a tab goes on with the one before", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["a\r\n b", ["ab"]],
    ["a\n\tb\n  c\rd", ["ab c", "d"]],
    ["a\r\r\n b", ["ab"]],
    ["a\r\n \r\n\t\r\nb", ["a", "b"]],
    ["a\n b\n c", ["abc"]],
    ["a\n \tb", ["a\tb"]],
    [" a\nb", [" a", "b"]],
    ["a \n b", ["a b"]],
  ];
  for (const [text, lines] of cases) deepEqual(unfold(text, 10), lines, JSON.stringify(text));
});

Deno.test("a byte order mark is dropped, and only at the beginning", () => {
  deepEqual(unfold("\xef\xbb\xbfa\nb\xef\xbb\xbf", 10), ["a", "b\xef\xbb\xbf"]);
});

Deno.test("more lines than the limit are not handed out", () => {
  equal(unfold("a\nb\nc", 2), undefined);
  deepEqual(unfold("a\nb\n c\n d\n", 2), ["a", "bcd"]);
});

Deno.test("unfolding takes time in proportion to the size, whatever the text", () => {
  const size = 1024 * 1024;
  const texts = ["\n".repeat(size), "\r".repeat(size), "\n ".repeat(size / 2), "a".repeat(size)];
  for (const text of [...texts, "a\n".repeat(size / 2), `UID;${'P="";'.repeat(size / 6)}:x`]) {
    const start = performance.now();
    for (const line of unfold(text, 100_000) ?? []) parseParams(parseLine(line).params);
    const seconds = (performance.now() - start) / 1000;
    equal(seconds < 10, true, `${seconds} s for ${JSON.stringify(text.slice(0, 10))}`);
  }
});

Deno.test("a line is taken apart into group, name, parameters and value", () => {
  const cases: readonly (readonly [string, readonly [string, string, string, string]])[] = [
    ["SUMMARY:a:b;c", ["", "SUMMARY", "", "a:b;c"]],
    ["summary:", ["", "SUMMARY", "", ""]],
    ["item1.TEL;TYPE=cell:+49", ["item1", "TEL", ";TYPE=cell", "+49"]],
    ['A;B="x:y;z";C=d:e', ["", "A", ';B="x:y;z";C=d', "e"]],
    ['A;B="x:y","u:v":e"f:g"', ["", "A", ';B="x:y","u:v"', 'e"f:g"']],
    ['A;B="never closed:e', ["", "A", ';B="never closed', "e"]],
    ['A;B=1:"quoted:value"', ["", "A", ";B=1", '"quoted:value"']],
    ["X_LOTUS:1", ["", "X_LOTUS", "", "1"]],
    ["A;:b", ["", "A", ";", "b"]],
    ["a.b.C:x", ["a", "B.C", "", "x"]],
  ];
  for (const [line, [group, name, params, value]] of cases) {
    deepEqual(parseLine(line), { group, name, params, value }, line);
  }
});

Deno.test("what is no content line is kept whole, without a name", () => {
  const lines = [
    "no colon",
    "",
    ":x",
    ";A=b:x",
    "two words: x",
    "A;B=c",
    ".A:x",
    "a.:x",
    "A :x",
    "ü:x",
  ];
  for (const line of lines) {
    deepEqual(parseLine(line), { group: "", name: "", params: "", value: line }, line);
  }
});

Deno.test("parameters have names in upper case and values without quotes", () => {
  const cases: readonly (readonly [string, readonly (readonly [string, readonly string[]])[]])[] = [
    ["", []],
    [";tzid=Europe/Berlin", [["TZID", ["Europe/Berlin"]]]],
    [';A="x;y:z,w",v;B=1', [["A", ["x;y:z,w", "v"]], ["B", ["1"]]]],
    [";A=;B", [["A", [""]], ["B", []]]],
    [';A="";A=b=c', [["A", [""]], ["A", ["b=c"]]]],
    [";CN=a^nb^'c^^", [["CN", ["a^nb^'c^^"]]]],
    [';A=x"y"z', [["A", ['x"y"z']]]],
    [';A="open;B=1', [["A", ['"open']], ["B", ["1"]]]],
    [";", [["", []]]],
  ];
  for (const [text, params] of cases) {
    deepEqual(parseParams(text), params.map(([name, values]) => ({ name, values })), text);
  }
});

Deno.test("bytes are told apart before they are decoded", () => {
  const text = byteString(Uint8Array.of(0xc3, 0xbc, 0xff, 0x41));
  equal(text, "\xc3\xbc\xffA");
  equal(decodeBytes("\xc3\xbc"), "ü");
  equal(decodeBytes("\xfc"), "ü", "what is not UTF-8 is read as ISO 8859-1");
  equal(byteString(new Uint8Array([1, 2, 3, 4]).subarray(1, 3)), "\x02\x03");
  const many = new Uint8Array(100_000).map((_, at) => at % 251);
  const whole = byteString(many.subarray(1));
  equal(whole.length, 99_999);
  equal(many.subarray(1).every((byte, at) => whole.charCodeAt(at) === byte), true);
});

Deno.test("an excerpt is short, and does not cut a character", () => {
  equal(excerpt("abc"), "abc");
  const long = byteString(new TextEncoder().encode(`${"x".repeat(59)}日本`));
  equal(excerpt(long), `${"x".repeat(59)}...`);
  equal(excerpt("\x80".repeat(100)), "...");
});

Deno.test("text is unescaped once", () => {
  equal(unescapeText("a\\, b\\; c\\\\n d\\ne\\Nf \\x \\"), "a, b; c\\n d\ne\nf \\x \\");
});

Deno.test("only spaces and tabs are trimmed, not bytes that are part of a letter", () => {
  equal(trimSpaces(" \t a b\t"), "a b");
  equal(trimSpaces("voil\xc3\xa0"), "voil\xc3\xa0");
  equal(trimSpaces("  "), "");
});
