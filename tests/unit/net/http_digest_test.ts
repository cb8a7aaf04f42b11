import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Secret } from "../../../lib/model/secret.ts";
import { parseChallenges, parseParams } from "../../../lib/net/http/challenge.ts";
import { type HttpClient, openHttp } from "../../../lib/net/http/client.ts";
import { answerTo, chooseDigest, digestHeader } from "../../../lib/net/http/digest.ts";
import { fakeEnvironment, never } from "../../support/dav_world.ts";

interface Vector {
  readonly challenge: string;
  readonly username: string;
  readonly password: string;
  readonly path: string;
  readonly cnonce: string;
}

function headerFor({ challenge, username, password, path, cnonce }: Vector): string {
  const chosen = chooseDigest(parseChallenges(challenge), "x");
  assert(chosen !== undefined);
  const login = { username, password: new Secret(password) };
  const request = { method: "GET", url: new URL(path, "http://www.example.org/") };
  return digestHeader(login, answerTo(chosen), request, cnonce).header;
}

const RFC7616 = {
  username: "Mufasa",
  password: "Circle of Life",
  path: "/dir/index.html",
  cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
};
const CHALLENGE_OF = (algorithm: string) =>
  `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
  `nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", ` +
  `opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`;

Deno.test("the example of RFC 7616 section 3.9.1 comes out, with MD5 and SHA-256", () => {
  for (
    const [algorithm, response] of [
      ["MD5", "8ca523f5e9506fed4657c9700eebdbec"],
      ["SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"],
    ] as const
  ) {
    const header = headerFor({ challenge: CHALLENGE_OF(algorithm), ...RFC7616 });
    assert.equal(
      header,
      `Digest username="Mufasa", realm="http-auth@example.org", ` +
        `nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", uri="/dir/index.html", ` +
        `response="${response}", algorithm=${algorithm}, ` +
        `opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", qop=auth, nc=00000001, ` +
        `cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"`,
    );
  }
});

Deno.test("of both, SHA-256 is chosen, and the example of RFC 2617 comes out where no hash is named", () => {
  const both = `${CHALLENGE_OF("MD5")}, ${CHALLENGE_OF("SHA-256")}`;
  assert.match(headerFor({ challenge: both, ...RFC7616 }), /algorithm=SHA-256/);
  const old = headerFor({
    challenge: `Basic realm="x", Digest realm="testrealm@host.com", qop="auth,auth-int", ` +
      `nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"`,
    username: "Mufasa",
    password: "Circle Of Life",
    path: "/dir/index.html",
    cnonce: "0a4f113b",
  });
  assert.match(old, /response="6629fae49393a05397450978507c4ef1"/);
  assert.doesNotMatch(old, /algorithm/);
});

Deno.test("a hashed name, in UTF-8, and SHA-512/256: RFC 7616 section 3.9.2 as its erratum 4897 has it", () => {
  const header = headerFor({
    challenge: `Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, ` +
      `nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", charset=UTF-8, userhash=true, ` +
      `opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS"`,
    username: "J\u00e4s\u00f8n Doe",
    password: "Secret, or not?",
    path: "/doe.json",
    cnonce: "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
  });
  assert.match(
    header,
    /username="793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"/,
  );
  assert.match(
    header,
    /response="3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"/,
  );
  assert.match(header, /userhash=true/);
});

Deno.test("a session's key is made with its first client nonce, which stays", () => {
  const [challenge] = parseChallenges(
    `Digest realm="r", nonce="n", qop="auth", algorithm=MD5-sess`,
  );
  assert(challenge !== undefined);
  const state = answerTo(challenge);
  const login = { username: "u", password: new Secret("p") };
  const ask = () => digestHeader(login, state, { method: "GET", url: new URL("http://x/a?b=c") });
  const md5 = (text: string) => createHash("md5").update(text).digest("hex");
  for (const nc of ["00000001", "00000002"]) {
    const params = parseParams(ask().header.slice("Digest ".length));
    const cnonce = params.get("cnonce") ?? "";
    const key = md5(`${md5("u:r:p")}:n:${cnonce}`);
    assert.equal(cnonce, state.session);
    assert.equal(params.get("nc"), nc);
    assert.equal(params.get("uri"), "/a?b=c");
    assert.equal(params.get("response"), md5(`${key}:n:${nc}:${cnonce}:auth:${md5("GET:/a?b=c")}`));
  }
});

