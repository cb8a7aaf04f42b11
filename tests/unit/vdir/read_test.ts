import assert from "node:assert/strict";
import { readCalendarItem } from "../../../lib/item/icalendar.ts";
import { type OpenFile, realFiles } from "../../../lib/files/files.ts";
import { fetched, filesWith, list, never, systemError, withVdir } from "../../support/vdir.ts";

/** The real calls, with `happens` after the first half of each read of a file. */
const interrupted = (happens: (path: string, nth: number) => void) => {
  let reads = 0;
  return filesWith({
    open: (path): OpenFile => {
      const file = realFiles.open(path);
      return {
        ...file,
        read: (most) => {
          const bytes = file.read(most);
          happens(path, ++reads);
          return bytes;
        },
      };
    },
  });
};

Deno.test("a file that is written while it is read is read again", () =>
  withVdir(async ({ open, work, at }) => {
    Deno.writeTextFileSync(at("a.ics"), "half");
    const storage = open({
      files: interrupted((path, nth) => {
        if (nth === 1) Deno.writeTextFileSync(path, "half and the other half");
      }),
    });
    assert.deepEqual(await fetched(storage, work, "a.ics"), ["present: half and the other half"]);
  }));

Deno.test("a file that is written all the time is unreadable for now", () =>
  withVdir(async ({ open, work, at }) => {
    Deno.writeTextFileSync(at("a.ics"), "x");
    const storage = open({
      files: interrupted((path, nth) => Deno.writeTextFileSync(path, "x".repeat(nth))),
    });
    assert.deepEqual(await fetched(storage, work, "a.ics"), ["unreadable: changed"]);
  }));

Deno.test("a file that was written only just now gets no etag that a next write could keep", () =>
  withVdir(async ({ storage, work, at }) => {
    for (let n = 0; n < 5; n++) {
      Deno.writeTextFileSync(at("a.ics"), `text ${n}`);
      const [batch] = await Array.fromAsync(
        storage.fetch(work, ["a.ics" as never], { signal: never }),
      );
      const answer = batch?.[0];
      assert.ok(answer?.state === "present");
      Deno.writeTextFileSync(at("a.ics"), `tixt ${n}`);
      const [entry] = await list(storage, work);
      assert.ok(entry?.state === "present");
      assert.notEqual(entry.etag, answer.item.etag);
    }
  }));

Deno.test("a file that is replaced while it is read is read as it was, under its own etag", () =>
  withVdir(async ({ open, storage, work, at }) => {
    Deno.writeTextFileSync(at("a.ics"), "old");
    const [before] = await list(storage, work);
    const replacing = open({
      files: interrupted((path) => {
        Deno.writeTextFileSync(at("new.tmp"), "new");
        Deno.renameSync(at("new.tmp"), path);
      }),
    });
    const [batch] = await Array.fromAsync(
      replacing.fetch(work, ["a.ics" as never], { signal: never }),
    );
    const answer = batch?.[0];
    assert.ok(answer?.state === "present" && before?.state === "present");
    assert.equal(new TextDecoder().decode(await answer.item.body.bytes()), "old");
    assert.equal(answer.item.etag, before.etag);
    assert.deepEqual(await fetched(storage, work, "a.ics"), ["present: new"]);
  }));

Deno.test("a file over the limit is unreadable, one at the limit is not", () =>
  withVdir(async ({ storage, work, at }) => {
    Deno.writeTextFileSync(at("a.ics"), "x".repeat(100));
    Deno.writeTextFileSync(at("b.ics"), "x".repeat(101));
    assert.deepEqual(await fetched(storage, work, "a.ics", "b.ics"), [
      `present: ${"x".repeat(100)}`,
      "unreadable: too large",
    ]);
    assert.equal((await list(storage, work)).length, 2);
  }, { maxItemSize: 100 }));

Deno.test("an empty file, and half of one, are unreadable as calendars and not absent", () =>
  withVdir(async ({ storage, work, at }) => {
    Deno.writeTextFileSync(at("empty.ics"), "");
    Deno.writeTextFileSync(at("half.ics"), "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nSUMM");
    Deno.writeFileSync(at("nul.ics"), new Uint8Array(4096));
    const names = ["empty.ics", "half.ics", "nul.ics"];
    assert.deepEqual(
      await fetched(storage, work, ...names),
      names.map(() => "unreadable: malformed"),
    );
    assert.deepEqual((await list(storage, work)).map(({ state }) => state), [
      "present",
      "present",
      "present",
    ]);
  }, { read: readCalendarItem }));

Deno.test("a file that may not be read is unreadable, one that went away is unknown", () =>
  withVdir(async ({ open, work, at }) => {
    for (const name of ["a.ics", "b.ics", "c.ics"]) Deno.writeTextFileSync(at(name), name);
    Deno.removeSync(at("c.ics"));
    const storage = open({
      files: filesWith({
        open: (path) => {
          if (path.endsWith("a.ics")) throw systemError("EACCES");
          return realFiles.open(path);
        },
      }),
    });
    assert.deepEqual(await fetched(storage, work, "a.ics", "b.ics", "c.ics"), [
      "unreadable: forbidden",
      "present: b.ics",
      "unknown",
    ]);
  }));

Deno.test("a file is closed whatever happens to it", () =>
  withVdir(async ({ open, work, at }) => {
    let opened = 0;
    const files = filesWith({
      open: (path): OpenFile => {
        const file = realFiles.open(path);
        opened++;
        return {
          stat: () => {
            if (path.endsWith("b.ics")) throw systemError("EIO");
            return file.stat();
          },
          read: (most) => {
            if (path.endsWith("c.ics")) throw systemError("EIO");
            return file.read(most);
          },
          close: () => {
            opened--;
            file.close();
          },
        };
      },
    });
    for (const name of ["a.ics", "b.ics", "c.ics"]) Deno.writeTextFileSync(at(name), name);
    assert.deepEqual(await fetched(open({ files }), work, "a.ics", "b.ics", "c.ics"), [
      "present: a.ics",
      "unreadable: refused",
      "unreadable: refused",
    ]);
    assert.equal(opened, 0);
  }));
