import assert from "node:assert/strict";
import { tooSlow, unreachable } from "../../../lib/net/http/reason.ts";

const url = new URL("https://dav.example.org:8443/x");
const failed = (reason: string) => new TypeError("fetch failed", { cause: new Error(reason) });
const at =
  "error sending request for url (https://dav.example.org:8443/): client error (Connect): ";

// As Deno 2.6 to 2.9 say it.
const ROWS: readonly (readonly [string, RegExp, RegExp | undefined, string])[] = [
  [at + "tcp connect error: Connection refused (os error 111)", /refused/, /running/, "always"],
  [
    at + "dns error: failed to lookup address information: Name or service not known",
    /no host named/,
    /spelled/,
    "never",
  ],
  [
    at + "dns error: failed to lookup address information: Temporary failure in name resolution",
    /at the moment/,
    /network/,
    "never",
  ],
  [at + "tcp connect error: Network is unreachable (os error 101)", /no way/, /network/, "never"],
  [
    at + "invalid peer certificate: UnknownIssuer",
    /nobody that this machine trusts/,
    /tls_root/,
    "never",
  ],
  [
    at + "invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))",
    /nobody that/,
    /tls_root/,
    "never",
  ],
  [at + "invalid peer certificate: Expired", /has expired/, /clock/, "never"],
  [
    at + "invalid peer certificate: certificate expired: verification time 1795329139 (UNIX)",
    /has expired/,
    /clock/,
    "never",
  ],
  [at + "invalid peer certificate: NotValidYet", /not valid yet/, /clock/, "never"],
  [
    at +
    'invalid peer certificate: certificate not valid for name "x"; certificate is only valid for DnsName("y")',
    /another name/,
    /host/,
    "never",
  ],
  [at + "invalid peer certificate: NotValidForName", /another name/, /host/, "never"],
  [
    at + "invalid peer certificate: BadSignature",
    /not acceptable \(BadSignature\)/,
    /tls_root/,
    "never",
  ],
  [
    at + "received corrupt message of type InvalidContentType",
    /does not speak TLS/,
    /port/,
    "never",
  ],
  [at + "received fatal alert: HandshakeFailure", /HandshakeFailure/, undefined, "never"],
  [
    "client error (SendRequest): invalid HTTP version parsed",
    /does not speak HTTP/,
    /https/,
    "never",
  ],
  [
    "client error (SendRequest): connection closed before message completed",
    /closed the connection/,
    undefined,
    "safe",
  ],
  [
    "client error (SendRequest): connection error: Connection reset by peer (os error 104)",
    /closed the connection/,
    undefined,
    "safe",
  ],
  ["error reading a body from connection", /closed the connection/, undefined, "safe"],
  ["something that nobody has seen yet", /cannot be reached/, undefined, "safe"],
];

for (const [reason, words, hint, again] of ROWS) {
  Deno.test(`"${reason.slice(-60)}" is put in words`, () => {
    const cause = failed(reason);
    const error = unreachable(cause, url);
    assert.match(error.message, words);
    assert.match(error.message, /dav\.example\.org:8443/);
    if (hint === undefined) assert.equal(error.hint, undefined);
    else assert.match(error.hint ?? "", hint);
    assert.deepEqual([error.scope, error.kind, error.again], ["storage", "unreachable", again]);
    assert.equal(error.cause, cause);
  });
}

Deno.test("a port that must not be used for HTTP is named", () => {
  const thrown = new TypeError("Fetch failed: Requests to port 1 are blocked");
  assert.match(unreachable(thrown, url).message, /port 1 is one/);
});

Deno.test("a server that stands still is named with its time", () => {
  assert.match(tooSlow(url, 30_000, "safe").message, /did not answer for 30 seconds/);
});

Deno.test("a chain of causes without an end is not followed without end", () => {
  const loop = new Error("loop");
  loop.cause = loop;
  assert.equal(unreachable(loop, url).kind, "unreachable");
});
