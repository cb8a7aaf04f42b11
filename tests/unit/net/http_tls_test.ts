import assert from "node:assert/strict";
import { SyncError } from "../../../lib/model/error.ts";
import { Secret } from "../../../lib/model/secret.ts";
import { openHttp } from "../../../lib/net/http/client.ts";
import { checksStrangers, shownFingerprint, type TlsOptions } from "../../../lib/net/http/tls.ts";
import { type Certificate, EXPIRED, GOOD, OTHER_NAME, OWN, ROOT } from "../../support/dav_tls.ts";
import { fakeEnvironment, never } from "../../support/dav_world.ts";

const PINS = {
  good:
    "E5:97:73:3C:87:69:CE:BF:4B:BD:01:77:8C:C8:28:CD:B1:A6:3A:9D:0A:C2:8C:10:42:5D:9D:B4:D6:D0:3A:5C",
  other:
    "84:C2:E1:B8:AE:10:61:71:19:FA:E0:C2:0C:A6:5C:69:B1:05:3D:E5:FA:01:07:E8:3E:FA:6A:1B:52:C5:57:26",
  expired:
    "C8:F6:E4:8C:75:68:FC:44:A1:0B:FA:E5:D4:CE:34:E5:9B:A5:A6:FA:5B:EB:15:A2:05:4B:46:22:6F:9C:B3:CF",
  own:
    "A0:5F:19:01:A5:EC:27:14:8B:F3:BD:1A:DE:83:38:EF:75:AB:6F:CC:55:7A:E0:7C:7E:8E:FD:95:A4:4F:9F:58",
};

/** Asks a server with that certificate, with a login; gives what came, and what the server saw. */
async function ask(certificate: Certificate, tls: TlsOptions) {
  const seen: (string | null)[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {}, ...certificate },
    (request) => {
      seen.push(request.headers.get("authorization"));
      return new Response("hello");
    },
  );
  const url = new URL(`https://127.0.0.1:${server.addr.port}/`);
  const credentials = { username: "u", password: new Secret("p") };
  const http = openHttp({
    home: url,
    userAgent: "x",
    environment: fakeEnvironment(),
    tls,
    credentials,
  });
  try {
    const request = { method: "GET", url, repeat: "safe", signal: never } as const;
    const text = await http.exchange(
      request,
      async (answer) => new TextDecoder().decode(await answer.bytes()),
    );
    assert.deepEqual(seen, [`Basic ${btoa("u:p")}`]);
    return text;
  } catch (thrown) {
    assert.deepEqual(seen, [], "something was sent");
    assert(thrown instanceof SyncError);
    assert.equal(thrown.scope, "storage");
    return `${thrown.kind}: ${thrown.message.replace(/:\d{4,5}\b/, "")}`;
  } finally {
    http.close();
    await server.shutdown();
  }
}

const roots = [ROOT];

Deno.test("an own root is trusted, and what it has not signed is not", async () => {
  assert.equal(await ask(GOOD, { roots }), "hello");
  assert.match(await ask(OWN, { roots }), /^unreachable: .* signed by nobody/);
  assert.match(await ask(GOOD, { roots: [OWN.cert] }), /^unreachable: .* signed by nobody/);
  assert.match(await ask(OTHER_NAME, { roots }), /^unreachable: .* for another name/);
  assert.match(await ask(EXPIRED, { roots }), /^unreachable: .* has expired/);
  assert.equal(await ask(OWN, { roots: [OWN.cert] }), "hello");
});

const strangers = { ignore: !checksStrangers() };

Deno.test("a fingerprint alone is all that is checked", strangers, async () => {
  assert.equal(await ask(OWN, { fingerprint: PINS.own }), "hello");
  assert.equal(await ask(OTHER_NAME, { fingerprint: PINS.other.replaceAll(":", "") }), "hello");
  assert.equal(await ask(EXPIRED, { fingerprint: PINS.expired.toLowerCase() }), "hello");
  const wrong = await ask(GOOD, { fingerprint: PINS.own });
  assert.match(wrong, /^unreachable: .* another certificate than the one that is pinned/);
  assert(wrong.endsWith(PINS.good), "the one that was found is shown");
});

Deno.test("of a root and a fingerprint both must be right", strangers, async () => {
  assert.equal(await ask(GOOD, { roots, fingerprint: PINS.good }), "hello");
  assert.match(await ask(GOOD, { roots, fingerprint: PINS.own }), /is pinned/);
  assert.match(await ask(OWN, { roots, fingerprint: PINS.own }), /signed by nobody/);
  assert.match(await ask(OTHER_NAME, { roots, fingerprint: PINS.other }), /another name/);
});

Deno.test(
  "behind a Unix socket the certificate must name the host of the url too",
  strangers,
  async () => {
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {}, ...GOOD },
      () => new Response("hello"),
    );
    const folder = await Deno.makeTempDir();
    const socket = `${folder}/socket`;
    const listener = Deno.listen({ transport: "unix", path: socket });
    const serving = (async () => {
      for await (const client of listener) {
        const conn = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
        client.readable.pipeTo(conn.writable).catch(() => {});
        conn.readable.pipeTo(client.writable).catch(() => {});
      }
    })();
    for (
      const [host, named] of [
        ["127.0.0.1", true],
        ["localhost", true],
        ["192.0.2.7", false],
        ["dav.example.org", false],
      ] as const
    ) {
      const url = new URL(`https://${host}/`);
      const http = openHttp({ home: url, userAgent: "x", socket, tls: { roots } });
      const request = { method: "GET", url, repeat: "undone", signal: never } as const;
      const asked = http.exchange(request, (answer) => Promise.resolve(answer.status));
      if (named) assert.equal(await asked, 200);
      else await assert.rejects(asked, { kind: "unreachable", message: /for another name/ });
      http.close();
    }
    listener.close();
    await serving;
    await server.shutdown();
    await Deno.remove(folder, { recursive: true });
  },
);

Deno.test("runtimes that do not check a stranger's key are known", () => {
  assert.deepEqual(
    ["2.6.10", "2.7.0", "2.8.0", "2.9.6", "3.0.0"].map(checksStrangers),
    [false, false, true, true, true],
  );
  assert.equal(shownFingerprint("a0:5f01"), "A0:5F:01");
});
