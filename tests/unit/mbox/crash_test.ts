import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { type Disk, type DiskFile, realDisk } from "../../../adapters/mbox/disk.ts";
import type { Action, Collection, Storage } from "../../../lib/model/storage.ts";
import {
  apply,
  contents,
  creation,
  deletion,
  encode,
  flagging,
  list,
  outcomes,
  type World,
  world,
} from "./support.ts";

/** What a process that was killed does from then on: nothing, and half of what it was at. */
class Killed extends Error {}

interface Faults {
  /** The number of the change that is not made any more. */
  readonly killAt?: number;
  /** How many bytes the disk still has room for. */
  room?: number;
  /** No file can be made in folders of this name, as in a spool folder. */
  readonly closed?: string;
}

function errorOf(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function faulty(faults: Faults): { readonly disk: Disk; readonly changes: () => number } {
  let changes = 0;
  let dead = false;
  const change = (half: () => void, whole: () => void): void => {
    if (dead) throw new Killed();
    if (++changes === faults.killAt) {
      dead = true;
      half();
      throw new Killed();
    }
    whole();
  };
  const none = () => {};
  const use = (path: string) => {
    if (dead) throw new Killed();
    if (faults.closed !== undefined && path.startsWith(`${faults.closed}/`)) {
      throw errorOf("EACCES");
    }
  };
  const fileOf = (file: DiskFile): DiskFile => ({
    ...file,
    write: (bytes, at) =>
      change(
        () => file.write(bytes.subarray(0, bytes.byteLength / 2), at),
        () => {
          const grown = Math.max(0, at + bytes.byteLength - file.stat().size);
          if (faults.room !== undefined && grown > faults.room) {
            file.write(bytes.subarray(0, bytes.byteLength - grown + faults.room), at);
            faults.room = 0;
            throw errorOf("ENOSPC");
          }
          if (faults.room !== undefined) faults.room -= grown;
          file.write(bytes, at);
        },
      ),
    truncate: (size) => change(none, () => file.truncate(size)),
    sync: () => change(none, () => file.sync()),
  });
  const disk: Disk = {
    ...realDisk,
    open: (path, how) => fileOf(realDisk.open(path, how)),
    create: (path, mode) => {
      use(path);
      return fileOf(realDisk.create(path, mode));
    },
    rename: (from, to) => {
      use(to);
      change(none, () => realDisk.rename(from, to));
    },
    link: (from, to) => {
      use(to);
      change(none, () => realDisk.link(from, to));
    },
    remove: (path) => change(none, () => realDisk.remove(path)),
    syncFolder: (path) => change(none, () => realDisk.syncFolder(path)),
  };
  return { disk, changes: () => changes };
}

const FROM = "From a@b  Mon Feb 03 04:05:06 2020\n";
const DELIVERED = `${FROM}Subject: delivered\n\nsince\n\n`;

const START = [1, 2, 3].map((n) => creation(n, `Subject: ${n}\n\n${String(n).repeat(3000)}\n`));

/** What is done to the three mails, in one go each. */
const CHANGES: Readonly<Record<string, (mails: readonly { href: never }[]) => readonly Action[]>> =
  {
    "a deletion of the first": ([one]) => [deletion(one as never)],
    "a deletion of the last": ([, , three]) => [deletion(three as never)],
    "deletions of all": (all) => all.map((it) => deletion(it as never)),
    "a keyword that needs room": ([one]) => [flagging(one as never, ["x".repeat(400)])],
    "a mail that is added": () => [creation(9, "Subject: 9\n\nnine\n".padEnd(9000, "9"))],
    "a mail that is put back, and one less": ([, two]) => [
      creation(8, "Subject: 8\n\neight\n"),
      deletion(two as never),
    ],
  };

const inboxOf = (root: string, spool: boolean): string =>
  spool ? `${root}-spool/user` : `${root}/inbox`;

async function cleanUp(root: string): Promise<void> {
  // The process that made them lives on, as it is we.
  for (const folder of [root, `${root}-spool`]) {
    try {
      for (const { name } of Deno.readDirSync(folder)) {
        const isLock = name.endsWith(".lock") && !name.startsWith(".");
        if (isLock) await Deno.remove(join(folder, name));
        // To Dovecot, what has any other name than a lock's is a mailbox.
        else ok(/^(?:inbox|user|subscriptions)$|\.lock$/.test(name), `${name} is left`);
      }
    } catch (thrown) {
      if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
    }
  }
}

interface Setting {
  readonly world: World;
  readonly spool: boolean;
  readonly faults: Faults;
}

/** Three mails, and a change to them that does not come to its end. */
async function broken(
  { world: { open, root }, spool, faults }: Setting,
  change: (mails: readonly { href: never }[]) => readonly Action[],
): Promise<{ readonly changes: number; readonly before: unknown; readonly thrown?: unknown }> {
  const path = inboxOf(root, spool);
  if (spool) await Deno.mkdir(`${root}-spool`, { recursive: true });
  await Deno.writeFile(path, new Uint8Array(), { mode: 0o600 });
  const plain = open({ inbox: path });
  const inbox = await inboxIn(plain);
  await apply(plain, inbox, START);
  const mails = await list(plain, inbox);
  const before = await contents(plain, inbox);
  const { disk, changes } = faulty(faults);
  const storage = open({ inbox: path, disk });
  const results = await apply(storage, inbox, change(mails as never));
  await cleanUp(root);
  const failed = results.find((it) => it.outcome === "failed");
  return { changes: changes(), before, ...(failed === undefined ? {} : { thrown: failed }) };
}

async function inboxIn(storage: Storage): Promise<Collection> {
  const [inbox] = await storage.collections(new AbortController().signal);
  ok(inbox);
  return inbox;
}

for (const spool of [false, true]) {
  for (const [name, change] of Object.entries(CHANGES)) {
    Deno.test(`${name}, killed at each step${spool ? " in a spool folder" : ""}, is done or not done`, () =>
      world(async (it) => {
        const closed = spool ? { closed: `${it.root}-spool` } : {};
        try {
          const whole = await broken({ world: it, spool, faults: closed }, change);
          const path = inboxOf(it.root, spool);
          equal(whole.thrown, undefined);
          const fine = it.open({ inbox: path });
          const after = await contents(fine, await inboxIn(fine));
          ok(whole.changes > 3);
          for (let killAt = 1; killAt <= whole.changes; killAt++) {
            for (const delivered of killAt % 2 === 0 ? [true] : [false]) {
              const { before } = await broken(
                { world: it, spool, faults: { ...closed, killAt } },
                change,
              );
              if (delivered) Deno.writeFileSync(path, encode(DELIVERED), { append: true });
              const next = it.open({ inbox: path });
              const inbox = await inboxIn(next);
              ok(inbox.mailbox, `killed at ${killAt}`);
              const found = (await contents(next, inbox))
                .filter(([, , text]) => !text.includes("delivered"));
              const all = await contents(next, inbox);
              equal(all.length - found.length, delivered ? 1 : 0, `killed at ${killAt}`);
              const isBefore = JSON.stringify(found) === JSON.stringify(before);
              if (!isBefore) deepEqual(found, after, `killed at ${killAt}`);
              // It can be worked with.
              const more = creation(inbox.mailbox?.uidNext ?? 0, "Subject: more\n\nmore\n");
              deepEqual(outcomes(await apply(next, inbox, [more])), ["done"]);
            }
          }
        } finally {
          if (spool) await Deno.remove(`${it.root}-spool`, { recursive: true });
        }
      }));

    Deno.test(`${name}, on a full disk${spool ? " with a spool folder" : ""}, is done or not done`, () =>
      world(async (it) => {
        const closed = spool ? { closed: `${it.root}-spool` } : {};
        try {
          const whole = await broken({ world: it, spool, faults: closed }, change);
          equal(whole.thrown, undefined);
          const path = inboxOf(it.root, spool);
          const fine = it.open({ inbox: path });
          const after = await contents(fine, await inboxIn(fine));
          let seen = 0;
          for (let room = 0; room < 60_000; room = Math.floor(room * 2.5) + 1) {
            const faults = { ...closed, room };
            const { before, thrown } = await broken({ world: it, spool, faults }, change);
            const next = it.open({ inbox: path });
            deepEqual(
              await contents(next, await inboxIn(next)),
              thrown === undefined ? after : before,
            );
            if (thrown !== undefined) {
              seen++;
              equal((thrown as { readonly error: { readonly kind: string } }).error.kind, "quota");
            }
            deepEqual(
              Array.from(Deno.readDirSync(it.root), ({ name }) => name).filter((name) =>
                name.startsWith(".")
              ),
              [],
            );
          }
          ok(seen > 0);
        } finally {
          if (spool) await Deno.remove(`${it.root}-spool`, { recursive: true });
        }
      }));
  }
}
