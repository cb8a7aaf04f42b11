import assert from "node:assert/strict";
import { REDACTED, Secret } from "../../../lib/model/secret.ts";
import { REAL_ENVIRONMENT } from "../../../lib/net/environment.ts";
import type { HttpAnswer } from "../../../lib/net/http/answer.ts";
import { type HttpClient, type HttpOptions, openHttp } from "../../../lib/net/http/client.ts";
import type { HttpLogEntry } from "../../../lib/net/http/request.ts";
import { EXPIRED, GOOD, OTHER_NAME, OWN, ROOT } from "../../support/dav_tls.ts";
import { fakeEnvironment, never } from "../../support/dav_world.ts";

interface World {
  readonly http: HttpClient;
  readonly url: URL;
}

/** Runs `body` with a server on the loopback and a client of it. */
async function withServer(
  handler: (
    request: Request,
    info: Deno.ServeHandlerInfo<Deno.NetAddr>,
  ) => Response | Promise<Response>,
  options: Partial<HttpOptions>,
  body: (world: World) => Promise<void>,
): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handler);
  const url = new URL(`http://127.0.0.1:${server.addr.port}/x`);
  const http = openHttp({
    home: url,
    userAgent: "dovetail/test",
    environment: fakeEnvironment(),
    ...options,
  });
  try {
    await body({ http, url });
  } finally {
    http.close();
    await server.shutdown();
  }
}

const get = <Value>(
  { http, url }: World,
  consume: (answer: HttpAnswer) => Promise<Value>,
  signal: AbortSignal = never,
): Promise<Value> => http.exchange({ method: "GET", url, repeat: "undone", signal }, consume);

const text = async (answer: HttpAnswer) => new TextDecoder().decode(await answer.bytes());
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A body of these parts, each after a wait. */
function slowly(parts: readonly string[], ms: number): ReadableStream<Uint8Array> {
  return ReadableStream.from((async function* () {
    for (const part of parts) {
      await wait(ms);
      yield new TextEncoder().encode(part);
    }
  })());
}

Deno.test("no more requests are under way than there are connections", async () => {
  let underWay = 0;
  let peak = 0;
  await withServer(
    async () => {
      peak = Math.max(peak, ++underWay);
      await wait(10);
      underWay--;
      return new Response("x");
    },
    { connections: 3 },
    async (world) => {
      await Promise.all(Array.from({ length: 20 }, () => get(world, text)));
      assert.equal(peak, 3);
    },
  );
});

Deno.test("the login goes with the first request, in UTF-8, and our name with every one", async () => {
  const seen: (string | null)[] = [];
  await withServer(
    (request) => {
      seen.push(request.headers.get("authorization"), request.headers.get("user-agent"));
      return new Response("x");
    },
    { credentials: { username: "ådä", password: new Secret("pässwörd✓") } },
    async (world) => {
      await get(world, text);
      const login = new TextDecoder().decode(
        Uint8Array.from(atob(seen[0]?.replace("Basic ", "") ?? ""), (char) => char.charCodeAt(0)),
      );
      assert.equal(login, "ådä:pässwörd✓");
      assert.equal(seen[1], "dovetail/test");
    },
  );
});

Deno.test("without credentials nothing is sent that looks like some", async () => {
  await withServer(
    (request) => new Response(request.headers.get("authorization") ?? "none"),
    {},
    async (world) => assert.equal(await get(world, text), "none"),
  );
});

Deno.test("a server that does not answer is given up: a stranger at once, another after more tries", async () => {
  let count = 0;
  await withServer(
    async () => {
      if (count++ === 0) return new Response("x");
      await wait(150);
      return new Response("x");
    },
    { timeout: 30 },
    async ({ http, url }) => {
      const request = { method: "GET", url, repeat: "safe", signal: never } as const;
      await http.exchange(request, text);
      const late = { kind: "unreachable", scope: "storage", retry: true } as const;
      await assert.rejects(http.exchange(request, text), late);
      assert.equal(count, 5);
      const stranger = openHttp({ home: url, userAgent: "test", timeout: 30 });
      await assert.rejects(stranger.exchange(request, text), late);
      stranger.close();
      assert.equal(count, 6);
    },
  );
});

Deno.test("a download that is slow but moves is not cut", async () => {
  await withServer(
    () => new Response(slowly(["a", "b", "c", "d", "e", "f"], 40)),
    { timeout: 120 },
    async (world) => assert.equal(await get(world, text), "abcdef"),
  );
});

