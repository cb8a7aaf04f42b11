/**
 * Makes the one executable: `deno task compile [--output FILE] [--target TRIPLE]`.
 *
 * `deno compile` puts every npm package of its lock file into the binary, used or not, so it is
 * given one that has the run-time packages alone. It also downloads a runtime; where that cannot be
 * reached, the environment variable DENORT_BIN names one that is there already.
 */

import { parseArgs } from "node:util";
import { runtimeConfig, runtimeLock } from "./lib/runtime_packages.ts";

const ROOT = new URL("../", import.meta.url);

/** What dovetail needs: files, servers, commands that print secrets, and SQLite's native part. */
const PERMISSIONS = ["read", "write", "net", "env", "run", "sys", "ffi"];

const { values: { output, target } } = parseArgs({
  args: Deno.args,
  options: {
    output: { type: "string", default: new URL("dist/dovetail", ROOT).pathname },
    target: { type: "string" },
  },
});

const work = await Deno.makeTempDir({ prefix: "dovetail-compile-" });
try {
  const [config, lock] = await Promise.all([
    Deno.readTextFile(new URL("deno.json", ROOT)),
    Deno.readTextFile(new URL("deno.lock", ROOT)),
  ]);
  await Deno.writeTextFile(`${work}/deno.json`, runtimeConfig(config));
  await Deno.writeTextFile(`${work}/deno.lock`, runtimeLock(lock));
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "compile",
      "--quiet",
      "--no-prompt",
      `--config=${work}/deno.json`,
      `--lock=${work}/deno.lock`,
      ...PERMISSIONS.map((it) => `--allow-${it}`),
      ...(target === undefined ? [] : [`--target=${target}`]),
      `--output=${output}`,
      new URL("main.ts", ROOT).pathname,
    ],
    stdout: "inherit",
    stderr: "piped",
  }).output();
  const said = new TextDecoder().decode(stderr);
  if (code !== 0) {
    console.error(said.trimEnd());
    if (/denort|dl\.deno\.land|error sending request/i.test(said)) console.error(noRuntime());
    Deno.exit(1);
  }
  const { size } = await Deno.stat(output);
  console.log(`${output}: ${(size / 1e6).toFixed(0)} MB`);
} finally {
  await Deno.remove(work, { recursive: true });
}

function noRuntime(): string {
  return `
help: \`deno compile\` puts a runtime called denort into the binary, and could not download the one
      of Deno ${Deno.version.deno}. Set DENORT_BIN to the path of a denort that fits this Deno, for
      example one taken from another machine's cache, and run this again.`;
}
