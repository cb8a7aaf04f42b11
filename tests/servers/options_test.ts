/** What the options of pairs and storages do, between a folder and Radicale. */

import assert from "node:assert/strict";
import { filesBelow, isAccountInstalled, replaced } from "../support/acceptance_account.ts";
import { type Bench, simple, withBench, wrapped } from "../support/acceptance_bench.ts";
import { COMMAND, environment } from "../support/dovetail.ts";
import { isInstalled } from "../support/servers/server.ts";

const ignore = !isAccountInstalled("Radicale");
const WORK = "collection work";

/** `count` events on both sides: `e1.ics` and so on. */
async function filled({ write, sync, inStep }: Bench, count: number): Promise<void> {
  for (let n = 1; n <= count; n++) await write(`e${n}.ics`, simple(`e${n}`, `Event ${n}`));
  await sync();
  await inStep(count);
}

const edited = (text: string, summary: string) =>
  replaced(text, /^SUMMARY:.*$/m, `SUMMARY:${summary}`);

Deno.test(
  "one_way: b becomes what a is, whatever was done there",
  { ignore },
  () =>
    withBench(async (bench) => {
      const { configure, sync, put, get, drop, write, remove, read, names, inStep, quiet } = bench;
      await configure({ pair: [WORK, "one_way"] });
      await filled(bench, 4);
      const [first, second] = [await read("e1.ics"), await read("e2.ics")];
      await put("e1.ics", edited(await get("e1.ics"), "Edited there"));
      await drop("e2.ics");
      await put("new.ics", simple("new", "Only there"));
      await write("e3.ics", edited(await read("e3.ics"), "Edited here"));
      await remove("e4.ics");
      await write("e5.ics", simple("e5", "Event 5"));
      await sync();
      await inStep(4);
      assert.equal(await read("e1.ics"), first);
      assert.equal(await read("e2.ics"), second);
      assert.deepEqual(await names(), {
        home: ["e1.ics", "e2.ics", "e3.ics", "e5.ics"],
        there: ["e1.ics", "e2.ics", "e3.ics", "e5.ics"],
      });
      assert.match(await get("e1.ics"), /SUMMARY:Event 1/);
      assert.match(await get("e3.ics"), /SUMMARY:Edited here/);
      await quiet();
    }),
);

Deno.test(
  "no_delete: nothing is deleted there, and the rest is kept in step",
  { ignore },
  () =>
    withBench(async (bench) => {
      const { configure, sync, put, get, write, remove, read, names } = bench;
      await filled(bench, 4);
      await configure({ there: ["no_delete"] });
      await remove("e1.ics");
      await write("e2.ics", edited(await read("e2.ics"), "Edited here"));
      await put("e3.ics", edited(await get("e3.ics"), "Edited there"));
      await put("e5.ics", simple("e5", "New there"));
      for (const _ of ["once", "and again"]) {
        const { stdout } = await sync();
        assert.doesNotMatch(stdout, /- there/);
        const { home, there } = await names();
        assert.deepEqual(home, ["e2.ics", "e3.ics", "e4.ics", "e5.ics"]);
        assert.deepEqual(there, ["e1.ics", "e2.ics", "e3.ics", "e4.ics", "e5.ics"]);
      }
      assert.match(await get("e2.ics"), /Edited here/);
      assert.match(await read("e3.ics"), /Edited there/);
      // It was kept from there, not forgotten.
      await configure();
      await sync();
      await bench.inStep(4);
    }),
);

