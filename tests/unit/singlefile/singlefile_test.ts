import { deepEqual, equal, match, notEqual, ok, rejects, throws } from "node:assert/strict";
import { join } from "node:path";
import { openSinglefile, type SinglefileOptions } from "../../../adapters/singlefile/mod.ts";
import { type Files, realFiles } from "../../../lib/files/files.ts";
import { readCalendarItem } from "../../../lib/item/icalendar.ts";
import { readContact } from "../../../lib/item/vcard.ts";
import { bodyOf, NO_FLAGS } from "../../../lib/model/item.ts";
import { collectionId, digest, ident } from "../../../lib/model/names.ts";
import type { Action, Collection, Storage } from "../../../lib/model/storage.ts";
import {
  apply,
  assertOutcome,
  creation,
  deletion,
  fetchAll,
  list,
  never,
  putOne,
  replacement,
} from "../../contract/context.ts";
import { calendarKit as kit } from "../../contract/kit.ts";

const lines = (...all: readonly string[]): string => all.map((it) => `${it}\r\n`).join("");
const event = (...more: readonly string[]): string => lines("BEGIN:VEVENT", ...more, "END:VEVENT");
const HEAD = lines(
  "BEGIN:VCALENDAR",
  "PRODID:-//somebody//else//EN",
  "VERSION:2.0",
  "X-WR-CALNAME:Ours",
  "X-UNKNOWN;X=y:z",
);
const TAIL = lines("END:VCALENDAR");
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

interface World {
  readonly folder: string;
  readonly path: string;
  readonly storage: Storage;
  /** Writes the file as another program does, and long enough ago. */
  write(text: string): Promise<Collection>;
  text(): Promise<string>;
}

async function world(
  use: (world: World) => Promise<void>,
  options: Partial<SinglefileOptions> = {},
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "singlefile-" });
  const path = join(folder, "home.ics");
  const storage = openSinglefile({
    name: "file",
    path: `${folder}/%s.ics`,
    kind: "calendar",
    read: readCalendarItem,
    ...options,
  });
  try {
    await use({
      folder,
      path,
      storage,
      write: async (text) => {
        await Deno.writeTextFile(path, text);
        const then = new Date(Date.now() - 1000 * ++writes);
        await Deno.utime(path, then, then);
        const [collection] = await storage.collections(never);
        return collection ?? (() => {
          throw new Error("the file is no collection");
        })();
      },
      text: () => Deno.readTextFile(path),
    });
  } finally {
    await storage.close();
    await Deno.remove(folder, { recursive: true });
  }
}
let writes = 0;

Deno.test("PRODID, unknown lines and untouched items survive every change, byte for byte", async () => {
  await world(async ({ storage, write, text }) => {
    const a = event("UID:a", "SUMMARY:a");
    const b = "begin:vevent\nUID:b\nX-ODD;;:\nSUMMARY:fol\n ded\nEND:VEVENT\n";
    const collection = await write(HEAD + a + b + TAIL);
    const { etags } = await list(storage, collection);
    deepEqual([...etags.keys()], ["a.ics", "b.ics"]);
    const item = { href: "a.ics" as never, etag: etags.get("a.ics" as never) ?? "" as never };
    const [updated, created] = await apply(
      storage,
      collection,
      replacement({ kit }, item, "a", "new"),
      creation({ storage, kit }, collection, "c", "text"),
    );
    assertOutcome(updated, "done");
    assertOutcome(created, "done");
    const inner = (uid: string, summary: string) => {
      const whole = new TextDecoder().decode(kit.item(uid, summary));
      return whole.slice(whole.indexOf("BEGIN:VEVENT"), whole.indexOf("END:VCALENDAR"));
    };
    equal(await text(), HEAD + inner("a", "new") + b + inner("c", "text") + TAIL);
    equal(
      (await list(storage, collection)).etags.get("b.ics" as never),
      etags.get("b.ics" as never),
    );
  });
});

