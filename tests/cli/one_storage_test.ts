import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { holds, until, whileRunning } from "./daemon_kit.ts";
import { event, inWorld, type World } from "./world.ts";

/** Two pairs, of which one has a storage on a server; and how that is told to log in. */
async function configure(
  { folder, configure }: World,
  ...server: readonly string[]
): Promise<void> {
  await Deno.mkdir(`${folder}/near`);
  await configure(`
storage home {
  type vdir/icalendar
  path ${folder}/home
}
storage server {
  type vdir/icalendar
  path ${folder}/server
}
storage far {
  type caldav
  url https://127.0.0.1:1/
  ${server.join("\n  ")}
}
storage near {
  type vdir/icalendar
  path ${folder}/near
}
pair bad {
  storage_a near
  storage_b far
  collections all
}
pair good {
  storage_a home
  storage_b server
  collections all
}
`);
}

const objectsIn = (out: string): readonly Record<string, unknown>[] =>
  out.trim().split("\n").map((it) => JSON.parse(it));

Deno.test("a file of roots that is missing stops the pairs of its storage alone", async () => {
  await inWorld(async (world) => {
    await world.write("home", "work/one.ics", event("one", "One", 1));
    await configure(world, `tls_root ${world.folder}/roots.pem`);
    const { code, stdout, stderr } = await world.dovetail(["sync"]);
    strictEqual(code, 4, stdout + stderr);
    ok((await world.read("server", "work/one.ics")).includes("SUMMARY:One"));
    const said = stderr.replaceAll(/\s+/g, " ");
    ok(
      said.includes(`error: bad: far: the file of roots ${world.folder}/roots.pem does not exist`),
    );
    ok(said.includes("dovetail.conf:10:9"), said);
  });
});

Deno.test("a file that is no certificate comes to the same exit status", async () => {
  await inWorld(async (world) => {
    await world.write("home", "work/one.ics", event("one", "One", 1));
    await Deno.writeTextFile(`${world.folder}/roots.pem`, "no certificate\n");
    await configure(world, `tls_root ${world.folder}/roots.pem`);
    const { code, stdout, stderr } = await world.dovetail(["sync", "--json"]);
    strictEqual(code, 4, stdout + stderr);
    ok((await world.read("server", "work/one.ics")).includes("SUMMARY:One"));
    const error = objectsIn(stdout).find((it) => it["type"] === "error");
    deepStrictEqual([error?.["pair"], error?.["storage"]], ["bad", "far"]);
  });
});

Deno.test("a password that cannot be had stops the pairs of its storage alone", async () => {
  await inWorld(async (world) => {
    await world.write("home", "work/one.ics", event("one", "One", 1));
    await configure(world, "username bob", "password {", "  cmd false", "}");
    const { code, stdout, stderr } = await world.dovetail(["sync", "--json"]);
    strictEqual(code, 3, stdout + stderr);
    ok((await world.read("server", "work/one.ics")).includes("SUMMARY:One"));
    match(stderr, /error: the password of the storage "far": "false" ended with status 1/);
    match(stderr, /dovetail\.conf:15:/);
    match(stderr, /so nothing is done for the pair "bad"/);
    const summaries = objectsIn(stdout).filter((it) => it["type"] === "summary");
    deepStrictEqual(summaries.map((it) => [it["pair"], it["exit"]]), [["bad", 3], ["good", 0]]);
  });
});

Deno.test("a password that cannot be had is a failure of every command, and hides nothing else", async () => {
  await inWorld(async (world) => {
    await world.write("home", "work/one.ics", event("one", "One", 1));
    await configure(world, "username bob", "password {", "  cmd false", "}");
    const discovered = await world.dovetail(["discover"]);
    strictEqual(discovered.code, 3, discovered.stderr);
    match(discovered.stdout, /work {2}kept in step/);
    const resolved = await world.dovetail(["resolve-conflicts"]);
    strictEqual(resolved.code, 3, resolved.stderr);
    match(resolved.stdout, /good: /);
  });
});

Deno.test("a daemon goes on with the pairs whose storages can be opened, and says which cannot", async () => {
  for (const directive of ["tls_root /nowhere/roots.pem", "password {\n    cmd false\n  }"]) {
    await inWorld(async (world) => {
      await world.write("home", "work/one.ics", event("one", "One", 1));
      await configure(world, "username bob", directive);
      const code = await whileRunning(world, [], async ({ said }) => {
        await until("the first run", () => holds(`${world.folder}/server/work/one.ics`, "One"));
        await until("what is said", () => /"far"|bad: far: the file of roots/.test(said()));
        ok(!said().includes("fault in dovetail"), said());
      });
      strictEqual(code, 0);
    });
  }
});

Deno.test("a daemon that has no pair left for want of secrets ends", async () => {
  await inWorld(async (world) => {
    await configure(world, "username bob", "password {\n    cmd false\n  }");
    const { code, stderr } = await world.dovetail(["daemon", "bad"]);
    strictEqual(code, 3, stderr);
    match(stderr, /so nothing is done for the pair "bad"/);
  });
});
