/** dsync's commands with Maildirs, as they are written in its manual. */

import { deepStrictEqual, match, notStrictEqual, ok, strictEqual } from "node:assert/strict";
import { inMailWorld, mail, maildirAt, type MailWorld, makeMaildir } from "./mail_kit.ts";

/** The first location, as an argument. */
const from = (world: MailWorld, location: string) =>
  ["-o", `mail_location=${location.replace("@", `${world.folder}/`)}`] as const;

Deno.test("mirror is two-way: what is new, marked or deleted on either side is so on both", () =>
  inMailWorld(async (world) => {
    await makeMaildir(world.path("A"), { INBOX: ["one", "two:S"], "Lists.deno": ["three"] });
    await makeMaildir(world.path("B"), { INBOX: ["four:F"] });
    const args = [...from(world, "maildir:@A"), "mirror", `maildir:${world.folder}/B`];
    const first = await world.dovetail(...args);
    deepStrictEqual([first.code, first.stderr], [0, ""]);
    const all = { INBOX: ["four:F", "one", "two:S"], "Lists.deno": ["three"] };
    deepStrictEqual(await maildirAt(world.path("A")), all);
    deepStrictEqual(await maildirAt(world.path("B")), all);

    await rename(world.path("A/cur"), "one", "one:2,", "one:2,RS");
    await remove(world.path("B/cur"), "two");
    await makeMaildir(world.path("B"), { Sent: ["five:S"] });
    strictEqual((await world.dovetail(...args)).code, 0);
    const then = { INBOX: ["four:F", "one:RS"], "Lists.deno": ["three"], Sent: ["five:S"] };
    deepStrictEqual(await maildirAt(world.path("A")), then);
    deepStrictEqual(await maildirAt(world.path("B")), then);

    // The sides may be named in either order: what is known of the two is the same.
    await remove(world.path("A/cur"), "four");
    const swapped = await world.dovetail(
      ...from(world, "maildir:@B"),
      "mirror",
      `maildir:${world.folder}/A`,
    );
    strictEqual(swapped.code, 0);
    deepStrictEqual((await maildirAt(world.path("B")))["INBOX"], ["one:RS"]);
    deepStrictEqual((await maildirAt(world.path("A")))["INBOX"], ["one:RS"]);
  }));

Deno.test("a mailbox that was deleted with its mails goes on the other side, where a mirror put it", () =>
  inMailWorld(async (world) => {
    await makeMaildir(world.path("A"), { INBOX: ["one"], Old: ["two", "three"] });
    const args = [...from(world, "maildir:@A"), "mirror", `maildir:${world.folder}/B`];
    strictEqual((await world.dovetail(...args)).code, 0);
    await Deno.remove(world.path("B/.Old"), { recursive: true });
    const { code, stderr } = await world.dovetail(...args);
    deepStrictEqual([code, stderr], [0, ""]);
    deepStrictEqual(await maildirAt(world.path("A")), { INBOX: ["one"] });
  }));

/** All but what says which mail has which UID: Dovecot writes that as well when it only reads. */
async function mailsIn(path: string): Promise<Readonly<Record<string, string>>> {
  const all = Object.entries(await everythingIn(path));
  return Object.fromEntries(all.filter(([name]) => !/\/dovecot-uid[a-z0-9.]+$/.test(name)));
}

Deno.test("backup makes the destination the same, and never touches the source", () =>
  inMailWorld(async (world) => {
    await makeMaildir(world.path("A"), { INBOX: ["one:S", "two"], Archive: ["three"] });
    await makeMaildir(world.path("B"), { INBOX: ["stray:F"], Stray: ["other"] });
    const before = await mailsIn(world.path("A"));
    const args = [...from(world, "maildir:@A"), "backup", `maildir:${world.folder}/B`];
    strictEqual((await world.dovetail(...args)).code, 0);
    const source = { INBOX: ["one:S", "two"], Archive: ["three"] };
    deepStrictEqual(await maildirAt(world.path("B")), source);
    deepStrictEqual(await mailsIn(world.path("A")), before);

    // Whatever was done to the copy is undone.
    await rename(world.path("B/cur"), "one", "one:2,S", "one:2,F");
    await remove(world.path("B/cur"), "two");
    await makeMaildir(world.path("B"), { INBOX: ["later"] });
    const again = await world.dovetail(...args);
    strictEqual(again.code, 0, again.stdout + again.stderr);
    deepStrictEqual(await maildirAt(world.path("B")), source);
    deepStrictEqual(await mailsIn(world.path("A")), before);
  }));

