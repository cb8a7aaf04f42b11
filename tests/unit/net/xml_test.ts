import assert from "node:assert/strict";
import fc from "fast-check";
import { xmlDecoder } from "../../../lib/net/xml/decoder.ts";
import {
  type XmlElement,
  XmlError,
  type XmlLimits,
  xmlReader,
} from "../../../lib/net/xml/reader.ts";
import { document, element, elementWith, escapeXml } from "../../../lib/net/xml/write.ts";

const NAMESPACES = [{ prefix: "d", uri: "DAV:" }];

/** Reads a document in pieces of so many characters. */
function read(text: string, size = text.length || 1, limits?: XmlLimits): readonly XmlElement[] {
  const reader = xmlReader(limits);
  const children: XmlElement[] = [];
  for (let at = 0; at < text.length; at += size) {
    children.push(...reader.write(text.slice(at, at + size)));
  }
  reader.end();
  return children;
}

const refused = (text: string, limits?: XmlLimits) =>
  assert.throws(() => read(text, undefined, limits), XmlError);

Deno.test("elements are named by their namespaces, whatever the prefix", () => {
  const plain = read('<multistatus xmlns="DAV:"><href>x</href></multistatus>');
  const prefixed = read(
    '<a:multistatus xmlns:a="DAV:"><b:href xmlns:b="DAV:">x</b:href></a:multistatus>',
  );
  assert.deepEqual(plain, prefixed);
  assert.equal(plain[0]?.name, "{DAV:}href");
  assert.equal(plain[0]?.text, "x");
});

Deno.test("attributes are kept, but not those of other namespaces", () => {
  const [comp] = read('<r xmlns:x="y"><comp name="VEVENT" x:name="other"/></r>');
  assert.deepEqual(comp?.attributes, { name: "VEVENT" });
});

Deno.test("text is put together from its pieces, references and CDATA", () => {
  const [child] = read("<r><c>a&lt;b&#228;<![CDATA[<c>&amp;]]>d</c></r>");
  assert.equal(child?.text, "a<bä<c>&amp;d");
});

Deno.test("text that is cut anywhere on the way is the same text", () => {
  const text = '<r xmlns="DAV:"><c a="1">x&amp;y\r\n&#13;z</c><d/>\n<e><f>ü😀</f></e></r>';
  const whole = read(text);
  for (let size = 1; size < text.length; size++) assert.deepEqual(read(text, size), whole);
});

Deno.test("every control character that XML forbids is dropped, and line ends become LF", () => {
  for (let code = 0; code < 32; code++) {
    const char = String.fromCharCode(code);
    const [child] = read(`<r><c>a${char}b</c></r>`);
    const kept = char === "\t" || char === "\n" ? char : char === "\r" ? "\n" : "";
    assert.equal(child?.text, `a${kept}b`, `U+${code.toString(16)}`);
  }
  assert.equal(read("<r><c>a\uffffb\ufffec</c></r>")[0]?.text, "abc");
  assert.equal(read("<r><c>a\r\nb\rc</c></r>")[0]?.text, "a\nb\nc");
});

Deno.test("empty lines before the declaration are let pass", () => {
  assert.equal(read('\n\n<?xml version="1.0"?><r><c/></r>').length, 1);
});

Deno.test("what is no XML, or not all of it, is refused", () => {
  const wrong = [
    "",
    "   ",
    "hello",
    "<r>",
    "<r><c></r>",
    "<r></r><r></r>",
    "<r></r>x",
    "<r>&nbsp;</r>",
    "<r>&</r>",
    "<r a=1/>",
    "<r a='1' a='2'/>",
    "<x:r/>",
    "<r>]]></r>",
    "<!DOCTYPE html><html></html>",
    "<html><br></html>",
    '{"error": 1}',
    "<r>&#11;</r>",
  ];
  for (const text of wrong) refused(text);
});

