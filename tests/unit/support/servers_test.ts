import assert from "node:assert/strict";
import { isCyrusInstalled, startCyrus } from "../../support/servers/cyrus.ts";
import { isDavicalInstalled, startDavical } from "../../support/servers/davical.ts";
import { findProgram } from "../../support/servers/programs.ts";
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

const basic = (
  { username, password }: { readonly username: string; readonly password: string },
) => ({
  authorization: `Basic ${btoa(`${username}:${password}`)}`,
});

Deno.test({
  name: "Cyrus has a calendar and an address book, and is gone when it is stopped",
  ignore: !isCyrusInstalled(),
  fn: async () => {
    const server = await startCyrus();
    try {
      assert.match(await propfind(server.calendars, basic(server)), /Default/);
      assert.match(await propfind(server.contacts, basic(server)), /Default/);
    } finally {
      await server.stop();
    }
    assert.equal(await exists(server.folder), false);
    await assert.rejects(fetch(server.url));
  },
});

Deno.test({
  name: "DAViCal answers its user, nobody else, and is gone when it is stopped",
  ignore: !isDavicalInstalled(),
  fn: async () => {
    const server = await startDavical();
    try {
      assert.match(await propfind(server.home, basic(server)), /multistatus/);
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

Deno.test("a program is found by its path too, in its last version", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of ["p-1", "p-2/bin", "q"]) {
      await Deno.mkdir(`${folder}/${name}`.replace(/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${folder}/${name}`, "");
    }
    assert.equal(findProgram(`${folder}/p-*`), `${folder}/p-1`);
    assert.equal(findProgram(`${folder}/p-*/bin`), `${folder}/p-2/bin`);
    assert.equal(findProgram(`${folder}/q`), `${folder}/q`);
    for (const none of ["r", "r-*", "p-*/sbin", "none/*", "q/*"]) {
      assert.equal(findProgram(`${folder}/${none}`), undefined, none);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
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