Deno.test("a mail with an odd name is copied once, under a name of ours", () =>
  inMailWorld(async (world) => {
    await makeMaildir(world.path("A"), { INBOX: ["one"] });
    for (const name of ["9 blank .h:2,S", "10\x1b[31m.h:2,"]) {
      await Deno.writeTextFile(world.path(`A/cur/${name}`), `Subject: ${name.slice(0, 2)}\n\nx\n`);
    }
    const args = [...from(world, "maildir:@A"), "mirror", `maildir:${world.folder}/B`];
    strictEqual((await world.dovetail(...args)).code, 0);
    const names = [...Deno.readDirSync(world.path("B/cur"))].map(({ name }) => name);
    deepStrictEqual(names.filter((name) => /[^\w.:,-]/.test(name)), []);
    strictEqual(names.length, 3);
    const again = await world.dovetail(...args);
    deepStrictEqual([again.code, /in step/.test(again.stdout)], [0, true], again.stdout);
  }));

Deno.test("backup puts a mail that was lost back under its old UID", () =>
  inMailWorld(async (world) => {
    await makeMaildir(world.path("A"), { INBOX: ["one", "two", "three"] });
    const args = [...from(world, "maildir:@A"), "mirror", `maildir:${world.folder}/B`];
    strictEqual((await world.dovetail(...args)).code, 0);
    const uids = async (side: string) =>
      (await Deno.readTextFile(world.path(`${side}/dovecot-uidlist`))).split("\n").slice(1)
        .map((line) => line.replace(/^(\d+) .*\.([a-z]+).*$/, "$1 $2")).sort();
    const before = await uids("A");
    deepStrictEqual(await uids("B"), before);
    await remove(world.path("B/cur"), "two");
    const backup = [...from(world, "maildir:@A"), "backup", `maildir:${world.folder}/B`];
    strictEqual((await world.dovetail(...backup)).code, 0);
    deepStrictEqual(await uids("B"), before);
    deepStrictEqual((await maildirAt(world.path("B")))["INBOX"], ["one", "three", "two"]);
  }));

Deno.test("backup -R goes the other way, and -R of a mirror changes nothing", () =>
  inMailWorld(async (world) => {
    await makeMaildir(world.path("A"), { INBOX: ["old"] });
    await makeMaildir(world.path("B"), { INBOX: ["kept:S"] });
    const before = await mailsIn(world.path("B"));
    const args = [...from(world, "maildir:@A"), "-R", "backup", `maildir:${world.folder}/B`];
    strictEqual((await world.dovetail(...args)).code, 0);
    deepStrictEqual(await maildirAt(world.path("A")), { INBOX: ["kept:S"] });
    deepStrictEqual(await mailsIn(world.path("B")), before);
    const mirror = [...from(world, "maildir:@A"), "mirror", `maildir:${world.folder}/B`];
    strictEqual((await world.dovetail("-R", ...mirror)).code, 0);
    const idle = await world.dovetail(...mirror);
    match(idle.stdout, /everything is in step/);
  }));

Deno.test("-n shows the plan of mirror and of backup, and changes nothing at all", () =>
  inMailWorld(async (world) => {
    await makeMaildir(world.path("A"), { INBOX: ["one"] });
    await makeMaildir(world.path("B"), { INBOX: ["two"] });
    const before = await everythingIn(world.folder);
    for (const command of ["mirror", "backup"]) {
      const { code, stdout } = await world.dovetail(
        command,
        "-n",
        `maildir:${world.folder}/B`,
        ...from(world, "maildir:@A"),
      );
      strictEqual(code, 0);
      match(stdout, /one/);
      match(stdout, /nothing was changed, this was a dry run/);
      deepStrictEqual(await everythingIn(world.folder), before);
    }
  }));

