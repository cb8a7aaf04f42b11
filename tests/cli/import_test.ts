import assert from "node:assert/strict";
import {
  importConfig,
  type ImportContext,
  type ImportInvocation,
} from "../../lib/cli/commands/import.ts";
import { lookOf } from "../../lib/cli/show/look.ts";
import { Screen } from "../../lib/cli/show/screen.ts";
import { UsageError } from "../../lib/cli/usage_error.ts";
import { ConfigError } from "../../lib/config/problem.ts";
import type { TheirPair } from "../../lib/import/their_status.ts";
import { withFolder } from "./inside.ts";

const CANARY = "hunter2Kanarie";

const config = (folder: string) =>
  `[general]
status_path = "status"
[pair p]
a = "a"
b = "b"
collections = ["work"]
conflict_resolution = "a wins"
[storage a]
type = "filesystem"
path = "${folder}/calendars"
fileext = ".ics"
encoding = "latin1"
[storage b]
type = "caldav"
url = "https://dav.example.com/"
username = "u"
password = "${CANARY}"
`;

/** Runs the command with this folder for a home. */
async function run(
  home: string,
  invocation: Partial<ImportInvocation>,
  adopted: TheirPair[] = [],
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const written = { out: "", err: "" };
  const look = lookOf("never", { isTerminal: false, env: () => undefined, os: "linux" });
  const stream = (name: keyof typeof written) => ({
    look,
    write: (text: string) => void (written[name] += text),
  });
  const screen = new Screen({ out: stream("out"), err: stream("err") }, { json: false });
  const context: ImportContext = { screen, verbose: 0, env: new Map([["HOME", home]]) };
  const adopt = (_: unknown, pairs: readonly TheirPair[]) => {
    adopted.push(...pairs);
    return Promise.resolve();
  };
  const whole = { from: "vdirsyncer", dryRun: false, ...invocation } as const;
  const code = await importConfig(whole, context, adopt);
  screen.flush();
  return { code, ...written };
}

Deno.test("import writes a configuration for this user alone, with the secrets and without showing them", async () => {
  await withFolder(async (home) => {
    await Deno.mkdir(`${home}/.vdirsyncer/status/p`, { recursive: true });
    await Deno.writeTextFile(`${home}/.vdirsyncer/config`, config(home));
    await Deno.writeTextFile(
      `${home}/.vdirsyncer/status/p/work.items`,
      JSON.stringify({ u: ["x.ics", "1", "/x.ics", "2"] }),
    );
    const adopted: TheirPair[] = [];
    const { code, out, err } = await run(home, {}, adopted);
    const path = `${home}/.config/dovetail/dovetail.conf`;
    assert.deepEqual([code, out], [0, `${path} was written, with 1 pair.\n`]);
    assert.match(
      err,
      /every file is read and written as UTF-8\n *--> .*\/\.vdirsyncer\/config:12:1/,
    );
    assert.ok((await Deno.readTextFile(path)).includes(CANARY));
    assert.ok(!(out + err).includes(CANARY));
    const { mode } = await Deno.stat(path);
    assert.equal((mode ?? 0) & 0o777, 0o600);
    const names = [...Deno.readDirSync(`${home}/.config/dovetail`)].map(({ name }) => name);
    assert.deepEqual(names, ["dovetail.conf"]);
    assert.deepEqual(adopted.map(({ pair, collections }) => [pair, collections.length]), [[
      "p",
      1,
    ]]);
  });
});

Deno.test("import never writes over a file, nor anything where it only shows", async () => {
  await withFolder(async (home) => {
    await Deno.writeTextFile(`${home}/theirs`, config(home));
    await Deno.writeTextFile(`${home}/ours`, "mine");
    const into = { file: `${home}/theirs`, output: `${home}/ours` };
    await assert.rejects(run(home, into), UsageError);
    assert.equal(await Deno.readTextFile(`${home}/ours`), "mine");
    const { code, out } = await run(home, { ...into, dryRun: true });
    assert.equal(code, 0);
    assert.match(out, /password \[redacted\]/);
    assert.ok(!out.includes(CANARY));
    const names = [...Deno.readDirSync(home)].map(({ name }) => name).sort();
    assert.deepEqual(names, ["ours", "theirs"]);
  });
});

Deno.test("import takes pimsync's configuration as it stands", async () => {
  await withFolder(async (home) => {
    const text =
      `# mine\nstorage a {\n  type vdir/icalendar\n  path /a\n}\nstorage b {\n  type caldav\n` +
      `  url https://x/\n}\npair p {\n  storage_a a\n  storage_b b\n  collections all\n}\n`;
    await Deno.mkdir(`${home}/.config/pimsync`, { recursive: true });
    await Deno.writeTextFile(`${home}/.config/pimsync/pimsync.conf`, text);
    const { code } = await run(home, { from: "pimsync", output: `${home}/new` });
    assert.equal(code, 0);
    assert.equal(await Deno.readTextFile(`${home}/new`), text);
  });
});

Deno.test("import says where it looked, and what it could not read", async () => {
  await withFolder(async (home) => {
    await assert.rejects(run(home, {}), /there is no configuration of vdirsyncer's/);
    await assert.rejects(run(home, { file: `${home}/x` }), ConfigError);
    await Deno.writeTextFile(`${home}/broken`, "[storage x]\npassword = x\n");
    await assert.rejects(run(home, { file: `${home}/broken` }), /is no JSON/);
    await Deno.writeTextFile(`${home}/config`, config(home));
    await Deno.mkdir(`${home}/status/p`, { recursive: true });
    await Deno.writeTextFile(`${home}/status/p/work.items`, "nothing of the kind");
    const { code, err } = await run(home, { file: `${home}/config`, output: `${home}/new` });
    assert.equal(code, 1);
    assert.match(err, /work\.items/);
    assert.ok((await Deno.stat(`${home}/new`)).isFile, "the configuration is written all the same");
  });
});
