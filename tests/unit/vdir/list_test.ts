import assert from "node:assert/strict";
import { realFiles } from "../../../lib/files/files.ts";
import {
  etagOf,
  fetched,
  filesWith,
  list,
  never,
  systemError,
  withVdir,
} from "../../support/vdir.ts";

Deno.test("only files with the extension are items", () =>
  withVdir(async ({ storage, work, at }) => {
    for (
      const name of [
        "a.ics",
        "b.vcf",
        "c.ics.tmp",
        ".d.ics",
        "e",
        "f.ics~",
        "displayname",
        "color",
        ".0123456789abcdef.dovetail.tmp",
      ]
    ) Deno.writeTextFileSync(at(name), name);
    assert.deepEqual((await list(storage, work)).map(({ href }) => href), ["a.ics"]);
  }));

Deno.test("the extension may be given with its dot, and be another", () =>
  withVdir(async ({ open, work, at }) => {
    for (const name of ["a.ics", "b.vcf", "c.txt"]) Deno.writeTextFileSync(at(name), name);
    const names = async (fileext: string) =>
      (await list(open({ fileext }), work)).map(({ href }) => href);
    assert.deepEqual(await names(".ics"), ["a.ics"]);
    assert.deepEqual(await names("txt"), ["c.txt"]);
    const contacts = open({ kind: "contacts" });
    assert.deepEqual((await list(contacts, work)).map(({ href }) => href), ["b.vcf"]);
    assert.equal(contacts.hrefFor(work, "u" as never, 0), "u.vcf");
  }));

Deno.test("what can be no extension is refused at once", () =>
  withVdir(({ open }) => {
    for (const fileext of ["", ".", "tmp", ".tmp", "ics.tmp", "a/b", "a\u0000"]) {
      assert.throws(() => open({ fileext }), RangeError, JSON.stringify(fileext));
    }
    assert.equal(open({ fileext: "ics.txt" }).hrefFor({} as never, "u" as never, 0), "u.ics.txt");
    return Promise.resolve();
  }));

Deno.test("what lies deeper is neither an item nor a collection", () =>
  withVdir(async ({ storage, work, at }) => {
    Deno.mkdirSync(at("deeper"));
    Deno.writeTextFileSync(at("deeper/a.ics"), "a");
    assert.deepEqual(await list(storage, work), []);
    assert.deepEqual((await storage.collections(never)).map(({ id }) => id), ["work"]);
  }));

Deno.test("each change of a file changes its etag, however soon it comes and whatever its size", () =>
  withVdir(async ({ storage, work, at }) => {
    const etags = new Set<string>();
    for (let n = 0; n < 10; n++) {
      // In place: the same file, the same size, and often the same tick of the clock.
      Deno.writeTextFileSync(at("a.ics"), `text ${n}`);
      etags.add(await etagOf(storage, work, "a.ics"));
    }
    assert.equal(etags.size, 10);
  }));

Deno.test("two files with the same time differ by their size, or by which file they are", () =>
  withVdir(async ({ storage, work, at }) => {
    const time = new Date("2026-01-01T00:00:00Z");
    const etags = new Set<string>();
    const write = async (text: string, over: boolean) => {
      const path = over ? at("a.ics") : at("new.tmp");
      Deno.writeTextFileSync(path, text);
      Deno.utimeSync(path, time, time);
      if (!over) Deno.renameSync(path, at("a.ics"));
      etags.add(await etagOf(storage, work, "a.ics"));
    };
    await write("text", true);
    await write("longer text", true);
    await write("longer tixt", false);
    assert.equal(etags.size, 3);
  }));

Deno.test("reading a file, or changing its permissions, does not change its etag", () =>
  withVdir(async ({ storage, work, at }) => {
    Deno.writeTextFileSync(at("a.ics"), "text");
    const before = await etagOf(storage, work, "a.ics");
    Deno.readTextFileSync(at("a.ics"));
    Deno.chmodSync(at("a.ics"), 0o644);
    assert.equal(await etagOf(storage, work, "a.ics"), before);
    assert.deepEqual(await fetched(storage, work, "a.ics"), ["present: text"]);
  }));

Deno.test("a file that is saved by removing and writing it anew does not look deleted", () =>
  withVdir(async ({ open, work, at }) => {
    Deno.writeTextFileSync(at("a.ics"), "old");
    let passes = 0;
    const storage = open({
      files: filesWith({
        stat: (path) => {
          // Between the names and the look at them it is away; then it is back.
          if (path.endsWith("a.ics") && ++passes === 1) {
            Deno.removeSync(path);
            try {
              return realFiles.stat(path);
            } finally {
              Deno.writeTextFileSync(path, "new");
            }
          }
          return realFiles.stat(path);
        },
      }),
    });
    assert.deepEqual((await list(storage, work)).map(({ state }) => state), ["present"]);
    assert.ok(passes > 1);
  }));