/** The real files, counting what is done with them. */
function counting(): {
  readonly files: Files;
  readonly count: { opened: number; renamed: number };
} {
  const count = { opened: 0, renamed: 0 };
  const files: Files = {
    ...realFiles,
    open: (path) => {
      count.opened++;
      return realFiles.open(path);
    },
    rename: (from, to) => {
      count.renamed++;
      realFiles.rename(from, to);
    },
  };
  return { files, count };
}

Deno.test("a file is read once for many fetches, and again when it changes", async () => {
  const { files, count } = counting();
  await world(async ({ storage, write }) => {
    const collection = await write(HEAD + event("UID:a") + event("UID:b") + TAIL);
    const { etags } = await list(storage, collection);
    for (let n = 0; n < 20; n++) await fetchAll(storage, collection, [...etags.keys()]);
    equal(count.opened, 1);
    await write(HEAD + event("UID:a", "SUMMARY:x") + event("UID:b") + TAIL);
    const after = await list(storage, collection);
    notEqual(after.etags.get("a.ics" as never), etags.get("a.ics" as never));
    equal(after.etags.get("b.ics" as never), etags.get("b.ics" as never));
    equal(count.opened, 2);
  }, { files });
});

Deno.test("many changes are few rewritings, and as many as it takes are all there", async () => {
  const { files, count } = counting();
  await world(async ({ storage, write }) => {
    const collection = await write(HEAD + TAIL);
    const actions = Array.from(
      { length: 1000 },
      (_, n) => creation({ storage, kit }, collection, `uid-${n}`, "text"),
    );
    for (const result of await apply(storage, collection, ...actions)) {
      assertOutcome(result, "done");
    }
    ok(count.renamed <= 10, `${count.renamed} rewritings`);
    equal((await list(storage, collection)).entries.length, 1000);
  }, { files });
});

Deno.test("what others write while the file is rewritten is kept", async () => {
  let meanwhile: (() => void) | undefined;
  const files: Files = {
    ...realFiles,
    writeNew: async (path, bytes, mode) => {
      const stat = await realFiles.writeNew(path, bytes, mode);
      meanwhile?.();
      meanwhile = undefined;
      return stat;
    },
  };
  await world(async ({ storage, path, write, text }) => {
    const collection = await write(HEAD + event("UID:a") + event("UID:b") + TAIL);
    const { etags } = await list(storage, collection);
    meanwhile = () => Deno.writeTextFileSync(path, HEAD + event("UID:b") + event("UID:d") + TAIL);
    const item = (name: string) => ({
      href: `${name}.ics` as never,
      etag: etags.get(`${name}.ics` as never) ?? "" as never,
    });
    const results = await apply(
      storage,
      collection,
      replacement({ kit }, item("a"), "a", "lost?"),
      deletion(item("b"), "b"),
      creation({ storage, kit }, collection, "c", "text"),
      creation({ storage, kit }, collection, "d", "text"),
    );
    deepEqual(results.map(({ outcome }) => outcome), ["changed", "done", "done", "exists"]);
    const uids = [...(await text()).matchAll(/^UID:(.*)\r$/gm)].map(([, uid]) => uid);
    deepEqual(uids, ["d", "c"]);
  }, { files });
});

const modeOf = async (path: string): Promise<number> => ((await Deno.stat(path)).mode ?? 0) & 0o777;

Deno.test("what a killed run left is removed after an hour, and nothing else is", async () => {
  await world(async ({ storage, folder, write }) => {
    const collection = await write(HEAD + TAIL);
    const long = new Date(Date.now() - 2 * 60 * 60 * 1000);
    const names = [".0123456789abcdef.dovetail.tmp", ".other.tmp", "notes"];
    for (const name of [...names, ".fedcba9876543210.dovetail.tmp"]) {
      await Deno.writeTextFile(join(folder, name), "x");
      if (names.includes(name)) await Deno.utime(join(folder, name), long, long);
    }
    await putOne({ storage, kit }, collection, "a", "text");
    deepEqual(Array.from(Deno.readDirSync(folder), ({ name }) => name).sort(), [
      ".fedcba9876543210.dovetail.tmp",
      ".other.tmp",
      "home.ics",
      "notes",
    ]);
  });
});