Deno.test(
  "max_delete: many deletions are held back, until they are allowed",
  { ignore },
  () =>
    withBench(async (bench) => {
      const { configure, sync, remove, names, inStep, proxy, write } = bench;
      const deletes = () => proxy.passed.filter(({ method }) => method === "DELETE").length;
      await filled(bench, 24);
      // More than half of them, and more than ten, unless it is said otherwise.
      for (let n = 1; n <= 13; n++) await remove(`e${n}.ics`);
      await write("new.ics", simple("new", "Not deleted"));
      proxy.forget();
      const { stdout } = await sync(2);
      assert.match(stdout, /held/);
      assert.match(stdout, /13 /);
      assert.match(stdout, /--allow-delete/);
      assert.equal(deletes(), 0);
      assert.ok((await names()).there.includes("new.ics"), "what is no deletion is done");
      assert.equal((await names()).there.length, 25);

      await sync(2, "--allow-empty");
      assert.equal(deletes(), 0);
      await configure({ pair: [WORK, "max_delete 60% 10"] });
      await sync(0, "-n");
      await configure({ pair: [WORK, "max_delete 20% 50"] });
      await sync(0, "-n");
      await configure({ pair: [WORK, "max_delete 20% 5"] });
      await sync(2);
      assert.equal(deletes(), 0);
      await sync(0, "--allow-delete");
      await inStep(12);

      // It was for that once.
      for (let n = 14; n <= 19; n++) await remove(`e${n}.ics`);
      await sync(2);
      await configure({ pair: [WORK, "max_delete off"] });
      await sync();
      await inStep(6);
    }),
);

Deno.test(
  "--allow-empty: what was emptied here is emptied there, this once",
  { ignore },
  () =>
    withBench(async (bench) => {
      const { sync, remove, names, inStep, write } = bench;
      const empty = async () => {
        for (const name of (await names()).home) await remove(name);
      };
      await filled(bench, 3);
      await empty();
      assert.match((await sync(2)).stdout, /--allow-empty/);
      await sync(2, "--allow-delete");
      assert.equal((await names()).there.length, 3);
      await sync(0, "--allow-empty");
      await inStep(0);
      await write("again.ics", simple("again", "Again"));
      await sync();
      await empty();
      await sync(2);
      assert.equal((await names()).there.length, 1);
    }),
);

