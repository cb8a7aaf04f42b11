/** Mailboxes that Dovecot and the adapter for mboxes read and write in turn, and at once. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { openImap } from "../../adapters/imap/mod.ts";
import { openMaildir } from "../../adapters/maildir/mod.ts";
import { openMbox } from "../../adapters/mbox/mod.ts";
import type { Flags } from "../../lib/model/item.ts";
import { collectionId } from "../../lib/model/names.ts";
import type { Collection, Storage } from "../../lib/model/storage.ts";
import { type DovecotTools, dovecotTools, isDovecotInstalled } from "../support/servers/dovecot.ts";
import {
  apply,
  bytesOf,
  contents,
  creation,
  decode,
  deletion,
  fetchAll,
  flagging,
  list,
  never,
  outcomes,
} from "../unit/mbox/support.ts";

const ignore = !isDovecotInstalled();

interface World {
  readonly root: string;
  readonly inbox: string;
  readonly storage: Storage;
  box(id: string): Promise<Collection>;
  /** Gives a mailbox to Dovecot in one session, and closes it. */
  session(use: (imap: Imap) => Promise<void>, settings?: readonly string[]): Promise<void>;
  /** What Dovecot complained of. */
  log(): string;
}

async function world(use: (world: World) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "mbox-dovecot-" });
  await Deno.chmod(folder, 0o755);
  const root = join(folder, "mail");
  const spool = join(folder, "spool");
  for (const path of [root, spool]) await Deno.mkdir(path, { mode: 0o700 });
  const inbox = join(spool, "user");
  await Deno.writeFile(inbox, new Uint8Array(), { mode: 0o600 });
  const tools = await dovecotTools(folder);
  const storage = openMbox({ name: "mbox", path: root, inbox, assign: "write" });
  try {
    await use({
      root,
      inbox,
      storage,
      box: async (id) => {
        const found = (await storage.collections(never)).find((it) => it.id === id);
        if (found === undefined) throw new Error(`there is no mailbox ${id}`);
        return found;
      },
      session: async (use, settings = []) => {
        await adopt(tools, folder);
        const imap = await startImap(tools, `mbox:${root}:INBOX=${inbox}`, folder, settings);
        try {
          await use(imap);
        } finally {
          await imap.end();
        }
      },
      log: () => {
        try {
          return Deno.readTextFileSync(join(folder, "dovecot.log"));
        } catch (thrown) {
          if (thrown instanceof Deno.errors.NotFound) return "";
          throw thrown;
        }
      },
    });
  } finally {
    await storage.close();
    await Deno.remove(folder, { recursive: true });
  }
}

async function adopt(tools: DovecotTools, folder: string): Promise<void> {
  await tools.adopt(folder);
}

/** Just enough of a client of IMAP. */
interface Imap {
  /** Sends a command, and gives back all that the server says, a char for each byte. */
  command(text: string, literal?: string): Promise<string>;
  end(): Promise<void>;
}

async function startImap(
  tools: DovecotTools,
  location: string,
  home: string,
  settings: readonly string[],
): Promise<Imap> {
  const [program = "", ...args] = tools.imapTunnel(location, { home, settings });
  const child = new Deno.Command(program, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  const reader = child.stdout.getReader();
  let said = "";
  const until = async (pattern: RegExp): Promise<string> => {
    while (true) {
      const found = pattern.exec(said);
      if (found !== null) {
        const all = said.slice(0, found.index + found[0].length);
        said = said.slice(all.length);
        return all;
      }
      const { value, done } = await reader.read();
      if (done) throw new Error(`Dovecot ended after: ${said}`);
      said += decode(value);
    }
  };
  await until(/^\* PREAUTH.*\r\n/);
  let count = 0;
  return {
    command: async (text, literal) => {
      const tag = `t${++count}`;
      await writer.write(bytesOf(`${tag} ${text}\r\n`));
      if (literal !== undefined) {
        await until(/^\+ .*\r\n/m);
        await writer.write(bytesOf(`${literal}\r\n`));
      }
      const all = await until(new RegExp(`^${tag} .*\\r\\n`, "m"));
      if (!new RegExp(`^${tag} OK`, "m").test(all)) throw new Error(`${text}: ${all}`);
      return all;
    },
    end: async () => {
      await writer.close().catch(() => {});
      await reader.cancel();
      await child.status;
    },
  };
}

/** The mails of the mailbox that is selected: UID, flags, date, bytes. */
async function mailsOf(
  imap: Imap,
): Promise<readonly (readonly [string, string, number, string])[]> {
  const all = await imap.command("UID FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[])");
  const mails: (readonly [string, string, number, string])[] = [];
  const head =
    /\* \d+ FETCH \(UID (\d+) FLAGS \(([^)]*)\) INTERNALDATE "([^"]*)" BODY\[\] \{(\d+)\}\r\n/g;
  for (let found = head.exec(all); found !== null; found = head.exec(all)) {
    const [text, uid = "", flags = "", date = "", size = ""] = found;
    const from = found.index + text.length;
    const kept = flags.split(" ").filter((flag) => flag !== "" && flag !== "\\Recent").sort();
    mails.push([
      uid,
      kept.join(" "),
      Date.parse(date.trim().replace(/^(\d+)-(\w+)-(\d+) /, "$1 $2 $3 ")),
      all.slice(from, from + Number(size)),
    ]);
    head.lastIndex = from + Number(size);
  }
  return mails;
}