Deno.test("a new file is its owner's alone, and another one's permissions stay; nothing is left behind", async () => {
  await world(async ({ storage, folder, path, write }) => {
    const made = await storage.createCollection(collectionId("new"), {}, never);
    equal(await modeOf(made.identity), 0o600);
    const collection = await write(HEAD + TAIL);
    await Deno.chmod(path, 0o640);
    await putOne({ storage, kit }, collection, "a", "text");
    equal(await modeOf(path), 0o640);
    const names = Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
    deepEqual(names, ["home.ics", "new.ics"]);
  });
});

Deno.test("a file that cannot be read as a whole is an error, and is not written to", async () => {
  await world(async ({ storage, write, text }) => {
    const collection = await write(HEAD + event("UID:a") + TAIL);
    const { etags } = await list(storage, collection);
    const item = { href: "a.ics" as never, etag: [...etags.values()][0] ?? "" as never };
    for (const damaged of [HEAD + event("UID:a"), "<html>", `${HEAD}${TAIL}\0\0\0`]) {
      await write(damaged);
      await rejects(list(storage, collection), { kind: "malformed", scope: "collection" });
      const [result] = await apply(storage, collection, deletion(item, "a"));
      assertOutcome(result, "failed");
      equal(await text(), damaged);
    }
  });
});

Deno.test("an empty file is an empty collection, and is written to", async () => {
  await world(async ({ storage, write, text }) => {
    const collection = await write("");
    deepEqual((await list(storage, collection)).entries, []);
    await putOne({ storage, kit }, collection, "a", "text");
    match(await text(), /^BEGIN:VCALENDAR\r\nVERSION:2\.0\r\n[^]*UID:a\r\n[^]*END:VCALENDAR\r\n$/);
  });
});

Deno.test("a link or a folder in the place of a file is refused", async () => {
  await world(async ({ storage, folder, path }) => {
    await Deno.writeTextFile(join(folder, "real"), HEAD + TAIL);
    await Deno.symlink(join(folder, "real"), path);
    await Deno.mkdir(join(folder, "folder.ics"));
    const [collection, ...others] = await storage.collections(never);
    equal(others.length, 0);
    ok(collection);
    await rejects(list(storage, collection), { kind: "refused", scope: "collection" });
  });
});

Deno.test("without %s there is one collection, in one file", async () => {
  await world(async ({ folder }) => {
    const open = (collectionId?: string) =>
      openSinglefile({
        name: "file",
        path: join(folder, "my.calendar.ics"),
        kind: "calendar",
        read: readCalendarItem,
        ...(collectionId === undefined ? {} : { collectionId }),
      });
    deepEqual(await open().collections(never), []);
    await rejects(open().createCollection(collectionId("other"), {}, never), { kind: "refused" });
    await open().createCollection(collectionId("my.calendar"), {}, never);
    await Deno.writeTextFile(join(folder, "other.ics"), HEAD + TAIL);
    deepEqual((await open().collections(never)).map(({ id }) => id), ["my.calendar"]);
    const [named] = await open("work").collections(never);
    equal(named?.id, "work");
    deepEqual((await list(open("work"), named ?? ({} as never))).entries, []);
  });
});

Deno.test("%s may stand once, in the name of the file", () => {
  for (const path of ["/a/%s/b.ics", "/a/%s-%s.ics"]) {
    throws(
      () => openSinglefile({ name: "x", path, kind: "calendar", read: readCalendarItem }),
      RangeError,
    );
  }
});

Deno.test("a folder that is not there is a storage that is missing", async () => {
  const storage = openSinglefile({
    name: "x",
    path: "/nowhere/at/all/%s.ics",
    kind: "calendar",
    read: readCalendarItem,
  });
  await rejects(storage.collections(never), { kind: "missing", scope: "storage" });
});

