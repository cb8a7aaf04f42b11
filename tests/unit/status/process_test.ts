/** A status and the processes that use it: those that are killed, and those that come together. */

import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { SyncError } from "../../../lib/model/error.ts";
import { openStatus, statusFiles } from "../../../lib/status/mod.ts";
import { identOf, KEY, options, text } from "./harness.ts";

const CHILD = new URL("child.ts", import.meta.url).pathname;

interface Child {
  readonly pid: number;
  /** Everything it has said so far. */
  readonly lines: readonly string[];
  /** Resolves once it has said something that begins like this. */
  said(beginning: string): Promise<void>;
  kill(): void;
  readonly ended: Promise<unknown>;
}

function start(...args: readonly string[]): Child {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", CHILD, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines: string[] = [];
  const waiting: (() => void)[] = [];
  const read = async () => {
    let rest = "";
    for await (const chunk of process.stdout.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts);
      for (const look of waiting.splice(0)) look();
    }
    for (const look of waiting.splice(0)) look();
  };
  const ended = Promise.all([read(), process.status]);
  return {
    pid: process.pid,
    lines,
    async said(beginning) {
      while (!lines.some((line) => line.startsWith(beginning))) {
        const over = await Promise.race([
          new Promise<false>((resolve) => waiting.push(() => resolve(false))),
          ended.then(() => true),
        ]);
        if (over) throw new Error(`it ended without "${beginning}", after ${lines.length} lines`);
      }
    },
    kill: () => process.kill("SIGKILL"),
    ended,
  };
}

async function inFolder(test: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await test(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const pause = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

Deno.test("what was acknowledged is there after a kill, whenever it comes", () =>
  inFolder(async (directory) => {
    const begun = new Map<number, string>();
    const settled = new Map<number, string>();
    for (let round = 0; round < 8; round++) {
      const child = start(directory, "settle", `r${round}-`);
      await child.said("settled");
      await pause(Math.random() * 80);
      child.kill();
      await child.ended;
      for (const line of child.lines) {
        const [what, id] = line.split(" ");
        if (what === "begun") begun.set(Number(id), `r${round}-${id}`);
        if (what === "settled") settled.set(Number(id), `r${round}-${id}`);
      }
      // Every other time the next child is the one that finds what was left.
      if (round % 2 === 0) continue;
      const status = await openStatus(options(directory));
      const collection = status.collection(KEY);
      const base = await collection.base([...begun.values()].map(identOf));
      const open = new Set((await collection.openIntents()).map((it) => it.id));
      for (const [id, word] of begun) {
        // Also of what was not acknowledged, all is there or nothing.
        strictEqual(open.has(id), !base.has(identOf(word)), `${word} is half settled`);
        if (settled.has(id)) ok(base.has(identOf(word)), `${word} was settled, and is not there`);
      }
      const [run] = await status.history.runs(1);
      strictEqual(run?.ended, undefined);
      for (const word of [...settled.values()].slice(-3)) {
        strictEqual(text(await collection.baseBody(identOf(word), "a")), word);
      }
      strictEqual(await collection.size(), (await collection.known("a")).size);
      await status.examine();
      await status.close();
    }
    ok(settled.size > 30, `only ${settled.size} were settled`);
  }));

Deno.test("a killed run leaves no lock behind, and a living one is named", () =>
  inFolder(async (directory) => {
    const before = Date.now();
    const child = start(directory, "settle", "x");
    await child.said("open");
    await rejects(openStatus(options(directory)), (error) => {
      ok(error instanceof SyncError);
      deepStrictEqual([error.kind, error.scope, error.retry], ["locked", "run", true]);
      const [, pid, since] = /process ([0-9]+), since (\S+)$/.exec(error.message) ?? [];
      strictEqual(Number(pid), child.pid);
      const started = Date.parse(since ?? "");
      ok(started >= before && started <= Date.now(), error.message);
      match(error.hint ?? "", /[Ww]ait/);
      return true;
    });
    // Whoever only reads is let in.
    const reader = await openStatus(options(directory, { mode: "read-only" }));
    await reader.collection(KEY).known("a");
    await reader.close();
    child.kill();
    await child.ended;
    const status = await openStatus(options(directory));
    await status.close();
    match(await Deno.readTextFile(statusFiles(directory, options(directory).pair).lock), /^note /);
  }));

Deno.test("of many processes that come together, one at a time holds the lock", () =>
  inFolder(async (directory) => {
    const rounds = [];
    for (let round = 0; round < 3; round++) {
      const children = Array.from({ length: 5 }, () => start(directory, "hold", "60"));
      await Promise.all(children.map((child) => child.ended));
      rounds.push(...children.map((child) => child.lines));
    }
    const times = rounds.filter(([line]) => line?.startsWith("held")).map((lines) =>
      lines.map((line) => Number(line.split(" ")[2]))
    );
    const refused = rounds.filter(([line]) => line?.startsWith("refused locked"));
    strictEqual(times.length + refused.length, rounds.length, JSON.stringify(rounds));
    ok(times.length >= 3 && refused.length > 0, JSON.stringify(rounds));
    times.sort(([one = 0], [other = 0]) => one - other);
    for (const [at, [, to = 0]] of times.entries()) {
      const [next = Infinity] = times[at + 1] ?? [];
      ok(to <= next, "two held the lock at the same time");
    }
  }));

Deno.test("one process opens a status once at a time, and again after that", () =>
  inFolder(async (directory) => {
    const status = await openStatus(options(directory));
    await rejects(openStatus(options(directory)), { kind: "locked" });
    await status.close();
    await status.close();
    const again = await openStatus(options(directory));
    await again.close();
  }));
