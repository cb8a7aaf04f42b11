import assert from "node:assert/strict";
import { createClient } from "@libsql/client/sqlite3";
import type { Imported } from "../../../lib/import/imported.ts";
import { readPimsyncStatus } from "../../../lib/import/pimsync_status.ts";
import { readTheirStatus } from "../../../lib/import/their_status.ts";
import {
  listVdirsyncerStatus,
  readVdirsyncerStatus,
} from "../../../lib/import/vdirsyncer_status.ts";
import { SyncError } from "../../../lib/model/error.ts";
import { collectionId, pairName } from "../../../lib/model/names.ts";

async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "dovetail-import-test-" });
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function database(path: string, statements: readonly string[]): Promise<void> {
  const client = createClient({ url: `file:${path}` });
  for (const sql of statements) await client.execute(sql);
  client.close();
}

/** The tables of vdirsyncer 0.19. */
const VDIRSYNCER = [
  "CREATE TABLE meta (version INTEGER PRIMARY KEY)",
  "INSERT INTO meta VALUES (1)",
  "CREATE TABLE status (ident TEXT PRIMARY KEY NOT NULL, href_a TEXT, href_b TEXT, " +
  "hash_a TEXT NOT NULL, hash_b TEXT NOT NULL, etag_a TEXT, etag_b TEXT)",
];

const ROWS = [
  "INSERT INTO status VALUES ('uid-2', 'b.ics', '/dav/b.ics', 'h', 'h', '1.000000000;7', '\"e\"')",
  "INSERT INTO status VALUES ('uid-1', 'ä a.ics', '/dav/a.ics', 'h', 'h', NULL, NULL)",
];

const READ = [
  { ident: "uid-1", a: { href: "ä a.ics" }, b: { href: "/dav/a.ics" } },
  {
    ident: "uid-2",
    a: { href: "b.ics", etag: "1.000000000;7" },
    b: { href: "/dav/b.ics", etag: '"e"' },
  },
];

Deno.test("vdirsyncer's status is read for each collection, and left as it was", async () => {
  await withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/cal`);
    await database(`${folder}/cal/work.items`, [...VDIRSYNCER, ...ROWS]);
    await database(`${folder}/cal/empty.items`, VDIRSYNCER);
    await database(`${folder}/cal.items`, [...VDIRSYNCER, ...ROWS]);
    await Deno.writeTextFile(`${folder}/cal/work.metadata`, '{"color":"#fff","x":1}');
    const before = await Deno.readFile(`${folder}/cal/work.items`);
    assert.deepEqual(await listVdirsyncerStatus(folder, "cal"), [null, "empty", "work"]);
    assert.deepEqual(await listVdirsyncerStatus(folder, "none"), []);
    assert.deepEqual(await readVdirsyncerStatus(folder, "cal", "work"), {
      name: "work",
      rows: READ,
      properties: { color: "#fff" },
    });
    assert.deepEqual(await readVdirsyncerStatus(folder, "cal", null), { name: null, rows: READ });
    assert.deepEqual(await readVdirsyncerStatus(folder, "cal", "empty"), {
      name: "empty",
      rows: [],
    });
    assert.equal(await readVdirsyncerStatus(folder, "cal", "none"), undefined);
    assert.deepEqual(await Deno.readFile(`${folder}/cal/work.items`), before);
    const names = [...Deno.readDirSync(`${folder}/cal`)].map(({ name }) => name).sort();
    assert.deepEqual(names, ["empty.items", "work.items", "work.metadata"]);
  });
});

Deno.test("what older versions of vdirsyncer wrote in JSON is read as well", async () => {
  await withFolder(async (folder) => {
    const old = {
      "uid-2": ["b.ics", "1.000000000;7", "/dav/b.ics", '"e"'],
      "uid-1": [{ href: "ä a.ics", hash: "h" }, { href: "/dav/a.ics", etag: null }],
    };
    await Deno.writeTextFile(`${folder}/cal.items`, JSON.stringify(old));
    assert.deepEqual(await readVdirsyncerStatus(folder, "cal", null), { name: null, rows: READ });
    await Deno.writeTextFile(`${folder}/cal.items`, '{"x": [1, 2]}');
    await assert.rejects(readVdirsyncerStatus(folder, "cal", null), SyncError);
    await Deno.writeTextFile(`${folder}/cal.items`, "{");
    await assert.rejects(readVdirsyncerStatus(folder, "cal", null), SyncError);
    await Deno.writeTextFile(`${folder}/cal.items`, "no database");
    await assert.rejects(readVdirsyncerStatus(folder, "cal", null), SyncError);
  });
});

/** The tables of version 2 of pimsync's status. */
const PIMSYNC = [
  "CREATE TABLE meta (version INTEGER PRIMARY KEY)",
  "INSERT INTO meta VALUES (2)",
  "CREATE TABLE collections (uid INTEGER PRIMARY KEY AUTOINCREMENT, id_a TEXT, " +
  "href_a TEXT NOT NULL, id_b TEXT, href_b TEXT NOT NULL)",
  "CREATE TABLE items (ident TEXT NOT NULL, mapping_uid TEXT NOT NULL, hash TEXT NOT NULL, " +
  "href_a TEXT NOT NULL, etag_a TEXT, href_b TEXT NOT NULL, etag_b TEXT)",
  "INSERT INTO collections VALUES (1, 'work', 'work', 'work', '/dav/work/')",
  "INSERT INTO collections VALUES (7, NULL, 'x', NULL, '/dav/y/')",
  "INSERT INTO items VALUES ('u1', 1, 'h', 'work/a.ics', '1;2', '/dav/work/a.ics', '\"e\"')",
  "INSERT INTO items VALUES ('u2', 7, 'h', 'x/b.ics', NULL, '/dav/y/b.ics', '\"f\"')",
];

const PIMSYNC_READ = [
  {
    name: "work",
    hrefs: { a: "work", b: "/dav/work/" },
    rows: [{
      ident: "u1",
      a: { href: "work/a.ics", etag: "1;2" },
      b: { href: "/dav/work/a.ics", etag: '"e"' },
    }],
  },
  {
    name: null,
    hrefs: { a: "x", b: "/dav/y/" },
    rows: [{ ident: "u2", a: { href: "x/b.ics" }, b: { href: "/dav/y/b.ics", etag: '"f"' } }],
  },
];

Deno.test("pimsync's status is read where its version is known, and refused where not", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/cal.status`;
    assert.equal(await readPimsyncStatus(path), undefined);
    await database(path, PIMSYNC);
    assert.deepEqual(await readPimsyncStatus(path), PIMSYNC_READ);
    await database(path, ["UPDATE meta SET version = 3"]);
    await assert.rejects(readPimsyncStatus(path), /whose format is not known/);
    await database(path, ["UPDATE meta SET version = 2", "ALTER TABLE items RENAME TO things"]);
    await assert.rejects(readPimsyncStatus(path), /whose format is not known/);
  });
});

