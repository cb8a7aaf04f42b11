import assert from "node:assert/strict";
import { cancelled, SyncError } from "../../../lib/model/error.ts";
import { Secret } from "../../../lib/model/secret.ts";
import { type HttpClient, openHttp } from "../../../lib/net/http/client.ts";
import type { TokenSource } from "../../../lib/net/http/auth.ts";
import { fakeEnvironment, never } from "../../support/dav_world.ts";

/** A server that takes only the token that is valid at the moment. */
async function withTokenServer(
  source: TokenSource,
  body: (world: {
    readonly http: HttpClient;
    readonly url: URL;
    readonly server: { valid: string; readonly seen: (string | null)[] };
  }) => Promise<void>,
): Promise<void> {
  const state = { valid: "t1", seen: [] as (string | null)[] };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const header = request.headers.get("authorization");
    state.seen.push(header);
    if (header === `Bearer ${state.valid}`) return new Response("x");
    return new Response(`not ${header}`, {
      status: 401,
      headers: { "www-authenticate": 'Bearer realm="x", error="invalid_token"' },
    });
  });
  const url = new URL(`http://127.0.0.1:${server.addr.port}/`);
  const http = openHttp({
    home: url,
    userAgent: "test",
    environment: fakeEnvironment(),
    credentials: { method: "bearer", token: source },
  });
  try {
    await body({ http, url, server: state });
  } finally {
    http.close();
    await server.shutdown();
  }
}

async function get(http: HttpClient, url: URL, signal: AbortSignal = never): Promise<number> {
  return await http.exchange({ method: "GET", url, repeat: "safe", signal }, async (answer) => {
    if (answer.status !== 200) throw await answer.failure("storage");
    return answer.status;
  });
}

/** Gives t1, t2, …, and remembers what it was asked. */
function counting(): { readonly source: TokenSource; readonly asked: (string | undefined)[] } {
  const asked: (string | undefined)[] = [];
  const source: TokenSource = (_signal, refused) => {
    asked.push(refused?.reveal());
    return Promise.resolve(new Secret(`t${asked.length}`));
  };
  return { source, asked };
}

Deno.test("a token is asked for once, however many requests there are at once", async () => {
  const { source, asked } = counting();
  await withTokenServer(source, async ({ http, url, server }) => {
    await Promise.all(Array.from({ length: 10 }, () => get(http, url)));
    assert.deepEqual(asked, [undefined]);
    assert.deepEqual(new Set(server.seen), new Set(["Bearer t1"]));
  });
});

Deno.test("a token that is refused is replaced once, for all requests that it was refused to", async () => {
  const { source, asked } = counting();
  await withTokenServer(source, async ({ http, url, server }) => {
    await get(http, url);
    server.valid = "t2";
    await Promise.all(Array.from({ length: 8 }, () => get(http, url)));
    assert.deepEqual(asked, [undefined, "t1"]);
  });
});

Deno.test("when the new token is refused too, that is said, and no token is to be seen", async () => {
  const { source, asked } = counting();
  await withTokenServer(source, async ({ http, url, server }) => {
    server.valid = "another";
    await assert.rejects(get(http, url), (error: SyncError) => {
      assert.equal(error.kind, "unauthorised");
      assert.match(error.hint ?? "", /token/);
      assert.match(error.message, /not Bearer \[redacted\]/);
      return true;
    });
    assert.deepEqual(asked, [undefined, "t1"]);
    assert.equal(server.seen.length, 2);
  });
});

Deno.test("the same token again is not sent again", async () => {
  await withTokenServer(() => Promise.resolve(new Secret("old")), async ({ http, url, server }) => {
    await assert.rejects(get(http, url), { kind: "unauthorised" });
    assert.equal(server.seen.length, 1);
  });
});

Deno.test("what a source throws is thrown, and asked again for the next request", async () => {
  let fails = true;
  const source: TokenSource = () =>
    fails
      ? Promise.reject(new SyncError("no token", { scope: "storage", kind: "unauthorised" }))
      : Promise.resolve(new Secret("t1"));
  await withTokenServer(source, async ({ http, url, server }) => {
    await assert.rejects(get(http, url), { kind: "unauthorised", message: "no token" });
    assert.equal(server.seen.length, 0);
    fails = false;
    await get(http, url);
  });
});

Deno.test("whoever waits for another's token is not stopped with it", async () => {
  let asked = 0;
  const source: TokenSource = (signal) => {
    if (++asked > 1) return Promise.resolve(new Secret("t1"));
    return new Promise((_resolve, reject) =>
      signal.addEventListener("abort", () => reject(cancelled()), { once: true })
    );
  };
  await withTokenServer(source, async ({ http, url }) => {
    const controller = new AbortController();
    const first = get(http, url, controller.signal);
    const second = get(http, url);
    setTimeout(() => controller.abort(), 10);
    await assert.rejects(first, { kind: "cancelled" });
    assert.equal(await second, 200);
  });
});

Deno.test("a token that could not stand in a header is refused before anything is sent", async () => {
  const source: TokenSource = () => Promise.resolve(new Secret("Your token:\nabc"));
  await withTokenServer(source, async ({ http, url, server }) => {
    await assert.rejects(get(http, url), { kind: "unauthorised", hint: /nothing but the token/ });
    assert.equal(server.seen.length, 0);
  });
});
