/** Others deliver, flag and move mails at every moment in which we look or write. */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { href, ident } from "../../../lib/model/names.ts";
import type { Storage } from "../../../lib/model/storage.ts";
import {
  apply,
  bodyText,
  collectionOf,
  creation,
  diskWith,
  list,
  type Maildir,
  mailsIn,
  newMaildir,
  textOf,
} from "./kit.ts";

/** What somebody else does; undoing it is for the next time. */
type Doing = (maildir: Maildir, time: number) => void;

const rename = (maildir: Maildir, from: RegExp, to: string) => {
  for (const folder of ["cur", "new"]) {
    const found = maildir.names(folder).find((name) => from.test(name));
    if (found !== undefined) {
      Deno.renameSync(`${maildir.path}/${folder}/${found}`, `${maildir.path}/cur/${to}`);
      return;
    }
  }
};

const OTHERS: Readonly<Record<string, Doing>> = {
  "a session sets and takes flags": (maildir, time) =>
    rename(maildir, /^1\.a/, time % 2 === 0 ? "1.a:2,FS" : "1.a:2,S"),
  "a session moves what is new": (maildir) => rename(maildir, /^3\.c/, "3.c:2,"),
  "mails are delivered": (maildir, time) => maildir.put(`new/${100 + time}.delivered`),
};

async function filled(): Promise<Maildir> {
  const maildir = await newMaildir();
  maildir.put("cur/1.a:2,S", textOf(1));
  maildir.put("cur/2.b:2,", textOf(2));
  maildir.put("new/3.c", textOf(3));
  await mailsIn(maildir.open());
  return maildir;
}

/** Runs with somebody at work just before each call on the disk, one call at a time. */
async function atEachCall(
  doing: Doing,
  run: (storage: Storage, maildir: Maildir) => Promise<void>,
): Promise<void> {
  for (let at = 0;; at++) {
    await using maildir = await filled();
    let calls = 0;
    const disk = diskWith(() => {
      if (calls++ === at) doing(maildir, at);
    });
    await run(maildir.open({ disk }), maildir);
    if (calls <= at) return;
  }
}

/** Runs with somebody at work before every call that reads a folder. */
async function atEachLook(
  doing: Doing,
  run: (storage: Storage, maildir: Maildir) => Promise<void>,
): Promise<void> {
  await using maildir = await filled();
  let time = 0;
  const disk = diskWith((call) => {
    if (call === "entries") doing(maildir, time++);
  });
  await run(maildir.open({ disk }), maildir);
}

const isKnown = (line: string) => /^[123] /.test(line);

for (const [what, doing] of Object.entries(OTHERS)) {
  Deno.test(`a listing loses no mail and gives none another UID while ${what}`, async () => {
    const run = async (storage: Storage) => {
      const known = (await mailsIn(storage)).filter(isKnown).map((line) => line.slice(0, 5));
      deepStrictEqual(known, ["1 1.a", "2 2.b", "3 3.c"]);
    };
    await atEachCall(doing, run);
    await atEachLook(doing, run);
  });

  Deno.test(`mails are read whole while ${what}`, async () => {
    await atEachCall(doing, async (storage) => {
      const collection = await collectionOf(storage);
      const { entries } = await list(storage, collection);
      for (const uid of [1, 2, 3]) {
        ok(entries.some((entry) => entry.href === `${uid}`));
        strictEqual(await bodyText(storage, collection, href(`${uid}`)), textOf(uid));
      }
    });
  });

  Deno.test(`mails are written, flagged and deleted, or left, while ${what}`, async () => {
    await atEachCall(doing, async (storage, maildir) => {
      const collection = await collectionOf(storage);
      const { entries } = await list(storage, collection);
      const common = (uid: number) => {
        const entry = entries.find((it) => it.href === `${uid}`);
        ok(entry?.state === "present");
        return { id: uid, ident: ident("x"), href: entry.href, etag: entry.etag, was: entry.flags };
      };
      const results = await apply(
        storage,
        collection,
        creation(1000, ["\\Flagged"], { guid: "new" }),
        { kind: "setFlags", ...common(1), flags: ["\\Answered"] },
        { kind: "delete", ...common(2) },
        { kind: "setFlags", ...common(3), flags: ["\\Draft"] },
      );
      const [created, flagged, deleted, drafted] = results.map(({ outcome }) => outcome);
      deepStrictEqual([created, deleted], ["done", "done"]);
      const mails = await mailsIn(maildir.open());
      const flagsOf = (uid: number) =>
        mails.find((line) => line.startsWith(`${uid} `))?.split(" ").slice(2).join(" ");
      strictEqual(flagsOf(1000), "\\Flagged");
      strictEqual(flagsOf(2), undefined);
      ok(
        ["done", "changed"].includes(flagged ?? "") && ["done", "changed"].includes(drafted ?? ""),
      );
      if (flagged === "changed") ok(["\\Seen", "\\Flagged \\Seen"].includes(flagsOf(1) ?? ""));
      ok(flagsOf(1) !== undefined && flagsOf(3) !== undefined, "a mail is lost");
      if (drafted === "changed") strictEqual(flagsOf(3), "");
    });
  });
}