Deno.test("--json: the same objects as of sync", () =>
  inMailWorld(async (world) => {
    await makeMaildir(world.path("A"), { INBOX: ["one"] });
    const { code, stdout } = await world.dovetail(
      "--json",
      "mirror",
      `maildir:${world.folder}/B`,
      ...from(world, "maildir:@A"),
    );
    strictEqual(code, 0);
    const types = stdout.trim().split("\n").map((it) => (JSON.parse(it) as { type: string }).type);
    ok(types.includes("summary"), stdout);
    strictEqual(types.at(-1), "total");
  }));

Deno.test("-m: this mailbox alone; one that neither side has is a mistake", () =>
  inMailWorld(async (world) => {
    await makeMaildir(world.path("A"), { INBOX: ["one"], "Lists.deno": ["two"], Sent: ["three"] });
    const args = [...from(world, "maildir:@A"), "mirror", `maildir:${world.folder}/B`];
    strictEqual((await world.dovetail("-m", "Lists.deno", ...args)).code, 0);
    deepStrictEqual(Object.keys(await copied(world)), ["Lists.deno"]);
    strictEqual((await world.dovetail("-m", "inbox", ...args)).code, 0);
    deepStrictEqual(Object.keys(await copied(world)).sort(), ["INBOX", "Lists.deno"]);
    const { code, stderr } = await world.dovetail("-m", "Nowhere", ...args);
    strictEqual(code, 3);
    match(stderr, /Neither place has a mailbox "Nowhere"/);
  }));

Deno.test("-C: what stands for a character that the other side's names cannot have", () =>
  inMailWorld(async (world) => {
    for (const folder of ["cur", "new", "tmp"]) {
      await Deno.mkdir(world.path(`A/v1.2/${folder}`), { recursive: true });
      await Deno.mkdir(world.path(`A/${folder}`), { recursive: true });
    }
    await world.write("A/v1.2/cur/1.M1P1.host:2,", mail("one"));
    const of = (...options: readonly string[]) =>
      world.dovetail(
        ...options,
        "mirror",
        `maildir:${world.folder}/B${options.length}`,
        ...from(world, "maildir:@A:LAYOUT=fs"),
      );
    strictEqual((await of("-C", "-")).code, 0);
    ok("v1-2" in await maildirAt(world.path("B2")));
    strictEqual((await of()).code, 0);
    ok("v1_2" in await maildirAt(world.path("B0")));
  }));

Deno.test("-f looks at every mailbox, -v and -D say on standard error what is done", () =>
  inMailWorld(async (world) => {
    await makeMaildir(world.path("A"), { INBOX: ["one"] });
    const args = [...from(world, "maildir:@A"), "mirror", `maildir:${world.folder}/B`];
    strictEqual((await world.dovetail(...args)).code, 0);
    const full = await world.dovetail("-f", ...args);
    deepStrictEqual([full.code, full.stderr], [0, ""]);
    for (const option of ["-v", "-D", "-vf"]) {
      const { code, stdout, stderr } = await world.dovetail(option, ...args);
      strictEqual(code, 0);
      match(stderr, /listing INBOX/, option);
      ok(!stdout.includes("listing"), option);
    }
  }));

Deno.test("the first location is that of our configuration, with ~ and variables in it", () =>
  inMailWorld(async (world) => {
    await makeMaildir(world.path("hugo/Maildir"), { INBOX: ["one"] });
    await world.write(
      ".config/dovetail/dovetail.conf",
      "mail_location maildir:~/%u/Maildir\n",
    );
    const { code, stderr } = await world.dsync("mirror", "maildir:~/B");
    deepStrictEqual([code, stderr], [0, ""]);
    deepStrictEqual(await maildirAt(world.path("B")), { INBOX: ["one"] });
  }));