Deno.test("the status of all pairs has the names that the new configuration has for them", async () => {
  await withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/cal`);
    await database(`${folder}/cal/work.items`, [...VDIRSYNCER, ...ROWS]);
    await database(`${folder}/cal.items`, [...VDIRSYNCER, ...ROWS]);
    await database(`${folder}/pim.status`, PIMSYNC);
    const imported = (name: string, theirs: string | null, ours: string): Imported => ({
      config: "",
      shown: "",
      notes: [],
      statusPath: folder,
      pairs: [
        { name: pairName(name), renamed: [{ theirs, ours: collectionId(ours) }] },
        { name: pairName("never-run"), renamed: [] },
      ],
    });
    assert.deepEqual(await readTheirStatus("vdirsyncer", imported("cal", null, "one")), [{
      pair: "cal",
      collections: [
        { name: null, id: "one", rows: READ },
        { name: "work", id: "work", rows: READ },
      ],
    }]);
    assert.deepEqual(await readTheirStatus("pimsync", imported("pim", "work", "w")), [{
      pair: "pim",
      collections: [{ ...PIMSYNC_READ[0], id: "w" }],
    }]);
  });
});

async function isInstalled(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: ["--version"], stdout: "null" }).output())
      .success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test({
  name: "what vdirsyncer itself has recorded is read, etags and all",
  ignore: !await isInstalled("vdirsyncer"),
  fn: () =>
    withFolder(async (folder) => {
      for (const name of ["a/work", "b/work"]) {
        await Deno.mkdir(`${folder}/${name}`, { recursive: true });
      }
      const item = (uid: string) =>
        `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:${uid}\r\n` +
        "DTSTAMP:20200101T000000Z\r\nDTSTART:20200101T000000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
      for (const uid of ["one", "two ä"]) {
        await Deno.writeTextFile(`${folder}/a/work/${uid}.ics`, item(uid));
      }
      const storage = (name: string) =>
        `[storage ${name}]\ntype = "filesystem"\npath = "${folder}/${name}"\nfileext = ".ics"\n`;
      await Deno.writeTextFile(
        `${folder}/config`,
        `[general]\nstatus_path = "${folder}/status"\n[pair p]\na = "a"\nb = "b"\n` +
          `collections = ["from a"]\n${storage("a")}${storage("b")}`,
      );
      for (const command of ["discover", "sync"]) {
        const { success, stderr } = await new Deno.Command("vdirsyncer", {
          args: ["-c", `${folder}/config`, command],
          stdout: "null",
          stderr: "piped",
        }).output();
        assert.ok(success, new TextDecoder().decode(stderr));
      }
      assert.deepEqual(await listVdirsyncerStatus(`${folder}/status`, "p"), ["work"]);
      const read = await readVdirsyncerStatus(`${folder}/status`, "p", "work");
      assert.deepEqual(read?.rows.map(({ ident }) => ident), ["one", "two ä"]);
      for (const row of read?.rows ?? []) {
        for (const [side, { href, etag }] of [["a", row.a], ["b", row.b]] as const) {
          const file = await Deno.stat(`${folder}/${side}/work/${href}`);
          // The time in nanoseconds, and the inode.
          const [, nanoseconds, inode] = /^(\d+)\.0+;(\d+)$/.exec(etag ?? "") ?? [];
          const seconds = Math.floor((file.mtime?.getTime() ?? 0) / 1000);
          assert.equal(Math.floor(Number(nanoseconds) / 1e9), seconds);
          assert.equal(inode, String(file.ino));
        }
      }
    }),
});
