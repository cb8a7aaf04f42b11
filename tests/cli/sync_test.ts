import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { JSON_TYPES } from "../../lib/cli/show/json_types.ts";
import { golden } from "./golden.ts";
import { HOSTILE } from "./plans.ts";
import { event, inWorld, type World } from "./world.ts";

const objects = (text: string): readonly Record<string, unknown>[] =>
  text.trim().split("\n").map((it) => JSON.parse(it));

/** Runs command lines one after the other, as a person would read them. */
async function transcript(world: World, lines: readonly (readonly string[])[]): Promise<string> {
  let text = "";
  for (const args of lines) {
    const { code, stdout, stderr } = await world.dovetail(args);
    text += `$ dovetail ${args.join(" ")}\n${stdout}${stderr}[${code}]\n`;
  }
  return text.replaceAll(world.folder, "FOLDER");
}

Deno.test("from the first look to everything in step", () =>
  inWorld(async (world) => {
    await world.write("home", "work/a.ics", event("a", "Dentist", 14));
    await world.write("home", "work/b.ics", event("b", "Stand-up", 2));
    await world.write("server", "family/c.ics", event("c", "Party", 20));
    golden(
      "first_day",
      await transcript(world, [
        ["check"],
        ["discover"],
        ["sync", "-n"],
        ["sync"],
        ["sync"],
        ["discover"],
      ]),
    );
    strictEqual(await world.read("server", "work/a.ics"), event("a", "Dentist", 14));
    strictEqual(await world.read("home", "family/c.ics"), event("c", "Party", 20));
  }));

Deno.test("edits, deletions, a conflict and an item that cannot be read", () =>
  inWorld(async (world) => {
    for (const [uid, day] of [["a", 1], ["b", 2], ["c", 3], ["d", 4]] as const) {
      await world.write("home", `work/${uid}.ics`, event(uid, `Event ${uid}`, day));
    }
    strictEqual((await world.dovetail(["sync"])).code, 0);
    await world.write("server", "work/a.ics", event("a", "Event a, moved", 5));
    await world.remove("home", "work/b.ics");
    await world.write("home", "work/c.ics", event("c", "Event c, here", 3));
    await world.write("server", "work/c.ics", event("c", "Event c, there", 3));
    await world.write("home", "work/d.ics", "this is no calendar");
    golden("second_day", await transcript(world, [["sync", "-n"], ["sync"], ["sync"]]));
    strictEqual(await world.read("home", "work/a.ics"), event("a", "Event a, moved", 5));
  }));

Deno.test("a dry run changes nothing, not even the status", () =>
  inWorld(async (world) => {
    await world.write("home", "work/a.ics", event("a", "Dentist", 14));
    const { code } = await world.dovetail(["sync", "-n"]);
    strictEqual(code, 0);
    const left = [...Deno.readDirSync(world.folder)].map((it) => it.name).sort();
    deepStrictEqual(left, [".config", "home", "server"]);
    deepStrictEqual([...Deno.readDirSync(`${world.folder}/server`)], []);
  }));

Deno.test("one collection of a pair is brought in step, and the others are left", () =>
  inWorld(async (world) => {
    await world.write("home", "work/a.ics", event("a", "Dentist", 14));
    await world.write("home", "family/b.ics", event("b", "Party", 20));
    const { code, stdout } = await world.dovetail(["sync", "calendars/family"]);
    strictEqual(code, 0, stdout);
    deepStrictEqual([...Deno.readDirSync(`${world.folder}/server`)].map((it) => it.name), [
      "family",
    ]);
    const unknown = await world.dovetail(["sync", "calendars/nowhere"]);
    strictEqual(unknown.code, 3);
    strictEqual(
      unknown.stderr,
      'error: Neither side of the pair "calendars" has a collection "nowhere".\n' +
        'help: "dovetail discover calendars" lists those that are there.\n',
    );
  }));

Deno.test("one pair that fails does not stop the others", () =>
  inWorld(async (world) => {
    const text = await Deno.readTextFile(world.config);
    await world.configure(
      `pair broken {
  storage_a gone
  storage_b server
  collections all
}
storage gone {
  type vdir/icalendar
  path ${world.folder}/gone
}
${text}`,
    );
    await world.write("home", "work/a.ics", event("a", "Dentist", 14));
    golden("failing_pair", await transcript(world, [["check"], ["sync"], ["discover"]]));
    strictEqual(await world.read("server", "work/a.ics"), event("a", "Dentist", 14));
  }));