Deno.test("-c names our configuration or Dovecot's, which is asked through doveconf", async (t) => {
  const isThere = await new Deno.Command("sh", {
    args: ["-c", "command -v doveconf /usr/bin/doveconf /usr/sbin/doveconf"],
    stdout: "null",
  }).output();
  await t.step("our own", () =>
    inMailWorld(async (world) => {
      await makeMaildir(world.path("A"), { INBOX: ["one"] });
      await world.write("own.conf", `mail_location maildir:${world.folder}/A\n`);
      const args = ["-c", world.path("own.conf"), "mirror", "maildir:~/B"];
      const { code, stderr } = await world.dovetail(...args);
      deepStrictEqual([code, stderr], [0, ""]);
      deepStrictEqual(await maildirAt(world.path("B")), { INBOX: ["one"] });
    }));
  await t.step({
    name: "Dovecot's",
    ignore: isThere.code !== 0,
    fn: () =>
      inMailWorld(async (world) => {
        await makeMaildir(world.path("A"), { INBOX: ["one"] });
        await world.write("dovecot.conf", "mail_location = maildir:~/A\n");
        const { code, stderr } = await world.dsync(
          "-c",
          world.path("dovecot.conf"),
          "mirror",
          "maildir:~/B",
        );
        deepStrictEqual([code, stderr], [0, ""]);
        deepStrictEqual(await maildirAt(world.path("B")), { INBOX: ["one"] });
      }),
  });
});

Deno.test("storage:NAME is a storage of the configuration", () =>
  inMailWorld(async (world) => {
    await makeMaildir(world.path("A"), { INBOX: ["one"] });
    await world.write(
      ".config/dovetail/dovetail.conf",
      `storage copy {\n  type mbox\n  path ${world.folder}/mail\n}\n`,
    );
    await Deno.mkdir(world.path("mail"));
    const { code, stderr } = await world.dovetail(
      "mirror",
      "storage:copy",
      ...from(world, "maildir:@A"),
    );
    deepStrictEqual([code, stderr], [0, ""]);
    match(await Deno.readTextFile(world.path("mail/inbox")), /Subject: one/);
  }));

Deno.test("-u: the user's home and name; a setting of Dovecot's without effect is told", () =>
  inMailWorld(async (world) => {
    const { stdout } = await new Deno.Command("id", { args: ["-un"] }).output();
    const name = new TextDecoder().decode(stdout).trim();
    await makeMaildir(world.path("A"), { INBOX: ["one"] });
    // A dry run, as the status would be in the real home.
    const own = await world.dsync(
      "-u",
      name,
      "-o",
      "mail_fsync=never",
      ...from(world, "maildir:@A"),
      "mirror",
      "-n",
      `maildir:${world.folder}/B`,
    );
    strictEqual(own.code, 0, own.stderr);
    match(own.stderr, /the setting mail_fsync has no effect here/);
  }));

Deno.test({
  name: "-u: root goes on as that user, whose files they are then",
  // The sources are loaded bit by bit, and may lie where that user may not read.
  ignore: Deno.uid() !== 0 || Deno.env.get("DOVETAIL_BIN") === undefined,
  fn: () =>
    inMailWorld(async (world) => {
      await makeMaildir(world.path("A"), { INBOX: ["one"] });
      await Deno.chmod(world.folder, 0o755);
      const plan = await world.dsync(
        "-u",
        "nobody",
        ...from(world, "maildir:@A"),
        "mirror",
        "-n",
        `maildir:${world.folder}/B`,
      );
      strictEqual(plan.code, 0, plan.stderr);
      await Deno.chmod(world.path("A/cur"), 0o700);
      const refused = await world.dsync(
        "-u",
        "nobody",
        ...from(world, "maildir:@A"),
        "mirror",
        "-n",
        `maildir:${world.folder}/B`,
      );
      notStrictEqual(refused.code, 0);
      match(refused.stdout + refused.stderr, /A\/cur may not be accessed/);
    }),
});

