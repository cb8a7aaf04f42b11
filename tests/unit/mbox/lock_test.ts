import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { join } from "node:path";
import { realDisk } from "../../../adapters/mbox/disk.ts";
import { LOCK_DEFAULTS, type LockOptions, withLock } from "../../../adapters/mbox/lock.ts";
import { tryFcntlLock } from "../../../lib/files/fcntl_lock.ts";
import type { FcntlAttempt } from "../../../lib/files/fcntl_lock.ts";
import { apply, contents, creation, deletion, list, never, world } from "./support.ts";

const python = new Deno.Command("python3", { args: ["--version"], stdout: "null", stderr: "null" });
const ignore = await python.output().then(({ success }) => !success, () => true);
const exists = (path: string): boolean => realDisk.stat(path) !== undefined;

/** A program that locks the file as programs of mail do, says so, and lets go when its input ends. */
async function whileLocked(path: string, kind: string, use: () => Promise<void>): Promise<void> {
  const program = `
import fcntl, os, sys
f = open(sys.argv[1], "rb+")
fcntl.lockf(f, fcntl.${kind})
os.write(1, b"locked\\n")
sys.stdin.read()`;
  const child = new Deno.Command("python3", {
    args: ["-c", program, path],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const first = await reader.read();
  equal(new TextDecoder().decode(first.value), "locked\n");
  try {
    await use();
  } finally {
    await child.stdin.close();
    await reader.cancel();
    await child.status;
  }
}

/** What another program finds: whether it can have that lock. */
async function canLock(path: string, kind: string): Promise<boolean> {
  const program = `
import fcntl, sys
f = open(sys.argv[1], "rb+")
try:
    fcntl.lockf(f, fcntl.${kind} | fcntl.LOCK_NB)
except OSError:
    sys.exit(1)`;
  const { success } = await new Deno.Command("python3", { args: ["-c", program, path] }).output();
  return success;
}

async function file(use: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "lock-" });
  const path = join(folder, "box");
  await Deno.writeTextFile(path, "");
  try {
    await use(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function held(attempt: FcntlAttempt): () => void {
  if (attempt.state !== "held") throw new Error(`the lock is ${attempt.state}`);
  return attempt.release;
}

Deno.test({
  name: "a POSIX lock keeps other programs away until it is given back, and they us",
  ignore,
  fn: () =>
    file(async (path) => {
      const release = held(tryFcntlLock(path, "exclusive"));
      equal(await canLock(path, "LOCK_SH"), false);
      equal(tryFcntlLock(path, "exclusive").state, "busy");
      equal(tryFcntlLock(path, "shared").state, "busy");
      // Whoever closes another descriptor of the file does not lose it.
      (await Deno.open(path)).close();
      equal(await canLock(path, "LOCK_SH"), false);
      release();
      equal(await canLock(path, "LOCK_EX"), true);
      const shared = held(tryFcntlLock(path, "shared"));
      equal(await canLock(path, "LOCK_SH"), true);
      equal(await canLock(path, "LOCK_EX"), false);
      shared();
      await whileLocked(path, "LOCK_EX", () => {
        equal(tryFcntlLock(path, "shared").state, "busy");
        return Promise.resolve();
      });
      await whileLocked(path, "LOCK_SH", () => {
        equal(tryFcntlLock(path, "exclusive").state, "busy");
        held(tryFcntlLock(path, "shared"))();
        return Promise.resolve();
      });
      const last = tryFcntlLock(path, "exclusive");
      if (Deno.build.os === "linux" && last.state === "held") {
        equal(last.isAlone(), true);
        const other = await Deno.open(path);
        equal(last.isAlone(), false);
        other.close();
        equal(last.isAlone(), true);
      }
      held(last)();
    }),
});

const QUICK: LockOptions = { ...LOCK_DEFAULTS, timeout: 250 };
const take = (path: string, options: LockOptions = QUICK, signal = never): Promise<string> =>
  withLock(realDisk, path, "exclusive", options, signal, () => Promise.resolve("held"));

Deno.test({
  name: "a mailbox is locked both ways, and another's lock of either kind is waited for",
  ignore,
  fn: () =>
    file(async (path) => {
      await withLock(realDisk, path, "exclusive", QUICK, never, async () => {
        match(Deno.readTextFileSync(`${path}.lock`), new RegExp(`^${Deno.pid}:.`));
        equal(await canLock(path, "LOCK_SH"), false);
      });
      equal(exists(`${path}.lock`), false);
      await whileLocked(path, "LOCK_SH", async () => {
        await rejects(take(path), { kind: "locked", retry: true });
        // The other one may want it.
        equal(exists(`${path}.lock`), false);
      });
      await Deno.writeTextFile(`${path}.lock`, "");
      await rejects(take(path), { kind: "locked" });
      setTimeout(() => Deno.removeSync(`${path}.lock`), 100);
      equal(await take(path, LOCK_DEFAULTS), "held");
    }),
});

Deno.test("a .lock file is left behind if it is old, or its process is no more", () =>
  file(async (path) => {
    const lock = `${path}.lock`;
    await Deno.writeTextFile(lock, `999999999:${Deno.hostname()}`);
    equal(await take(path), "held");
    await Deno.writeTextFile(lock, "999999999:elsewhere");
    await rejects(take(path), { kind: "locked" });
    const then = new Date(Date.now() - 10 * 60_000);
    await Deno.utime(lock, then, then);
    equal(await take(path, { ...QUICK, timeout: 3000 }), "held");
    equal(exists(lock), false);
    deepEqual(Array.from(Deno.readDirSync(join(path, "..")), ({ name }) => name), ["box"]);
  }));

Deno.test("one part of the program waits for the other, and for no longer than the signal says", () =>
  file(async (path) => {
    let inside = 0;
    const one = () =>
      withLock(realDisk, path, "exclusive", LOCK_DEFAULTS, never, async () => {
        equal(++inside, 1);
        await new Promise((resolve) => setTimeout(resolve, 5));
        inside--;
      });
    await Promise.all([one(), one(), one()]);
    await Deno.writeTextFile(`${path}.lock`, "");
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    await rejects(take(path, LOCK_DEFAULTS, stop.signal), { kind: "cancelled" });
  }));

Deno.test("where one kind of lock cannot be had the other will do, and nothing goes without any", () =>
  file(async (path) => {
    const fcntl = () => ({ state: "impossible", reason: "of a test" }) as const;
    equal(await take(path, { ...QUICK, fcntl }), "held");
    const closed = {
      ...realDisk,
      create: () => {
        throw Object.assign(new Error("no"), { code: "EACCES" });
      },
    };
    const spool = (options: LockOptions) =>
      withLock(closed, path, "exclusive", options, never, () => Promise.resolve("held"));
    equal(await spool(QUICK), "held");
    await rejects(spool({ ...QUICK, fcntl }), {
      kind: "refused",
      hint: /Neither a \.lock file .* nor a POSIX lock/,
    });
  }));

Deno.test("a lock that somebody took away is noticed before anything is changed", () =>
  file(async (path) => {
    await withLock(realDisk, path, "exclusive", QUICK, never, async (lock) => {
      lock.ensure();
      await Deno.writeTextFile(`${path}.lock.new`, "x");
      await Deno.rename(`${path}.lock.new`, `${path}.lock`);
      await rejects(() => Promise.resolve().then(() => lock.ensure()), { kind: "changed" });
    });
    // It is another's.
    equal(Deno.readTextFileSync(`${path}.lock`), "x");
  }));

Deno.test({
  name:
    "a mail of somebody who has the file open, and waits for the lock while it is written, is not lost",
  ignore: ignore || Deno.build.os !== "linux",
  fn: () =>
    world(async ({ storage, box, write, root }) => {
      await write("work", "");
      const work = await box("work");
      await apply(storage, work, [
        creation(1, "Subject: 1\n\n1\n"),
        creation(2, "Subject: 2\n\n2\n"),
      ]);
      const program = `
import fcntl, os, sys
f = open(sys.argv[1], "ab")
os.write(1, b"open\\n")
sys.stdin.readline()
fcntl.lockf(f, fcntl.LOCK_EX)
f.write(b"From a@b  Mon Feb 03 04:05:06 2020\\nSubject: new\\n\\nnew\\n\\n")`;
      const child = new Deno.Command("python3", {
        args: ["-c", program, join(root, "work")],
        stdin: "piped",
        stdout: "piped",
      }).spawn();
      const reader = child.stdout.getReader();
      await reader.read();
      const [one] = await list(storage, work);
      if (one === undefined) throw new Error("nothing is listed");
      const pending = apply(storage, work, [deletion(one)]);
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode("\n"));
      equal((await pending)[0]?.outcome, "done");
      await writer.close();
      await reader.cancel();
      equal((await child.status).success, true);
      deepEqual(await contents(storage, work), [
        ["2", "", "Subject: 2\n\n2\n"],
        ["3", "", "Subject: new\n\nnew\n"],
      ]);
    }),
});

Deno.test({
  name: "a mail that is delivered while we wait for the lock is seen, and its UID is not taken",
  ignore,
  fn: () =>
    world(async ({ storage, box, write, root }) => {
      await write("work", "");
      const work = await box("work");
      await apply(storage, work, [creation(1, "Subject: 1\n\n1\n")]);
      const path = join(root, "work");
      let pending: Promise<readonly { readonly outcome: string }[]> | undefined;
      await whileLocked(path, "LOCK_EX", async () => {
        pending = apply(storage, work, [
          creation(2, "Subject: 2\n\n2\n"),
          creation(5, "Subject: 5\n\n5\n"),
        ]);
        await new Promise((resolve) => setTimeout(resolve, 100));
        await Deno.writeTextFile(
          path,
          "From a@b  Mon Feb 03 04:05:06 2020\nSubject: new\n\nnew\n\n",
          { append: true },
        );
      });
      deepEqual((await pending)?.map(({ outcome }) => outcome).sort(), ["done", "exists"]);
      deepEqual(await contents(storage, work), [
        ["1", "", "Subject: 1\n\n1\n"],
        ["2", "", "Subject: new\n\nnew\n"],
        ["5", "", "Subject: 5\n\n5\n"],
      ]);
    }),
});