Deno.test("JSON tells the plan, the results and what they come to", () =>
  inWorld(async (world) => {
    await world.write("home", "work/a.ics", event("a", "Dentist", 14));
    const { code, stdout, stderr } = await world.dovetail(["sync", "--json"]);
    deepStrictEqual([code, stderr], [0, ""]);
    golden("sync_json", stdout);
    deepStrictEqual(objects(stdout).map((it) => it["type"]), [
      "pair",
      "action",
      "action",
      "result",
      "result",
      "summary",
      "total",
    ]);
    const found = objects((await world.dovetail(["discover", "--json"])).stdout);
    deepStrictEqual(found.map((it) => [it["type"], it["collection"], it["synced"]]), [
      ["collection", "work", true],
    ]);
    const checked = objects((await world.dovetail(["check", "--json"])).stdout);
    ok(checked.length >= 3 && checked.every((it) => it["state"] === "ok"));
  }));

Deno.test("every type and field that is printed as JSON is documented", () =>
  inWorld(async (world) => {
    const text = await Deno.readTextFile(world.config);
    await world.configure(
      text.replace("collections all", "collections all\n  collection nowhere") +
        "storage gone {\n  type vdir/icalendar\n  path /nowhere/gone\n}\n" +
        "pair broken {\n  storage_a home\n  storage_b gone\n}\n",
    );
    await world.write("home", "work/a.ics", event("a", "One", 1));
    await world.write("server", "work/a.ics", event("a", "Another", 1));
    await world.write("server", "work/b.ics", "this is no calendar");
    const seen = new Set<string>();
    for (
      const args of [["sync"], ["check"], ["discover"], ["list", "pairs"], ["list", "storages"]]
    ) {
      for (const object of objects((await world.dovetail([...args, "--json"])).stdout)) {
        const { type, ...fields } = object;
        const known = JSON_TYPES.find((it) => it.type === type)?.fields;
        ok(known !== undefined, `${type} is not documented`);
        for (const field of Object.keys(fields)) {
          ok(known.includes(field), `${type} has ${field}, which is not documented`);
        }
        seen.add(String(type));
      }
    }
    deepStrictEqual(
      JSON_TYPES.map((it) => it.type).filter((it) => !seen.has(it)),
      ["held", "altered", "status", "aside", "finding", "mended", "login", "version"],
    );
  }));

Deno.test("what is hostile in an item or a collection's name is shown as escapes", () =>
  inWorld(async (world) => {
    const summary = HOSTILE.replace("\r\n", "");
    await world.write("home", "work/a.ics", event("a", summary, 14));
    await world.write("home", "work/displayname", summary);
    await world.write("home", "\x1b[31mred/b.ics", event("b", summary, 14));
    for (const args of [["discover"], ["sync", "-n", "-v"], ["sync", "-vv"], ["sync", "--json"]]) {
      const { stdout, stderr } = await world.dovetail(args);
      // deno-lint-ignore no-control-regex -- these are what must not be there
      ok(!/[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e]/.test(stdout + stderr), stdout + stderr);
    }
  }));

Deno.test("secrets are in nothing that is printed, however much is asked for", () =>
  inWorld(async (world) => {
    await world.configure(`
storage home {
  type vdir/icalendar
  path ${world.folder}/home
}
storage server {
  type caldav
  url http://127.0.0.1:9/
  username me
  password {
    shell 'echo hunter2'
  }
}
pair calendars {
  storage_a home
  storage_b server
  collections all
}
`);
    for (const args of [["sync", "-vv"], ["check", "-vv", "--json"], ["discover", "-vv"]]) {
      const { code, stdout, stderr } = await world.dovetail(args);
      strictEqual(code, 4, stdout + stderr);
      ok(!(stdout + stderr).includes("hunter2"));
      ok(stdout.includes("127.0.0.1:9") || stderr.includes("127.0.0.1:9"), stderr);
    }
  }));