Deno.test("names with quotes are escaped, those beyond ASCII encoded, those with line ends refused", () => {
  const name = (username: string) =>
    headerFor({ challenge: CHALLENGE_OF("MD5"), ...RFC7616, username });
  assert.match(name(`a"b\\c`), /username="a\\"b\\\\c"/);
  assert.match(name("\u00e5(d)"), /username\*=UTF-8''%C3%A5%28d%29/);
  assert.throws(() => name("a\r\nX: y"), { kind: "unauthorised" });
});

Deno.test("a body that is to be protected, and a hash that nobody knows, are refused", () => {
  const choose = (header: string) => chooseDigest(parseChallenges(header), "dav.example.org");
  const only = 'Digest realm="r", nonce="n", qop="auth-int"';
  assert.throws(() => choose(only), { kind: "unauthorised", message: /auth-int/ });
  const odd = 'Digest realm="r", nonce="n", algorithm=SHA3-999';
  assert.throws(() => choose(odd), { kind: "unauthorised", message: /SHA3-999/ });
  assert.equal(choose('Basic realm="Digest", Negotiate'), undefined);
});

Deno.test("challenges are told apart, whatever stands between them", () => {
  const read = (header: string | null) =>
    parseChallenges(header).map(({ scheme, params }) => [scheme, Object.fromEntries(params)]);
  assert.deepEqual(read(null), []);
  assert.deepEqual(
    read('Basic realm="a, Digest b=c", Negotiate YWJj==, ,Digest  Realm = "q\\"q", stale=TRUE'),
    [
      ["basic", { realm: "a, Digest b=c" }],
      ["negotiate", {}],
      ["digest", { realm: 'q"q', stale: "TRUE" }],
    ],
  );
  // What is cut short or odd ends the reading, and takes no time.
  assert.deepEqual(read('Digest realm="never closed'), [["digest", {}]]);
  const begun = performance.now();
  read(`Digest ${'a="'.repeat(20_000)}`);
  assert(performance.now() - begun < 1_000);
});

interface Rules {
  /** How many requests one nonce lasts; what is over is refused. */
  lasts: number;
  /** Whether that is said. */
  says: boolean;
  /** The nonce that comes with each good answer. */
  next?: string;
}

/** A server that knows Digest, and whether each number was used once. */
async function withDigestServer(
  rules: Rules,
  body: (world: {
    readonly http: (password?: string) => HttpClient;
    readonly url: URL;
    /** The statuses of the answers in their order. */
    readonly answers: number[];
    readonly seen: (string | null)[];
  }) => Promise<void>,
): Promise<void> {
  const answers: number[] = [];
  const seen: (string | null)[] = [];
  const used = new Map<string, Set<string>>();
  const md5 = (text: string) => createHash("md5").update(text).digest("hex");
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      await request.text();
      const { pathname } = new URL(request.url);
      const header = request.headers.get("authorization");
      seen.push(header);
      const given = parseParams(header?.replace(/^Digest /, "") ?? null);
      const [nonce, nc, cnonce] = ["nonce", "nc", "cnonce"].map((name) => given.get(name) ?? "");
      const right = given.get("response") ===
        md5(
          `${md5("u:r:p")}:${nonce}:${nc}:${cnonce}:auth:${md5(`${request.method}:${pathname}`)}`,
        );
      const numbers = used.get(nonce ?? "");
      const fresh = right && numbers !== undefined && numbers.size < rules.lasts &&
        !numbers.has(nc ?? "");
      if (fresh) {
        numbers.add(nc ?? "");
        answers.push(200);
        const headers = new Headers();
        if (rules.next !== undefined) {
          used.set(rules.next, used.get(rules.next) ?? new Set());
          headers.set("authentication-info", `nextnonce="${rules.next}"`);
        }
        return new Response("x", { headers });
      }
      answers.push(401);
      const issued = `nonce${used.size}`;
      used.set(issued, new Set());
      const stale = right && rules.says ? ", stale=true" : "";
      return new Response(`no: ${header ?? ""}`, {
        status: 401,
        headers: { "www-authenticate": `Digest realm="r", qop="auth", nonce="${issued}"${stale}` },
      });
    },
  );
  const url = new URL(`http://127.0.0.1:${server.addr.port}/x`);
  const open: HttpClient[] = [];
  const http = (password = "p") => {
    const client = openHttp({
      home: url,
      userAgent: "test",
      environment: fakeEnvironment(),
      credentials: { method: "digest", username: "u", password: new Secret(password) },
    });
    open.push(client);
    return client;
  };
  try {
    await body({ http, url, answers, seen });
  } finally {
    for (const client of open) client.close();
    await server.shutdown();
  }
}

