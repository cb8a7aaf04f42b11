import assert from "node:assert/strict";
import { openHttp } from "../../../lib/net/http/client.ts";
import { namesPlainProxy, proxyFor } from "../../../lib/net/http/proxy.ts";
import { checksStrangers } from "../../../lib/net/http/tls.ts";
import { GOOD, ROOT } from "../../support/dav_tls.ts";
import { fakeEnvironment, never } from "../../support/dav_world.ts";

const envOf = (values: Readonly<Record<string, string>>) => ({
  get: (name: string): string | undefined => values[name],
});

Deno.test("the proxy is the one that the environment names, but for what it excepts", () => {
  const of = (url: string, values: Readonly<Record<string, string>>) =>
    proxyFor(new URL(url), envOf(values))?.href;
  const url = "https://dav.example.org/";
  assert.equal(of(url, {}), undefined);
  assert.equal(of(url, { HTTPS_PROXY: "http://p:1" }), "http://p:1/");
  assert.equal(of(url, { https_proxy: "p:1", HTTPS_PROXY: "http://q:2" }), "http://p:1/");
  assert.equal(of(url, { ALL_PROXY: "http://p:1" }), "http://p:1/");
  assert.equal(of(url, { HTTP_PROXY: "http://p:1" }), undefined);
  for (
    const no of ["*", "example.org", ".example.org", "x, dav.example.org:443", "*.example.org"]
  ) {
    assert.equal(of(url, { HTTPS_PROXY: "http://p:1", NO_PROXY: no }), undefined, no);
  }
  for (const no of ["", "ample.org", "dav.example.org:8443", "org.example", ","]) {
    assert.equal(of(url, { HTTPS_PROXY: "http://p:1", no_proxy: no }), "http://p:1/", no);
  }
  assert.equal(of("https://localhost/", { HTTPS_PROXY: "http://p:1" }), undefined);
  assert.throws(() => of(url, { HTTPS_PROXY: "socks5://p:1" }), { kind: "refused" });
  assert.equal(namesPlainProxy(envOf({ http_proxy: "x" })), true);
  assert.equal(namesPlainProxy(envOf({ HTTPS_PROXY: "x" })), false);
});

/** A proxy that notes what it is asked, and leads everything to that port of this machine. */
function startProxy(leadsTo: number, answer = "HTTP/1.1 200 Connected\r\n\r\n") {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const asked: string[] = [];
  const open: Deno.Conn[] = [];
  const serving = (async () => {
    for await (const client of listener) {
      open.push(client);
      const buffer = new Uint8Array(4_096);
      const count = await client.read(buffer) ?? 0;
      asked.push(new TextDecoder().decode(buffer.subarray(0, count)));
      await client.write(new TextEncoder().encode(answer));
      if (!answer.includes(" 200 ")) continue;
      const server = await Deno.connect({ hostname: "127.0.0.1", port: leadsTo });
      client.readable.pipeTo(server.writable).catch(() => {});
      server.readable.pipeTo(client.writable).catch(() => {});
    }
  })();
  return {
    address: `127.0.0.1:${listener.addr.port}`,
    asked,
    async stop() {
      listener.close();
      await serving;
      for (const conn of open) {
        try {
          conn.close();
        } catch (thrown) {
          if (!(thrown instanceof Deno.errors.BadResource)) throw thrown;
        }
      }
    },
  };
}

async function withVariable(name: string, value: string, body: () => Promise<void>): Promise<void> {
  const before = Deno.env.get(name);
  Deno.env.set(name, value);
  try {
    await body();
  } finally {
    if (before === undefined) Deno.env.delete(name);
    else Deno.env.set(name, before);
  }
}

Deno.test("a server whose root is named is reached by the proxy, and spoken to in secret", {
  ignore: !checksStrangers(),
}, async () => {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {}, ...GOOD },
    () => new Response("hello"),
  );
  for (
    const [answer, expected] of [
      ["HTTP/1.1 200 Connected\r\nX: y\r\n\r\n", undefined],
      ["HTTP/1.1 407 x\r\n\r\n", { kind: "unauthorised", message: /the proxy .* \(407\)/ }],
      ["HTTP/1.1 502 x\r\n\r\n", { kind: "unreachable" }],
      ["SSH-2.0\r\n\r\n", { kind: "unreachable" }],
    ] as const
  ) {
    const proxy = startProxy(server.addr.port, answer);
    // A name that no other machine has; the certificate is for another, so that it must be refused.
    const url = new URL("https://dav.example.invalid/");
    await withVariable("HTTPS_PROXY", `http://me:%40pw@${proxy.address}`, async () => {
      const environment = fakeEnvironment();
      const http = openHttp({ home: url, userAgent: "x", environment, tls: { roots: [ROOT] } });
      const request = { method: "GET", url, repeat: "undone", signal: never } as const;
      await assert.rejects(
        http.exchange(request, () => Promise.resolve()),
        expected ?? { kind: "unreachable", message: /for another name/ },
      );
      http.close();
      const fingerprint = "E597733C8769CEBF4BBD01778CC828CDB1A63A9D0AC28C10425D9DB4D6D03A5C";
      const pinned = openHttp({ home: url, userAgent: "x", environment, tls: { fingerprint } });
      const asked = pinned.exchange(
        request,
        async (it) => new TextDecoder().decode(await it.bytes()),
      );
      if (expected === undefined) assert.equal(await asked, "hello");
      else await assert.rejects(asked, expected);
      pinned.close();
    });
    await proxy.stop();
    assert.match(proxy.asked[0] ?? "", /^CONNECT dav\.example\.invalid:443 HTTP\/1\.1\r\nHost: /);
    assert(proxy.asked[0]?.includes(`Proxy-Authorization: Basic ${btoa("me:@pw")}\r\n`));
  }
  await server.shutdown();
});

Deno.test("what is for this machine only is shown to no proxy", async () => {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("hello"),
  );
  const proxy = startProxy(server.addr.port);
  const url = new URL(`http://127.0.0.1:${server.addr.port}/`);
  await withVariable("HTTP_PROXY", `http://${proxy.address}`, async () => {
    const http = openHttp({ home: url, userAgent: "x" });
    const request = { method: "GET", url, repeat: "undone", signal: never } as const;
    assert.equal(await http.exchange(request, (it) => Promise.resolve(it.status)), 200);
    http.close();
  });
  await proxy.stop();
  await server.shutdown();
  assert.deepEqual(proxy.asked, []);
});
