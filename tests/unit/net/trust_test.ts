import assert from "node:assert/strict";
import { isLoopback, mayAuthenticate, requireSafe } from "../../../lib/net/http/trust.ts";

const PAIRS: readonly (readonly [string, string, boolean])[] = [
  ["https://dav.example.org/", "https://dav.example.org/other", true],
  ["https://dav.example.org/", "https://dav.example.org:8443/", true],
  ["https://caldav.icloud.com/", "https://p42-caldav.icloud.com/", true],
  ["https://example.org/", "https://dav.example.org/", true],
  ["https://dav.example.org/", "https://example.org/", true],
  ["https://dav.example.co.uk/", "https://cal.example.co.uk/", true],
  ["https://dav.example.org/", "http://dav.example.org/", false],
  ["https://dav.example.org/", "https://dav.example.net/", false],
  ["https://dav.example.org/", "https://evil-example.org/", false],
  ["https://dav.example.org/", "https://dav.example.org.evil.net/", false],
  ["https://example.co.uk/", "https://evil.co.uk/", false],
  ["https://example.com.au/", "https://evil.com.au/", false],
  ["https://example.org/", "https://other.org/", false],
  ["https://localhost/", "https://evil.localhost.net/", false],
  ["https://192.0.2.1/", "https://192.0.2.2/", false],
  ["https://192.0.2.1/", "https://192.0.2.1:8443/", true],
  ["https://1.2.0.192/", "https://3.2.0.192/", false],
  ["http://127.0.0.1:8000/", "http://127.0.0.1:8000/x", true],
  ["http://127.0.0.1:8000/", "http://127.0.0.1:9000/", false],
  ["http://dav.example.org/", "https://dav.example.org/", true],
];

for (const [home, target, may] of PAIRS) {
  Deno.test(`the login for ${home} is ${may ? "" : "not "}shown to ${target}`, () => {
    assert.equal(mayAuthenticate(new URL(home), new URL(target)), may);
  });
}

Deno.test("http is for this machine alone, unless it is allowed by name", () => {
  const safe = [
    "https://x/",
    "http://127.0.0.1/",
    "http://127.9.9.9:80/",
    "http://localhost:1/",
    "http://[::1]/",
  ];
  for (const url of safe) requireSafe(new URL(url), false);
  const unsafe = ["http://x/", "http://128.0.0.1/", "http://localhost.evil.net/", "http://[::2]/"];
  for (const url of unsafe) {
    assert.throws(() => requireSafe(new URL(url), false), { kind: "forbidden", scope: "storage" });
    requireSafe(new URL(url), true);
  }
});

Deno.test("nothing but http and https is spoken", () => {
  for (const url of ["file:///etc/passwd", "ftp://x/", "data:text/plain,x"]) {
    assert.throws(() => requireSafe(new URL(url), true), { kind: "forbidden" });
  }
});

Deno.test("the loopback is known by its address and its one name", () => {
  assert(isLoopback(new URL("http://127.0.0.1/")));
  assert(!isLoopback(new URL("http://127.0.0.1.evil.net/")));
});
