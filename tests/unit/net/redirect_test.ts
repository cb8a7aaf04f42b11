import assert from "node:assert/strict";
import { openHttp } from "../../../lib/net/http/client.ts";
import { isRedirect, MAX_HOPS, nextHop } from "../../../lib/net/http/redirect.ts";
import { Secret } from "../../../lib/model/secret.ts";
import { SyncError } from "../../../lib/model/error.ts";
import { fakeEnvironment, never } from "../../support/dav_world.ts";

const CODES = [301, 302, 303, 307, 308];
const METHODS = ["GET", "PROPFIND", "REPORT", "PUT", "DELETE", "MKCALENDAR", "PROPPATCH"];
const HOME = new URL("https://dav.example.org/home/");

const TARGETS = [
  { what: "the same origin", to: "https://dav.example.org/new/", in: "always", shown: true },
  { what: "a path", to: "/new/", in: "always", shown: true },
  { what: "another port", to: "https://dav.example.org:8443/new/", in: "discovery", shown: true },
  { what: "a host beside it", to: "https://p1.example.org/new/", in: "discovery", shown: true },
  { what: "a foreign host", to: "https://evil.example.net/new/", in: "discovery", shown: false },
  {
    what: "the same host without TLS",
    to: "http://dav.example.org/new/",
    in: "never",
    shown: false,
  },
  { what: "a file", to: "file:///etc/passwd", in: "never", shown: false },
  { what: "no place", to: "http://[", in: "never", shown: false },
] as const;

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly body: unknown;
  readonly authorization: string | null;
}

/** A client whose first answer is a redirect, and what it then sends. */
async function follow(
  status: number,
  method: string,
  location: string,
  crossOrigin: boolean,
): Promise<{ readonly sent: readonly Sent[]; readonly outcome: string }> {
  const sent: Sent[] = [];
  const http = openHttp({
    home: HOME,
    userAgent: "test",
    credentials: { username: "ada", password: new Secret("pw") },
    environment: fakeEnvironment(),
    fetch: (url, init) => {
      const headers = new Headers(init.headers);
      sent.push({
        method: init.method ?? "",
        url,
        body: init.body,
        authorization: headers.get("authorization"),
      });
      assert.equal(init.redirect, "manual");
      return Promise.resolve(
        sent.length === 1
          ? new Response(null, { status, headers: { location } })
          : new Response("there", { status: 200 }),
      );
    },
  });
  const request = { method, url: HOME, body: "body", repeat: "safe" as const, crossOrigin };
  try {
    const outcome = await http.exchange(
      { ...request, signal: never },
      (answer) => Promise.resolve(`${answer.status} ${answer.url.href}`),
    );
    return { sent, outcome };
  } catch (thrown) {
    assert(thrown instanceof SyncError, String(thrown));
    return { sent, outcome: thrown.kind };
  }
}

for (const { what, to, in: when, shown } of TARGETS) {
  Deno.test(`a redirect to ${what} is followed ${when}, with method and body as they were`, async () => {
    for (const status of CODES) {
      for (const method of METHODS) {
        for (const discovery of [false, true]) {
          const { sent, outcome } = await follow(status, method, to, discovery);
          const followed = when === "always" || (when === "discovery" && discovery);
          const label = `${status} ${method} ${discovery}`;
          assert.equal(sent.length, followed ? 2 : 1, label);
          if (!followed) {
            assert.equal(outcome, "refused", label);
            continue;
          }
          const second = sent[1];
          assert.equal(second?.method, method, label);
          assert.equal(second?.body, "body", label);
          assert.equal(second?.url, new URL(to, HOME).href, label);
          assert.equal(second?.authorization !== null, shown, label);
        }
      }
    }
  });
}

Deno.test("redirects in circles end after five hops", async () => {
  let count = 0;
  const http = openHttp({
    home: HOME,
    userAgent: "test",
    environment: fakeEnvironment(),
    fetch: () => {
      count++;
      return Promise.resolve(new Response(null, { status: 302, headers: { location: "/home/" } }));
    },
  });
  await assert.rejects(
    http.exchange(
      { method: "GET", url: HOME, repeat: "safe", signal: never },
      () => Promise.resolve(),
    ),
    { name: "SyncError", kind: "refused", scope: "storage" },
  );
  assert.equal(count, MAX_HOPS + 1);
});

Deno.test("what the server puts into a location as a login is not taken over", () => {
  const to = nextHop(HOME, "https://eve:pw@dav.example.org/x#y", { crossOrigin: false, hops: 0 });
  assert.equal(to.href, "https://dav.example.org/x");
});

Deno.test("a redirect without a location is refused", () => {
  assert.throws(() => nextHop(HOME, null, { crossOrigin: true, hops: 0 }), { kind: "refused" });
});

Deno.test("only the five codes that redirect are redirects", () => {
  for (let status = 200; status < 600; status++) {
    assert.equal(isRedirect(status), CODES.includes(status), String(status));
  }
});