/** Compares mail by mail, so that what differs is seen in what is told. */
function same(found: readonly (readonly unknown[])[], expected: readonly (readonly unknown[])[]) {
  for (const [index, mail] of expected.entries()) deepEqual(found[index], mail);
  equal(found.length, expected.length);
}

const crlf = (text: string): string => text.replace(/(?<!\r)\n/g, "\r\n");

const TEXTS: readonly string[] = [
  "From: a@b\nSubject: plain\nDate: Mon, 03 Feb 2020 04:05:06 +0000\n\nbody\n",
  "From: a@b\nSubject: from\n\nFrom here on\n\nFrom a@b  Mon Feb 03 04:05:06 2020\nnot a mail\n",
  "From: a@b\nSubject: first line\n\nFrom a@b  Mon Feb 03 04:05:06 2020\n",
  "From: a@b\nSubject: last line\n\n\nFrom a@b  Mon Feb 03 04:05:06 2020\n\n",
  "From: a@b\nSubject: no end\n\nno line end",
  "From: a@b\nSubject: empty\n\n",
  "From: a@b\nSubject: 8 bit \xe4\xff\n\n\x01\x80\xff\n",
  "From: a@b\nX-Long: x\n folded\n\tfolded\nSubject: s\n\n>From quoted\n",
  `From: a@b\nSubject: large\n\n${"0123456789 abcdef\n".repeat(20_000)}`,
];

const when = (index: number): number => Date.UTC(2020, index, 3, 4, 5, 6);
const flagsFor = (index: number): Flags =>
  ["\\Seen", "\\Flagged", "$Forwarded", "\\Draft", "Word"].filter((_, at) =>
    (index >> (at % 3)) & 1
  );

Deno.test({
  name: "Dovecot sees the UIDs, flags, keywords, dates and bytes that were written",
  ignore,
  fn: () =>
    world(async ({ storage, session, log }) => {
      const made = await storage.createCollection(collectionId("a/Bücher"), {}, never);
      const renumbered = await storage.renumber?.(
        made,
        { uidValidity: 123456789, uidNext: 7, uids: new Map() },
        never,
      );
      ok(renumbered);
      const results = await apply(
        storage,
        renumbered,
        TEXTS.map((text, index) => creation(10 * index + 7, text, flagsFor(index), when(index))),
      );
      deepEqual(new Set(outcomes(results)), new Set(["done"]));
      const [, two] = await list(storage, renumbered);
      ok(two);
      deepEqual(
        outcomes(await apply(storage, renumbered, [flagging(two, ["\\Answered", "New"])])),
        ["done"],
      );
      await session(async (imap) => {
        const selected = await imap.command('SELECT "a/B&APw-cher"');
        match(selected, /UIDVALIDITY 123456789/);
        match(selected, /UIDNEXT 88/);
        same(
          await mailsOf(imap),
          TEXTS.map((text, index) => [
            String(10 * index + 7),
            (index === 1 ? ["\\Answered", "New"] : flagsFor(index)).toSorted().join(" "),
            when(index),
            crlf(text),
          ]),
        );
      });
      equal(log(), "");
      // What Dovecot has written on its way changes nothing for us.
      same(
        await contents(storage, renumbered),
        TEXTS.map((text, index) => [
          String(10 * index + 7),
          (index === 1 ? ["\\Answered", "New"] : [...flagsFor(index)]).sort().join(" "),
          text,
        ]),
      );
    }),
});

