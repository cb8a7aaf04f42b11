/** Every directive about reaching a server and logging in, from the configuration to the server. */

import assert from "node:assert/strict";
import { checksStrangers } from "../../lib/net/http/tls.ts";
import {
  type Account,
  block,
  type Desk,
  isAccountInstalled,
  newDesk,
  openAccount,
  pair,
  vdir,
} from "../support/acceptance_account.ts";
import { simple } from "../support/acceptance_bench.ts";
import { LIGHTTPD, startLighttpd } from "../support/servers/lighttpd.ts";
import { NGINX, startNginx } from "../support/servers/nginx.ts";
import { isInstalled } from "../support/servers/server.ts";

const TOKEN = "a-token-that-is-known";
const ignore = !isAccountInstalled("Radicale") || !isInstalled(NGINX) || !isInstalled("openssl");

/** A run with these lines in the storage carries an event there. */
async function works(
  { account, desk }: { readonly account: Account; readonly desk: Desk },
  id: string,
  lines: readonly string[],
): Promise<void> {
  await configure(desk, id, lines);
  await desk.expect(0, "check");
  await desk.expect(0, "sync");
  assert.match(await account.get(`${account.calendars}${id}/${id}.ics`), /SUMMARY:Way/);
}

async function configure(desk: Desk, id: string, lines: readonly string[]): Promise<void> {
  await Deno.mkdir(`${desk.root}/home/${id}`, { recursive: true });
  await Deno.writeTextFile(`${desk.root}/home/${id}/${id}.ics`, simple(id, "Way"));
  await desk.configure(
    vdir("home", `${desk.root}/home`),
    block("storage there", "type caldav", ...lines),
    pair(id, "home", "there", `collection ${id}`),
  );
}

/** Nobody is let in, and what is said shows no secret. */
async function refused(
  desk: Desk,
  id: string,
  lines: readonly string[],
  said: RegExp,
): Promise<void> {
  await configure(desk, id, lines);
  for (const command of ["check", "sync"]) {
    const outcome = await desk.expect(4, command);
    assert.ok(said.test(outcome.said), `${command} said: ${outcome.said}`);
    assert.doesNotMatch(outcome.said, /Kanarie/);
  }
}

