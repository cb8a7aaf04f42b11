/** `dovetail daemon`, run by a parent process. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { type DavServer, startDavServer } from "../support/dav_server.ts";
import { COMMAND, environment } from "../support/dovetail.ts";
import { holds, until, whileRunning } from "./daemon_kit.ts";
import { event, inWorld, type World } from "./world.ts";

const settled = (text: string) => text.split("\n").filter((it) => it !== "");

Deno.test("what is edited in a folder arrives on the other side, and SIGTERM ends it with 0", () =>
  inWorld(async (world) => {
    await world.write("home", "work/a.ics", event("a", "Dentist", 14));
    const code = await whileRunning(world, [], async ({ said }) => {
      await until("the first run", () => /1 created/.test(said()));
      strictEqual(await world.read("server", "work/a.ics"), event("a", "Dentist", 14));
      await world.write("home", "work/a.ics", event("a", "Doctor", 14));
      await until("the edit", () => holds(`${world.folder}/server/work/a.ics`, "Doctor"));
      await world.write("server", "work/b.ics", event("b", "Lunch", 15));
      await until("the way back", () => holds(`${world.folder}/home/work/b.ics`, "Lunch"));
      await world.write("server", "play/c.ics", event("c", "Chess", 16));
      await until("a new collection", () => holds(`${world.folder}/home/play/c.ics`, "Chess"));
      await until("all of it told", () => settled(said()).length === 4);
      // Its own writes are heard as well; they come to nothing, and nothing is said of them.
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      deepStrictEqual(settled(said()), [
        "calendars: 1 collection made, 1 created",
        "calendars: 1 updated",
        "calendars: 1 created",
        "calendars: 1 collection made, 1 created",
      ]);
    });
    strictEqual(code, 0);
  }));

Deno.test("its own writes start one quiet run and no more", () =>
  inWorld(async (world) => {
    await world.write("home", "work/a.ics", event("a", "Dentist", 14));
    await whileRunning(world, ["--json"], async ({ printed }) => {
      const runs = () => printed().match(/"type":"summary"/g)?.length ?? 0;
      await until("the quiet run", () => runs() >= 2);
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      ok(runs() <= 3, `${runs()} runs:\n${printed()}`);
      match(printed(), /"type":"result".*"outcome":"done"/);
    });
  }));

/** A folder and a server that is asked every second. */
const WITH_SERVER = (world: World, { origin }: DavServer) => `
storage home {
  type vdir/icalendar
  path ${world.folder}/home
}
storage server {
  type caldav
  url ${origin}/
  interval 1
}
pair calendars {
  storage_a home
  storage_b server
  collections from b
}
`;

async function inServerWorld(
  test: (world: World, server: DavServer, restart: () => void) => Promise<void>,
): Promise<void> {
  await inWorld(async (world) => {
    let server = startDavServer();
    const port = Number(new URL(server.origin).port);
    server.addCalendar("work").put("a.ics", event("a", "Dentist", 14));
    await world.configure(WITH_SERVER(world, server));
    const proxy: DavServer = new Proxy(server, { get: (_, key) => Reflect.get(server, key) });
    try {
      await test(world, proxy, () => {
        const items = [...calendar(server).items.values()];
        server = startDavServer({ port });
        const work = server.addCalendar("work");
        for (const { name, bytes } of items) work.put(name, bytes);
      });
    } finally {
      await server.close();
    }
  });
}

function calendar(server: DavServer) {
  const work = server.store.collections.get("/calendars/user/work/");
  ok(work !== undefined, "there is no calendar");
  return work;
}

Deno.test("what is edited on a server arrives by asking it, and the other way by listening", () =>
  inServerWorld(async (world, server) => {
    const code = await whileRunning(world, [], async () => {
      const file = `${world.folder}/home/work/a.ics`;
      await until("the first run", () => holds(file, "Dentist"));
      calendar(server).put("a.ics", event("a", "Doctor", 14));
      await until("the edit", () => holds(file, "Doctor"));
      await world.write("home", "work/b.ics", event("b", "Lunch", 15));
      await until("the way back", () => calendar(server).items.size === 2);
    });
    strictEqual(code, 0);
  }));

