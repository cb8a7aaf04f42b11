import assert from "node:assert/strict";
import { fill, openFolder, SERVERS } from "../support/acceptance_places.ts";
import { run } from "../support/acceptance_process.ts";
import { assertSame, readPlaces } from "../support/acceptance_reader.ts";
import { assertStatus, ITEMS, onEach, WORK, type World } from "../support/acceptance_world.ts";
import { generateEvents } from "../support/events.ts";

const EXAMPLE = new URL("../corpus/config/usage-corrected.conf", import.meta.url);

/** A program that stands before others of its name. */
async function fakeProgram(world: World, name: string, script: string): Promise<string> {
  const bin = `${world.root}/bin`;
  await Deno.mkdir(bin, { recursive: true });
  await Deno.writeTextFile(`${bin}/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return `${bin}:${Deno.env.get("PATH")}`;
}

onEach(SERVERS, "the example of pimsync's usage page, put right, works", async (world) => {
  const { root, other, proxy } = world;
  const calls = `${root}/hiq-calls`;
  const path = await fakeProgram(
    world,
    "hiq",
    `echo "$@" >> ${calls}\nprintf '%s\\n' "${other.password}"`,
  );
  const text = (await Deno.readTextFile(EXAMPLE))
    .replace("https://caldav.example.com/", `${proxy.origin}/`)
    .replaceAll("hugo@example.com", other.username);
  await Deno.mkdir(`${root}/.config/dovetail`, { recursive: true });
  await Deno.writeTextFile(`${root}/.config/dovetail/dovetail.conf`, text);
  const calendars = await openFolder(`${root}/.local/share/calendars`);
  await calendars.make("mine");
  const items = generateEvents(8, 91);
  await fill(calendars, "mine", items.slice(0, 5));
  await fill(other, WORK, items.slice(5));

  const options = { cwd: "/", env: { HOME: root, PATH: path } };
  assertStatus(await run(["check"], options), 0);
  const discovered = await run(["discover"], options);
  assertStatus(discovered, 0);
  for (const id of ["mine", WORK]) assert.match(discovered.stdout, new RegExp(`\\b${id}\\b`));
  assertStatus(await run(["sync", "calendars"], options), 0);

  for (const [collection, count] of [["mine", 5], [WORK, 3]] as const) {
    const places = [calendars.address(collection), other.address(collection)];
    const [here, there] = await readPlaces(places, other);
    assert.ok(here !== undefined && there !== undefined);
    assertSame(here, there);
    assert.equal(here.items.size, count);
  }
  const asked = (await Deno.readTextFile(calls)).trim().split("\n");
  const once = `-dFpassword proto=caldavs username=${other.username}`;
  assert.deepEqual(asked, [once, once, once], "the password is asked for once in each run");
  assert.ok((await Deno.stat(`${root}/.local/share/pimsync/status`)).isDirectory);
});

onEach(SERVERS, "the same in TOML works", async (world) => {
  const { root, home, other, proxy, statusPath } = world;
  await Deno.writeTextFile(
    `${root}/dovetail.toml`,
    `
status_path = ${JSON.stringify(statusPath)}

[storage.home]
type = "vdir/icalendar"
path = ${JSON.stringify(home.home)}

[storage.other]
type = "caldav"
url = "${proxy.origin}${other.home}"
username = "${other.username}"
connections = 2
password = { cmd = ["printf", "%s", "${other.password}"] }

[pair.there]
storage_a = "home"
storage_b = "other"
collection = "${WORK}"
`,
  );
  await fill(home, WORK, generateEvents(12, 92));
  const options = { cwd: root, env: { HOME: root } };
  assertStatus(await run(["-c", "dovetail.toml", "sync"], options), 0);
  await world.inStep(12);
  assert.ok(proxy.mostTogether <= 2);
});

onEach(SERVERS, "a password is seen by the server alone", async (world) => {
  const canary = "canary-Kanarienvogel-4711";
  const encoded = btoa(`user:${canary}`);
  const { root, proxy, other } = world;
  proxy.authorization = `Basic ${btoa(`${other.username}:${other.password}`)}`;
  const shown = new Set<string>();
  let refuse = false;
  proxy.fault = ({ authorization }) => {
    shown.add(authorization ?? "none");
    return refuse ? { kind: "answer", status: 401, body: "not you" } : undefined;
  };
  await Deno.writeTextFile(`${root}/secret`, `${canary}\n`, { mode: 0o600 });
  await world.configure({
    username: "user",
    password: `password {\n    cmd cat "${root}/secret"\n  }`,
  });
  await fill(world.home, WORK, generateEvents(Math.min(ITEMS, 60), 93));

  proxy.latency = 20;
  const running = world.start("sync", "-vv", "there");
  const ended = { yes: false };
  const outcome = running.outcome.finally(() => ended.yes = true);
  const seen: string[] = [];
  while (!ended.yes) seen.push(...await tracesInProcesses([canary, encoded]));
  assertStatus(await outcome, 0);
  proxy.latency = 0;
  assert.deepEqual(seen, [], "it is among a process's arguments or environment");
  assert.deepEqual([...shown], [`Basic ${encoded}`], "the server was shown something else");

  const said = [
    (await outcome).said,
    (await world.expect(0, "sync", "-vv", "--json", "there")).said,
    (await world.expect(0, "check", "-vv", "there")).said,
  ];
  refuse = true;
  said.push((await world.expect(4, "sync", "-vv", "there")).said);
  said.push((await world.expect(4, "discover", "-vv", "there")).said);
  // A command that fails after it has printed something.
  await world.configure({
    username: "user",
    password: `password {\n    shell 'cat "${root}/secret"; exit 3'\n  }`,
  });
  const failed = await world.run("sync", "-vv", "there");
  assert.notEqual(failed.status, 0);
  said.push(failed.said);
  for (const text of said) {
    assert.ok(!text.includes(canary) && !text.includes(encoded), `it was printed:\n${text}`);
  }
  assert.deepEqual(await filesWith(root, [canary, encoded]), [`${root}/secret`]);
});

/** Processes of which the arguments or the environment hold one of these. */
async function tracesInProcesses(secrets: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    for (const file of ["cmdline", "environ"]) {
      // Most processes are somebody else's, or end meanwhile.
      const text = await Deno.readTextFile(`/proc/${name}/${file}`).catch(() => "");
      if (secrets.some((secret) => text.includes(secret))) found.push(`/proc/${name}/${file}`);
    }
  }
  return found;
}

/** Files below a folder that hold one of these. */
async function filesWith(folder: string, secrets: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) found.push(...await filesWith(path, secrets));
    if (!entry.isFile) continue;
    const text = new TextDecoder("latin1").decode(await Deno.readFile(path));
    if (secrets.some((secret) => text.includes(secret))) found.push(path);
  }
  return found.sort();
}