Deno.test("TLS, tokens, certificates and sockets are used as they are configured", {
  ignore,
}, async (t) => {
  await using account = await openAccount("Radicale");
  await using desk = await newDesk();
  const { username, password } = account;
  const nginx = await startNginx({
    backend: account.origin,
    authorization: `Basic ${btoa(`${username}:${password}`)}`,
    token: TOKEN,
  });
  try {
    const world = { account, desk };
    const login = [`username ${username}`, `password ${password}`];
    const roots = [`tls_root ${nginx.root}`];
    const pem = async (name: string, text: string) => {
      await Deno.writeTextFile(`${desk.root}/${name}`, text, { mode: 0o600 });
      return `${desk.root}/${name}`;
    };

    await t.step("tls_root, with auth_method basic", async () => {
      await works(world, "root", [`url ${nginx.tls}/`, ...login, ...roots, "auth_method basic"]);
      const foreign = [`url ${nginx.tls}/`, ...login, `tls_root ${nginx.foreignRoot}`];
      await refused(desk, "foreign", foreign, /nobody that this machine trusts|BadSignature/);
      await refused(desk, "system", [`url ${nginx.tls}/`, ...login], /tls_root/);
      const wrong = [`url ${nginx.tls}/`, `username ${username}`, "password Kanarie", ...roots];
      await refused(desk, "wrong", wrong, /username and password/);
    });

    await t.step({
      name: "tls_fingerprint, with colons and without",
      ignore: !checksStrangers(),
      fn: async () => {
        const { selfSigned, fingerprint } = nginx;
        const pinned = (print: string) => [
          `url ${selfSigned}/`,
          ...login,
          `tls_fingerprint ${print}`,
        ];
        await configure(desk, "colons", pinned(fingerprint));
        // A binary may have been built with a runtime that cannot check it, and says so.
        const { said } = await desk.expect([0, 1], "check");
        if (said.includes("cannot safely check tls_fingerprint")) return;
        await works(world, "colons", pinned(fingerprint));
        await works(world, "plain", pinned(fingerprint.replaceAll(":", "").toLowerCase()));
        const other = `${fingerprint.startsWith("00") ? "01" : "00"}${fingerprint.slice(2)}`;
        await refused(desk, "pinned", pinned(other), new RegExp(fingerprint));
      },
    });

    await t.step("auth_cert, of one file and of two", async () => {
      const { client, foreignClient } = nginx;
      const [cert, key] = [await pem("me.pem", client.cert), await pem("me.key", client.key)];
      const url = `url ${nginx.certified}/user/`;
      await works(world, "two", [url, ...roots, `auth_cert ${cert} ${key}`]);
      const bundle = await pem("bundle.pem", client.cert + client.key);
      await works(world, "one", [url, ...roots, `auth_cert ${bundle}`]);
      await refused(desk, "none", [url, ...roots], /auth_cert/);
      const stranger = await pem("stranger.pem", foreignClient.cert + foreignClient.key);
      await refused(desk, "stranger", [url, ...roots, `auth_cert ${stranger}`], /certificate/);
    });

    await t.step("auth_method bearer, with a token that a command prints anew", async () => {
      const url = `url ${nginx.token}/user/`;
      const calls = `${desk.root}/calls`;
      // The first token has run out.
      const script =
        `echo >> ${calls}; [ $(wc -l < ${calls}) -gt 1 ] && echo ${TOKEN} || echo Kanarie`;
      await configure(desk, "bearer", [
        url,
        ...roots,
        "auth_method bearer",
        `token {\n    shell '${script}'\n  }`,
      ]);
      await desk.expect(0, "sync");
      assert.match(await account.get(`${account.calendars}bearer/bearer.ics`), /SUMMARY:Way/);
      assert.equal((await Deno.readTextFile(calls)).length, 2);
      await works(world, "written", [url, ...roots, `token ${TOKEN}`]);
      const wrong = ["auth_method bearer", "token Kanarie"];
      await refused(desk, "unknown", [url, ...roots, ...wrong], /token/);
    });

    await t.step("unix:// and socket", async () => {
      await works(world, "unix", [`url unix://${nginx.socket}`, ...login]);
      const host = "url http://calendars.example/";
      const before = (await nginx.requests()).length;
      await works(world, "socket", [
        host,
        `socket ${nginx.socket}`,
        ...login,
      ]);
      const seen = (await nginx.requests()).slice(before);
      assert.deepEqual([...new Set(seen.map((it) => it.host))], ["calendars.example"]);
      await refused(
        desk,
        "gone",
        [`url unix://${nginx.socket}.not`, ...login],
        /does not exist|cannot be connected to/,
      );
    });

    await t.step("http to another machine is not spoken unless insecure is written", async () => {
      await configure(desk, "plain", ["url http://calendars.example/", ...login]);
      const { said } = await desk.expect([3, 4], "sync");
      assert.match(said, /insecure/);
    });

    await t.step("one auth block for two storages", async () => {
      await Deno.mkdir(`${desk.root}/other/shared`, { recursive: true });
      const there = (name: string) =>
        block(`storage ${name}`, "type caldav", `url ${nginx.tls}/`, ...roots, "auth mine");
      await configure(desk, "shared", []);
      await desk.configure(
        block("auth mine", ...login),
        vdir("home", `${desk.root}/home`),
        vdir("other", `${desk.root}/other`),
        there("first"),
        there("second"),
        pair("one", "home", "first", "collection shared"),
        pair("two", "other", "second", "collection shared"),
      );
      await desk.expect(0, "sync", "one");
      await desk.expect(0, "sync", "two");
      assert.match(await Deno.readTextFile(`${desk.root}/other/shared/shared.ics`), /Way/);
    });
  } finally {
    await nginx.stop();
  }
});

Deno.test("auth_method digest, and auth digest as pimsync had it", {
  ignore: !isAccountInstalled("Radicale") || !isInstalled(LIGHTTPD),
}, async () => {
  await using account = await openAccount("Radicale");
  await using desk = await newDesk();
  const { username, password } = account;
  const lighttpd = await startLighttpd({
    backend: account.origin,
    authorization: `Basic ${btoa(`${username}:${password}`)}`,
    username,
    password,
    algorithm: "SHA-256",
  });
  try {
    const world = { account, desk };
    const lines = [`url ${lighttpd.url}/user/`, `username ${username}`];
    await works(world, "digest", [...lines, `password ${password}`, "auth_method digest"]);
    await works(world, "older", [...lines, `password ${password}`, "auth digest"]);
    const wrong = [...lines, "password Kanarie", "auth_method digest"];
    await refused(desk, "wrong", wrong, /Check username and password/);
    await refused(desk, "basic", [...lines, `password ${password}`], /Digest authentication alone/);
  } finally {
    await lighttpd.stop();
  }
});