Deno.test("a server that goes away is told of once, and so is that it is back", () =>
  inServerWorld(async (world, server, restart) => {
    const code = await whileRunning(world, [], async ({ said }) => {
      const file = `${world.folder}/home/work/a.ics`;
      await until("the first run", () => holds(file, "Dentist"));
      await server.close();
      await until("the warning", () => /warning: calendars: server: .*; tried again/.test(said()));
      await world.write("home", "work/b.ics", event("b", "Lunch", 15));
      restart();
      await until("what was written meanwhile", () => calendar(server).items.size === 2);
      await until("the good news", () => /calendars: 1 created\n$/.test(said()));
      deepStrictEqual(
        settled(said()).map((it) => it.replace(/server: .*;/, "server: …;")),
        [
          "calendars: 1 collection made, 1 created",
          "warning: calendars: server: …; tried again until it can be",
          "calendars: works again",
          "calendars: 1 created",
        ],
      );
    });
    strictEqual(code, 0);
  }));

Deno.test("a conflict is told once", () =>
  inServerWorld(async (world, server) => {
    await whileRunning(world, ["--json"], async ({ said, printed }) => {
      await until("the first run", () => holds(`${world.folder}/home/work/a.ics`, "Dentist"));
      await world.write("home", "work/a.ics", event("a", "Doctor", 14));
      calendar(server).put("a.ics", event("a", "Hospital", 14));
      await until("two runs of it", () => (printed().match(/"conflicts":1,/g)?.length ?? 0) >= 4);
      strictEqual(said().match(/is not the same on both sides/g)?.length, 1, said());
    });
  }));

Deno.test("one pair's damaged status does not stop the other, and both end it with 1", () =>
  inWorld(async (world) => {
    const pair = (name: string) => `
storage home-${name} {
  type vdir/icalendar
  path ${world.folder}/${name}-home
}
storage server-${name} {
  type vdir/icalendar
  path ${world.folder}/${name}-server
}
pair ${name} {
  storage_a home-${name}
  storage_b server-${name}
  collections all
}
`;
    for (const folder of ["one-home", "one-server", "two-home", "two-server"]) {
      await Deno.mkdir(`${world.folder}/${folder}`);
    }
    await world.configure(`${pair("one")}${pair("two")}`);
    strictEqual((await world.dovetail(["sync"])).code, 0);
    const status = `${world.folder}/.local/share/dovetail/status`;
    await Deno.writeTextFile(`${status}/one.db`, "this is no database");
    const code = await whileRunning(world, [], async ({ said, child }) => {
      await until("the pair is given up", () => /one: given up/.test(said()));
      await Deno.mkdir(`${world.folder}/two-home/work`);
      await Deno.writeTextFile(`${world.folder}/two-home/work/a.ics`, event("a", "Chess", 1));
      await until("the other", () => holds(`${world.folder}/two-server/work/a.ics`, "Chess"));
      await Deno.writeTextFile(`${status}/two.db`, "nor is this");
      await Deno.writeTextFile(`${world.folder}/two-home/work/a.ics`, event("a", "Go", 1));
      await child.status;
      match(said(), /every pair was given up\n$/);
    });
    strictEqual(code, 1);
  }));

Deno.test("while a sync holds the lock, the daemon waits for it", () =>
  inWorld(async (world) => {
    await world.write("home", "work/a.ics", event("a", "Dentist", 14));
    strictEqual((await world.dovetail(["sync"])).code, 0);
    const status = `${world.folder}/.local/share/dovetail/status`;
    const lock = [...Deno.readDirSync(status)].find((it) => it.name.includes("lock"));
    ok(lock !== undefined, "there is a lock to hold");
    using file = await Deno.open(`${status}/${lock.name}`, { read: true, write: true });
    await file.lock(true);
    const code = await whileRunning(world, ["-v"], async ({ said }) => {
      await until("it is in the way", () => /waiting for it/.test(said()));
      await file.unlock();
      await until("it is not", () => /everything is in step/.test(said()));
    });
    strictEqual(code, 0);
  }));

