import assert from "node:assert/strict";
import { loadConfig, MOST_BYTES, type ReadFile } from "../../../lib/config/load.ts";
import { ConfigError } from "../../../lib/config/problem.ts";
import { plainText, renderError } from "../../../lib/config/report.ts";

const env = (values: Readonly<Record<string, string>>) => new Map(Object.entries(values));

const CONFIG = `storage a {
  type vdir/icalendar
  path /a
}
`;

/** A file system of these files, which remembers what was looked for. */
function files(there: Readonly<Record<string, string | Uint8Array>>) {
  const asked: string[] = [];
  const readFile: ReadFile = (path) => {
    asked.push(path);
    const found = there[path];
    if (found === undefined) return Promise.reject(new Deno.errors.NotFound("no such file"));
    return Promise.resolve(typeof found === "string" ? new TextEncoder().encode(found) : found);
  };
  return { asked, readFile };
}

async function failure(options: Parameters<typeof loadConfig>[0]): Promise<string> {
  try {
    await loadConfig(options);
  } catch (error) {
    if (error instanceof ConfigError) return plainText(renderError(error));
    throw error;
  }
  throw new Error("it was loaded");
}

Deno.test("load: the file named on the command line is the only one that is looked for", async () => {
  const { asked, readFile } = files({ "x/y.conf": CONFIG });
  const { config } = await loadConfig({ file: "x/y.conf", env: env({ HOME: "/h" }), readFile });
  assert.equal(config.file, "x/y.conf");
  assert.deepEqual(asked, ["x/y.conf"]);
  const message = await failure({ file: "/nowhere", env: env({ HOME: "/h" }), readFile });
  assert.equal(message, "error: there is no file /nowhere\n");
});

Deno.test("load: without one, the usual places are tried, scfg before TOML", async () => {
  const toml = '[storage.a]\ntype = "vdir/icalendar"\npath = "/a"\n';
  const usual = "/h/.config/dovetail/dovetail";
  const both = files({ [`${usual}.conf`]: CONFIG, [`${usual}.toml`]: toml });
  assert.equal(
    (await loadConfig({ env: env({ HOME: "/h" }), ...both })).config.file,
    `${usual}.conf`,
  );
  const one = files({ [`${usual}.toml`]: toml });
  const { config } = await loadConfig({ env: env({ HOME: "/h/" }), ...one });
  assert.equal(config.file, `${usual}.toml`);
  assert.deepEqual([...config.storages.keys()], ["a"]);
  assert.deepEqual(one.asked, [`${usual}.conf`, `${usual}.toml`]);
});

Deno.test("load: where XDG_CONFIG_HOME is set, the home directory is not tried", async () => {
  const { asked, readFile } = files({ "/h/.config/dovetail/dovetail.conf": CONFIG });
  const message = await failure({ env: env({ HOME: "/h", XDG_CONFIG_HOME: "/x" }), readFile });
  assert.deepEqual(asked, ["/x/dovetail/dovetail.conf", "/x/dovetail/dovetail.toml"]);
  assert.equal(
    message,
    `error: there is no configuration
note: looked for /x/dovetail/dovetail.conf
note: looked for /x/dovetail/dovetail.toml
help: write /x/dovetail/dovetail.conf, or name another file with -c FILE
`,
  );
});

Deno.test("load: an XDG_CONFIG_HOME that is empty or relative counts as unset", async () => {
  for (const value of ["", "x/y"]) {
    const { readFile } = files({ "/h/.config/dovetail/dovetail.conf": CONFIG });
    await loadConfig({ env: env({ HOME: "/h", XDG_CONFIG_HOME: value }), readFile });
  }
});

Deno.test("load: without a home directory it says so", async () => {
  const message = await failure({ env: env({}), readFile: files({}).readFile });
  assert.equal(
    message,
    `error: it is not known where the configuration is: $HOME is not set
help: set it, or name the file with -c FILE
`,
  );
});

Deno.test("load: the status is kept below XDG_DATA_HOME, or the home directory", async () => {
  const place = async (values: Readonly<Record<string, string>>) => {
    const { readFile } = files({ f: CONFIG });
    const { statusPath } = (await loadConfig({ file: "f", env: env(values), readFile })).config;
    return statusPath.kind === "text" ? statusPath.value : undefined;
  };
  assert.equal(await place({ HOME: "/h" }), "/h/.local/share/dovetail/status");
  assert.equal(await place({ HOME: "/h", XDG_DATA_HOME: "/d/" }), "/d/dovetail/status");
  assert.equal(
    await failure({ file: "f", env: env({}), readFile: files({ f: CONFIG }).readFile }),
    `error: there is no place for the status: $HOME is not set
help: set it, or add a status_path
`,
  );
});