Deno.test("a mail that moves between two looks at a folder is not gone", async () => {
  await using maildir = await filled();
  let looks = 0;
  // While `new` is read the mail is already gone from it, and while `cur` is read not yet there.
  const disk = diskWith((call, [path]) => {
    if (call !== "entries") return;
    looks++;
    const at = `${maildir.path}/aside`;
    if (looks === 3 && String(path).endsWith("/new")) {
      Deno.renameSync(`${maildir.path}/new/3.c`, at);
    }
    if (looks === 5) Deno.renameSync(at, `${maildir.path}/cur/3.c:2,`);
  });
  const mails = await mailsIn(maildir.open({ disk }));
  deepStrictEqual(mails.map((line) => line.slice(0, 5)), ["1 1.a", "2 2.b", "3 3.c"]);
  ok(looks > 4);
});

Deno.test("the list of UIDs is written only by who holds its lock, which is waited for", async () => {
  await using maildir = await filled();
  const lock = `${maildir.path}/dovecot-uidlist.lock`;
  Deno.writeTextFileSync(lock, `${Deno.ppid}:${Deno.hostname()}`);
  const storage = maildir.open();
  const collection = await collectionOf(storage);
  let freed = false;
  const freeing = setTimeout(() => {
    freed = true;
    Deno.removeSync(lock);
  }, 150);
  const [result] = await apply(storage, collection, creation(9));
  clearTimeout(freeing);
  ok(freed && result?.outcome === "done");
  ok(!maildir.names(".").includes("dovecot-uidlist.lock"));
});

Deno.test("a lock that was left by a process that has ended, or two minutes ago, is broken", async () => {
  const leave = {
    "by a process": (lock: string) => Deno.writeTextFileSync(lock, `99999999:${Deno.hostname()}`),
    "two minutes ago": (lock: string) => {
      Deno.writeTextFileSync(lock, "1:another-host");
      Deno.utimeSync(lock, Date.now() / 1000 - 130, Date.now() / 1000 - 130);
    },
  };
  for (const left of Object.values(leave)) {
    await using maildir = await filled();
    left(`${maildir.path}/dovecot-uidlist.lock`);
    const storage = maildir.open();
    const [result] = await apply(storage, await collectionOf(storage), creation(9));
    strictEqual(result?.outcome, "done");
  }
});

Deno.test("a lock that somebody keeps is told of in the end, and nothing is written", async () => {
  await using maildir = await filled();
  const lock = `${maildir.path}/dovecot-uidlist.lock`;
  Deno.writeTextFileSync(lock, `${Deno.ppid}:${Deno.hostname()}`);
  let time = Date.now();
  const disk = diskWith(() => {});
  const quick = new Proxy(disk, {
    get: (target, name: keyof typeof disk) => {
      if (name === "now") return () => time;
      if (name !== "wait") return target[name];
      return (wanted: number) => {
        time += wanted * 100;
        Deno.utimeSync(lock, time / 1000, time / 1000);
        return Promise.resolve();
      };
    },
  });
  maildir.put("new/5.e");
  const storage = maildir.open({ disk: quick });
  await rejects(mailsIn(storage), { kind: "locked", scope: "collection", retry: true });
  ok(!maildir.read("dovecot-uidlist").includes("5.e"));
});

Deno.test("who waits for a lock can be stopped, and then nothing was done", async () => {
  await using maildir = await filled();
  Deno.writeTextFileSync(`${maildir.path}/dovecot-uidlist.lock`, `${Deno.ppid}:${Deno.hostname()}`);
  const storage = maildir.open();
  const collection = await collectionOf(storage);
  const stop = new AbortController();
  const stopping = setTimeout(() => stop.abort(), 50);
  const actions = (async function* () {
    yield creation(9);
  })();
  deepStrictEqual(await Array.fromAsync(storage.apply(collection, actions, stop.signal)), []);
  clearTimeout(stopping);
  deepStrictEqual(maildir.names("tmp"), []);
  strictEqual((await mailsIn(storage)).length, 3);
});
