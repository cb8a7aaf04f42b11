/** A run is killed after each step: what is left is right, and the next run brings it to its end. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Disk } from "../../../adapters/maildir/mod.ts";
import { collectionId, href, ident } from "../../../lib/model/names.ts";
import type { Action, Collection, Storage } from "../../../lib/model/storage.ts";
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
  signal,
  textOf,
} from "./kit.ts";

/** No process has this id: what it left locked is nobody's. */
const DEAD = 99_999_999;

/** A disk on which nothing more can be done after so many steps. */
function dyingDisk(steps: number): { readonly disk: Disk; readonly died: () => boolean } {
  let left = steps;
  const real = diskWith(() => {
    if (left-- <= 0) throw new Error("killed");
  });
  const disk = new Proxy(real, {
    get: (target, name: keyof Disk) => name === "pid" ? DEAD : target[name],
  });
  return { disk, died: () => left < 0 };
}

interface Play {
  readonly name: string;
  readonly begin: (maildir: Maildir) => void;
  readonly act: (storage: Storage) => Promise<unknown>;
  /** What may be there when it was killed; throws where it is not right. */
  readonly right: (storage: Storage) => Promise<void>;
  readonly end: (storage: Storage) => Promise<void>;
}

async function play({ name, begin, act, right, end }: Play): Promise<void> {
  for (let steps = 0;; steps++) {
    await using maildir = await newMaildir();
    begin(maildir);
    const { disk, died } = dyingDisk(steps);
    try {
      await act(maildir.open({ disk }));
    } catch (thrown) {
      ok(died(), `${name}: ${thrown}`);
    }
    await right(maildir.open());
    await act(maildir.open());
    await end(maildir.open());
    if (!died()) return;
    ok(steps < 500, "it never ends");
  }
}

const LIST = "3 V5 N50 G2e5d43333367026b1665000083ecc375\n3 :1.a\n7 :2.b\n9 :3.c\n30 :4.d\n";

function begin(maildir: Maildir): void {
  maildir.put("dovecot-uidlist", LIST);
  maildir.put("dovecot-keywords", "0 work\n");
  for (const name of ["1.a:2,", "2.b:2,Sa", "3.c:2,F"]) maildir.put(`cur/${name}`, `${name[0]}`);
  maildir.put("new/4.d", "4");
}

Deno.test("writing, flagging and deleting may be killed after any step", async () => {
  const wanted = [
    creation(5, ["\\Seen"], { guid: "low" }),
    creation(50, ["work", "new"], { guid: "high" }),
    creation(51, [], {}),
  ];
  const actionsIn = async (storage: Storage, collection: Collection) => {
    const { entries } = await list(storage, collection);
    const actions: Action[] = [...wanted];
    for (const entry of entries) {
      if (entry.state !== "present") continue;
      const common = { ident: ident("x"), href: entry.href, etag: entry.etag };
      if (entry.href === "7") actions.push({ kind: "delete", id: 107, ...common });
      if (entry.href !== "30" && entry.href !== "9") continue;
      const flags = ["\\Answered", "later"];
      actions.push({
        kind: "setFlags",
        id: 100 + Number(entry.href),
        ...common,
        was: entry.flags,
        flags,
      });
    }
    return actions;
  };
  await play({
    name: "apply",
    begin,
    act: async (storage) => {
      const collection = await collectionOf(storage);
      return await apply(storage, collection, ...await actionsIn(storage, collection));
    },
    right: async (storage) => {
      const collection = await collectionOf(storage);
      deepStrictEqual(
        [collection.mailbox?.uidValidity, collection.mailbox?.guid],
        [5, "2e5d43333367026b1665000083ecc375"],
      );
      for (const line of await mailsIn(storage)) {
        ok(
          [
            "3 1.a",
            "7 2.b \\Seen work",
            /^9 3\.c( \\Flagged| \\Answered later)$/,
            /^30 4\.d( \\Answered later)?$/,
            "5 low \\Seen",
            "50 high new work",
            /^51 \S+$/,
          ].some((it) => typeof it === "string" ? it === line : it.test(line)),
          line,
        );
      }
      const uids = (await mailsIn(storage)).map((line) => Number.parseInt(line));
      for (const uid of [3, 9, 30]) ok(uids.includes(uid), `${uid} is lost`);
      for (const uid of [5, 50, 51].filter((it) => uids.includes(it))) {
        strictEqual(await bodyText(storage, collection, href(`${uid}`)), textOf(uid));
      }
    },
    end: async (storage) => {
      const mails = (await mailsIn(storage)).map((line) => line.replace(/^51 .*/, "51"));
      deepStrictEqual(mails, [
        "3 1.a",
        "5 low \\Seen",
        "9 3.c \\Answered later",
        "30 4.d \\Answered later",
        "50 high new work",
        "51",
      ]);
    },
  });
});

