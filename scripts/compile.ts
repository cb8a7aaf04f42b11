/**
 * Makes the one executable: `deno task compile [--output FILE] [--target TRIPLE]`.
 *
 * The sources and the packages are bundled first: the binary starts sooner when a few files have to
 * be found in it instead of hundreds, and holds nothing that is not used. `deno compile` downloads
 * a runtime; where that cannot be reached, the environment variable DENORT_BIN names one that is
 * there already.
 */

import { parseArgs } from "node:util";
import { configOf, EXTERNAL, lockOf } from "./lib/unbundled.ts";

const ROOT = new URL("../", import.meta.url);

/** What dovetail needs: files, servers, commands that print secrets, and SQLite's native part. */
const PERMISSIONS = ["read", "write", "net", "env", "run", "sys", "ffi"];

/**
 * V8 would rather have memory than collect: with 5,000 events these take 50 MiB off the peak, and
 * cost no time that could be measured.
 */
const V8_FLAGS = ["--max-semi-space-size=2", "--heap-growing-percent=20"];

const { values: { output, target } } = parseArgs({
  args: Deno.args,
  options: {
    output: { type: "string", default: new URL("dist/dovetail", ROOT).pathname },
    target: { type: "string" },
  },
});

const work = await Deno.makeTempDir({ prefix: "dovetail-compile-" });
try {
  await deno([
    "bundle",
    "--quiet",
    "--code-splitting",
    `--external=${EXTERNAL}`,
    `--outdir=${work}/bundle`,
    new URL("main.ts", ROOT).pathname,
  ]);
  const [config, lock] = await Promise.all([
    Deno.readTextFile(new URL("deno.json", ROOT)),
    Deno.readTextFile(new URL("deno.lock", ROOT)),
  ]);
  await Deno.writeTextFile(`${work}/deno.json`, configOf(config));
  await Deno.writeTextFile(`${work}/deno.lock`, lockOf(lock));
  await deno([
    "compile",
    "--quiet",
    "--no-prompt",
    "--no-check",
    `--v8-flags=${V8_FLAGS.join(",")}`,
    `--config=${work}/deno.json`,
    `--lock=${work}/deno.lock`,
    ...PERMISSIONS.map((it) => `--allow-${it}`),
    ...(target === undefined ? [] : [`--target=${target}`]),
    `--output=${output}`,
    `${work}/bundle/main.js`,
  ]);
  const { size } = await Deno.stat(output);
  console.log(`${output}: ${(size / 1e6).toFixed(0)} MB`);
} finally {
  await Deno.remove(work, { recursive: true });
}

/** Runs Deno to its end, or ends with what it said and what can be done about it. */
async function deno(args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    stdout: "inherit",
    stderr: "piped",
  }).output();
  if (success) return;
  const said = new TextDecoder().decode(stderr);
  console.error(said.trimEnd());
  if (/denort|dl\.deno\.land/i.test(said)) {
    console.error(`
help: \`deno compile\` puts a runtime called denort into the binary, and could not download the one
      of Deno ${Deno.version.deno}. Set DENORT_BIN to the path of a denort that fits this Deno, for
      example one taken from another machine's cache, and run this again.`);
  }
  await Deno.remove(work, { recursive: true });
  Deno.exit(1);
}
