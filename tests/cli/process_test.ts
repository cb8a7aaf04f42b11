import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { columns } from "../../lib/cli/show/width.ts";
import type { SafeText } from "../../lib/model/text.ts";
import { COMMAND, environment, run, runOnTerminal, start } from "../support/dovetail.ts";
import { event, inWorld } from "./world.ts";

Deno.test("the exit status is that of the command", async () => {
  strictEqual((await run(["version"])).code, 0);
  const mistake = await run(["snc"]);
  deepStrictEqual([mistake.code, mistake.stdout], [3, ""]);
  match(mistake.stderr, /^error: Unexpected option or argument: "snc"\.\nhelp: /);
});

Deno.test("a reader who has gone is nothing to speak of", () =>
  inWorld(async (world) => {
    for (let index = 0; index < 400; index++) {
      await world.write(
        "home",
        `work/${index}.ics`,
        event(`${index}`, "A longer title ".repeat(20), 1),
      );
    }
    const command = [...COMMAND, "sync", "-n", "-v"].map((it) => `'${it}'`).join(" ");
    const { stdout, stderr, code } = await new Deno.Command("bash", {
      args: ["-c", `set -o pipefail; ${command} 2>${world.folder}/said | head -n 1; exit $?`],
      clearEnv: true,
      env: environment(world.env),
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    deepStrictEqual([decoder.decode(stdout), decoder.decode(stderr)], [
      "pair calendars  (home ⇄ server)\n",
      "",
    ]);
    strictEqual(code, 0);
    ok(!/error|at file/.test(await Deno.readTextFile(`${world.folder}/said`)));
  }));

/** A storage whose password command takes its time: the run is caught before it does anything. */
const SLOW = (folder: string) => `
storage home {
  type vdir/icalendar
  path {
    shell 'echo begun > ${folder}/begun; exec sleep 20'
  }
}
storage server {
  type vdir/icalendar
  path ${folder}/server
}
pair calendars {
  storage_a home
  storage_b server
  collections all
}
`;

async function until(path: string): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (await Deno.stat(path).then(() => true, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`${path} did not appear`);
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`${signal} stops safely, with 130`, () =>
    inWorld(async (world) => {
      await world.configure(SLOW(world.folder));
      const child = start(["sync"], { env: world.env });
      await child.stdin.close();
      await until(`${world.folder}/begun`);
      const since = performance.now();
      child.kill(signal);
      const { code, stdout, stderr } = await child.output();
      const decoder = new TextDecoder();
      strictEqual(code, 130);
      ok(performance.now() - since < 10_000);
      strictEqual(decoder.decode(stdout), "");
      strictEqual(
        decoder.decode(stderr),
        "stopping once what has begun is done; again to stop at once\n" +
          "stopped safely; run again to go on\n",
      );
    }));
}

Deno.test("a run that is stopped in the middle says what it left, and the next one goes on", () =>
  inWorld(async (world) => {
    const all = 2500;
    await Deno.mkdir(`${world.folder}/home/work`);
    for (let index = 0; index < all; index++) {
      Deno.writeTextFileSync(
        `${world.folder}/home/work/${index}.ics`,
        event(`${index}`, `Event ${index}`, 1),
      );
    }
    const child = start(["sync", "--json"], { env: world.env });
    await child.stdin.close();
    let stdout = "";
    let stopped = false;
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      stdout += chunk;
      if (stopped || !/"type":"result".*"create"/.test(stdout)) continue;
      child.kill("SIGINT");
      stopped = true;
    }
    const { code } = await child.status;
    const stderr = await new Response(child.stderr).text();
    strictEqual(code, 130, stderr);
    match(stderr, /stopped safely; run again to go on\n$/);
    const objects = stdout.trim().split("\n").map((it) => JSON.parse(it));
    const done = objects.filter((it) => it.type === "result" && it.action === "create").length;
    const summary = objects.find((it) => it.type === "summary");
    deepStrictEqual([summary.created, summary.created + summary.skipped], [done, all]);
    ok(done < all);
    const again = await world.dovetail(["sync"]);
    strictEqual(again.code, 0, again.stderr);
    strictEqual([...Deno.readDirSync(`${world.folder}/server/work`)].length, all);
  }));

Deno.test("a second run of the same pair is told that there is one, with 5", () =>
  inWorld(async (world) => {
    await world.write("home", "work/a.ics", event("a", "Dentist", 14));
    strictEqual((await world.dovetail(["sync"])).code, 0);
    const status = `${world.folder}/.local/share/dovetail/status`;
    const lock = [...Deno.readDirSync(status)].find((it) => it.name.includes("lock"));
    ok(lock !== undefined, "there is a lock to hold");
    // Another process holds it, as another run would.
    using file = await Deno.open(`${status}/${lock.name}`, { read: true, write: true });
    await file.lock(true);
    const { code, stderr } = await world.dovetail(["sync"]);
    strictEqual(code, 5, stderr);
    match(stderr, /^error: calendars: /);
    strictEqual((await world.dovetail(["sync", "-n"])).code, 0, "a dry run needs no lock");
    await file.unlock();
  }));

Deno.test("on a terminal there are colours unless they are not wanted, and its width is kept", () =>
  inWorld(async (world) => {
    const title = "A title that goes on and on ".repeat(5);
    await world.write("home", "work/a.ics", event("a", title, 14));
    const { code, output } = await runOnTerminal(["sync", "-n"], { env: world.env, columns: 50 });
    strictEqual(code, 0, output);
    ok(output.includes("\x1b[1;36mcalendars\x1b[0m"), output);
    const row = output.split("\n").find((it) => it.includes("A title")) ?? "";
    strictEqual(columns(withoutStyles(row) as SafeText), 50, row);
    for (const env of [{ NO_COLOR: "1" }, { TERM: "dumb" }]) {
      const plain = await runOnTerminal(["sync", "-n"], {
        env: { ...world.env, ...env },
        columns: 50,
      });
      ok(plain.output.includes("pair calendars"));
      strictEqual(withoutStyles(plain.output), plain.output);
    }
  }));

Deno.test("progress is shown on a terminal, and leaves no trace", () =>
  inWorld(async (world) => {
    await Deno.mkdir(`${world.folder}/home/work`);
    for (let index = 0; index < 1500; index++) {
      Deno.writeTextFileSync(
        `${world.folder}/home/work/${index}.ics`,
        event(`${index}`, `Event ${index}`, 1),
      );
    }
    const { code, output } = await runOnTerminal(["sync", "-y"], {
      env: world.env,
      columns: 100,
    });
    strictEqual(code, 0, output);
    match(output, /writing {2}\S*█/);
    const seen = output.slice(output.lastIndexOf("\x1b[J") + "\x1b[J".length);
    strictEqual(withoutStyles(seen), "calendars: 1 collection made, 1,500 created\n");
    const piped = await world.dovetail(["sync"]);
    deepStrictEqual([piped.stdout, piped.stderr], ["calendars: everything is in step\n", ""]);
  }));

// deno-lint-ignore no-control-regex -- styles are what is taken away
const withoutStyles = (text: string): string => text.replace(/\x1b\[[0-9;]*m/g, "");