Deno.test("numbering anew may be killed after any step, and is all done or not at all", async () => {
  const numbers = {
    uidValidity: 9,
    uidNext: 100,
    guid: "0".repeat(32),
    uids: new Map([[href("3"), 30], [href("30"), 3], [href("7"), 8]]),
  };
  const before = ["3 1.a", "7 2.b \\Seen work", "9 3.c \\Flagged", "30 4.d"];
  const after = ["3 4.d", "8 2.b \\Seen work", "9 3.c \\Flagged", "30 1.a"];
  await play({
    name: "renumber",
    begin,
    act: async (storage) => {
      const collection = await collectionOf(storage);
      if (collection.mailbox?.uidValidity === 9) return;
      await storage.renumber?.(collection, numbers, signal);
    },
    right: async (storage) => {
      const { mailbox } = await collectionOf(storage);
      const isDone = mailbox?.uidValidity === 9;
      deepStrictEqual(await mailsIn(storage), isDone ? after : before);
      deepStrictEqual([mailbox?.guid?.[0], mailbox?.uidNext], isDone ? ["0", 100] : ["2", 50]);
    },
    end: async (storage) => deepStrictEqual(await mailsIn(storage), after),
  });
});

Deno.test("numbering for the first time may be killed after any step", async () => {
  await play({
    name: "assign",
    begin: (maildir) => {
      maildir.put("cur/1.a:2,S");
      maildir.put("new/2.b");
      maildir.put("cur/2.b:2,F");
    },
    act: mailsIn,
    right: async (storage) => strictEqual((await mailsIn(storage)).length, 3),
    end: async (storage) => {
      deepStrictEqual((await mailsIn(storage)).map((line) => Number.parseInt(line)), [1, 2, 3]);
    },
  });
});

Deno.test("making, renaming and deleting a mailbox may be killed after any step", async () => {
  const ids = async (storage: Storage) => (await storage.collections(signal)).map(({ id }) => id);
  const made = collectionId("made");
  const renamed = collectionId("renamed/deeper");
  for (const layout of ["maildir++", "fs"] as const) {
    let died = true;
    for (let steps = 0; died; steps++) {
      await using maildir = await newMaildir();
      const dying = dyingDisk(steps);
      const at = (disk?: Disk) => maildir.open({ layout, ...(disk === undefined ? {} : { disk }) });
      const act = async (storage: Storage) => {
        const have = await storage.collections(signal);
        const target = have.find(({ id }) => id === renamed);
        if (target === undefined) {
          const one = have.find(({ id }) => id === made) ??
            await storage.createCollection(made, {}, signal);
          await apply(storage, one, creation(5, ["\\Seen"], { guid: "kept" }));
          await storage.renameCollection?.(one, renamed, signal);
        }
      };
      await act(at(dying.disk)).catch((thrown) => ok(dying.died(), String(thrown)));
      died = dying.died();
      await act(at());
      deepStrictEqual((await ids(at())).sort(), ["INBOX", renamed]);
      deepStrictEqual(await mailsIn(at(), renamed), ["5 kept \\Seen"]);
    }
  }
});
