/** A daemon that runs while a test does, as a service manager would run it. */

import { ok } from "node:assert/strict";
import { start } from "../support/dovetail.ts";
import type { World } from "./world.ts";

export interface Daemon {
  readonly child: Deno.ChildProcess;
  /** What it has said so far. */
  said(): string;
  /** What it has printed so far. */
  printed(): string;
}

/** How long a test waits for something to become true, in milliseconds. */
const PATIENCE = 9_000;
const STEP = 20;

/** Waits until something is true. */
export async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  patience = PATIENCE,
): Promise<void> {
  const latest = performance.now() + patience;
  while (!await isTrue()) {
    ok(performance.now() < latest, `in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, STEP));
  }
}

/** Whether a file is there, and holds this. */
export async function holds(path: string, text: string): Promise<boolean> {
  try {
    return (await Deno.readTextFile(path)).includes(text);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return false;
    throw thrown;
  }
}

/** Starts it, and stops it with SIGTERM when the test is done; returns its exit status. */
export async function whileRunning(
  world: World,
  args: readonly string[],
  test: (daemon: Daemon) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const child = start(["daemon", ...args], { env: { ...world.env, ...env } });
  await child.stdin.close();
  const texts = { said: "", printed: "" };
  const collect = async (stream: ReadableStream<Uint8Array>, into: keyof typeof texts) => {
    const text = stream.pipeThrough<string>(new TextDecoderStream());
    for await (const chunk of text) texts[into] += chunk;
  };
  const collecting = [collect(child.stderr, "said"), collect(child.stdout, "printed")];
  let ended = false;
  const ending = child.status.then((status) => {
    ended = true;
    return status;
  });
  try {
    await test({ child, said: () => texts.said, printed: () => texts.printed });
  } catch (thrown) {
    throw new Error(`the daemon said:\n${texts.said}`, { cause: thrown });
  } finally {
    if (!ended) child.kill("SIGTERM");
    await Promise.all(collecting);
  }
  return (await ending).code;
}
