/** Moving over from vdirsyncer (Debian's 0.19), where it kept another server than Radicale in step. */

import assert from "node:assert/strict";
import {
  filesBelow,
  insertBefore,
  isAccountInstalled,
  writesIn,
} from "../support/acceptance_account.ts";
import { withBench } from "../support/acceptance_bench.ts";
import { run } from "../support/acceptance_process.ts";
import { itemOf } from "../support/acceptance_reader.ts";
import { assertStatus } from "../support/acceptance_world.ts";
import { generateEvents } from "../support/events.ts";
import { runCommand } from "../support/servers/process.ts";
import { isInstalled } from "../support/servers/server.ts";

for (const kind of ["Xandikos", "Cyrus", "DAViCal"] as const) {
  Deno.test(`${kind}: what vdirsyncer kept in step there is taken over, and what was done since`, {
    ignore: !isAccountInstalled(kind) || !isInstalled("vdirsyncer"),
  }, () =>
    withBench(async (bench) => {
      const { account, proxy, desk, folder, collection, write, read, put, get, remove, drop } =
        bench;
      const { root } = desk;
      const events = generateEvents(24, 56);
      for (const { name, bytes } of events.slice(0, 14)) {
        await write(name, new TextDecoder().decode(bytes));
      }
      for (const { name, bytes } of events.slice(14)) {
        await put(name, new TextDecoder().decode(bytes));
      }
      await Deno.mkdir(`${root}/.vdirsyncer`);
      await Deno.writeTextFile(
        `${root}/.vdirsyncer/config`,
        `
[general]
status_path = "~/.vdirsyncer/status/"

[pair calendars]
a = "local"
b = "remote"
collections = ["work"]

[storage local]
type = "filesystem"
path = "~/home/"
fileext = ".ics"

[storage remote]
type = "caldav"
url = "${proxy.origin}${account.calendars}"
username = "${account.username}"
password = "${account.password}"
`,
      );
      // Twice: where a server gives no etag for what it takes, vdirsyncer learns it by its next run.
      for (const command of ["discover", "sync", "sync"]) {
        await runCommand(["vdirsyncer", "-c", `${root}/.vdirsyncer/config`, command], {
          env: { HOME: root, LC_ALL: "C.UTF-8" },
          input: "y\n".repeat(10),
        });
      }
      const options = { cwd: root, env: { HOME: root } };
      const importInto = async (name: string) => {
        const args = ["import", "vdirsyncer", "-o", `${root}/${name}.conf`];
        const imported = await run(args, options);
        assertStatus(imported, 0);
        assert.match(imported.stdout, /calendars: 24 items taken over/);
        return ["-c", `${root}/${name}.conf`, "sync"];
      };
      const before = await filesBelow(folder);
      assert.equal(before.size, 24);
      proxy.forget();
      const first = await run(await importInto("first"), options);
      assertStatus(first, 0);
      assert.deepEqual(writesIn(proxy), [], first.said);
      assert.deepEqual(await filesBelow(folder), before);

      // The same from the beginning, with something done in between.
      await Deno.remove(`${root}/.local`, { recursive: true });
      const [one, two, three, four] = [events[0], events[20], events[1], events[21]].map((it) => {
        assert.ok(it !== undefined);
        return it;
      });
      assert.ok(one && two && three && four);
      const nameHere = async (uid: string) => itemOf((await bench.held()).home, uid).name;
      const nameThere = async (uid: string) => itemOf((await bench.held()).there, uid).name;
      const [here, there] = [await nameHere(one.uid), await nameThere(two.uid)];
      await write(here, insertBefore(await read(here), "END:VEVENT", "COMMENT:Here"));
      await put(there, insertBefore(await get(there), "END:VEVENT", "COMMENT:There"));
      await remove(await nameHere(three.uid));
      await drop(await nameThere(four.uid));
      const second = await run(await importInto("second"), options);
      assertStatus(second, 0);
      assert.match(second.stdout, /2 updated, 2 deleted/);
      await bench.inStep(22);
      assert.match(await account.get(collection + await nameThere(one.uid)), /COMMENT:Here/);
      assert.match(await read(await nameHere(two.uid)), /COMMENT:There/);
    }, { server: kind }));
}