/** Writes a script; gives its path. */
async function script({ desk }: Bench, name: string, text: string): Promise<string> {
  const path = `${desk.root}/${name}`;
  await Deno.writeTextFile(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}

/** Both sides change the summary of `e1.ics`, to different ones. */
async function clash({ write, read, put, get }: Bench, n: number): Promise<void> {
  await write("e1.ics", edited(await read("e1.ics"), `Here ${n}`));
  await put("e1.ics", edited(await get("e1.ics"), `There ${n}`));
}

Deno.test("conflict_resolution cmd: a program settles conflicts, during sync if it may", {
  ignore,
}, () =>
  withBench(async (bench) => {
    const { configure, sync, read, get, desk, inStep, quiet } = bench;
    await filled(bench, 2);
    const log = `${desk.root}/log`;
    const merges = await script(
      bench,
      "merge.sh",
      `echo "$# $(wc -c < "$1") $(wc -c < "$2") $(grep -c 'SUMMARY:Event 1' "$3")" >> ${log}
case "$1$2$3" in *.ics*.ics*.ics) ;; *) exit 9 ;; esac
sed 's/^SUMMARY:.*/SUMMARY:Both 東京/' "$1" > "$1.new" && cp "$1.new" "$1" && mv "$1.new" "$2"`,
    );
    await configure({ pair: [WORK, `conflict_resolution cmd ${merges}`] });
    await clash(bench, 1);
    await sync(2);
    await assert.rejects(Deno.stat(log), Deno.errors.NotFound, "it is not run by sync");

    await configure({
      pair: [WORK, `conflict_resolution cmd ${merges}`, "resolve_during sync"],
    });
    await sync(0);
    assert.match(await Deno.readTextFile(log), /^3 [1-9]\d* [1-9]\d* 1\n$/);
    assert.match(await read("e1.ics"), /SUMMARY:Both 東京/);
    assert.match(await get("e1.ics"), /SUMMARY:Both 東京/);
    await quiet();

    // Without a conflict it is not run.
    await bench.write("e2.ics", edited(await read("e2.ics"), "Edited"));
    await sync(0);
    assert.equal((await Deno.readTextFile(log)).split("\n").length, 2);

    await clash(bench, 2);
    for (
      const [name, text] of [
        ["fails.sh", "exit 3"],
        ["differs.sh", 'echo more >> "$1"'],
        ["empties.sh", ': > "$1"; : > "$2"'],
        ["absent.sh", ""],
      ] as const
    ) {
      const program = await script(bench, name, text);
      if (name === "absent.sh") await Deno.remove(program);
      await configure({
        pair: [WORK, `conflict_resolution cmd ${program}`, "resolve_during sync"],
      });
      const before = [await read("e1.ics"), await get("e1.ics")];
      const { said, status } = await desk.run("sync");
      assert.ok(status === 1 || status === 2, `${name}: ${status}\n${said}`);
      assert.match(said, new RegExp(name), said);
      assert.deepEqual([await read("e1.ics"), await get("e1.ics")], before);
    }
    await desk.expect(0, "resolve-conflicts", "--keep", "a");
    await inStep(2);
  }));

/** Runs dovetail on a terminal, at which somebody types `input`. */
async function onTerminal(
  { desk }: Bench,
  input: string,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly output: string }> {
  const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
  const line = [...COMMAND, "-c", desk.configPath, ...args].map(quoted).join(" ");
  const child = new Deno.Command("script", {
    args: ["-qec", `stty cols 200; exec ${line}`, "/dev/null"],
    clearEnv: true,
    env: { TERM: "xterm", ...environment({ HOME: desk.root }) },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  const [{ code, stdout }] = await Promise.all([
    child.output(),
    // An end of input would be read as an answer.
    child.status.then(() => writer.close()).catch((thrown) => {
      if (!(thrown instanceof Deno.errors.BrokenPipe)) throw thrown;
    }),
  ]);
  return { code, output: new TextDecoder().decode(stdout) };
}

Deno.test("resolve-conflicts asks a person, who may have the program run", {
  ignore: ignore || !isInstalled("script"),
}, () =>
  withBench(async (bench) => {
    const { configure, sync, read, get, inStep } = bench;
    await filled(bench, 1);
    const merges = await script(
      bench,
      "merge.sh",
      `sed -i 's/^SUMMARY:.*/SUMMARY:Both/' "$1" && cp "$1" "$2"`,
    );
    await configure({ pair: [WORK, `conflict_resolution cmd ${merges}`] });
    await clash(bench, 1);
    await sync(2);
    const skipped = await onTerminal(bench, "nonsense\nskip\n", "resolve-conflicts");
    assert.equal(skipped.code, 2, skipped.output);
    assert.match(skipped.output, /Here 1/);
    assert.match(skipped.output, /There 1/);
    assert.match(await read("e1.ics"), /Here 1/);
    const settled = await onTerminal(bench, "run\n", "resolve-conflicts");
    assert.equal(settled.code, 0, settled.output);
    assert.match(await read("e1.ics"), /SUMMARY:Both/);
    assert.match(await get("e1.ics"), /SUMMARY:Both/);
    await clash(bench, 2);
    const kept = await onTerminal(bench, "b\n", "resolve-conflicts");
    assert.equal(kept.code, 0, kept.output);
    assert.match(await read("e1.ics"), /There 2/);
    await inStep(1);
  }));

Deno.test(
  "post_hook and pre_deletion_hook are run with the path of each file, and hook with what was done",
  {
    ignore,
  },
  () =>
    withBench(async (bench) => {
      const { configure, sync, put, get, drop, desk, folder, names, inStep, read } = bench;
      const log = `${desk.root}/log`;
      const post = await script(
        bench,
        "post.sh",
        `echo "post $1 $2 $(cat "$2" | wc -l)" >> ${log}`,
      );
      const gone = await script(bench, "gone.sh", `echo "gone $1 $(cat "$1" | wc -l)" >> ${log}`);
      const hook = await script(bench, "hook.sh", `cat >> ${desk.root}/json`);
      const logged = async () => {
        const text = await Deno.readTextFile(log);
        await Deno.writeTextFile(log, "");
        return text.trim().split("\n").filter((it) => it !== "").sort();
      };
      const summaries = async () =>
        (await Deno.readTextFile(`${desk.root}/json`)).trim().split("\n").map((it) =>
          JSON.parse(it) as Readonly<Record<string, unknown>>
        );
      await configure({
        home: [`post_hook ${post} "of home"`, `pre_deletion_hook ${gone}`],
        pair: [WORK, `hook ${hook}`],
      });
      await put("e1.ics", simple("e1", "One"));
      await put("e2.ics", simple("e2", "Two"));
      await sync();
      const count = (await read("e1.ics")).split("\n").length - 1;
      assert.deepEqual(await logged(), [
        `post of home ${folder}/e1.ics ${count}`,
        `post of home ${folder}/e2.ics ${count}`,
      ]);
      assert.equal((await summaries()).length, 1);

      await put("e1.ics", edited(await get("e1.ics"), "Other"));
      await drop("e2.ics");
      await sync();
      const [deleted, written, ...more] = await logged();
      assert.deepEqual(more, []);
      assert.equal(deleted, `gone ${folder}/e2.ics ${count}`);
      assert.equal(written, `post of home ${folder}/e1.ics ${count}`);
      const [, last] = await summaries();
      assert.equal(last?.["pair"], "both");
      assert.match(JSON.stringify(last), /"updated":1/);
      assert.match(JSON.stringify(last), /"deleted":1/);

      // What is written by others is nobody's business; nor is a run that does nothing.
      await bench.write("e3.ics", simple("e3", "Three"));
      await sync();
      await sync();
      assert.deepEqual(await logged(), []);
      assert.equal((await summaries()).length, 4);

      const fails = await script(bench, "fails.sh", "exit 7");
      await configure({ home: [`post_hook ${fails}`, `pre_deletion_hook ${fails}`] });
      await put("e1.ics", edited(await get("e1.ics"), "Again"));
      await drop("e3.ics");
      const { said, status } = await desk.run("sync");
      assert.equal(status, 1, said);
      assert.match(said, /pre_deletion_hook.*ended with status 7/);
      assert.match(said, /post_hook.*ended with status 7/);
      assert.match(await read("e1.ics"), /Again/);
      assert.deepEqual((await names()).home, ["e1.ics", "e3.ics"]);
      await configure();
      await sync();
      await inStep(1);
    }),
);

Deno.test(
  "collections of different names are kept in step by alias, id and href",
  { ignore },
  () =>
    withBench(async (bench) => {
      const { account, configure, sync, home, desk, quiet } = bench;
      const office = await account.makeCalendar("office");
      const family = await account.makeCalendar("family-1f3b");
      for (const id of ["job", "kin"]) await Deno.mkdir(`${home}/${id}`);
      await Deno.writeTextFile(`${home}/job/j.ics`, simple("j", "Job"));
      await account.put(`${family}k.ics`, simple("k", "Kin"));
      await account.put(`${office}o.ics`, simple("o", "Office"));
      const mapped = (...more: readonly string[]) => ({
        pair: [
          "collection {\n    alias business\n    id_a job\n    id_b office\n  }",
          `collection {\n    alias relatives\n    id_a kin\n    href_b ${family}\n  }`,
          ...more,
        ],
      });
      await configure(mapped());
      const { stdout } = await sync();
      assert.match(stdout, /business/);
      assert.match(stdout, /relatives/);
      const at = async (folder: string) => [...(await filesBelow(`${home}/${folder}`)).keys()];
      assert.deepEqual(await at("job"), ["j.ics", "o.ics"]);
      assert.deepEqual(await at("kin"), ["k.ics"]);
      assert.deepEqual(await account.members(office), [`${office}j.ics`, `${office}o.ics`]);
      await quiet();
      // By its alias it can be asked for.
      await Deno.writeTextFile(`${home}/kin/n.ics`, simple("n", "New"));
      await Deno.writeTextFile(`${home}/job/n.ics`, simple("m", "New"));
      await desk.expect(0, "sync", "both/relatives");
      assert.equal((await account.members(family)).length, 2);
      assert.equal((await account.members(office)).length, 2);
      await sync();

      // One collection cannot be part of two.
      await configure(mapped("collection {\n    alias twice\n    id_a work\n    id_b office\n  }"));
      const twice = await desk.run("sync");
      assert.notEqual(twice.status, 0);
      assert.match(twice.said, /office/);
      // Mapped otherwise, what was agreed on before counts no more: nothing is deleted.
      await configure({
        pair: ["collection {\n    alias business\n    id_a job\n    id_b work\n  }"],
      });
      await sync();
      assert.deepEqual(await at("job"), ["j.ics", "n.ics", "o.ics"]);
      assert.equal((await account.members(`${account.calendars}work/`)).length, 3);
      assert.equal((await account.members(office)).length, 3);
    }),
);

Deno.test("item_types: what the filter hides is neither copied nor deleted, on either side", {
  ignore,
}, () =>
  withBench(async (bench) => {
    const { configure, sync, write, put, read, remove, names, inStep, quiet } = bench;
    const todo = (uid: string, summary: string) => wrapped("VTODO", uid, summary, []);
    await filled(bench, 1);
    await write("t1.ics", todo("t1", "Both had it"));
    await sync();
    await inStep(2);

    await configure({ there: ["item_types VEVENT"] });
    await write("t2.ics", todo("t2", "Only here"));
    await put("t3.ics", todo("t3", "Only there"));
    await write("e2.ics", simple("e2", "Event 2"));
    await sync();
    const after = await names();
    assert.deepEqual(after.home, ["e1.ics", "e2.ics", "t1.ics", "t2.ics"]);
    assert.deepEqual(after.there, ["e1.ics", "e2.ics", "t1.ics", "t3.ics"]);
    await quiet();

    // What was never copied may be edited and deleted, and nothing comes of it.
    await write("t2.ics", edited(await read("t2.ics"), "Edited"));
    await sync();
    await remove("t2.ics");
    await sync();
    assert.deepEqual((await names()).there, ["e1.ics", "e2.ics", "t1.ics", "t3.ics"]);

    await configure({ there: ["item_types VEVENT VTODO"] });
    await sync();
    await inStep(4);
  }));

Deno.test(
  "what both had and a filter hides now is edited on both sides, and deleted on neither",
  { ignore },
  () =>
    withBench(async (bench) => {
      const { configure, sync, write, read, get, put, remove, drop, names } = bench;
      for (const n of [1, 2, 3, 4]) {
        await write(`t${n}.ics`, wrapped("VTODO", `t${n}`, "A todo", []));
      }
      await sync();
      await configure({ there: ["item_types VEVENT"] });
      await bench.quiet();
      await remove("t1.ics");
      await drop("t2.ics");
      await write("t3.ics", edited(await read("t3.ics"), "Edited here"));
      await put("t4.ics", edited(await get("t4.ics"), "Edited there"));
      for (const _ of ["once", "and again"]) {
        await sync();
        assert.deepEqual(await names(), {
          home: ["t2.ics", "t3.ics", "t4.ics"],
          there: ["t1.ics", "t3.ics", "t4.ics"],
        });
      }
      assert.match(await get("t3.ics"), /Edited here/);
      assert.match(await read("t4.ics"), /Edited there/);
      // Shown again, what was deleted is.
      await configure();
      await sync();
      await bench.inStep(2);
    }),
);

Deno.test("start_date and end_date: what lies outside is neither copied nor deleted", {
  ignore,
}, () =>
  withBench(async (bench) => {
    const { configure, sync, write, put, remove, drop, names, read, quiet, inStep } = bench;
    const on = (uid: string, day: string, ...more: readonly string[]) =>
      replaced(
        simple(uid, `On ${day}`, ...more),
        "DTSTART:20261201T100000Z",
        `DTSTART:${day}T100000Z`,
      );
    await write("old.ics", on("old", "20240101"));
    await write("weekly.ics", on("weekly", "20240108", "RRULE:FREQ=WEEKLY"));
    await write("late.ics", on("late", "20301231"));
    await write("now.ics", on("now", "20260601"));
    await configure({ home: ["start_date 2026-01-01", "end_date 2026-12-31"] });
    await put("old-there.ics", on("old-there", "20240202"));
    await put("now-there.ics", on("now-there", "20260701"));
    await sync();
    assert.deepEqual(await names(), {
      home: ["late.ics", "now-there.ics", "now.ics", "old.ics", "weekly.ics"],
      there: ["now-there.ics", "now.ics", "old-there.ics", "weekly.ics"],
    });
    await quiet();

    // It moves out of the stretch: it stays on both sides.
    await write("now.ics", replaced(await read("now.ics"), "20260601T", "20240601T"));
    await sync();
    assert.ok((await names()).there.includes("now.ics"));
    // Deletions within it travel, others do not.
    await remove("weekly.ics");
    await remove("old.ics");
    await drop("now-there.ics");
    await sync();
    assert.deepEqual(await names(), {
      home: ["late.ics", "now.ics"],
      there: ["now.ics", "old-there.ics"],
    });
    await configure();
    await sync();
    await inStep(3);
  }));
