import assert from "node:assert/strict";
import type { ErrorKind, Scope } from "../../../lib/model/error.ts";
import type { Again } from "../../../lib/net/http/error.ts";
import { MAX_ERROR_TEXT, shortText, statusError } from "../../../lib/net/http/status.ts";

const url = new URL("https://dav.example.org/cal/x.ics");

const TABLE: readonly (readonly [number, ErrorKind, Scope, boolean, Again])[] = [
  [400, "refused", "item", false, "never"],
  [401, "unauthorised", "storage", false, "never"],
  [403, "forbidden", "item", false, "never"],
  [404, "missing", "item", false, "never"],
  [405, "refused", "item", false, "never"],
  [407, "unauthorised", "storage", false, "never"],
  [408, "unreachable", "item", true, "safe"],
  [409, "refused", "item", false, "never"],
  [410, "missing", "item", false, "never"],
  [412, "changed", "item", false, "never"],
  [413, "too large", "item", false, "never"],
  [415, "refused", "item", false, "never"],
  [418, "refused", "item", false, "never"],
  [423, "refused", "item", true, "never"],
  [424, "refused", "item", false, "never"],
  [429, "refused", "item", true, "always"],
  [451, "forbidden", "item", false, "never"],
  [499, "refused", "item", false, "never"],
  [500, "refused", "item", true, "never"],
  [501, "refused", "item", false, "never"],
  [502, "refused", "item", true, "safe"],
  [503, "refused", "item", true, "safe"],
  [504, "refused", "item", true, "safe"],
  [507, "quota", "item", false, "never"],
  [599, "refused", "item", true, "never"],
  [200, "malformed", "item", false, "never"],
  [304, "malformed", "item", false, "never"],
];

for (const [status, kind, scope, retry, again] of TABLE) {
  Deno.test(`${status} means ${kind}`, () => {
    const error = statusError({ status, url, text: "because" }, "item");
    assert.deepEqual(
      [error.kind, error.scope, error.retry, error.again, error.status],
      [kind, scope, retry, again, status],
    );
    assert.match(error.message, /dav\.example\.org/);
    assert.match(error.message, new RegExp(String(status)));
    assert.match(error.message, /because/);
  });
}

Deno.test("a 503 that names a time was given before anything was done", () => {
  const error = statusError({ status: 503, url, retryAfter: 5_000 }, "item");
  assert.equal(error.again, "always");
  assert.equal(error.retryAfter, 5_000);
});

Deno.test("a 401 says what to do: with a login, without one, and with one meant for elsewhere", () => {
  const hint = (credentials: "sent" | "none" | "withheld") =>
    statusError({ status: 401, url, credentials }, "item").hint ?? "";
  assert.match(hint("sent"), /Check username and password/);
  assert.match(hint("none"), /wants a username/);
  assert.match(hint("withheld"), /write https:\/\/dav\.example\.org into the url/);
});

Deno.test("a 401 names the way to log in that the server offers, where ours is another", () => {
  const hint = (credentials: "sent" | "token" | "none", offered: string) =>
    statusError({ status: 401, url, credentials, offered }, "item").hint ?? "";
  assert.match(hint("sent", 'Digest realm="x", nonce="y"'), /if auth_method is not digest/);
  assert.match(hint("sent", 'Digest realm="x", nonce="y", Basic'), /^Check username/);
  assert.match(hint("none", 'Bearer realm="x"'), /wants a token/);
  assert.match(hint("token", 'Bearer realm="x"'), /has run out/);
  assert.match(hint("token", 'Basic realm="x"'), /wants a username/);
});

Deno.test("Google's usageLimits are no matter of rights, unless waiting does not help", () => {
  const of = (reason: string) =>
    statusError({
      status: 403,
      url,
      text: JSON.stringify({ error: { errors: [{ domain: "usageLimits", reason }] } }),
    }, "item");
  assert.deepEqual([of("rateLimitExceeded").kind, of("rateLimitExceeded").again], [
    "refused",
    "always",
  ]);
  for (const reason of ["accessNotConfigured", "dailyLimitExceeded"]) {
    assert.deepEqual([of(reason).kind, of(reason).again], ["forbidden", "never"]);
  }
});

Deno.test("what a server says is kept short, in one line and without markup", () => {
  const page = `<html><style>p { color: red }</style><script>alert(1)</script><h1>Oh\n\n no</h1>${
    "x".repeat(5_000)
  }</html>`;
  const text = shortText(page);
  assert.equal(text.length, MAX_ERROR_TEXT);
  assert.match(text, /^Oh no x+…$/);
});