Deno.test("a download that stands still is cut", async () => {
  await withServer(
    () =>
      new Response(ReadableStream.from((async function* () {
        yield new TextEncoder().encode("a");
        await wait(400);
        yield new TextEncoder().encode("b");
      })())),
    { timeout: 60 },
    async (world) => {
      await assert.rejects(get(world, text), /did not answer for/);
    },
  );
});

Deno.test("a reader that takes its time is not a server that stands still", async () => {
  await withServer(
    () => new Response("x".repeat(300_000)),
    { timeout: 50 },
    async (world) => {
      const size = await get(world, async (answer) => {
        let count = 0;
        for await (const chunk of answer.chunks()) {
          if (count === 0) await wait(150);
          count += chunk.byteLength;
        }
        return count;
      });
      assert.equal(size, 300_000);
    },
  );
});

Deno.test("more bytes than were asked for are not taken", async () => {
  await withServer(
    () => new Response("x".repeat(10_001)),
    {},
    async ({ http, url }) => {
      const request = { method: "GET", url, repeat: "safe", limit: 10_000, signal: never } as const;
      await assert.rejects(http.exchange(request, text), { kind: "too large" });
      await http.exchange({ ...request, limit: 10_001 }, text);
    },
  );
});

Deno.test("a server that compresses although it was asked not to is understood", async () => {
  await withServer(
    () => {
      const zipped = new Blob(["hello"]).stream().pipeThrough(new CompressionStream("gzip"));
      return new Response(zipped, { headers: { "content-encoding": "gzip" } });
    },
    {},
    async ({ http, url }) => {
      const headers = { "accept-encoding": "identity" };
      const request = { method: "GET", url, headers, repeat: "safe", signal: never } as const;
      assert.equal(await http.exchange(request, text), "hello");
    },
  );
});

Deno.test("answers that nobody reads leave their connection usable", async () => {
  const ports = new Set<number>();
  await withServer(
    (_, info) => {
      ports.add(info.remoteAddr.port);
      return new Response("x".repeat(30_000), { status: 404 });
    },
    {},
    async (world) => {
      for (let n = 0; n < 20; n++) {
        await assert.rejects(
          get(world, async (answer) => {
            throw await answer.failure("item");
          }),
          { kind: "missing" },
        );
        await get(world, () => Promise.resolve());
      }
      assert.equal(ports.size, 1);
    },
  );
});

Deno.test("an answer that was cut short is an error, and asked for again where that is safe", async () => {
  let count = 0;
  const http = openHttp({
    home: new URL("https://dav.example.org/"),
    userAgent: "test",
    environment: fakeEnvironment(),
    fetch: () => {
      const whole = ++count > 1;
      const body = ReadableStream.from((async function* () {
        await Promise.resolve();
        yield new TextEncoder().encode("half");
        if (!whole) throw new TypeError("error reading a body from connection");
      })());
      return Promise.resolve(new Response(body));
    },
  });
  const url = new URL("https://dav.example.org/x");
  const request = { method: "GET", url, repeat: "safe", signal: never } as const;
  assert.equal(await http.exchange(request, text), "half");
  assert.equal(count, 2);
  count = 0;
  await assert.rejects(http.exchange({ ...request, repeat: "undone" }, text), {
    kind: "unreachable",
    message: /closed the connection before its answer was complete/,
  });
  assert.equal(count, 1);
});

Deno.test("the log tells of each request, and of no header and no body", async () => {
  const log: HttpLogEntry[] = [];
  await withServer(
    () => new Response("secret body", { status: 503, headers: { "x-secret": "1" } }),
    {
      log: (entry) => log.push(entry),
      credentials: { username: "u", password: new Secret("hunter2") },
    },
    async ({ http, url }) => {
      const body = "hunter2";
      const request = { method: "PUT", url, body, repeat: "undone", signal: never } as const;
      await assert.rejects(http.exchange(request, async (answer) => {
        throw await answer.failure("item");
      }));
      assert.equal(log.length, 1);
      const [{ milliseconds, ...entry } = { milliseconds: -1 }] = log;
      assert.deepEqual(entry, { method: "PUT", url: url.href, status: 503 });
      assert(milliseconds >= 0);
    },
  );
});

