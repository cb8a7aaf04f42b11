import { deepEqual, equal, match, ok } from "node:assert/strict";
import { event, inWorld, type World } from "./world.ts";

interface Given {
  readonly storages?: readonly string[];
  readonly flags?: readonly string[];
}

interface Repaired {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `repair`, on the storage `home` and without a question, unless something else is given. */
async function run(world: World, given: Given): Promise<Repaired> {
  const { storages = ["home"], flags = ["--yes"] } = given;
  const { code, stdout, stderr } = await world.dovetail(["repair", ...flags, ...storages]);
  return { code, out: stdout, err: stderr };
}

const bare = (summary: string): string => event("x", summary, 3).replace("UID:x\r\n", "");

/** Three good items, one without a UID, two that share one, one with an odd one, one that is cut. */
async function fill(world: World): Promise<void> {
  await world.write("home", "work/good.ics", event("good", "Good", 1));
  await world.write("home", "work/bare.ics", bare("Bare"));
  await world.write("home", "work/same.ics", event("same", "Same", 2));
  await world.write("home", "work/copy.ics", event("same", "Copy", 3));
  await world.write("home", "work/odd.ics", event("o d/d", "Odd", 4));
  await world.write("home", "work/cut.ics", event("cut", "Cut", 5).slice(0, 60));
  await world.write("home", "rest/other.ics", event("other", "Other", 6));
}

const uidIn = (text: string): string => /^UID:(.*)\r$/m.exec(text)?.[1] ?? "none";

Deno.test("repair shows what is wrong, mends it, and advises what to do next", async () => {
  await inWorld(async (world) => {
    await fill(world);
    const { code, out, err } = await run(world, {});
    equal(code, 1, err);
    match(out, /^storage home$/m);
    match(out, /^ {2}rest {2}1 item, nothing to mend$/m);
    match(out, /no UID {2}bare\.ics {2}gets [0-9a-f]{64}$/m);
    match(out, /double UID {2}copy\.ics {2}same is that of same\.ics {2}gets [0-9a-f]{64}$/m);
    match(out, /unsafe UID {2}odd\.ics {2}o d\/d {2}left$/m);
    match(out, /beyond repair {2}cut\.ics {2}ends before/m);
    match(out, /^2 items mended$/m);
    match(err, /--unsafe replaces them/);
    match(err, /now run "dovetail sync calendars", which brings this to server/);
    match(err, /do not repair server too/);

    const mended = await world.read("home", "work/bare.ics");
    equal(mended.replace(/UID:.*\r\n/, ""), bare("Bare"));
    match(uidIn(mended), /^[0-9a-f]{64}$/);
    match(uidIn(await world.read("home", "work/copy.ics")), /^[0-9a-f]{64}$/);
    equal(await world.read("home", "work/same.ics"), event("same", "Same", 2));
    equal(await world.read("home", "work/odd.ics"), event("o d/d", "Odd", 4));
    equal(await world.read("home", "work/cut.ics"), event("cut", "Cut", 5).slice(0, 60));

    await world.remove("home", "work/cut.ics");
    const again = await run(world, {});
    equal(again.code, 0);
    ok(!again.out.includes("gets"), again.out);
  });
});

Deno.test("without anybody to ask, and in a dry run, nothing is written", async () => {
  await inWorld(async (world) => {
    await world.write("home", "work/bare.ics", bare("Bare"));
    for (const flags of [[], ["-n"], ["-n", "--yes"]]) {
      const { code, out } = await run(world, { flags });
      equal(code, 2);
      match(out, /no UID {2}bare\.ics/);
      equal(await world.read("home", "work/bare.ics"), bare("Bare"));
    }
  });
});

Deno.test("unsafe UIDs are replaced where that is asked for", async () => {
  await inWorld(async (world) => {
    await world.write("home", "work/odd.ics", event("o d/d", "Odd", 4));
    equal((await run(world, { flags: ["--yes", "--unsafe"] })).code, 0);
    match(uidIn(await world.read("home", "work/odd.ics")), /^[0-9a-f]{64}$/);
  });
});

Deno.test("one collection of a storage is repaired, and one that is not there is an error", async () => {
  await inWorld(async (world) => {
    await world.write("home", "work/bare.ics", bare("Bare"));
    await world.write("home", "rest/bare.ics", bare("Rest"));
    equal((await run(world, { storages: ["home/rest"] })).code, 0);
    equal(await world.read("home", "work/bare.ics"), bare("Bare"));
    match(uidIn(await world.read("home", "rest/bare.ics")), /^[0-9a-f]{64}$/);
    const { code, err } = await run(world, { storages: ["home/nothing"] });
    equal(code, 1);
    match(err, /home has no collection "nothing"/);
  });
});

Deno.test("both sides of a pair are not repaired at once, nor what is no storage", async () => {
  await inWorld(async (world) => {
    const both = await run(world, { storages: ["home", "server"] });
    equal(both.code, 3);
    match(both.err, /"home" and "server" are the two sides of the pair "calendars"\./);
    const unknown = await run(world, { storages: ["hoem"] });
    equal(unknown.code, 3);
    match(unknown.err, /There is no storage "hoem"\.[^]*did you mean "home"\?/);
    equal((await run(world, { storages: [] })).code, 3);
  });
});

Deno.test("a read-only storage is looked at and not written to", async () => {
  await inWorld(async (world) => {
    const config = await Deno.readTextFile(world.config);
    await world.configure(config.replace("storage home {", "storage home {\n  read_only"));
    await world.write("home", "work/bare.ics", bare("Bare"));
    const { code, err } = await run(world, {});
    equal(code, 2);
    match(err, /home is read-only/);
    equal(await world.read("home", "work/bare.ics"), bare("Bare"));
  });
});

Deno.test("for programs, each finding and each result is an object", async () => {
  await inWorld(async (world) => {
    await fill(world);
    const { out } = await run(world, { flags: ["--yes", "--json"] });
    const all = out.trim().split("\n").map((it) => JSON.parse(it));
    // Results come as they are ready.
    const byHref = all.slice(4).sort((one, other) => one.href < other.href ? -1 : 1);
    const objects = [...all.slice(0, 4), ...byHref];
    deepEqual(
      objects.map(({ type, href, finding, outcome }) => [type, href, finding ?? outcome]),
      [
        ["finding", "bare.ics", "no UID"],
        ["finding", "copy.ics", "double UID"],
        ["finding", "cut.ics", "beyond repair"],
        ["finding", "odd.ics", "unsafe UID"],
        ["mended", "bare.ics", "done"],
        ["mended", "copy.ics", "done"],
      ],
    );
    equal(objects[1].keeper, "same.ics");
    equal(objects[4].newUid, objects[0].newUid);
  });
});

Deno.test("after a repair, a sync brings the other side in step, with nothing doubled or lost", async () => {
  await inWorld(async (world) => {
    await world.write("home", "work/bare.ics", bare("Bare"));
    await world.write("home", "work/same.ics", event("same", "Same", 2));
    equal((await world.dovetail(["sync"])).code, 0);
    await world.write("home", "work/copy.ics", event("same", "Copy", 3));
    equal((await run(world, {})).code, 0);
    const after = await world.dovetail(["sync"]);
    equal(after.code, 0, after.stderr + after.stdout);
    const summaries = async (side: "home" | "server"): Promise<readonly string[]> => {
      const found: string[] = [];
      for (const { name } of Deno.readDirSync(`${world.folder}/${side}/work`)) {
        const text = await world.read(side, `work/${name}`);
        found.push(`${/SUMMARY:(.*)\r/.exec(text)?.[1]} ${uidIn(text)}`);
      }
      return found.sort();
    };
    const home = await summaries("home");
    equal(home.length, 3);
    ok(home.every((it) => !it.endsWith("none")), home.join());
    deepEqual(await summaries("server"), home);
    match((await world.dovetail(["sync"])).stdout, /everything is in step/);
  });
});
