import assert from "node:assert/strict";
import { join } from "node:path";
import type { FileEvent } from "../../../lib/files/files.ts";
import {
  apply,
  creation,
  filesWith,
  list,
  systemError,
  type Vdir,
  withVdir,
} from "../../support/vdir.ts";

const pause = (milliseconds: number) => new Promise<void>((end) => setTimeout(end, milliseconds));

/** What is heard while `happens` goes on, and for long enough afterwards. */
async function heard(vdir: Vdir, happens: () => Promise<void> | void): Promise<string[]> {
  const stop = new AbortController();
  const hrefs: string[] = [];
  const hearing = (async () => {
    for await (const href of vdir.storage.watch(stop.signal)) hrefs.push(href);
  })();
  await pause(50);
  await happens();
  await pause(300);
  stop.abort();
  await hearing;
  return hrefs;
}

Deno.test("a change of an item is told of once, however many steps it takes", () =>
  withVdir(async (vdir) => {
    const hrefs = await heard(vdir, () => {
      Deno.writeTextFileSync(vdir.at("new.tmp"), "text");
      Deno.renameSync(vdir.at("new.tmp"), vdir.at("a.ics"));
      Deno.writeTextFileSync(vdir.at("a.ics"), "other text");
      Deno.removeSync(vdir.at("a.ics"));
    });
    assert.deepEqual(hrefs, ["work"]);
  }));

Deno.test("a new collection, a removed one and a new property are told of", () =>
  withVdir(async (vdir) => {
    Deno.mkdirSync(join(vdir.path, "old"));
    const hrefs = await heard(vdir, () => {
      Deno.mkdirSync(join(vdir.path, "new"));
      Deno.removeSync(join(vdir.path, "old"));
      Deno.writeTextFileSync(vdir.at("color"), "#ff0000");
    });
    assert.deepEqual(hrefs.toSorted(), ["new", "old", "work"]);
  }));

Deno.test("what is no change of an item is not told of", () =>
  withVdir(async (vdir) => {
    Deno.mkdirSync(join(vdir.path, ".git"));
    Deno.writeTextFileSync(vdir.at("a.ics"), "text");
    await pause(20);
    const hrefs = await heard(vdir, async () => {
      Deno.writeTextFileSync(join(vdir.path, ".git", "index"), "x");
      Deno.writeTextFileSync(vdir.at("x.tmp"), "x");
      Deno.writeTextFileSync(vdir.at(".a.ics.swp"), "x");
      Deno.readTextFileSync(vdir.at("a.ics"));
      await list(vdir.storage, vdir.work);
    });
    assert.deepEqual(hrefs, []);
  }));

Deno.test("what we write ourselves is told of too: another pair may want to know", () =>
  withVdir(async (vdir) => {
    const hrefs = await heard(vdir, async () => {
      await apply(vdir.storage, vdir.work, creation("a.ics", "text"));
    });
    assert.deepEqual(hrefs, ["work"]);
  }));

Deno.test("where the system lost track, every collection may have changed", () =>
  withVdir(async ({ open, path }) => {
    Deno.mkdirSync(join(path, "home"));
    const stop = new AbortController();
    const storage = open({
      files: filesWith({
        async *watch(): AsyncGenerator<FileEvent> {
          await Promise.resolve();
          yield { paths: [], missedSome: true };
          await new Promise((resolve) => stop.signal.addEventListener("abort", resolve));
        },
      }),
    });
    const hrefs: string[] = [];
    for await (const href of storage.watch(stop.signal)) {
      hrefs.push(href);
      if (hrefs.length === 2) stop.abort();
    }
    assert.deepEqual(hrefs.toSorted(), ["home", "work"]);
  }));

Deno.test("a change is told of though changes never end", () =>
  withVdir(async ({ open, path }) => {
    let time = 0;
    const stop = new AbortController();
    const storage = open({
      files: filesWith({
        now: () => time,
        wait: async (milliseconds) => {
          time += milliseconds;
          await pause(0);
        },
        async *watch(): AsyncGenerator<FileEvent> {
          while (!stop.signal.aborted) {
            yield { paths: [join(path, "work", "a.ics")], missedSome: false };
            await pause(0);
          }
        },
      }),
    });
    for await (const href of storage.watch(stop.signal)) {
      assert.equal(href, "work");
      stop.abort();
    }
    assert.ok(time <= 2000);
  }));

Deno.test("watching that fails is an error, and one that is given up stops", () =>
  withVdir(async ({ open, storage, path }) => {
    const failing = open({
      files: filesWith({
        // deno-lint-ignore require-yield -- it fails before it has anything to give
        async *watch(): AsyncGenerator<FileEvent> {
          await Promise.resolve();
          throw systemError("ENOSPC");
        },
      }),
    });
    const signal = new AbortController().signal;
    await assert.rejects(Array.fromAsync(failing.watch(signal)), {
      kind: "refused",
      scope: "storage",
      hint: /inotify/,
    });
    await assert.rejects(
      Array.fromAsync(open({ path: join(path, "nowhere") }).watch(signal)),
      { kind: "missing", scope: "storage" },
    );
    const timer = setTimeout(() => Deno.mkdirSync(join(path, "new")), 50);
    for await (const href of storage.watch(signal)) {
      assert.equal(href, "new");
      break;
    }
    clearTimeout(timer);
  }));