Deno.test("load: a file that cannot be read says why, and keeps the cause", async () => {
  const cause = new Deno.errors.PermissionDenied("permission denied");
  const readFile = () => Promise.reject(cause);
  await assert.rejects(loadConfig({ file: "f", env: env({ HOME: "/h" }), readFile }), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.equal(error.cause, cause);
    assert.equal(error.message, "f cannot be read: permission denied");
    return true;
  });
});

Deno.test("load: a file of more than 1 MiB is refused, and read no further", async () => {
  const home = env({ HOME: "/h" });
  const readFile: ReadFile = (_, limit) => {
    assert.equal(limit, MOST_BYTES);
    return Promise.resolve(new Uint8Array(limit + 1));
  };
  assert.equal(
    await failure({ file: "f", env: home, readFile }),
    "error: f is larger than 1024 KiB\n",
  );
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeFile(file, new Uint8Array(MOST_BYTES + 1).fill(0x23));
    assert.equal(await failure({ file, env: home }), `error: ${file} is larger than 1024 KiB\n`);
    await Deno.writeFile(file, new Uint8Array(MOST_BYTES).fill(0x23));
    // One line of a mebibyte is read whole, and is too long by itself.
    assert.match(await failure({ file, env: home }), /this line is longer than 16384 characters/);
    await Deno.writeTextFile(file, CONFIG);
    assert.deepEqual([...(await loadConfig({ file, env: home })).config.storages.keys()], ["a"]);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("load: a directory and a missing file are told apart", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const home = env({ HOME: "/h" });
    assert.match(await failure({ file: folder, env: home }), /cannot be read: Is a directory/);
    assert.match(await failure({ file: `${folder}/x`, env: home }), /there is no file/);
  } finally {
    await Deno.remove(folder);
  }
});

Deno.test("load: a byte order mark is ignored", async () => {
  const { readFile } = files({
    "f.conf": `\ufeff${CONFIG}`,
    "f.toml": '\ufeffstatus_path = "/x"\n',
  });
  const { config } = await loadConfig({ file: "f.conf", env: env({ HOME: "/h" }), readFile });
  assert.deepEqual([...config.storages.keys()], ["a"]);
  await loadConfig({ file: "f.toml", env: env({ HOME: "/h" }), readFile });
});

Deno.test("load: each line that is not UTF-8 is shown with the first place where it is not", async () => {
  const bytes = new Uint8Array([
    ...new TextEncoder().encode("# a\nstatus_path /ä"),
    0xe4, // a half of a character, before an ordinary one
    ...new TextEncoder().encode("b\ntypo\n# "),
    0xff,
  ]);
  const { readFile } = files({ f: bytes });
  assert.equal(
    await failure({ file: "f", env: env({ HOME: "/h" }), readFile }),
    `error: this is not UTF-8 text
 --> f:2:15
  |
2 | status_path /ä\ufffdb
  |               ^
help: save the file as UTF-8

error: unknown directive "typo"
 --> f:3:1
  |
3 | typo
  | ^^^^
help: known outside of all blocks are status_path, mail_location, auth, storage and pair

error: this is not UTF-8 text
 --> f:4:3
  |
4 | # …
  | ^^^
help: save the file as UTF-8
`,
  );
});

Deno.test("load: a UTF-16 file is one error", async () => {
  const { readFile } = files({ f: new Uint8Array([0xff, 0xfe, 0x61, 0, 0x0a, 0]) });
  assert.equal(
    await failure({ file: "f", env: env({ HOME: "/h" }), readFile }),
    "error: f is UTF-16 text\nhelp: save the file as UTF-8\n",
  );
});

Deno.test("load: many warnings hide no error", async () => {
  const many = "  collection x\n".repeat(300);
  const { readFile } = files({ f: `${CONFIG}pair p {\n${many}}\nstorage b {\n}\n` });
  const message = await failure({ file: "f", env: env({ HOME: "/h" }), readFile });
  assert.match(message, /warning: there are more warnings than the first 100 that are shown/);
  assert.match(message, /error: the pair "p" has no "storage_a"/);
  assert.match(message, /error: the storage "b" has no "type"/);
});
