import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { openHttp } from "../../../lib/net/http/client.ts";
import { certificateEnd } from "../../../lib/net/probe/certificate.ts";
import { foldersOf } from "../../../lib/net/probe/collections.ts";
import { probeServer } from "../../../lib/net/probe/server.ts";
import { collectionId, href } from "../../../lib/model/names.ts";
import { serveFeed } from "../../support/feed_server.ts";
import { EXPIRED } from "../../support/dav_tls.ts";
import { never } from "../../support/dav_world.ts";

/** What is made of an answer with these headers at half past noon, our time. */
async function probed(headers: Readonly<Record<string, string>>, status = 200) {
  const server = serveFeed(() => new Response(null, { status, headers }));
  const url = new URL(`${server.origin}/`);
  const http = openHttp({ home: url, userAgent: "x" });
  const now = () => Date.UTC(2026, 0, 1, 12, 30);
  try {
    return await probeServer(http, { url, method: "HEAD", now, signal: never });
  } finally {
    http.close();
    await server.close();
  }
}

Deno.test("the clock is told of an answer's date, and of how long a cache kept it", async () => {
  const date = "Thu, 01 Jan 2026 12:31:00 GMT";
  strictEqual((await probed({ date })).clock, 60_500);
  strictEqual((await probed({ date, age: "60" }, 401)).clock, 120_500);
  strictEqual((await probed({ date, age: "old" })).clock, 60_500);
  strictEqual((await probed({ date: "soon" })).clock, undefined);
});

Deno.test("what a server announces is a list, of which not too much is taken", async () => {
  deepStrictEqual((await probed({ dav: "1, 3,,calendar-access" })).classes, [
    "1",
    "3",
    "calendar-access",
  ]);
  const { classes } = await probed({ dav: Array(500).fill("x".repeat(20)).join(",") });
  strictEqual(classes.length, 100);
  strictEqual((await probed({ dav: "y".repeat(3_000) })).classes[0]?.length, 100);
});

Deno.test("the end of a certificate is told also of one that nobody would trust", async () => {
  const options = { hostname: "127.0.0.1", port: 0, onListen() {}, ...EXPIRED };
  const server = Deno.serve(options, () => new Response());
  try {
    const end = await certificateEnd(new URL(`https://127.0.0.1:${server.addr.port}/`), never);
    strictEqual(end?.toISOString(), "2020-02-01T00:00:00.000Z");
  } finally {
    await server.shutdown();
  }
});

Deno.test("where there is no certificate to be had there is none", async () => {
  const plain = serveFeed(() => new Response());
  try {
    const url = new URL(plain.origin.replace("http:", "https:"));
    strictEqual(await certificateEnd(url, never), undefined);
  } finally {
    await plain.close();
  }
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = new URL(`https://127.0.0.1:${silent.addr.port}/`);
  const begun = performance.now();
  strictEqual(await certificateEnd(url, AbortSignal.timeout(200)), undefined);
  ok(performance.now() - begun < 3_000);
});

Deno.test("the folders of collections are each asked once, and a single collection for itself", () => {
  const of = (...identities: readonly string[]) =>
    foldersOf(identities.map((identity) => ({
      id: collectionId("x"),
      href: href("x"),
      identity,
      properties: {},
    }))).map(({ href }) => href);
  deepStrictEqual(of(), []);
  deepStrictEqual(of("https://a/home/one/"), ["https://a/home/one/"]);
  deepStrictEqual(of("https://a/home/one/", "https://a/home/two/", "https://b/x/three/"), [
    "https://a/home/",
    "https://b/x/",
  ]);
});