Deno.test({
  name: "what Dovecot has written is seen: UIDs, flags, keywords, dates and bytes",
  ignore,
  fn: () =>
    world(async ({ storage, session, box, log }) => {
      let validity = "";
      await session(async (imap) => {
        await imap.command("CREATE work");
        await imap.command("CREATE empty");
        await imap.command("SUBSCRIBE work");
        for (const [index, text] of TEXTS.entries()) {
          const flags = flagsFor(index).join(" ");
          const date = `03-Feb-20${10 + index} 04:05:06 +0200`;
          const bytes = crlf(text);
          await imap.command(`APPEND work (${flags}) "${date}" {${bytes.length}}`, bytes);
        }
        validity = /UIDVALIDITY (\d+)/.exec(await imap.command("SELECT work"))?.[1] ?? "";
        // Not the one whose body begins with such a line: 2.3.19 leaves a line end of it behind.
        await imap.command("UID STORE 5 +FLAGS (\\Deleted)");
        await imap.command("EXPUNGE");
        await imap.command("UID STORE 2 FLAGS (\\Answered Later)");
        await imap.command("CLOSE");
      });
      const work = await box("work");
      deepEqual(work.mailbox, { uidValidity: Number(validity), uidNext: 10, messages: 8 });
      deepEqual(work.properties, { subscribed: "yes" });
      deepEqual((await box("empty")).mailbox?.messages, 0);
      const expected = TEXTS.flatMap((text, index) =>
        index === 4 ? [] : [[
          String(index + 1),
          (index === 1 ? ["Later", "\\Answered"] : [...flagsFor(index)].sort()).join(" "),
          // It ends each body with an LF, also one of no bytes.
          index === 5 ? `${text}\n` : text,
        ]]
      );
      same(await contents(storage, work), expected);
      deepEqual(
        (await fetchAll(storage, work)).map(({ mail }) => mail?.received),
        [0, 1, 2, 3, 5, 6, 7, 8].map((index) => Date.UTC(2010 + index, 1, 3, 2, 5, 6)),
      );
      equal(log(), "");
    }),
});

Deno.test({
  name: "a mail that comes back under its old UID keeps it, and all others keep theirs",
  ignore,
  fn: () =>
    world(async ({ storage, session, box, log }) => {
      const made = await storage.createCollection(collectionId("work"), {}, never);
      await apply(
        storage,
        made,
        [1, 2, 3, 5].map((uid) => creation(uid, `Subject: ${uid}\n\n${uid}\n`)),
      );
      await session(async (imap) => {
        await imap.command("SELECT work");
        await imap.command("UID STORE 2 FLAGS (\\Deleted)");
        await imap.command("EXPUNGE");
        await imap.command("CLOSE");
      });
      const work = await box("work");
      deepEqual((await list(storage, work)).map(({ href }) => href), ["1", "3", "5"]);
      await apply(storage, work, [
        creation(2, "Subject: 2\n\n2\n"),
        creation(4, "Subject: 4\n\n4\n"),
      ]);
      await session(async (imap) => {
        match(await imap.command("SELECT work"), /UIDNEXT 6/);
        deepEqual(
          (await mailsOf(imap)).map(([uid, , , text]) => [uid, text]),
          [1, 2, 3, 4, 5].map((uid) => [
            String(uid),
            `Subject: ${uid}\r\n\r\n${uid}\r\n`,
          ]),
        );
      });
      const swapped = await storage.renumber?.(
        await box("work"),
        { uids: new Map([[1, 5], [5, 1]].map(([from, to]) => [String(from), to] as never)) },
        never,
      );
      ok(swapped);
      await session(async (imap) => {
        await imap.command("SELECT work");
        deepEqual((await mailsOf(imap)).map(([uid, , , text]) => [uid, text.at(-3)]), [
          ["1", "5"],
          ["2", "2"],
          ["3", "3"],
          ["4", "4"],
          ["5", "1"],
        ]);
      });
      equal(log(), "");
    }),
});

Deno.test({
  name: "INBOX in a spool folder is read and written, emptied and filled again",
  ignore,
  fn: () =>
    world(async ({ storage, session, box, log, inbox }) => {
      await Deno.writeTextFile(
        inbox,
        "From a@b  Mon Feb 03 04:05:06 2020\nSubject: delivered\n\none\n\n" +
          "From a@b  Mon Feb 03 04:05:07 2020\nSubject: delivered too\n\ntwo\n\n",
      );
      const first = await box("INBOX");
      deepEqual((await contents(storage, first)).map(([uid]) => uid), ["1", "2"]);
      await session(async (imap) => {
        const selected = await imap.command("SELECT INBOX");
        match(selected, new RegExp(`UIDVALIDITY ${first.mailbox?.uidValidity}\\b`));
        deepEqual((await mailsOf(imap)).map(([uid]) => uid), ["1", "2"]);
      });
      for (const it of await list(storage, first)) await apply(storage, first, [deletion(it)]);
      await session(async (imap) => {
        const selected = await imap.command("SELECT INBOX");
        match(selected, /\* 0 EXISTS/);
        match(selected, /UIDNEXT 3\b/);
        match(selected, new RegExp(`UIDVALIDITY ${first.mailbox?.uidValidity}\\b`));
        await imap.command("APPEND INBOX {13}", "Subject: x\r\n\n");
      });
      deepEqual((await list(storage, await box("INBOX"))).map(({ href }) => href), ["3"]);
      equal(log(), "");
    }),
});