Deno.test("where neither place is there, that is a fault, and the status is 4", () =>
  inMailWorld(async (world) => {
    const { code, stderr } = await world.dsync(
      ...from(world, "maildir:@A"),
      "mirror",
      `maildir:${world.folder}/B`,
    );
    strictEqual(code, 4);
    match(stderr, /is not there/);
  }));

Deno.test("a place that is no longer there is a fault, and nothing is taken for deleted", () =>
  inMailWorld(async (world) => {
    await makeMaildir(world.path("A"), { INBOX: ["one"] });
    const args = [...from(world, "maildir:@A"), "mirror", `maildir:${world.folder}/B`];
    strictEqual((await world.dovetail(...args)).code, 0);
    await Deno.rename(world.path("B"), world.path("elsewhere"));
    notStrictEqual((await world.dovetail(...args)).code, 0);
    deepStrictEqual(await maildirAt(world.path("A")), { INBOX: ["one"] });
    await Deno.rename(world.path("elsewhere"), world.path("B"));
    strictEqual((await world.dovetail(...args)).code, 0);
    deepStrictEqual(await maildirAt(world.path("B")), { INBOX: ["one"] });
  }));

Deno.test("converting as in the manual: mirror, mirror again, swap, mirror once more", () =>
  inMailWorld(async (world) => {
    await makeMaildir(world.path("Maildir"), { INBOX: ["one:S"], Sent: ["two:S"] });
    const before = [...from(world, "maildir:@Maildir"), "mirror", "mbox:~/mbox"];
    strictEqual((await world.dsync(...before)).code, 0);
    await makeMaildir(world.path("Maildir"), { INBOX: ["one:S", "late"] });
    strictEqual((await world.dsync(...before)).code, 0);
    // From now on the other one is the one that is used.
    await remove(world.path("Maildir/cur"), "one");
    const after = [...from(world, "mbox:@mbox"), "mirror", "maildir:~/Maildir"];
    const { code, stderr } = await world.dsync(...after);
    deepStrictEqual([code, stderr], [0, ""]);
    const inbox = await Deno.readTextFile(world.path("mbox/inbox"));
    match(inbox, /Subject: late/);
    ok(!inbox.includes("Subject: one"), inbox);
    deepStrictEqual(await maildirAt(world.path("Maildir")), { INBOX: ["late"], Sent: ["two:S"] });
  }));

/** The mailboxes of a copy, whether it has an INBOX or not. */
async function copied(world: MailWorld): Promise<Readonly<Record<string, unknown>>> {
  const names: Record<string, unknown> = {};
  for await (const { name } of Deno.readDir(world.path("B"))) {
    if (name === "cur") names["INBOX"] = true;
    if (name.startsWith(".")) names[name.slice(1)] = true;
  }
  return names;
}

async function nameOf(folder: string, subject: string): Promise<string> {
  for await (const { name } of Deno.readDir(folder)) {
    if (name.includes(`.${subject}`)) return name;
  }
  throw new Error(`there is no mail ${subject} in ${folder}`);
}

async function remove(folder: string, subject: string): Promise<void> {
  await Deno.remove(`${folder}/${await nameOf(folder, subject)}`);
}

async function rename(
  folder: string,
  subject: string,
  end: string,
  to: string,
): Promise<void> {
  const name = await nameOf(folder, subject);
  ok(name.endsWith(end), name);
  await Deno.rename(`${folder}/${name}`, `${folder}/${name.replace(end, to)}`);
}

/** Every file below a folder with what is in it. */
async function everythingIn(folder: string): Promise<Readonly<Record<string, string>>> {
  const all: Record<string, string> = {};
  const look = async (path: string) => {
    for await (const entry of Deno.readDir(path)) {
      const child = `${path}/${entry.name}`;
      if (entry.isDirectory) await look(child);
      else all[child] = await Deno.readTextFile(child);
    }
  };
  await look(folder);
  return all;
}