Deno.test("a file that was away for a moment is looked at again, though the folder seems unchanged", () =>
  withVdir(async ({ open, work, at }) => {
    Deno.writeTextFileSync(at("a.ics"), "text");
    await new Promise((resolve) => setTimeout(resolve, 20));
    let looks = 0;
    const storage = open({
      files: filesWith({
        stat: (path) => {
          if (path.endsWith("a.ics") && ++looks === 1) throw systemError("ENOENT");
          return realFiles.stat(path);
        },
      }),
    });
    assert.deepEqual((await list(storage, work)).map(({ state }) => state), ["present"]);
  }));

Deno.test("a file that is away whenever one looks is unreadable, not deleted", () =>
  withVdir(async ({ open, work, at }) => {
    Deno.writeTextFileSync(at("a.ics"), "text");
    const storage = open({
      files: filesWith({
        stat: (path) => {
          if (path.endsWith("a.ics")) throw systemError("ENOENT");
          return realFiles.stat(path);
        },
      }),
    });
    const [entry] = await list(storage, work);
    assert.ok(entry?.state === "unreadable");
    assert.deepEqual([entry.error.kind, entry.error.retry], ["changed", true]);
  }));

Deno.test("a folder into which is written meanwhile is read again", () =>
  withVdir(async ({ open, work, at }) => {
    let passes = 0;
    const storage = open({
      files: filesWith({
        names: (folder) => {
          const names = realFiles.names(folder);
          if (folder === work.identity && ++passes === 1) {
            Deno.writeTextFileSync(at("new.ics"), "x");
          }
          return names;
        },
      }),
    });
    assert.deepEqual((await list(storage, work)).map(({ href }) => href), ["new.ics"]);
    assert.ok(passes > 1);
  }));

Deno.test("a folder that is written to all the time is listed all the same", () =>
  withVdir(async ({ open, work, at }) => {
    let passes = 0;
    const storage = open({
      files: filesWith({
        names: (folder) => {
          if (folder === work.identity) Deno.writeTextFileSync(at(`${++passes}.ics`), "x");
          return realFiles.names(folder);
        },
      }),
    });
    assert.equal((await list(storage, work)).length, passes);
    assert.ok(passes >= 3 && passes < 10);
  }));

Deno.test("a folder that vanishes while it is listed is an error, never a short list", () =>
  withVdir(async ({ open, path, work, at }) => {
    for (let n = 0; n < 5; n++) Deno.writeTextFileSync(at(`${n}.ics`), "x");
    let looks = 0;
    const storage = open({
      files: filesWith({
        stat: (file) => {
          if (file.endsWith(".ics") && ++looks === 3) {
            Deno.removeSync(work.identity, { recursive: true });
          }
          return realFiles.stat(file);
        },
      }),
    });
    await assert.rejects(list(storage, work), { kind: "missing", scope: "collection" });
    await Deno.remove(path);
    const missing = { kind: "missing", scope: "storage", hint: /mount/ };
    await assert.rejects(list(storage, work), missing);
    await assert.rejects(storage.collections(never), missing);
  }));

Deno.test("a folder that is replaced by another while it is listed is an error", () =>
  withVdir(async ({ open, path, work, at }) => {
    Deno.writeTextFileSync(at("a.ics"), "x");
    let replaced = false;
    const storage = open({
      files: filesWith({
        names: (folder) => {
          if (folder === work.identity && !replaced) {
            Deno.renameSync(work.identity, `${path}/other`);
            Deno.mkdirSync(work.identity);
            replaced = true;
          }
          return realFiles.names(folder);
        },
      }),
    });
    await assert.rejects(list(storage, work), { scope: "collection", retry: true });
  }));

Deno.test("a collection in whose place there is a file is missing", () =>
  withVdir(async ({ storage, work }) => {
    Deno.removeSync(work.identity);
    Deno.writeTextFileSync(work.identity, "a file");
    await assert.rejects(list(storage, work), {
      kind: "missing",
      scope: "collection",
      message: /not a folder/,
    });
    assert.deepEqual(await storage.collections(never), []);
  }));

Deno.test("a folder that cannot be read, or not searched, is an error of the collection", () =>
  withVdir(async ({ open, work, at }) => {
    Deno.writeTextFileSync(at("a.ics"), "x");
    const refusing = {
      names: (folder: string) => {
        if (folder === work.identity) throw systemError("EACCES");
        return realFiles.names(folder);
      },
    };
    const hiding = {
      stat: (path: string) => {
        if (path.endsWith(".ics")) throw systemError("EACCES");
        return realFiles.stat(path);
      },
    };
    for (const some of [refusing, hiding]) {
      await assert.rejects(list(open({ files: filesWith(some) }), work), {
        kind: "forbidden",
        scope: "collection",
        hint: /permissions/,
      });
    }
  }));

Deno.test("a file on a bad part of the disk is unreadable, and the others are listed", () =>
  withVdir(async ({ open, work, at }) => {
    for (const name of ["a.ics", "b.ics"]) Deno.writeTextFileSync(at(name), "x");
    const files = filesWith({
      stat: (path) => {
        if (path.endsWith("a.ics")) throw systemError("EIO");
        return realFiles.stat(path);
      },
    });
    const entries = await list(open({ files }), work);
    assert.deepEqual(entries.map(({ state }) => state), ["unreadable", "present"]);
  }));