Deno.test({
  name: "two programs at once lose nothing of each other",
  ignore,
  fn: () =>
    world(async ({ storage, session, box, log }) => {
      const made = await storage.createCollection(collectionId("work"), {}, never);
      const rounds = 25;
      await session(async (imap) => {
        const theirs = async () => {
          for (let round = 0; round < rounds; round++) {
            const text = `Subject: theirs ${round}\r\n\r\nFrom them\r\n`;
            await imap.command(`APPEND work {${text.length}}`, text);
            if (round % 5 !== 4) continue;
            await imap.command("SELECT work");
            await imap.command("STORE 1:* +FLAGS (\\Flagged)");
            await imap.command("CLOSE");
          }
        };
        const ours = async () => {
          for (let round = 0; round < rounds; round++) {
            const subject = `Subject: ours ${round}\n\nFrom us\n`;
            for (let uid = round + 1, outcome = ""; outcome !== "done"; uid++) {
              outcome = (await apply(storage, made, [creation(uid, subject)]))[0]?.outcome ?? "";
              if (outcome === "failed") throw new Error("it was not created");
            }
            const [one] = await list(storage, made);
            if (one !== undefined && round % 3 === 0) {
              await apply(storage, made, [flagging(one, ["\\Seen", ...one.flags, `Word${round}`])]);
            }
          }
        };
        await Promise.all([theirs(), ours()]);
      }, ["mbox_write_locks=fcntl dotlock"]);
      const all = await contents(storage, await box("work"));
      const subjects = all.map(([, , text]) => /Subject: (.*)/.exec(text)?.[1]).sort();
      const expected = ["ours", "theirs"].flatMap((whose) =>
        Array.from({ length: rounds }, (_, round) => `${whose} ${round}`)
      ).sort();
      deepEqual(subjects, expected);
      equal(log().split("\n").filter((line) => /Error|Panic/.test(line)).join("\n"), "");
    }),
});

Deno.test({
  name:
    "a mail that brings an mbox's own fields along is the same one in a Maildir, over IMAP and in an mbox",
  ignore,
  fn: async () => {
    const texts = [
      "Subject: 1\nStatus: RO\nX-UID: 7\nX-Keywords: a\n b\n\ttwo\nFrom: a@b\n\ntext\n",
      "X-IMAPbase: 1 0000000009 x\nSubject: 2\nContent-Length: 3\nX-Status: A\n\nStatus: RO\n",
      "Subject: 3\n\nnone of them\n",
      "status : O\r\nSubject: 4\r\nX-IMAP: 5 6\r\n\r\nwith CR\r\n",
    ];
    const folder = await Deno.makeTempDir({ prefix: "idents-" });
    const idents = async (storage: Storage): Promise<readonly string[]> => {
      const inbox = (await storage.collections(never)).find(({ id }) => id === "INBOX");
      ok(inbox !== undefined);
      const hrefs = (await list(storage, inbox)).map(({ href }) => href);
      const found: string[] = [];
      for await (const batch of storage.fetch(inbox, hrefs, { signal: never, identsOnly: true })) {
        for (const it of batch) if (it.state === "present") found.push(it.item.ident);
      }
      const whole = (await fetchAll(storage, inbox)).map(({ ident }) => ident);
      await storage.close();
      deepEqual(whole, found);
      return found;
    };
    try {
      const path = join(folder, "Maildir");
      for (const name of ["cur", "new", "tmp"]) {
        await Deno.mkdir(join(path, name), { recursive: true });
      }
      for (const [n, text] of texts.entries()) {
        await Deno.writeTextFile(join(path, "cur", `170000000${n}.M${n}P1.host:2,S`), text);
      }
      const maildir = await idents(
        openMaildir({ name: "a", path, identBy: "digest", assign: "write", layout: "maildir++" }),
      );
      const tools = await dovecotTools(folder);
      await tools.adopt(folder);
      const argv = tools.imapTunnel(`maildir:${path}`, {});
      const imap = await idents(openImap({ name: "b", place: { kind: "tunnel", argv } }));
      const root = join(folder, "mail");
      await Deno.mkdir(root);
      await Deno.writeFile(join(root, "inbox"), new Uint8Array());
      const mbox = openMbox({ name: "c", path: root, assign: "write" });
      const inbox = (await mbox.collections(never)).find(({ id }) => id === "INBOX");
      ok(inbox !== undefined);
      const results = await apply(mbox, inbox, texts.map((text, n) => creation(n + 1, text)));
      deepEqual(outcomes(results), texts.map(() => "done"));
      const found = await idents(mbox);
      equal(new Set(found).size, texts.length);
      deepEqual(maildir, found);
      deepEqual(imap, found);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
