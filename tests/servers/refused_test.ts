import assert from "node:assert/strict";
import { newAuthority } from "../support/acceptance_certificates.ts";
import { fill, SERVERS } from "../support/acceptance_places.ts";
import { Proxy } from "../support/acceptance_proxy.ts";
import { assertUntouched } from "../support/acceptance_reader.ts";
import { onEach, type Setup, WORK, type World } from "../support/acceptance_world.ts";
import { generateEvents } from "../support/events.ts";

const MANY = 6;

/** In step, and then one new item on each side. */
async function withChanges(world: World): Promise<void> {
  const items = generateEvents(MANY + 2, 41);
  await fill(world.home, WORK, items.slice(2));
  await world.expect(0, "sync", "there");
  await world.inStep(MANY);
  await fill(world.home, WORK, items.slice(0, 1));
  await fill(world.other, WORK, items.slice(1, 2));
}

/** Runs with this setup; the server is not reached and nothing is done. What was printed. */
async function nothingHappens(world: World, setup: Setup): Promise<string> {
  await world.configure(setup);
  const before = await world.both();
  const { said } = await world.expect(4, "sync", "there");
  const after = await world.both();
  assertUntouched(before.home, after.home);
  assertUntouched(before.other, after.other);
  return said;
}

async function allIsWellAfterwards(world: World): Promise<void> {
  await world.configure({});
  await world.expect(0, "sync", "there");
  await world.inStep(MANY + 2);
}

onEach(SERVERS, "credentials that are refused delete nothing", async (world, t) => {
  await withChanges(world);
  // Xandikos asks nobody who he is; a server before it does.
  world.proxy.fault = ({ authorization }) =>
    authorization === `Basic ${btoa("user:pass")}` ? undefined : {
      kind: "answer",
      status: 401,
      headers: { "www-authenticate": 'Basic realm="calendars"' },
    };
  await t.step("a wrong password", async () => {
    const said = await nothingHappens(world, { password: "password guessed-in-vain" });
    assert.match(said, /401/);
    assert.match(said, /password/);
    assert.doesNotMatch(said, /guessed-in-vain/);
    assert.match((await world.expect(4, "check", "there")).said, /401/);
  });
  await t.step("a wrong user", async () => {
    assert.match(await nothingHappens(world, { username: "nobody" }), /401/);
  });
  await t.step("a password that was changed meanwhile", async () => {
    const asked = { times: 0 };
    const before = await world.both();
    await world.configure({});
    const refuse = world.proxy.fault;
    world.proxy.fault = (it) =>
      ++asked.times > 2 ? refuse({ ...it, authorization: undefined }) : undefined;
    await world.expect(4, "sync", "there");
    world.proxy.fault = refuse;
    const after = await world.both();
    assertUntouched(before.home, after.home);
    assertUntouched(before.other, after.other);
  });
  await t.step("and with the right ones all is done", () => allIsWellAfterwards(world));
});

onEach(SERVERS, "a server that is not there deletes nothing", async (world) => {
  await withChanges(world);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const url = `http://127.0.0.1:${port}${world.other.home}`;
  const said = await nothingHappens(world, { url });
  assert.match(said, new RegExp(`127\\.0\\.0\\.1:${port}`));
  assert.match(said, /refused/);

  const unknown = await nothingHappens(world, { url: "https://no-such-host.invalid/" });
  assert.match(unknown, /no-such-host\.invalid/);
  await allIsWellAfterwards(world);
});

onEach(SERVERS, "a certificate that does not fit deletes nothing", async (world, t) => {
  await withChanges(world);
  const authority = await newAuthority(`${world.root}/authority`);
  const trusted = { DENO_CERT: authority.path };
  const names = "IP:127.0.0.1,DNS:localhost";
  const over = async (
    certificate: Awaited<ReturnType<typeof authority.issue>>,
    run: (url: string, proxy: Proxy) => Promise<void>,
  ) => {
    await using proxy = new Proxy({ target: world.other.origin, certificate });
    await run(`${proxy.origin}${world.other.home}`, proxy);
  };
  const refused =
    (name: string, env: Readonly<Record<string, string>>, why: RegExp) =>
    async (url: string, proxy: Proxy) => {
      await t.step(name, async () => {
        const said = await nothingHappens(world, { url, env });
        assert.match(said, /certificate/);
        assert.match(said, why);
        assert.equal(proxy.passed.length, 0, "something was sent all the same");
      });
    };

  const good = await authority.issue(names);
  await over(good, refused("of an authority that nobody knows", {}, /authority|issuer|trust/i));
  const other = await authority.issue("DNS:calendars.example.org");
  await over(other, refused("for another host", trusted, /127\.0\.0\.1.*name|name.*127\.0\.0\.1/s));
  const past = { from: "20200101000000Z", to: "20210101000000Z" };
  await over(
    await authority.issue(names, past),
    refused("that has expired", trusted, /expired|2021/i),
  );
  const future = { from: "21000101000000Z", to: "21010101000000Z" };
  await over(
    await authority.issue(names, future),
    refused("that is not valid yet", trusted, /not (?:yet valid|valid yet)/i),
  );

  await over(good, async (url) => {
    await t.step("and one that fits is taken", async () => {
      await world.configure({ url, env: trusted });
      await world.expect(0, "sync", "there");
      await world.inStep(MANY + 2);
    });
  });
});