Deno.test("a folder that went away is listened to again once it is back", () =>
  inWorld(async (world) => {
    await world.configure(
      (await Deno.readTextFile(world.config)).replaceAll(/path/g, "interval 4\n  path"),
    );
    await world.write("home", "work/a.ics", event("a", "Dentist", 14));
    const [home, away] = [`${world.folder}/home`, `${world.folder}/away`];
    const code = await whileRunning(world, [], async ({ said }) => {
      await until("the first run", () => /1 created/.test(said()));
      await Deno.rename(home, away);
      await world.write("server", "work/c.ics", event("c", "Chess", 16));
      await until("it is missed", () => /error: calendars: home: .* is not there/.test(said()));
      // Another folder takes its place: the one that was listened to is of no interest any more.
      await new Deno.Command("cp", { args: ["-a", away, home] }).output();
      await until("the good news", () => /calendars: works again/.test(said()));
      await world.write("home", "work/b.ics", event("b", "Lunch", 15));
      const file = `${world.folder}/server/work/b.ics`;
      await until("what was written, before it is asked", () => holds(file, "Lunch"), 2_500);
    });
    strictEqual(code, 0);
    deepStrictEqual([
      await world.read("server", "work/a.ics"),
      await world.read("home", "work/c.ics"),
    ], [
      event("a", "Dentist", 14),
      event("c", "Chess", 16),
    ]);
  }));

Deno.test("a hook that writes where the daemon listens does not keep it busy", () =>
  inWorld(async (world) => {
    const hook = `${world.folder}/hook`;
    await Deno.writeTextFile(
      hook,
      `#!/bin/sh\ncat >> ${world.folder}/heard\ndate > ${world.folder}/home/work/index.txt\n`,
    );
    await Deno.chmod(hook, 0o700);
    await world.configure(
      (await Deno.readTextFile(world.config)).replace(/collections all/, `$&\n  hook ${hook}`),
    );
    await world.write("home", "work/a.ics", event("a", "Dentist", 14));
    await whileRunning(world, ["-v"], async ({ said }) => {
      const runs = () => settled(said()).length;
      await until("the run that the hook started", () => runs() >= 2);
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      ok(runs() <= 4, said());
      const heard = settled(await Deno.readTextFile(`${world.folder}/heard`));
      deepStrictEqual(heard.map((it) => JSON.parse(it).created), [1]);
    });
  }));

Deno.test("a hook hears of a pair that could not be run", () =>
  inWorld(async (world) => {
    const hook = `${world.folder}/hook`;
    await Deno.writeTextFile(hook, `#!/bin/sh\ncat >> ${world.folder}/heard\n`, { mode: 0o700 });
    await world.configure(
      (await Deno.readTextFile(world.config)).replace(/collections all/, `$&\n  hook ${hook}`),
    );
    await Deno.remove(`${world.folder}/server`);
    await whileRunning(world, [], async () => {
      await until("the hook", () => holds(`${world.folder}/heard`, "\n"));
      const { exit, planned } = JSON.parse(await Deno.readTextFile(`${world.folder}/heard`));
      deepStrictEqual([exit, planned], [4, null]);
    });
  }));

Deno.test("SIGTERM in the middle of a run ends it well, and the next one goes on", () =>
  inWorld(async (world) => {
    const all = 1_000;
    await Deno.mkdir(`${world.folder}/home/work`);
    for (let index = 0; index < all; index++) {
      const text = event(`${index}`, `Event ${index}`, 1);
      Deno.writeTextFileSync(`${world.folder}/home/work/${index}.ics`, text);
    }
    const count = () => [...Deno.readDirSync(`${world.folder}/server/work`)].length;
    const code = await whileRunning(world, [], async () => {
      await until("it has begun", () => {
        try {
          return count() > 0;
        } catch (thrown) {
          if (thrown instanceof Deno.errors.NotFound) return false;
          throw thrown;
        }
      });
    });
    strictEqual(code, 0);
    ok(count() < all, "it was not stopped");
    const { code: again, stderr } = await world.dovetail(["sync"]);
    strictEqual(again, 0, stderr);
    strictEqual(count(), all);
  }));

