import assert from "node:assert/strict";
import { dirname } from "node:path";
import { SyncError } from "../../../lib/model/error.ts";
import { Secret } from "../../../lib/model/secret.ts";
import { REAL_ENVIRONMENT } from "../../../lib/net/environment.ts";
import {
  type Instruction,
  type OauthOptions,
  type OauthTokens,
  openTokens,
} from "../../../lib/net/oauth2/tokens.ts";
import { withTokenLock } from "../../../lib/net/oauth2/token_file.ts";
import { type FakeEnvironment, fakeEnvironment, never } from "../../support/dav_world.ts";
import { type OauthServer, startOauthServer } from "../../support/oauth_server.ts";

interface World {
  readonly server: OauthServer;
  readonly file: string;
  readonly environment: FakeEnvironment;
  readonly tokens: OauthTokens;
  open(more?: Partial<OauthOptions>): OauthTokens;
}

async function withProvider(body: (world: World) => Promise<void>): Promise<void> {
  const server = startOauthServer();
  const folder = await Deno.makeTempDir();
  const file = `${folder}/tokens/mine.json`;
  const environment = fakeEnvironment();
  const open = (more: Partial<OauthOptions> = {}) =>
    openTokens({
      storage: "work",
      authorizationUrl: `${server.origin}/authorize`,
      tokenUrl: `${server.origin}/token`,
      deviceUrl: `${server.origin}/device`,
      clientId: "client",
      clientSecret: new Secret("hush"),
      scopes: ["calendar", "contacts"],
      tokenFile: file,
      environment,
      ...more,
    });
  try {
    await body({ server, file, environment, tokens: open(), open });
  } finally {
    await server.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

/** What a person's browser does: it opens the url, and follows where it is sent. */
function browser(visit: (url: URL) => Promise<void> | void = () => {}) {
  const visits: Promise<void>[] = [];
  const talk = (instruction: Instruction) => {
    assert(instruction.type === "open");
    visits.push((async () => {
      const url = new URL(instruction.url);
      await visit(url);
      const response = await fetch(url);
      await response.text();
      assert.equal(response.status, 200);
    })());
  };
  return { talk, visited: () => Promise.all(visits) };
}

async function logIn(world: World): Promise<void> {
  const { talk, visited } = browser();
  await world.tokens.authorise("loopback", talk, never);
  await visited();
}

const reveal = async (source: Promise<Secret>) => (await source).reveal();

Deno.test("a login with a browser gives tokens, which are kept for this user alone", async () => {
  await withProvider(async (world) => {
    const { server, file, tokens } = world;
    await logIn(world);
    const text = await Deno.readTextFile(file);
    assert.match(text, /"access_token":"access-2".*"refresh_token":"refresh-2"/);
    assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
    assert.equal(((await Deno.stat(dirname(file))).mode ?? 0) & 0o777, 0o700);
    assert.equal(await reveal(tokens.token(never)), "access-2");
    assert.equal(server.forms.length, 1, "a good token is not renewed");
    const names = [...Deno.readDirSync(dirname(file))].map(({ name }) => name).sort();
    assert.deepEqual(names, ["mine.json", "mine.json.lock"]);
  });
});

Deno.test("whoever brings another state along is not the browser, and is not waited for", async () => {
  await withProvider(async (world) => {
    const { talk, visited } = browser(async (url) => {
      const redirect = new URL(url.searchParams.get("redirect_uri") ?? "");
      assert.match(redirect.href, /^http:\/\/127\.0\.0\.1:\d+\/$/);
      for (const query of ["", "?code=evil", "?code=evil&state=wrong"]) {
        const response = await fetch(`${redirect.href}${query}`);
        await response.text();
        assert.equal(response.status, 404);
      }
    });
    await world.tokens.authorise("loopback", talk, never);
    await visited();
    assert.deepEqual(world.server.forms.map((form) => form["code"]), ["code-1"]);
  });
});

Deno.test("a login that is not allowed is said, and leaves what was there", async () => {
  await withProvider(async (world) => {
    await logIn(world);
    const before = await Deno.readTextFile(world.file);
    const talk = (instruction: Instruction) => {
      assert(instruction.type === "open");
      const { searchParams } = new URL(instruction.url);
      const state = searchParams.get("state");
      const back = `${searchParams.get("redirect_uri")}?error=access_denied&state=${state}`;
      fetch(back).then((it) => it.text());
    };
    await assert.rejects(world.tokens.authorise("loopback", talk, never), {
      kind: "unauthorised",
      message: /not allowed/,
    });
    assert.equal(await Deno.readTextFile(world.file), before);
  });
});

Deno.test("a login can be called off", async () => {
  await withProvider(async ({ tokens }) => {
    const signal = AbortSignal.timeout(20);
    await assert.rejects(tokens.authorise("loopback", () => {}, signal), { kind: "cancelled" });
  });
});

Deno.test("who the person is does not matter, nor that nobody can check it", async () => {
  await withProvider(async (world) => {
    world.server.faults.idToken = true;
    await logIn(world);
    assert.doesNotMatch(await Deno.readTextFile(world.file), /id_token/);
  });
});

Deno.test("a login by code polls no faster than it may", async () => {
  await withProvider(async ({ server, tokens, environment, file }) => {
    server.faults.polls.push("authorization_pending", "slow_down", "authorization_pending");
    const told: Instruction[] = [];
    await tokens.authorise("device", (it) => told.push(it), never);
    assert.deepEqual(told, [{
      type: "code",
      url: "https://provider.example/device",
      code: "ABCD-EFGH",
      lasts: 100_000,
    }]);
    assert.deepEqual(environment.slept, [2_000, 2_000, 7_000, 7_000]);
    assert.equal(server.forms[0]?.["scope"], "calendar contacts");
    assert.match(await Deno.readTextFile(file), /access-1/);
  });
});

Deno.test("a code that is refused, not used in time, or for rights that are not given is said", async () => {
  for (
    const [poll, kind, message] of [
      ["access_denied", "unauthorised", /not allowed/],
      ["expired_token", "unauthorised", /not used in time/],
      ["invalid_scope", "forbidden", /rights/],
    ] as const
  ) {
    await withProvider(async ({ server, tokens }) => {
      server.faults.polls.push(poll);
      await assert.rejects(tokens.authorise("device", () => {}, never), { kind, message });
    });
  }
  await withProvider(async ({ server, open, environment }) => {
    server.faults.polls.push(...Array.from({ length: 100 }, () => "authorization_pending"));
    const sleep = (ms: number) => {
      environment.clock += ms;
      return Promise.resolve();
    };
    const now = () => environment.clock;
    const tokens = open({ environment: { ...REAL_ENVIRONMENT, sleep, now } });
    await assert.rejects(tokens.authorise("device", () => {}, never), { message: /in time/ });
    assert.equal(server.forms.length, 51);
  });
});

Deno.test("a token that has run out, or was refused, is renewed, and the next refresh token kept", async () => {
  await withProvider(async (world) => {
    const { server, tokens, environment, file } = world;
    await logIn(world);
    environment.clock += 3_600_000 - 60_000;
    assert.equal(await reveal(tokens.token(never)), "access-3");
    assert.match(await Deno.readTextFile(file), /refresh-3/);
    assert.equal(await reveal(tokens.token(never, new Secret("access-3"))), "access-4");
    assert.equal(await reveal(tokens.token(never, new Secret("access-3"))), "access-4");
    assert.deepEqual([...server.refresh], ["refresh-4"]);
  });
});

Deno.test("a provider that keeps the refresh token, or says nothing of times, is fine", async () => {
  await withProvider(async (world) => {
    const { server, tokens, file } = world;
    server.faults.keepsRefresh = true;
    delete server.faults.lasts;
    await logIn(world);
    assert.equal(await reveal(tokens.token(never)), "access-2");
    assert.equal(await reveal(tokens.token(never, new Secret("access-2"))), "access-3");
    assert.match(await Deno.readTextFile(file), /"access-3","refresh_token":"refresh-2"/);
  });
});

Deno.test("two who need a new token at once ask for one", async () => {
  await withProvider(async (world) => {
    const { server, environment, open } = world;
    await logIn(world);
    environment.clock += 4_000_000;
    const many = Array.from({ length: 5 }, () => reveal(open().token(never)));
    assert.deepEqual(new Set(await Promise.all(many)), new Set(["access-3"]));
    assert.equal(server.forms.length, 2);
  });
});

Deno.test("another process that renews is waited for", async () => {
  await withProvider(async (world) => {
    await logIn(world);
    world.environment.clock += 4_000_000;
    let free = false;
    const { promise, resolve } = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const other = withTokenLock(world.file, never, () => {
      held.resolve();
      return promise;
    });
    await held.promise;
    const waiting = world.tokens.token(never).then((it) => {
      assert(free);
      return it.reveal();
    });
    const stopped = world.open().token(AbortSignal.timeout(20));
    await assert.rejects(stopped, { kind: "cancelled" });
    free = true;
    resolve();
    await other;
    assert.equal(await waiting, "access-3");
  });
});

Deno.test("who has to log in is told how, and nothing that was kept is lost", async () => {
  await withProvider(async (world) => {
    const { server, tokens, file } = world;
    const hint = /dovetail login work/;
    await assert.rejects(tokens.token(never), { kind: "unauthorised", scope: "storage", hint });
    await logIn(world);
    const before = await Deno.readTextFile(file);
    server.refresh.clear();
    const refused = new Secret("access-2");
    await assert.rejects(tokens.token(never, refused), (error: SyncError) => {
      assert.equal(error.kind, "unauthorised");
      assert.match(error.message, /run out, or was taken back .*invalid_grant/);
      assert.match(error.hint ?? "", hint);
      assert(!/refresh-|access-|hush/.test(Deno.inspect(error)), "a secret is to be seen");
      return true;
    });
    assert.equal(await Deno.readTextFile(file), before);
  });
});

Deno.test("a provider that fails, or is none, is no reason to log in again", async () => {
  const rows = [
    [503, '{"error":"temporarily_unavailable"}', { kind: "refused", retry: true }],
    [400, '{"error":"temporarily_unavailable"}', { kind: "refused", retry: true }],
    [429, "", { kind: "refused", retry: true }],
    [401, '{"error":"invalid_client"}', { kind: "unauthorised", hint: /client_id/ }],
    [200, "<html>Sign in</html>", { kind: "malformed" }],
    [200, '{"access_token":5}', { kind: "malformed" }],
    [200, `{"access_token":"a","token_type":"mac"}`, { kind: "malformed" }],
    [302, "", { kind: "malformed" }],
    [200, "x".repeat(2_000_000), { kind: "too large" }],
  ] as const;
  await withProvider(async (world) => {
    const { server, tokens, file } = world;
    await logIn(world);
    const before = await Deno.readTextFile(file);
    for (const [status, body, expected] of rows) {
      server.faults.error = { status, body };
      const refused = new Secret("access-2");
      await assert.rejects(tokens.token(never, refused), { scope: "storage", ...expected }, body);
    }
    assert.equal(await Deno.readTextFile(file), before);
    const gone = world.open({ tokenUrl: "http://127.0.0.1:9/token" });
    await assert.rejects(gone.token(never, new Secret("access-2")), { kind: "unreachable" });
  });
});

Deno.test("a token file that is broken or somebody else's is named, and never shown", async () => {
  await withProvider(async (world) => {
    await logIn(world);
    for (const text of ["", "{", '{"access_token": 5}', "null", "secret-text"]) {
      await Deno.writeTextFile(world.file, text);
      await assert.rejects(world.tokens.token(never), (error: SyncError) => {
        assert.equal(error.kind, "malformed");
        assert(error.message.includes(world.file));
        assert(!Deno.inspect(error).includes("secret-text"));
        return true;
      });
    }
  });
});

Deno.test("tokens are sent to nobody without TLS, but on this machine", async () => {
  await withProvider((world) => {
    assert.throws(() => world.open({ tokenUrl: "http://provider.example/token" }), {
      kind: "forbidden",
    });
    return Promise.resolve();
  });
  await withProvider(async (world) => {
    const url = "http://provider.example/authorize";
    const asked = world.open({ authorizationUrl: url }).authorise("loopback", () => {}, never);
    await assert.rejects(asked, { kind: "forbidden" });
    const none = world.open({ deviceUrl: undefined });
    await assert.rejects(none.authorise("device", () => {}, never), { hint: /without --device/ });
  });
});

Deno.test("Google is asked for a token that lasts", async () => {
  await withProvider(async (world) => {
    const { talk, visited } = browser((url) => {
      assert.equal(url.searchParams.get("access_type"), "offline");
      assert.equal(url.searchParams.get("prompt"), "consent");
    });
    await world.open({ provider: "google" }).authorise("loopback", talk, never);
    await visited();
  });
});
