/**
 * Everything that must hold: `deno task test [--tests-only] [FOLDER…]`. Sets up what is missing,
 * checks the form of the code (but with --tests-only), and runs every layer of tests, or those in
 * the folders named, ending with one line that says how many passed and failed.
 */

import { setUpServers } from "./lib/set_up_servers.ts";

const ROOT = new URL("../", import.meta.url);

async function step(title: string, args: readonly string[]): Promise<number> {
  console.log(`\n== ${title}`);
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  return code;
}

interface Count {
  readonly passed: number;
  readonly failed: number;
}

/** Runs tests, shows what they print, and counts them by what the runner says at the end. */
async function tests(folders: readonly string[]): Promise<Count> {
  console.log(`\n== tests: ${folders.join(" ")}`);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "--allow-all", "--parallel", "--no-check", "--reporter=dot", ...folders],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let said = "";
  for await (const line of linesOf(child.stdout)) {
    said += line;
    // In a pipe, the runner puts every dot on a line of its own.
    await Deno.stdout.write(new TextEncoder().encode(/^[.,!]\n$/.test(line) ? line[0] : line));
  }
  const { code } = await child.status;
  const [, passed, failed] = /(\d+) passed[^|]*\| (\d+) failed/.exec(said) ?? [];
  const count = { passed: Number(passed ?? 0), failed: Number(failed ?? 0) };
  // A runner that ends badly without a failed test has not run them all.
  return code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count;
}

/** The lines of a stream, each with its end. */
async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split(/(?<=\n)/);
    rest = lines.at(-1)?.endsWith("\n") === false ? lines.pop() ?? "" : "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

const testsOnly = Deno.args.includes("--tests-only");
const folders = Deno.args.filter((it) => it !== "--tests-only");

await setUpServers();
const form = testsOnly ? [] : [
  await step("formatting", ["fmt", "--check", "--quiet"]),
  await step("lint", ["lint", "--quiet"]),
  await step("types", ["check", "--quiet"]),
];
const { passed, failed } = await tests(folders.length > 0 ? folders : ["tests/"]);
const sound = form.filter((code) => code === 0).length;
console.log(`\n${passed + sound} passed, ${failed + form.length - sound} failed`);
Deno.exit(failed > 0 || sound < form.length ? 1 : 0);