Deno.test("limits hold to the number", () => {
  const nested = (depth: number) => "<a>".repeat(depth) + "</a>".repeat(depth);
  read(nested(64));
  refused(nested(65));
  const rows = (count: number) => `<r>${"<c/>".repeat(count)}</r>`;
  assert.equal(read(rows(10), undefined, { children: 10 }).length, 10);
  refused(rows(11), { children: 10 });
  const inner = (count: number) => `<r><c>${"<d/>".repeat(count - 1)}</c></r>`;
  read(inner(10), undefined, { elements: 10 });
  refused(inner(11), { elements: 10 });
});

Deno.test("what is given out is forgotten, so that a long document does not grow in memory", () => {
  const reader = xmlReader();
  assert.equal(reader.write("<r><c/><c/>").length, 2);
  assert.equal(reader.write("<c>").length, 0);
  assert.equal(reader.write("</c></r>").length, 1);
  reader.end();
});

Deno.test("whatever text is sent is read back, but for what XML cannot hold", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.string(), (text, attribute) => {
    const sent = document(
      element("{DAV:}r", elementWith("{DAV:}c", { a: attribute }, text)),
      NAMESPACES,
    );
    const [child] = read(sent);
    const kept = (value: string) =>
      // deno-lint-ignore no-control-regex -- what XML cannot hold
      value.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udfff]/gu, "");
    assert.equal(child?.text, kept(text));
    assert.equal(child?.attributes["a"] ?? "", kept(attribute));
  }));
});

Deno.test("nothing that is sent can leave its element", () => {
  const text = document(element("{DAV:}href", '</d:href><d:x a="'), NAMESPACES);
  assert.equal(
    text,
    '<?xml version="1.0" encoding="utf-8"?>\n<d:href xmlns:d="DAV:">&lt;/d:href&gt;&lt;d:x a=&quot;</d:href>',
  );
  assert.equal(escapeXml("a\r\nb\tc"), "a&#13;&#10;b&#9;c");
});

Deno.test("a name without a known namespace cannot be sent", () => {
  assert.throws(() => document(element("{urn:x}a"), NAMESPACES), /no prefix/);
});

const bytes = (...codes: readonly number[]) => Uint8Array.from(codes);
const latin = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

Deno.test("the encoding is the document's own, else the header's, else UTF-8", () => {
  const decoded = (document: Uint8Array, type: string | null) => {
    const decoder = xmlDecoder(type, true);
    return decoder.decode(document) + decoder.end();
  };
  const utf8 = new TextEncoder();
  assert.equal(decoded(utf8.encode("<r>ä</r>"), null), "<r>ä</r>");
  assert.equal(decoded(latin("<r>\xe4</r>"), "text/xml; charset=ISO-8859-1"), "<r>ä</r>");
  const own = '<?xml version="1.0" encoding="iso-8859-1"?><r>\xe4</r>';
  assert.match(decoded(latin(own), "text/xml; charset=utf-8"), /ä/);
  assert.match(
    decoded(
      utf8.encode('<?xml version="1.0" encoding="UTF-8"?><r>ä</r>'),
      "text/xml; charset=latin1",
    ),
    /ä/,
  );
  assert.equal(decoded(bytes(0xff, 0xfe, 0x3c, 0, 0x72, 0, 0x2f, 0, 0x3e, 0), null), "<r/>");
});

Deno.test("bytes that are no characters are an error where items are read, and replaced elsewhere", () => {
  const broken = latin("<r>\xff</r>");
  assert.throws(() => xmlDecoder(null, true).decode(broken), XmlError);
  assert.equal(xmlDecoder(null, false).decode(broken), "<r>\ufffd</r>");
  const cut = xmlDecoder(null, true);
  cut.decode(bytes(0xc3));
  assert.throws(() => cut.end(), XmlError);
});

Deno.test("a character that is cut between two chunks is put together", () => {
  const decoder = xmlDecoder(null, true);
  const all = new TextEncoder().encode("<r>ü😀</r>");
  let text = "";
  for (const byte of all) text += decoder.decode(bytes(byte));
  assert.equal(text + decoder.end(), "<r>ü😀</r>");
});

Deno.test("an encoding that nobody knows is an error", () => {
  assert.throws(
    () => xmlDecoder("text/xml; charset=x-unknown", false).decode(latin("<r/>")),
    XmlError,
  );
});