Deno.test("a request that was refused is in the log without a status", async () => {
  const log: HttpLogEntry[] = [];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = new URL(`http://127.0.0.1:${listener.addr.port}/`);
  listener.close();
  const http = openHttp({
    home: url,
    userAgent: "test",
    environment: fakeEnvironment(),
    log: (entry) => log.push(entry),
  });
  await assert.rejects(get({ http, url }, text), /refused/);
  http.close();
  assert.equal(log.length, 1);
  assert.equal(log[0]?.status, undefined);
});

Deno.test("a signal ends what is under way, what waits for a place, and what waits to try again", async () => {
  await withServer(
    async (request) => {
      if (new URL(request.url).pathname === "/again") return new Response("x", { status: 503 });
      await wait(200);
      return new Response("x");
    },
    { connections: 1, environment: REAL_ENVIRONMENT },
    async (world) => {
      const controller = new AbortController();
      const requests = [get(world, text, controller.signal), get(world, text, controller.signal)];
      setTimeout(() => controller.abort(), 30);
      for (const ended of await Promise.allSettled(requests)) {
        assert(ended.status === "rejected");
        assert.equal(ended.reason.kind, "cancelled");
        assert.equal(ended.reason.scope, "run");
      }
      const second = new AbortController();
      const url = new URL("/again", world.url);
      setTimeout(() => second.abort(), 50);
      const begun = performance.now();
      await assert.rejects(
        world.http.exchange(
          { method: "GET", url, repeat: "safe", signal: second.signal },
          async (answer) => {
            throw await answer.failure("item");
          },
        ),
        { kind: "cancelled" },
      );
      assert(performance.now() - begun < 240);
    },
  );
});

Deno.test("a streamed answer leaves its place to the requests of whoever reads it", async () => {
  await withServer(() => new Response("x"), { connections: 1 }, async (world) => {
    const { http, url } = world;
    const inner = await http.exchange(
      { method: "GET", url, repeat: "safe", streamed: true, signal: never },
      () => get(world, text),
    );
    assert.equal(inner, "x");
  });
});

const CERTIFICATES = [
  { what: "signed by a root that was given", certificate: GOOD, root: true, says: undefined },
  {
    what: "of an unknown root",
    certificate: GOOD,
    root: false,
    says: /nobody that this machine trusts/,
  },
  { what: "for another name", certificate: OTHER_NAME, root: true, says: /another name/ },
  { what: "that is over", certificate: EXPIRED, root: true, says: /expired/ },
  {
    what: "that signed itself",
    certificate: OWN,
    root: false,
    says: /nobody that this machine trusts/,
  },
] as const;

for (const { what, certificate, root, says } of CERTIFICATES) {
  Deno.test(`a certificate ${what} is ${says === undefined ? "taken" : "refused"}`, async () => {
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {}, ...certificate },
      () => new Response("safe"),
    );
    const url = new URL(`https://127.0.0.1:${server.addr.port}/`);
    const environment = fakeEnvironment();
    const tls = root ? { roots: [ROOT] } : {};
    const http = openHttp({ home: url, userAgent: "test", environment, tls });
    try {
      if (says === undefined) assert.equal(await get({ http, url }, text), "safe");
      else {
        await assert.rejects(get({ http, url }, text), (thrown) => {
          assert.match(String(thrown), says);
          assert.equal(environment.slept.length, 0);
          return true;
        });
      }
    } finally {
      http.close();
      await server.shutdown();
    }
  });
}

Deno.test("a server without TLS behind an https url is told apart", async () => {
  await withServer(() => new Response("x"), {}, async ({ http, url }) => {
    const secure = new URL(url.href.replace("http:", "https:"));
    await assert.rejects(get({ http, url: secure }, text), /does not speak TLS/);
  });
});

Deno.test("http to another machine is refused before anything is sent", async () => {
  const http = openHttp({
    home: new URL("http://dav.example.org/"),
    userAgent: "test",
    fetch: () => assert.fail("nothing must be sent"),
  });
  const url = new URL("http://dav.example.org/");
  await assert.rejects(get({ http, url }, text), { kind: "forbidden" });
});

Deno.test("a password is nowhere to be seen in a client's options", () => {
  const options = { credentials: { username: "u", password: new Secret("hunter2") } };
  assert(!Deno.inspect(options).includes("hunter2"));
  assert(Deno.inspect(options).includes(REDACTED));
});
