import { equal, match, notEqual } from "node:assert/strict";
import { ITEM_LIMITS } from "../../../lib/item/components.ts";
import { parseCard, readContact } from "../../../lib/item/vcard.ts";

const corpus = new URL("../../corpus/items/cards/", import.meta.url);
const rewrites = new URL("../../corpus/items/rewrites/", import.meta.url);
const file = (name: string): Uint8Array => Deno.readFileSync(new URL(`${name}.vcf`, corpus));
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function read(bytes: Uint8Array): { readonly ident: string; readonly digest: string } {
  const item = readContact(bytes);
  if (item.state === "malformed") throw item.error;
  return item;
}

function digestWith(lines: string): string {
  const around = ["BEGIN:VCARD", "VERSION:4.0", "UID:1", lines, "END:VCARD"];
  return read(encode(around.join("\r\n"))).digest;
}

Deno.test("a contact's ident is its UID, without escapes and spaces, and a URN as it stands", () => {
  const idents: Readonly<Record<string, string>> = {
    plain: "plain-1",
    line_feeds: "plain-1",
    carriage_returns: "plain-1",
    byte_order_mark: "plain-1",
    empty_lines: "plain-1",
    no_final_end: "plain-1",
    lower_case: "plain-1",
    folded_everywhere: "plain-1",
    stamped: "plain-1",
    latin1: "plain-1",
    version_4: "plain-1",
    spaced_version: "plain-1",
    urn_uid: "urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1",
    grouped_uid: "grouped-1",
    escaped_uid: "a,b;c",
  };
  for (const [name, ident] of Object.entries(idents)) equal(read(file(name)).ident, ident, name);
});

Deno.test("a contact without a UID, or with an empty one, has its digest for an ident", () => {
  for (const name of ["no_uid", "empty_uid"]) {
    const { ident, digest } = read(file(name));
    equal(ident, `sha256:${digest}`);
    match(digest, /^[0-9a-f]{64}$/);
  }
});

Deno.test("a contact has the same digest however its lines end, fold and are stamped", () => {
  const { digest } = read(file("plain"));
  const same = ["line_feeds", "carriage_returns", "byte_order_mark", "empty_lines", "no_final_end"];
  for (const name of [...same, "lower_case", "folded_everywhere", "stamped"]) {
    equal(read(file(name)).digest, digest, name);
  }
  for (const name of ["version_4", "urn_uid", "no_uid", "latin1"]) {
    notEqual(read(file(name)).digest, digest, name);
  }
});

Deno.test("what is no single card in a version that is known is malformed, and says why", () => {
  const reasons: Readonly<Record<string, RegExp>> = {
    bad_version_2_1: /is in version 2\.1 of vCard, which is not read/,
    bad_version_5: /is in version 5\.0 of vCard/,
    bad_no_version: /does not say which version/,
    bad_two_cards: /holds 2 cards/,
    bad_calendar: /is no card: it begins with BEGIN:VCALENDAR/,
    bad_list: /is no card: it begins with BEGIN:VLIST/,
    bad_truncated: /ends before END:VCARD/,
    bad_empty: /is empty/,
    bad_nul: /holds NUL bytes/,
    bad_html: /begins with "<!DOCTYPE html>/,
  };
  for (const [name, reason] of Object.entries(reasons)) {
    const item = readContact(file(name));
    if (item.state === "read") throw new Error(`${name} is read`);
    equal(item.error.kind, "malformed", name);
    equal(item.error.scope, "item", name);
    match(item.error.message, reason, name);
  }
});

Deno.test("a card over a limit is too large, not malformed", () => {
  const bytes = file("plain");
  for (
    const limits of [
      { ...ITEM_LIMITS, bytes: bytes.byteLength - 1 },
      { ...ITEM_LIMITS, lines: 3 },
      { ...ITEM_LIMITS, uid: 3 },
    ]
  ) {
    const item = readContact(bytes, limits);
    equal(item.state === "malformed" && item.error.kind, "too large");
  }
  equal(readContact(bytes, { ...ITEM_LIMITS, bytes: bytes.byteLength }).state, "read");
});

Deno.test("a card's version is known", () => {
  for (const [name, version] of [["plain", "3.0"], ["version_4", "4.0"]] as const) {
    const parsed = parseCard(file(name));
    equal(parsed.state === "read" && parsed.version, version);
  }
});

/** Spellings that servers write for each other: see the table in `canonical_card.ts`. */
const EQUAL: readonly (readonly string[])[] = [
  ["NOTE:a\\nb", "NOTE:a\\Nb", "note:a\\nb"],
  ["NOTE:a\\, b\\; c", "NOTE:a, b; c"],
  ["NOTE:http://a\\, b", "NOTE:http://a, b"],
  ["NOTE:c:\\dir\\", "NOTE:c:\\\\dir\\\\"],
  ["X-FOO:a\\,b\\;c", "X-FOO:a,b;c"],
  ["item1.TEL:1\r\nitem1.X-ABLabel:x", "ITEM1.X-ABLABEL:x\r\nITEM1.TEL:1"],
  ["TEL;TYPE=home,voice:1", "TEL;type=home;TYPE=voice:1", 'TEL;TYPE="home,voice":1'],
  ["X-A;P=b,a:1", "X-A;P=b;P=a:1", 'X-A;P="b","a":1'],
  ['NOTE;LANGUAGE="de";X-A=1:x', "NOTE;X-A=1;LANGUAGE=de:x"],
  ['ADR;LABEL="a\\nb, c":;;S', 'ADR;LABEL="a^nb, c":;;S', 'ADR;LABEL="a\\Nb, c":;;S;;;;'],
  ["N:Doe;John", "N:Doe;John;;;"],
  ["N:;;;;", "N:"],
  ["N:Doe\\;;John;;;", "N:Doe\\;;John"],
  ["ADR:;;Street 1;City", "ADR:;;Street 1;City;;;"],
  ["ORG:Acme\\, Inc.;Dev", "ORG:Acme, Inc.;Dev"],
  ["GEO:37.386;-122.08", "GEO:37.386\\;-122.08"],
  ["PHOTO;ENCODING=b;TYPE=JPEG:AAAABBBB", "PHOTO;TYPE=JPEG;ENCODING=b:AAAA BBBB"],
  ["REV:20260101T000000Z\r\nNOTE:x", "NOTE:x\r\nPRODID:-//x//y", "X-RADICALE-NAME:a\r\nNOTE:x"],
];

