// A pipe, a socket, a device or a folder where an item is expected: opening one may wait for ever,
// and reading one may never end.

import assert from "node:assert/strict";
import { realFiles } from "../../lib/files/files.ts";
import {
  apply,
  creation,
  fetched,
  filesWith,
  list,
  namesIn,
  never,
  withVdir,
} from "../support/vdir.ts";

const unix = { ignore: Deno.build.os === "windows" };

async function makePipe(path: string): Promise<void> {
  const { success } = await new Deno.Command("mkfifo", { args: [path] }).output();
  assert.ok(success, "mkfifo makes a pipe");
}

Deno.test(
  "a pipe in place of an item is unreadable, and nobody waits for its writer",
  unix,
  () =>
    withVdir(async ({ storage, work, at }) => {
      await makePipe(at("a.ics"));
      const [entry] = await list(storage, work);
      assert.ok(entry?.state === "unreadable");
      assert.match(entry.error.message, /a pipe, socket or device/);
      assert.deepEqual(await fetched(storage, work, "a.ics"), ["unreadable: refused"]);
      const [result] = await apply(storage, work, creation("a.ics", "written"));
      assert.equal(result?.outcome, "exists");
      assert.ok(Deno.lstatSync(at("a.ics")).isFifo);
    }),
);

Deno.test(
  "a pipe that takes the place of an item just before it is opened is not waited for",
  unix,
  () =>
    withVdir(async ({ open, work, at }) => {
      Deno.writeTextFileSync(at("a.ics"), "text");
      await makePipe(at("pipe"));
      const storage = open({
        files: filesWith({
          open: (path) => {
            Deno.renameSync(at("pipe"), path);
            return realFiles.open(path);
          },
        }),
      });
      assert.deepEqual(await fetched(storage, work, "a.ics"), ["unreadable: refused"]);
    }),
);

Deno.test(
  "a pipe in place of a property is not waited for",
  unix,
  () =>
    withVdir(async ({ storage, work, at }) => {
      await makePipe(at("displayname"));
      const [found] = await storage.collections(never);
      assert.deepEqual(found?.properties, {});
      await assert.rejects(list(storage, work), { scope: "collection" });
    }),
);

Deno.test(
  "a pipe with our name for temporary files is not removed",
  unix,
  () =>
    withVdir(async ({ open, work, at }) => {
      await makePipe(at(".0123456789abcdef.dovetail.tmp"));
      // Old enough by the clock, were it a file.
      const later = Date.now() + 2 * 60 * 60 * 1000;
      const storage = open({ files: filesWith({ now: () => later }) });
      await apply(storage, work, creation("a.ics", "text"));
      assert.deepEqual(namesIn(work.identity), [".0123456789abcdef.dovetail.tmp", "a.ics"]);
    }),
);

Deno.test(
  "a socket in place of an item is unreadable",
  unix,
  () =>
    withVdir(async ({ storage, work, at }) => {
      using _listener = Deno.listen({ transport: "unix", path: at("a.ics") });
      assert.deepEqual((await list(storage, work)).map(({ state }) => state), ["unreadable"]);
      assert.deepEqual(await fetched(storage, work, "a.ics"), ["unreadable: refused"]);
    }),
);

Deno.test("a folder in place of an item is unreadable, and what is in it stays", () =>
  withVdir(async ({ storage, work, at }) => {
    Deno.mkdirSync(at("a.ics"));
    Deno.writeTextFileSync(at("a.ics/b.ics"), "text");
    assert.deepEqual((await list(storage, work)).map(({ state }) => state), ["unreadable"]);
    assert.deepEqual(await fetched(storage, work, "a.ics"), ["unreadable: refused"]);
    const [result] = await apply(storage, work, creation("a.ics", "written"));
    assert.equal(result?.outcome, "exists");
    assert.equal(Deno.readTextFileSync(at("a.ics/b.ics")), "text");
  }));

Deno.test("a file that grows without end is not read without end", () =>
  withVdir(async ({ open, work, at }) => {
    Deno.writeTextFileSync(at("a.ics"), "x");
    let asked = 0;
    const storage = open({
      maxItemSize: 1000,
      files: filesWith({
        open: (path) => {
          const file = realFiles.open(path);
          return {
            ...file,
            read: (most) => {
              asked = Math.max(asked, most);
              return new Uint8Array(most);
            },
          };
        },
      }),
    });
    assert.deepEqual(await fetched(storage, work, "a.ics"), ["unreadable: changed"]);
    assert.ok(asked <= 1001);
  }));
