import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { type AskAccess, askAccess } from "../../../lib/cli/checks/access.ts";
import type { Finding } from "../../../lib/cli/checks/finding.ts";
import { checkStorage, type StorageInput } from "../../../lib/cli/checks/storage.ts";
import { openStorage } from "../../../lib/cli/open_storage.ts";
import { loadConfig } from "../../../lib/config/load.ts";
import { type ResolvedStorage, resolveSecrets } from "../../../lib/config/secrets.ts";
import { startDavServer } from "../../support/dav_server.ts";
import { GOOD, ROOT } from "../../support/dav_tls.ts";
import { never } from "../../support/dav_world.ts";

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "dovetail-check-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The storage with this block, beside one that nothing is asked of. */
async function configOf(block: string): Promise<ResolvedStorage> {
  const text = `storage tested {
${block}
}
storage other {
  type vdir/icalendar
  path /nowhere
}
pair both {
  storage_a tested
  storage_b other
  collections all
}
status_path /nowhere/status
`;
  const env = { get: () => undefined };
  const readFile = () => Promise.resolve(new TextEncoder().encode(text));
  const { config, source } = await loadConfig({ file: "test.conf", env, readFile });
  const resolved = await resolveSecrets(config, config.pairs, { env, signal: never, source });
  for (const [name, storage] of resolved.storages) if (name === "tested") return storage;
  throw new Error("there is no such storage");
}

async function findings(
  block: string,
  more: Partial<StorageInput> = {},
): Promise<readonly Finding[]> {
  const config = await configOf(block);
  const open = () =>
    openStorage(config, { onProblem() {} }, { identBy: "digest", assign: "pretend" });
  const input = { config, written: true, verbose: false, now: Date.now, signal: never, ...more };
  return (await checkStorage(open, input)).findings;
}

const told = (all: readonly Finding[]) => all.map(({ state, message }) => `${state}: ${message}`);

const DAY = 24 * 60 * 60 * 1_000;

Deno.test("until when a certificate is good is told, and from two weeks before warned of", async () => {
  const server = startDavServer({ tls: GOOD });
  server.addCalendar("work");
  try {
    await inFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/root.pem`, ROOT);
      const block = `type caldav\nurl ${server.origin}/\ntls_root ${folder}/root.pem`;
      const end = Date.UTC(2120, 0, 1);
      deepStrictEqual(told(await findings(block)), [
        "ok: 1 collection, certificate until 2120-01-01",
      ]);
      const near = async (now: number) =>
        told(await findings(block, { now: () => now })).filter((it) => it.includes("certificate "));
      deepStrictEqual((await near(end - 14 * DAY)).length, 1);
      deepStrictEqual((await near(end - 13 * DAY - 1)).slice(1), [
        "warning: the server's certificate has only 13 days left",
      ]);
      deepStrictEqual((await near(end - 1)).slice(1), [
        "warning: the server's certificate runs out within a day",
      ]);
      deepStrictEqual((await near(end + 1)).slice(1), [
        "warning: the server's certificate has run out",
      ]);
    });
  } finally {
    await server.close();
  }
});

/** A user who may not do what `denied` says with the files whose paths end so. */
const without = (denied: Readonly<Record<string, "read" | "write">>): AskAccess => (paths) =>
  Promise.resolve(paths.map((path) => {
    const name = path.slice(path.lastIndexOf("/") + 1);
    return { readable: denied[name] !== "read", writable: denied[name] === undefined };
  }));

Deno.test("folders that cannot be read or written are failures where that is to be done", () =>
  inFolder(async (folder) => {
    for (const name of ["private", "closed", "open"]) {
      await Deno.mkdir(`${folder}/calendars/${name}`, { recursive: true });
    }
    const block = `type vdir/icalendar\npath ${folder}/calendars`;
    const askAccess = without({ private: "read", closed: "write", calendars: "write" });
    const all = await findings(block, { askAccess });
    const at = `${await Deno.realPath(folder)}/calendars`;
    deepStrictEqual(told(all), [
      "ok: 3 collections",
      `failure: the collection "closed", ${at}/closed, may not be written to`,
      `failure: the collection "private", ${at}/private, may not be read`,
      `warning: ${folder}/calendars may not be written to: no collection can be made or deleted there`,
    ]);
    match(all[1]?.hint ?? "", /chmod u\+w .*\/closed.*read_only/);
    const reading = await findings(block, { askAccess, written: false });
    deepStrictEqual(reading.map((it) => it.state), ["ok", "failure"]);
  }));

Deno.test("a single file is replaced, so it is its folder that has to be writable", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/calendars`);
    await Deno.writeTextFile(
      `${folder}/calendars/work.ics`,
      "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n",
    );
    const block = `type singlefile/icalendar\npath ${folder}/calendars/%s.ics`;
    deepStrictEqual(told(await findings(block, { askAccess: without({ "work.ics": "write" }) })), [
      "ok: 1 collection",
    ]);
    deepStrictEqual(told(await findings(block, { askAccess: without({ calendars: "write" }) })), [
      "ok: 1 collection",
      `failure: ${folder}/calendars may not be written to`,
    ]);
  }));

Deno.test("what may be done with files is what the system says", () =>
  inFolder(async (folder) => {
    const odd = `${folder}/it's "odd"\n$(touch x)`;
    await Deno.writeTextFile(odd, "");
    const paths = [folder, odd, `${folder}/nothing`, ...Array(450).fill(odd)];
    const found = await askAccess(paths);
    deepStrictEqual(found.slice(0, 3), [
      { readable: true, writable: true },
      { readable: true, writable: true },
      { readable: false, writable: false },
    ]);
    strictEqual(found.filter((it) => it?.writable === true).length, 452);
    // To the administrator everything is allowed.
    if (Deno.build.os === "windows" || Deno.uid() === 0) return;
    await Deno.chmod(odd, 0o400);
    deepStrictEqual(await askAccess([odd]), [{ readable: true, writable: false }]);
  }));
