import assert from "node:assert/strict";
import fc from "fast-check";
import { readBody, readHead, requestHead, type Source } from "../../../lib/net/http/wire.ts";
import { openHttp } from "../../../lib/net/http/client.ts";
import { fakeEnvironment, never } from "../../support/dav_world.ts";

/** The text, in pieces of so many bytes. */
function source(text: string, size = text.length): Source {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < text.length; at += size) {
    pieces.push(Uint8Array.from(text.slice(at, at + size), (char) => char.charCodeAt(0)));
  }
  return {
    read: () => Promise.resolve(pieces.shift()),
    unread: (bytes) => pieces.unshift(bytes),
  };
}

async function answer(text: string, method = "GET", size?: number) {
  const from = source(text, size);
  const head = await readHead(from, method);
  const parts: number[] = [];
  for await (const part of readBody(from, head.framing)) parts.push(...part);
  const left = await from.read();
  return {
    status: head.status,
    keepsAlive: head.keepsAlive,
    body: String.fromCharCode(...parts),
    left: left === undefined ? "" : String.fromCharCode(...left),
    headers: head.headers,
  };
}

const OK = "HTTP/1.1 200 OK\r\n";

Deno.test("answers are read to their end and no further, in pieces of any size", async () => {
  const rows: readonly (readonly [text: string, body: string, keepsAlive: boolean])[] = [
    [`${OK}Content-Length: 5\r\n\r\nhello`, "hello", true],
    [`${OK}content-length:0\r\n\r\n`, "", true],
    [
      `${OK}Transfer-Encoding: Chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n`,
      "abc0123456789",
      true,
    ],
    [`${OK}transfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nTrailer: x\r\n\r\n`, "a", true],
    ["HTTP/1.1 204\r\n\r\n", "", true],
    ["HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", "", true],
    [
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n${OK}content-length: 1\r\n\r\na`,
      "a",
      true,
    ],
    [`${OK}connection: close\r\ncontent-length: 1\r\n\r\na`, "a", false],
    ["HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na", "a", false],
    ["HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ncontent-length: 1\r\n\r\na", "a", true],
  ];
  for (const [text, body, keepsAlive] of rows) {
    for (const size of [1, 2, 3, 7, 10_000]) {
      const read = await answer(text + (size === 10_000 ? "next" : ""), "GET", size);
      assert.equal(read.body, body, text);
      assert.equal(read.keepsAlive, keepsAlive, text);
      assert.equal(read.left, size === 10_000 ? "next" : "", text);
    }
  }
  assert.equal((await answer(`${OK}\r\nup to the end`)).body, "up to the end");
  assert.equal((await answer(`${OK}\r\nup to the end`)).keepsAlive, false);
  assert.equal((await answer(`${OK}content-length: 9\r\n\r\n`, "HEAD")).body, "");
  const { headers } = await answer(
    `${OK}DAV: 1\r\nDav:  2 \r\nX: \xe9\r\ncontent-length: 0\r\n\r\n`,
  );
  assert.equal(headers.get("dav"), "1, 2");
  assert.equal(headers.get("x"), "\xe9");
});

for (
  const text of [
    "",
    "HTTP/1.1 200",
    "HTTP/2 200\r\n\r\n",
    "SSH-2.0-OpenSSH_9.2\r\n",
    "HTTP/1.1 99 x\r\n\r\n",
    "HTTP/1.1 600 x\r\n\r\n",
    "HTTP/1.1 101 Switching\r\n\r\n",
    `${OK}no colon\r\n\r\n`,
    `${OK}a: b\r\n folded\r\n\r\n`,
    `${OK}content-length: 5\r\n\r\nhell`,
    `${OK}content-length: -1\r\n\r\n`,
    `${OK}content-length: 1\r\ncontent-length: 2\r\n\r\nab`,
    `${OK}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    `${OK}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    `${OK}transfer-encoding: chunked\r\n\r\n5\r\nabc`,
    `${OK}transfer-encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n`,
    `${OK}transfer-encoding: chunked\r\n\r\nxyz\r\n`,
    `${OK}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n`,
    `${OK}transfer-encoding: chunked\r\n\r\n0\r\n`,
    `${OK}transfer-encoding: chunked\r\n\r\nffffffffff\r\n`,
    `${OK}x: ${"y".repeat(70_000)}\r\n\r\n`,
    OK + "x: y\r\n".repeat(20_000) + "\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n".repeat(20) + OK + "\r\n",
  ]
) {
  Deno.test(`no answer: ${JSON.stringify(text.slice(0, 70))} (${text.length})`, async () => {
    await assert.rejects(answer(text), TypeError);
  });
}

Deno.test("whatever body comes, in chunks of any size and cut anywhere, is read as it is", async () => {
  const body = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(
      body,
      fc.boolean(),
      fc.integer({ min: 1, max: 50 }),
      async (parts, chunked, size) => {
        const texts = parts.map((part) => String.fromCharCode(...part));
        const whole = texts.join("");
        const sent = chunked
          ? `transfer-encoding: chunked\r\n\r\n${
            texts.map((text) => `${text.length.toString(16)}\r\n${text}\r\n`).join("")
          }0\r\n\r\n`
          : `content-length: ${whole.length}\r\n\r\n${whole}`;
        const read = await answer(`${OK}${sent}`, "GET", size);
        assert.equal(read.body, whole);
        assert.equal(read.left, "");
        // Cut short, it is never taken for the whole.
        await assert.rejects(answer(`${OK}${sent}`.slice(0, -1), "GET", size), TypeError);
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("nothing can break out of a request's line", () => {
  const head = (method: string, name: string, value: string) =>
    new TextDecoder().decode(requestHead(method, "/x?y", [[name, value]]));
  assert.equal(head("PROPFIND", "depth", "1"), "PROPFIND /x?y HTTP/1.1\r\ndepth: 1\r\n\r\n");
  assert.throws(() => head("GET", "x", "a\r\nevil: 1"), TypeError);
  assert.throws(() => head("GET", "x", "\u010a"), TypeError);
  assert.throws(() => head("GET", "x:", "a"), TypeError);
  assert.throws(() => head("GET /", "x", "a"), TypeError);
});

function closeIfOpen(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.BadResource)) throw thrown;
  }
}

/**
 * Serves a Unix socket; `answers` are given to the requests in their order, as they are. One that
 * ends with `close` is followed by the end of the connection.
 */
async function withRawSocket(
  answers: readonly string[],
  body: (
    world: { readonly path: string; readonly seen: string[]; connections(): number },
  ) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/socket`;
  const listener = Deno.listen({ transport: "unix", path });
  const seen: string[] = [];
  let connections = 0;
  let at = 0;
  const open: Deno.Conn[] = [];
  const serving = (async () => {
    for await (const conn of listener) {
      connections++;
      open.push(conn);
      (async () => {
        const buffer = new Uint8Array(65_536);
        let text = "";
        for (;;) {
          const count = await conn.read(buffer).catch(() => null);
          if (count === null) return;
          text += new TextDecoder().decode(buffer.subarray(0, count));
          const [, head = "", rest = ""] = /^([^]*?)\r\n\r\n([^]*)$/.exec(text) ?? [];
          const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
          if (head === "" || rest.length < length) continue;
          seen.push(text);
          text = "";
          const given = answers[at++] ?? "close";
          await conn.write(new TextEncoder().encode(given.replace(/close$/, "")));
          if (given.endsWith("close")) return conn.close();
        }
      })();
    }
  })();
  try {
    await body({ path, seen, connections: () => connections });
  } finally {
    for (const conn of open) closeIfOpen(conn);
    listener.close();
    await serving;
    await Deno.remove(folder, { recursive: true });
  }
}

const clientOf = (socket: string, home = new URL("http://localhost/dav/")) =>
  openHttp({ home, socket, userAgent: "dovetail/test", environment: fakeEnvironment() });

const SMALL = `${OK}content-length: 1\r\n\r\nx`;

Deno.test("a Unix socket is spoken to as the url has it, and the connection used again", async () => {
  await withRawSocket([SMALL, SMALL], async ({ path, seen, connections }) => {
    const http = clientOf(path, new URL("http://dav.example.org/"));
    for (const method of ["PROPFIND", "GET"]) {
      const url = new URL("http://dav.example.org/a%20b/?c");
      const request = method === "GET" ? {} : { body: "<x/>", headers: { depth: "1" } };
      const text = await http.exchange(
        { method, url, repeat: "undone", signal: never, ...request },
        async (answer) => new TextDecoder().decode(await answer.bytes()),
      );
      assert.equal(text, "x");
    }
    http.close();
    assert.match(seen[0] ?? "", /^PROPFIND \/a%20b\/\?c HTTP\/1\.1\r\nhost: dav\.example\.org\r\n/);
    assert.match(seen[0] ?? "", /\r\ndepth: 1\r\n[^]*\r\n\r\n<x\/>$/);
    assert.match(seen[0] ?? "", /user-agent: dovetail\/test\r\n/);
    assert.equal(connections(), 1);
  });
});

Deno.test("a connection that the server has closed is not used again", async () => {
  await withRawSocket(
    [`${OK}connection: close\r\ncontent-length: 1\r\n\r\nx`, "close", SMALL],
    async ({ path, connections }) => {
      const http = clientOf(path);
      const ask = (repeat: "safe" | "undone") =>
        http.exchange(
          { method: "PUT", url: new URL("http://localhost/x"), body: "y", repeat, signal: never },
          (answer) => Promise.resolve(answer.status),
        );
      assert.equal(await ask("undone"), 200);
      await assert.rejects(ask("undone"), {
        kind: "unreachable",
        message: /closed the connection/,
      });
      assert.equal(await ask("undone"), 200);
      http.close();
      assert.equal(connections(), 3);
    },
  );
});

Deno.test("a connection that was closed while nobody used it costs no request", async () => {
  await withRawSocket([`${SMALL}close`, SMALL], async ({ path, connections }) => {
    const http = clientOf(path);
    for (let times = 0; times < 2; times++) {
      const url = new URL("http://localhost/x");
      const request = { method: "PUT", url, body: "y", repeat: "undone", signal: never } as const;
      assert.equal(await http.exchange(request, ({ status }) => Promise.resolve(status)), 200);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    http.close();
    assert.equal(connections(), 2);
  });
});

Deno.test("a body in gzip is unpacked, and one that stands still can be stopped", async () => {
  const packed = new Uint8Array(
    await new Response(
      new Blob(["hello ".repeat(100)]).stream().pipeThrough(new CompressionStream("gzip")),
    ).arrayBuffer(),
  );
  const server = Deno.serve(
    {
      transport: "unix",
      path: await Deno.makeTempFile().then((it) => `${it}.sock`),
      onListen() {},
    },
    () => new Response(packed, { headers: { "content-encoding": "gzip" } }),
  );
  const http = clientOf(server.addr.path);
  try {
    const text = await http.exchange(
      { method: "GET", url: new URL("http://localhost/"), repeat: "safe", signal: never },
      async (answer) => new TextDecoder().decode(await answer.bytes()),
    );
    assert.equal(text, "hello ".repeat(100));
  } finally {
    http.close();
    await server.shutdown();
  }
  await withRawSocket([`${OK}content-length: 9\r\n\r\nx`, "close"], async ({ path }) => {
    const cut = clientOf(path);
    const asked = cut.exchange(
      {
        method: "GET",
        url: new URL("http://localhost/"),
        repeat: "undone",
        signal: AbortSignal.timeout(50),
      },
      (answer) => answer.bytes(),
    );
    await assert.rejects(asked, { kind: "cancelled" });
    cut.close();
  });
});

Deno.test("a socket that is not there is named, and a redirect leads nowhere else", async () => {
  const gone = clientOf("/nowhere/socket");
  const request = {
    method: "GET",
    url: new URL("http://localhost/"),
    repeat: "safe",
    signal: never,
  } as const;
  const asked = gone.exchange(request, () => Promise.resolve());
  await assert.rejects(asked, {
    kind: "unreachable",
    message: "the socket /nowhere/socket does not exist",
  });
  const moved = "HTTP/1.1 301 x\r\nlocation: http://localhost:8080/\r\ncontent-length: 0\r\n\r\n";
  await withRawSocket([moved, SMALL], async ({ path, seen }) => {
    const http = clientOf(path);
    await assert.rejects(
      http.exchange({ ...request, crossOrigin: true }, () => Promise.resolve()),
      { kind: "refused", message: /localhost:8080/ },
    );
    assert.equal(seen.length, 1);
    http.close();
  });
});
