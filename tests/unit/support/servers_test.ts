import assert from "node:assert/strict";
import { startRadicale } from "../../support/servers/radicale.ts";
import { isInstalled, startServer } from "../../support/servers/server.ts";
import { startXandikos } from "../../support/servers/xandikos.ts";

async function propfind(url: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(url, { method: "PROPFIND", headers: { ...headers, depth: "1" } });
  const text = await response.text();
  assert.equal(response.status, 207, text);
  return text;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

Deno.test({
  name: "Radicale answers its user, nobody else, and is gone when it is stopped",
  ignore: !isInstalled("radicale"),
  fn: async () => {
    const server = await startRadicale();
    try {
      const authorization = `Basic ${btoa(`${server.username}:${server.password}`)}`;
      assert.match(await propfind(server.home, { authorization }), /multistatus/);
      const stranger = await fetch(server.home, { method: "PROPFIND" });
      await stranger.body?.cancel();
      assert.equal(stranger.status, 401);
    } finally {
      await server.stop();
    }
    assert.equal(await exists(server.folder), false);
    await assert.rejects(fetch(server.url));
  },
});

Deno.test({
  name: "Xandikos has a calendar and an address book from the start",
  ignore: !isInstalled("xandikos"),
  fn: async () => {
    const server = await startXandikos();
    try {
      assert.match(await propfind(server.calendars), /\/user\/calendars\/calendar\//);
      assert.match(await propfind(server.contacts), /\/user\/contacts\/addressbook\//);
    } finally {
      await server.stop();
    }
    assert.equal(await exists(server.folder), false);
  },
});

Deno.test("a server that does not start says why, and leaves nothing behind", async () => {
  let folder = "";
  const failing = startServer({
    program: "ls",
    prepare: (made) => {
      folder = made;
      return Promise.resolve({ args: ["--no-such-option"] });
    },
  });
  await assert.rejects(failing, /ls did not start[^]*no-such-option/);
  assert.notEqual(folder, "");
  assert.equal(await exists(folder), false);
});

Deno.test("a server that is not installed is named, with what to install", async () => {
  const recipe = { program: "no-such-server", prepare: () => assert.fail() };
  await assert.rejects(startServer(recipe), /apt install no-such-server/);
});
