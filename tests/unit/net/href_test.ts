import assert from "node:assert/strict";
import fc from "fast-check";
import {
  hrefKey,
  isWithin,
  keepHref,
  lastSegment,
  memberHref,
  memberKey,
  parentPath,
  pathKey,
  resolveHref,
} from "../../../lib/net/dav/href.ts";

const BASE = new URL("https://dav.example.org/user/work/");

const SAME: readonly (readonly string[])[] = [
  ["/user/work/a.ics", "https://dav.example.org/user/work/a.ics", "a.ics", "./a.ics"],
  [
    "/user/work/a.ics",
    "http://dav.example.org/user/work/a.ics",
    "http://dav.example.org:80/user/work/a.ics",
  ],
  ["/user/work/a@b.ics", "/user/work/a%40b.ics", "HTTPS://DAV.example.org/user/work/a%40b.ics"],
  ["/user/work/a%3Ab.ics", "/user/work/a:b.ics", "/user/work/a%3ab.ics"],
  ["/user/work/a%20b.ics", "/user/work/a b.ics"],
  ["/user/work/%C3%A4.ics", "/user/work/ä.ics", "/user/work/%c3%a4.ics"],
  ["/user/work/a+b.ics", "/user/work/a%2Bb.ics"],
  ["/user/work/%61.ics", "/user/work/a.ics"],
  ["/user/work", "/user/work/", "https://dav.example.org/user/work"],
  ["/user/work/a%7Bb%7D.ics", "/user/work/a{b}.ics"],
];

for (const spellings of SAME) {
  Deno.test(`${spellings.join(" and ")} are the same`, () => {
    const keys = new Set(spellings.map((href) => hrefKey(href, BASE)));
    assert.equal(keys.size, 1, [...keys].join(" "));
  });
}

const DIFFERENT: readonly (readonly [string, string])[] = [
  ["/user/work/a%2Fb.ics", "/user/work/a/b.ics"],
  ["/user/work/a%253Ab.ics", "/user/work/a%3Ab.ics"],
  ["/user/work/a%250A.ics", "/user/work/a%0A.ics"],
  ["/user/work/A.ics", "/user/work/a.ics"],
  ["/user/work/a%20b.ics", "/user/work/a+b.ics"],
  ["/user/work/x%3A//y.ics", "/user/work/x%3A/y.ics"],
  ["/user/work/a%CC%88.ics", "/user/work/%C3%A4.ics"],
  ["https://other.example.org/user/work/a.ics", "/user/work/a.ics"],
  ["http://other.example.org/user/work/a.ics", "/user/work/a.ics"],
];

for (const [a, b] of DIFFERENT) {
  Deno.test(`${a} and ${b} are not the same`, () => {
    assert.notEqual(hrefKey(a, BASE), hrefKey(b, BASE));
  });
}

Deno.test("an href is kept as the server wrote it, without the server's own name", () => {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["/user/work/a@b%253A.ics", "/user/work/a@b%253A.ics"],
    ["https://dav.example.org/user/work/a@b%253A.ics", "/user/work/a@b%253A.ics"],
    ["https://dav.example.org:443/x", "/x"],
    ["https://dav.example.org", "/"],
    ["https://p1.example.org/x", "https://p1.example.org/x"],
    ["a.ics", "/user/work/a.ics"],
    ["  /user/work/a.ics\n", "/user/work/a.ics"],
    [
      "/user/work/x-apple-reminderkit%3A//REMCDReminder/1.ics",
      "/user/work/x-apple-reminderkit%3A//REMCDReminder/1.ics",
    ],
    ["mailto:ada@example.org", undefined],
    ["http://[", undefined],
  ];
  for (const [href, kept] of rows) assert.equal(keepHref(href, BASE), kept, href);
});

Deno.test("an href is sent as the server wrote it", () => {
  const hrefs = [
    "/user/work/a%253Ab@c.ics",
    "/user/work/a%2Fb.ics",
    "/user/work/x%3A//y.ics",
    "/user/work/a+b.ics",
    "/user/work/%c3%a4.ics",
    "//user/work/a.ics",
  ];
  for (const href of hrefs) {
    const url = resolveHref(href, BASE);
    assert.equal(url?.origin, BASE.origin, href);
    assert.equal(url?.pathname, href);
  }
  assert.equal(resolveHref("/a#b.ics", BASE)?.pathname, "/a%23b.ics");
  assert.equal(
    resolveHref("https://u:p@dav.example.org/x", BASE)?.href,
    "https://dav.example.org/x",
  );
  assert.equal(resolveHref("javascript:alert(1)", BASE), undefined);
});

Deno.test("the key of a key is the key", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const key = pathKey(`/${text}`);
    assert.equal(pathKey(key), key);
  }));
});

Deno.test("however a name is encoded, its key is the same", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }).filter((name) => !/[/%?#]/.test(name)), (name) => {
      const encoded = `/c/${encodeURIComponent(name)}x`;
      const capitals = encoded.replace(/%../g, (triplet) => triplet.toLowerCase());
      assert.equal(pathKey(encoded), pathKey(capitals));
      assert.equal(pathKey(encoded), pathKey(`/c/${name}x`));
    }),
  );
});

Deno.test("the last segment is decoded, and kept where it cannot be", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["/user/work/", "work"],
    ["/user/w%C3%B6rk", "wörk"],
    ["/user/..%2f..%2ftmp/", "../../tmp"],
    ["/user/%ff/", "%ff"],
    ["/", ""],
    ["/a/b?c#d", "b"],
  ];
  for (const [path, segment] of rows) assert.equal(lastSegment(path), segment, path);
});

Deno.test("the folder of a path, and what lies below one", () => {
  assert.equal(parentPath("/a/b/c.ics"), "/a/b/");
  assert.equal(parentPath("/a/b/"), "/a/");
  assert(isWithin("/a/b/c", "/a/b"));
  assert(isWithin("/a/b/", "/a/b"));
  assert(isWithin("/a", "/"));
  assert(!isWithin("/a/bc", "/a/b"));
  assert(isWithin("/us%40er/x", "/us@er/"));
});

Deno.test("a server that does not know its own name still names what is in its folder", () => {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["http://internal:8080/user/work/a.ics", "/user/work/a.ics"],
    ["https://internal/us%65r/work/a.ics", "/us%65r/work/a.ics"],
    ["http://internal:8080/other/a.ics", "http://internal:8080/other/a.ics"],
    ["/elsewhere/a.ics", "/elsewhere/a.ics"],
    ["mailto:x", undefined],
  ];
  for (const [href, kept] of rows) assert.equal(memberHref(href, BASE), kept, href);
  assert.equal(
    memberKey("http://internal:8080/user/work/a%40b", BASE),
    memberKey("/user/work/a@b", BASE),
  );
});

Deno.test("an endless href leads nowhere", () => {
  assert.equal(keepHref(`/${"x".repeat(8_192)}`, BASE), undefined);
  assert.equal(resolveHref(`/${"x".repeat(8_192)}`, BASE), undefined);
});