Deno.test("an item without a UID is refused, with what can be done, and does not stop the others", async () => {
  await world(async ({ storage, write }) => {
    const collection = await write(HEAD + TAIL);
    const bytes = encode(HEAD + event("SUMMARY:bare") + TAIL);
    const bare: Action = {
      kind: "create",
      id: -1,
      ident: ident("sha256:x"),
      href: "x.ics" as never,
      content: { digest: digest("x"), flags: NO_FLAGS, body: bodyOf(bytes) },
    };
    const fine = creation({ storage, kit }, collection, "a", "text");
    const [refused, done] = await apply(storage, collection, bare, fine);
    ok(refused?.outcome === "failed");
    equal(refused.error.kind, "refused");
    match(refused.error.hint ?? "", /repair/);
    assertOutcome(done, "done");
  });
});

Deno.test("an item without a UID in the file has one made of its content, and the file stays", async () => {
  await world(async ({ storage, write, text }) => {
    const whole = HEAD + event("SUMMARY:bare") + TAIL;
    const collection = await write(whole);
    const { etags } = await list(storage, collection);
    const [href] = etags.keys();
    match(href ?? "", /^[0-9a-f]{64}\.ics$/);
    const [fetched] = await fetchAll(storage, collection, [href ?? "" as never]);
    ok(fetched?.state === "present");
    equal(`${fetched.item.ident}.ics`, href);
    equal(await text(), whole);
  });
});

Deno.test("two contacts with one UID are two items, so that this can be said of them", async () => {
  await world(async ({ folder }) => {
    const card = (name: string) =>
      lines("BEGIN:VCARD", "VERSION:3.0", "UID:same", `FN:${name}`, "END:VCARD");
    await Deno.writeTextFile(join(folder, "people.vcf"), card("A") + card("B"));
    const storage = openSinglefile({
      name: "people",
      path: `${folder}/%s.vcf`,
      kind: "contacts",
      read: readContact,
    });
    const [collection] = await storage.collections(never);
    ok(collection);
    const { etags } = await list(storage, collection);
    equal(etags.size, 2);
    const fetched = await fetchAll(storage, collection, [...etags.keys()]);
    deepEqual(fetched.map((it) => it.state === "present" ? it.item.ident : ""), ["same", "same"]);
    // Taking one of them away leaves the other.
    const [first] = etags;
    ok(first);
    const [result] = await apply(
      storage,
      collection,
      deletion({ href: first[0], etag: first[1] }, "same"),
    );
    assertOutcome(result, "done");
    equal(await Deno.readTextFile(join(folder, "people.vcf")), card("B"));
  });
});

Deno.test("an item over the limit is unreadable, and is neither written nor in the way", async () => {
  await world(async ({ storage, write }) => {
    const large = event("UID:large", `SUMMARY:${"x".repeat(3000)}`);
    const collection = await write(HEAD + large + event("UID:a") + TAIL);
    const { entries } = await list(storage, collection);
    deepEqual(entries.map(({ state }) => state), ["unreadable", "present"]);
    const [failed, done] = await apply(
      storage,
      collection,
      creation({ storage, kit }, collection, "b", "x".repeat(3000)),
      creation({ storage, kit }, collection, "c", "text"),
    );
    ok(failed?.outcome === "failed");
    equal(failed.error.kind, "too large");
    assertOutcome(done, "done");
  }, { maxItemSize: 2000 });
});

Deno.test("a full disk is said so, for the collection, and the file stays as it was", async () => {
  const full = Object.assign(new Error("no space"), { code: "ENOSPC" });
  const files: Files = { ...realFiles, writeNew: () => Promise.reject(full) };
  await world(async ({ storage, write, text }) => {
    const collection = await write(HEAD + event("UID:a") + TAIL);
    const action = creation({ storage, kit }, collection, "b", "text");
    const [result] = await apply(storage, collection, action);
    ok(result?.outcome === "failed");
    deepEqual([result.error.kind, result.error.scope], ["quota", "collection"]);
    equal(await text(), HEAD + event("UID:a") + TAIL);
  }, { files });
});