/** What must not be taken for each other: losses and edits. */
const DIFFERENT: readonly (readonly string[])[] = [
  ["NOTE:a, b", "NOTE:a", "NOTE:a b", "NOTE: a, b", "NOTE:a, b "],
  ["NOTE:a\\nb", "NOTE:a\\\\nb", "NOTE:anb", "NOTE:ab"],
  ['NOTE:a"b', 'NOTE:a\\"b'],
  ["URL:http://a", "URL:http\\://a"],
  ["N:Doe;John", "N:Doe\\;John", "N:Doe;John;Q", "N:;Doe;John", "N:Doe;;John", "N:Doe John"],
  ["N:Doe;Q,R", "N:Doe;Q\\,R", "N:Doe;Q"],
  ["N:Doe\\;", "N:Doe"],
  ["ADR:;;S\\, T;C", "ADR:;;S, T;C"],
  ["ORG:A;B", "ORG:A\\;B", "ORG:A;B;"],
  ["NICKNAME:a,b", "NICKNAME:a\\,b", "NICKNAME:a"],
  ["CATEGORIES:a,b\\,c", "CATEGORIES:a,b,c", "CATEGORIES:a\\,b\\,c"],
  ["GENDER:M;x", "GENDER:M\\;x"],
  ["CLIENTPIDMAP:1;urn:x", "CLIENTPIDMAP:1\\;urn:x"],
  [
    "PHOTO:data:image/jpeg;base64,AAAA",
    "PHOTO:data:image/jpeg;base64",
    "PHOTO:data:image/jpeg\\;base64\\,AAAA",
  ],
  ["URL:http://a/b,c;d", "URL:http://a/b\\,c\\;d"],
  ["TEL;VALUE=uri:tel:1;ext=2", "TEL;VALUE=uri:tel:1\\;ext=2"],
  ["GEO:geo:37.386,-122.08", "GEO:geo:37.386\\,-122.08"],
  ["PHOTO;ENCODING=b:AAAA", "PHOTO:AAAA", "PHOTO;ENCODING=b:AAAB"],
  ["NOTE:a  b", "NOTE:a b"],
  ["TEL:1", "TEL;TYPE=home:1", "TEL;TYPE=home,work:1", "TEL;TYPE=:1", "TEL;HOME:1", "FAX:1"],
  ['X-A;P="a,b":1', "X-A;P=a,b:1"],
  [
    "item1.TEL:1\r\nitem2.TEL:2\r\nitem1.X-ABLabel:x",
    "item1.TEL:1\r\nitem2.TEL:2\r\nitem2.X-ABLabel:x",
    "TEL:1\r\nTEL:2\r\nX-ABLabel:x",
  ],
  ["TEL:1\r\nTEL:1", "TEL:1"],
  ["NOTE:x", "NOTE:x\r\nCREATED:20260101T000000Z", "NOTE:x\r\nDTSTAMP:20260101T000000Z"],
];

Deno.test("spellings of a card that servers write for each other have the same digest", () => {
  for (const [first = "", ...others] of EQUAL) {
    for (const other of others) equal(digestWith(other), digestWith(first), `${first} | ${other}`);
  }
});

Deno.test("what means something else in a card has another digest", () => {
  for (const lines of DIFFERENT) {
    equal(new Set(lines.map(digestWith)).size, lines.length, lines.join(" | "));
  }
});

/** What Radicale 3.1.8, Cyrus 3.6.1 (asked for 3.0) and DAViCal 1.1.12 have made of cards. */
const KEPT_BY: Readonly<Record<string, readonly string[]>> = {
  person: ["radicale", "cyrus", "davical"],
  // Cyrus drops a backslash.
  short: ["radicale", "davical"],
  // Radicale cuts the photo at its comma, DAViCal puts a backslash before that, and Cyrus gives a card
  // of version 4.0 out as one of 3.0.
  photo4: [],
  group4: ["radicale", "davical"],
  // Radicale drops a nickname, the others make one value of two.
  lists: [],
};

Deno.test("a card that a server has rewritten has the same digest, unless it lost something", () => {
  for (const [name, keepers] of Object.entries(KEPT_BY)) {
    const sent = read(Deno.readFileSync(new URL(`${name}.sent.vcf`, rewrites)));
    for (const server of ["radicale", "cyrus", "davical"]) {
      const kept = read(Deno.readFileSync(new URL(`${name}.${server}.vcf`, rewrites)));
      equal(kept.ident, sent.ident);
      equal(kept.digest === sent.digest, keepers.includes(server), `${name} ${server}`);
    }
  }
});