async function put(http: HttpClient, url: URL): Promise<number> {
  const request = { method: "PUT", url, body: "text", repeat: "undone", signal: never } as const;
  return await http.exchange(request, async (answer) => {
    if (answer.status !== 200) throw await answer.failure("item");
    return answer.status;
  });
}

Deno.test("Digest asks once what is wanted, and then needs one request each, many at a time too", async () => {
  await withDigestServer({ lasts: 1_000, says: true }, async ({ http, url, answers, seen }) => {
    const client = http();
    await put(client, url);
    await Promise.all(Array.from({ length: 40 }, () => put(client, url)));
    assert.deepEqual(answers.filter((status) => status === 401), [401]);
    assert.equal(answers.length, 42);
    const numbers = seen.slice(1).map((it) => parseParams(it?.slice(7) ?? null).get("nc"));
    assert.equal(new Set(numbers).size, 41);
    assert.equal(seen[0], null);
  });
});

Deno.test("a nonce that has run out is replaced, whether the server says so or not", async () => {
  for (const says of [true, false]) {
    await withDigestServer({ lasts: 3, says }, async ({ http, url, answers }) => {
      const client = http();
      for (let times = 0; times < 7; times++) await put(client, url);
      assert.deepEqual(answers, [401, 200, 200, 200, 401, 200, 200, 200, 401, 200]);
    });
  }
});

Deno.test("the next nonce that a good answer names is taken", async () => {
  await withDigestServer({ lasts: 100, says: true, next: "named" }, async (world) => {
    const client = world.http();
    await put(client, world.url);
    await put(client, world.url);
    assert.match(world.seen[2] ?? "", /nonce="named".*nc=00000001/);
  });
});

Deno.test("a wrong password is sent once, said, and not to be seen", async () => {
  await withDigestServer({ lasts: 100, says: true }, async ({ http, url, answers, seen }) => {
    let message = "";
    await assert.rejects(put(http("wrong"), url), (error: Error) => {
      message = error.message;
      assert.equal("kind" in error && error.kind, "unauthorised");
      return true;
    });
    assert.deepEqual(answers, [401, 401]);
    const response = /response="(\w+)"/.exec(seen[1] ?? "")?.[1];
    assert(response !== undefined);
    assert(!message.includes(response));
    assert.match(message, /response="\[redacted\]"/);
  });
});

Deno.test("a server that takes only Basic never gets a password that was meant for Digest", async () => {
  const seen: (string | null)[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    seen.push(request.headers.get("authorization"));
    return new Response("", { status: 401, headers: { "www-authenticate": 'Basic realm="x"' } });
  });
  const url = new URL(`http://127.0.0.1:${server.addr.port}/`);
  const http = openHttp({
    home: url,
    userAgent: "test",
    credentials: { method: "digest", username: "u", password: new Secret("p") },
  });
  try {
    await assert.rejects(put(http, url), { kind: "unauthorised", hint: /offers Basic/ });
    assert.deepEqual(seen, [null]);
  } finally {
    http.close();
    await server.shutdown();
  }
});