Deno.test("a collection with nothing but a time zone is empty, and is deleted", async () => {
  await world(async ({ storage, write }) => {
    const zone = lines("BEGIN:VTIMEZONE", "TZID:Z", "END:VTIMEZONE");
    const collection = await write(HEAD + zone + TAIL);
    await storage.deleteCollection(collection, never);
    deepEqual(await storage.collections(never), []);
  });
});

for (
  const [how, spoil] of [
    ["in place", (path: string) => Deno.writeTextFileSync(path, HEAD + event("UID:new") + TAIL)],
    ["anew", (path: string) => {
      Deno.writeTextFileSync(`${path}.new`, HEAD + event("UID:new") + TAIL);
      Deno.renameSync(`${path}.new`, path);
    }],
  ] as const
) {
  for (const moment of ["rename", "remove"] as const) {
    Deno.test(`an event that a program writes ${how} before the ${moment} of a deletion stays`, async () => {
      let path = "";
      let spoilt = false;
      const meanwhile = () => {
        if (!spoilt) spoil(path);
        spoilt = true;
      };
      const files: Files = {
        ...realFiles,
        rename: (from, to) => {
          if (moment === "rename") meanwhile();
          realFiles.rename(from, to);
        },
        remove: (it) => {
          if (moment === "remove") meanwhile();
          realFiles.remove(it);
        },
      };
      await world(async ({ folder, path: itsPath, storage, write, text }) => {
        path = itsPath;
        const collection = await write(HEAD + TAIL);
        const deleting = storage.deleteCollection(collection, never);
        if (moment === "rename") {
          await rejects(deleting, { kind: "refused", message: /something was added/ });
        } else await deleting;
        equal(await text(), HEAD + event("UID:new") + TAIL);
        deepEqual([...(await list(storage, collection)).etags.keys()], ["new.ics"]);
        deepEqual(Array.from(Deno.readDirSync(folder), ({ name }) => name), ["home.ics"]);
      }, { files });
    });
  }
}

Deno.test("a program that writes the file while it is put back is the one that is heard", async () => {
  let path = "";
  const files: Files = {
    ...realFiles,
    rename: (from, to) => {
      Deno.writeTextFileSync(path, HEAD + event("UID:one") + TAIL);
      realFiles.rename(from, to);
    },
    link: (from, to) => {
      Deno.writeTextFileSync(path, HEAD + event("UID:two") + TAIL);
      realFiles.link(from, to);
    },
  };
  await world(async ({ folder, path: itsPath, storage, write, text }) => {
    path = itsPath;
    const collection = await write(HEAD + TAIL);
    await rejects(storage.deleteCollection(collection, never), { kind: "refused" });
    equal(await text(), HEAD + event("UID:two") + TAIL);
    deepEqual(Array.from(Deno.readDirSync(folder), ({ name }) => name), ["home.ics"]);
  }, { files });
});

Deno.test("a file that cannot be removed is where it was, and the reason is said", async () => {
  const files: Files = {
    ...realFiles,
    remove: () => {
      throw Object.assign(new Error("no"), { code: "EBUSY" });
    },
  };
  let fails = false;
  const sometimes: Files = {
    ...realFiles,
    remove: (it) => {
      if (fails) files.remove(it);
      realFiles.remove(it);
    },
  };
  await world(async ({ storage, write, text }) => {
    const collection = await write(HEAD + TAIL);
    fails = true;
    await rejects(storage.deleteCollection(collection, never), { scope: "collection" });
    equal(await text(), HEAD + TAIL);
  }, { files: sometimes });
});

Deno.test("files of another folder or of another form of name are none of the storage's", async () => {
  await world(async ({ folder, storage, write }) => {
    const { identity } = await write(HEAD + TAIL);
    equal(storage.holds?.(identity), true);
    equal(storage.holds?.(join(folder, "gone.ics")), true);
    equal(storage.holds?.(join(folder, "home.vcf")), false);
    equal(storage.holds?.(join(folder, "below", "home.ics")), false);
    equal(storage.holds?.(`${folder}2/home.ics`), false);
  });
});
