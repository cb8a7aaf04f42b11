/** A person logs in by OAuth 2, and syncing with Radicale behind nginx goes on from there. */

import assert from "node:assert/strict";
import { newAuthority } from "../support/acceptance_certificates.ts";
import { run } from "../support/dovetail.ts";
import { startOauthServer } from "../support/oauth_server.ts";
import { NGINX, startNginx } from "../support/servers/nginx.ts";
import { startRadicale } from "../support/servers/radicale.ts";
import { isInstalled } from "../support/servers/server.ts";

const ignore = !isInstalled(NGINX) || !isInstalled("radicale") || !isInstalled("openssl") ||
  // The binary cannot be told to trust the provider's root.
  Deno.env.get("DOVETAIL_BIN") !== undefined;

Deno.test("a login by code, and a token that is renewed when the server refuses it", {
  ignore,
}, async () => {
  const home = await Deno.makeTempDir({ prefix: "dovetail-login-" });
  const authority = await newAuthority(`${home}/authority`);
  const provider = startOauthServer({ tls: await authority.issue("IP:127.0.0.1"), interval: 1 });
  const radicale = await startRadicale();
  const nginx = await startNginx({
    backend: radicale.url,
    authorization: `Basic ${btoa(`${radicale.username}:${radicale.password}`)}`,
    // The first token is refused, as if it had been taken back.
    token: "access-2",
  });
  try {
    await Deno.mkdir(`${home}/calendars/work`, { recursive: true });
    await Deno.writeTextFile(
      `${home}/dovetail.conf`,
      `status_path ${home}/status
pair one {
  storage_a local
  storage_b cloud
  collections all
}
storage local {
  type vdir/icalendar
  path ${home}/calendars
}
storage cloud {
  type caldav
  url ${nginx.token}/user/
  tls_root ${nginx.root}
  auth_method oauth2 {
    token_url ${provider.origin}/token
    device_url ${provider.origin}/device
    client_id client
    client_secret hush
    scope calendar contacts
    token_file ${home}/tokens/cloud.json
  }
}
`,
    );
    const dovetail = (...args: readonly string[]) =>
      run(["-c", `${home}/dovetail.conf`, ...args], {
        env: { HOME: home, DENO_CERT: authority.path },
      });

    const before = await dovetail("sync");
    assert.equal(before.code, 4, before.stderr);
    assert.match(before.stderr, /dovetail login cloud/);

    const login = await dovetail("login", "--device", "cloud");
    assert.equal(login.code, 0, login.stderr);
    assert.match(login.stderr, /https:\/\/provider\.example\/device .* ABCD-EFGH/);
    const kept = await Deno.readTextFile(`${home}/tokens/cloud.json`);
    assert.match(kept, /access-1/);

    const sync = await dovetail("sync");
    assert.equal(sync.code, 0, sync.stderr);
    assert.match(await Deno.readTextFile(`${home}/tokens/cloud.json`), /access-2.*refresh-2/);
    const statuses = (await nginx.requests()).map(({ status }) => status);
    assert.deepEqual(statuses.filter((status) => status === 401), [401]);

    const again = await dovetail("sync");
    assert.equal(again.code, 0, again.stderr);
    assert.equal(provider.forms.filter((it) => it["grant_type"] === "refresh_token").length, 1);

    for (const { stdout, stderr } of [before, login, sync, again]) {
      assert.doesNotMatch(stdout + stderr, /access-|refresh-|hush|device-1/);
    }
    const wrong = await dovetail("login", "local");
    assert.equal(wrong.code, 3);
    assert.match(wrong.stderr, /does not log in by OAuth 2/);
    assert.match((await dovetail("login", "clout")).stderr, /Did you mean "cloud"/);
  } finally {
    await nginx.stop();
    await radicale.stop();
    await provider.stop();
    await Deno.remove(home, { recursive: true });
  }
});
