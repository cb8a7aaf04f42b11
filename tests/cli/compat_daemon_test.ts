/** The daemon as people know it from pimsync: docs/compatibility.md names these tests. */

import { match, ok, strictEqual } from "node:assert/strict";
import { COMMAND, environment } from "../support/dovetail.ts";
import { atDesk, type Desk } from "./compat_kit.ts";
import { event } from "./world.ts";

/** Waits until it is so, for ten seconds at most. */
async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`not within ten seconds: ${what}`);
}

/** A daemon in a process of its own, with `redirections` of its descriptors. */
function startDaemon({ file, folder }: Desk, args: string, redirections = ""): Deno.ChildProcess {
  const command = [...COMMAND, "-c", file].map((it) => `'${it}'`).join(" ");
  return new Deno.Command("sh", {
    args: ["-c", `exec ${command} daemon ${args} ${redirections}`],
    clearEnv: true,
    env: environment({ HOME: folder }),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function stop(daemon: Deno.ChildProcess): Promise<{ code: number; said: string }> {
  daemon.kill("SIGTERM");
  const { code, stdout, stderr } = await daemon.output();
  const decoder = new TextDecoder();
  return { code, said: decoder.decode(stdout) + decoder.decode(stderr) };
}

Deno.test("daemon brings the pairs in step, and again as soon as a folder changes, until it is stopped", () =>
  atDesk(async (desk) => {
    await desk.write("a/work/x.ics", event("x", "Dentist", 1));
    const daemon = startDaemon(desk, "p");
    try {
      await until("the first run", () => desk.names("b/work").includes("x.ics"));
      await desk.write("b/work/y.ics", event("y", "Party", 2));
      await until("the next run", () => desk.names("a/work").includes("y.ics"));
    } finally {
      const { code, said } = await stop(daemon);
      strictEqual(code, 0, said);
    }
  }));

Deno.test("daemon -r FD writes READY=1 there once all commands have run, and nothing else", () =>
  atDesk(async (desk) => {
    const { folder } = desk;
    await desk.configure({ a: `path {\n  shell 'sleep 0.5; touch ${folder}/asked; echo ~/a'\n}` });
    await desk.write("ready", "");
    const daemon = startDaemon(desk, "-r 3", `3>${folder}/ready`);
    try {
      await until("it is ready", () => Deno.statSync(`${folder}/ready`).size > 0);
      ok(desk.names(".").includes("asked"));
    } finally {
      await stop(daemon);
    }
    strictEqual(await desk.read("ready"), "READY=1\n");
  }));

Deno.test("daemon -r refuses the standard streams", () =>
  atDesk(async ({ run }) => {
    for (const fd of ["0", "1", "2"]) {
      const { code, err } = await run("daemon", "-r", fd);
      strictEqual(code, 3);
      match(err, new RegExp(`file descriptor ${fd}`));
    }
  }));

Deno.test("daemon goes on with the other pairs where one cannot be reached", () =>
  atDesk(async (desk) => {
    await desk.configure({
      global: `storage gone {
  type vdir/icalendar
  path ${desk.folder}/gone
}
pair broken {
  storage_a gone
  storage_b b
  collections all
}
`,
    });
    await desk.write("a/work/x.ics", event("x", "Dentist", 1));
    const daemon = startDaemon(desk, "");
    try {
      await until("the other pair", () => desk.names("b/work").includes("x.ics"));
    } finally {
      const { said } = await stop(daemon);
      match(said, /gone/);
    }
  }));