/** Runs it under a shell that has a pipe open for it, and gives what came through when it is closed. */
async function readiness(world: World, args: string, config?: string): Promise<readonly string[]> {
  if (config !== undefined) await world.configure(config);
  const command = COMMAND.map((it) => `'${it}'`).join(" ");
  const [fd = ""] = /[0-9]+/.exec(args) ?? [];
  const [pipe, ready] = [`${world.folder}/pipe`, `${world.folder}/ready`];
  // The pipe's reader says when it is closed, while the daemon goes on.
  const script = `mkfifo ${pipe}
    { cat ${pipe}; echo closed; } >> ${ready} &
    exec ${fd}> ${pipe}
    exec ${command} daemon ${args}`;
  const child = new Deno.Command("bash", {
    args: ["-c", script],
    clearEnv: true,
    env: environment(world.env),
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const saying = new Response(child.stderr).text();
  try {
    await until("readiness", () => holds(ready, "closed\n"));
    return settled(await Deno.readTextFile(ready));
  } finally {
    child.kill("SIGTERM");
    const { code } = await child.status;
    strictEqual(code, 0, await saying);
  }
}

Deno.test("readiness is told on a pipe, which is closed, once the secrets are there", () =>
  inWorld(async (world) => {
    const config = `
storage home {
  type vdir/icalendar
  path {
    shell 'sleep 0.5; echo secret >> ${world.folder}/ready; echo ${world.folder}/home'
  }
}
storage server {
  type vdir/icalendar
  path ${world.folder}/server
}
pair calendars {
  storage_a home
  storage_b server
  collections all
}
`;
    deepStrictEqual(await readiness(world, "-r 3", config), ["secret", "READY=1", "closed"]);
  }));

Deno.test("any descriptor will do that was handed over, and no other", () =>
  inWorld(async (world) => {
    deepStrictEqual(await readiness(world, "-r 17"), ["READY=1", "closed"]);
    for (const fd of [0, 1, 2]) {
      const { code, stderr } = await world.dovetail(["daemon", "-r", String(fd)]);
      deepStrictEqual([code, stderr.split("\n")[0]], [
        3,
        `error: Readiness cannot be told on file descriptor ${fd}.`,
      ]);
    }
    // The runtime has descriptors of its own: to write to them would be to break it.
    for (const fd of [3, 4, 5, 6, 7, 8, 9, 200]) {
      const { code, stderr } = await world.dovetail(["daemon", "-r", String(fd)]);
      deepStrictEqual([code, stderr.split("\n")[0]], [
        3,
        `error: The file descriptor ${fd} is not open.`,
      ]);
    }
  }));

Deno.test("systemd is told through the socket that it names", () =>
  inWorld(async (world) => {
    const socket = `${world.folder}/notify`;
    const log = `${world.folder}/told`;
    const listener = new Deno.Command("python3", {
      args: [
        "-c",
        "import socket, sys\n" +
        "s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1])\n" +
        "while True:\n  open(sys.argv[2], 'ab').write(s.recv(4096))\n",
        socket,
        log,
      ],
      stdin: "null",
    }).spawn();
    try {
      await until("the socket", () => Deno.stat(socket).then(() => true, () => false));
      const code = await whileRunning(world, [], async () => {
        await until("readiness", () => holds(log, "READY=1\n"));
        await until("how it is", () => holds(log, "STATUS=keeping 1 pair in step\n"));
      }, { NOTIFY_SOCKET: socket });
      strictEqual(code, 0);
      await until("the end", () => holds(log, "STOPPING=1\n"));
    } finally {
      listener.kill("SIGKILL");
      await listener.status;
    }
  }));
