/** Mailboxes of several kinds on one Dovecot, and dovetail's `mirror` and `backup` between them. */

import assert from "node:assert/strict";
import { type Outcome, run } from "./acceptance_process.ts";
import type { MailComparison } from "./mail_compare.ts";
import { accountOf, type MailAccount, readAccounts, type Seen } from "./mail_reader.ts";
import { type Dovecot, type MailUser, startDovecot } from "./servers/dovecot.ts";

/** How mail can be kept: `fs` is a Maildir with LAYOUT=fs, `imap` a server that we know nothing of. */
export type EndKind = "maildir" | "fs" | "mbox" | "imap";

/** Mail somewhere, which clients see through Dovecot and dovetail by its location. */
export interface End {
  readonly kind: EndKind;
  readonly user: MailUser;
  readonly account: MailAccount;
  /** As the command line names it. */
  readonly location: string;
  /** As Dovecot names it. */
  readonly native: string;
  see(): Promise<Seen>;
}

export interface MailWorld extends AsyncDisposable {
  readonly dovecot: Dovecot;
  /** The home directory of dovetail. */
  readonly root: string;
  /** Somebody with no mail yet. */
  end(kind: EndKind): Promise<End>;
  mirror(first: End, second: End, ...args: readonly string[]): Promise<Outcome>;
  backup(first: End, second: End, ...args: readonly string[]): Promise<Outcome>;
}

export async function newMailWorld(): Promise<MailWorld> {
  await using stack = new AsyncDisposableStack();
  const dovecot = stack.use(await startDovecot());
  const root = `${dovecot.folder}/home/dovetail`;
  await Deno.mkdir(root);
  let count = 0;
  const sync = async (
    command: "mirror" | "backup",
    first: End,
    second: End,
    args: readonly string[],
  ): Promise<Outcome> => {
    const outcome = await tool()(dovecot, root, command, first, second, args);
    for (const { user } of [first, second]) await dovecot.adopt(user.home);
    return outcome;
  };
  const kept = stack.move();
  return {
    dovecot,
    root,
    end: async (kind) => {
      const name = `${kind}${++count}`;
      const home = `${dovecot.folder}/home/${name}`;
      const native = nativeLocation(kind, home);
      const user = await dovecot.addUser(name, { location: native, home });
      const account = accountOf(dovecot, user);
      const url = `imap://${name}@127.0.0.1:${dovecot.imapPort}/`;
      const see = async () => {
        await dovecot.adopt(home);
        const [seen] = await readAccounts([account]);
        assert.ok(seen !== undefined);
        return seen;
      };
      return { kind, user, account, native, location: kind === "imap" ? url : native, see };
    },
    mirror: (first, second, ...args) => sync("mirror", first, second, args),
    backup: (first, second, ...args) => sync("backup", first, second, args),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function nativeLocation(kind: EndKind, home: string): string {
  switch (kind) {
    case "maildir":
      return `maildir:${home}/Maildir`;
    case "fs":
      return `maildir:${home}/Maildir:LAYOUT=fs`;
    case "mbox":
      return `mbox:${home}/mail:INBOX=${home}/inbox`;
    case "imap":
      // What the server keeps it in is nobody's concern.
      return `sdbox:${home}/sdbox`;
  }
}

type Tool = (
  dovecot: Dovecot,
  root: string,
  command: "mirror" | "backup",
  first: End,
  second: End,
  args: readonly string[],
) => Promise<Outcome>;

/**
 * What is tested. Dovecot's own doveadm can stand in, to see what the tests are worth: it cannot do
 * all that they ask, and what it can it does right.
 */
const tool = (): Tool => Deno.env.get("MAIL_TOOL") === "doveadm" ? doveadm : dovetail;

const dovetail: Tool = (_, root, command, first, second, args) =>
  run(
    [
      command,
      ...["-o", `mail_location=${first.location}`],
      ...[first, second].some(({ kind }) => kind === "imap")
        ? ["-o", `imap_password_cmd=echo ${first.user.password}`]
        : [],
      ...args,
      second.location,
    ],
    { cwd: root, env: { HOME: root, USER: "user" } },
  );

const doveadm: Tool = async (dovecot, _, command, first, second, args) => {
  const words = [command === "mirror" ? "sync" : "backup", ...args, second.native];
  const [program = "", ...rest] = dovecot.doveadm(first.native, ...words);
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: rest,
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  const [out, error] = [decoder.decode(stdout), decoder.decode(stderr)];
  return { status: code, stdout: out, stderr: error, said: out + error };
};

/** Every two kinds of storage that there is anything to see between. */
export const PAIRS: readonly (readonly [EndKind, EndKind])[] = [
  ["maildir", "maildir"],
  ["maildir", "fs"],
  ["maildir", "mbox"],
  ["mbox", "maildir"],
  ["maildir", "imap"],
  ["imap", "maildir"],
  ["imap", "imap"],
  ["mbox", "imap"],
  ["imap", "mbox"],
];

/** What both kinds can keep. */
export function keptBy(...kinds: readonly EndKind[]): MailComparison {
  const uids = !kinds.includes("imap");
  const maildirs = kinds.every((kind) => kind === "maildir" || kind === "fs");
  // What is between two mailboxes in a path is there by itself in one layout, and made in another.
  const folders = kinds.every((kind) => kind === "maildir");
  return {
    uids,
    guids: maildirs,
    lastLineEnd: !kinds.includes("mbox"),
    folders,
    // They belong to no mailbox, and over IMAP nobody can subscribe to what is not there.
    absentSubscriptions: false,
  };
}

/** Dovecot's caches, which change when they are read. */
const CACHES = /(?:^|\/)dovecot[.-](?:index|list|mailbox)[^/]*$/;

/**
 * What clients see of a storage stays. What Dovecot calls an empty mbox stands in its caches alone,
 * so that whoever writes the file gives it a new UIDVALIDITY; nobody has a mail of the old one.
 */
export const sameAsBefore = (kind: EndKind): MailComparison => ({ emptyNumbers: kind !== "mbox" });

/** Every file below a folder but Dovecot's caches, with what would tell that somebody wrote it. */
export async function filesOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const walk = async (path: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(path)) {
      const child = `${path}/${name}`;
      if (isDirectory) await walk(child);
      else if (!CACHES.test(child)) {
        const { size, mtime, ino } = await Deno.lstat(child);
        found.set(child.slice(folder.length + 1), `${size} ${mtime?.toISOString()} ${ino}`);
      }
    }
  };
  await walk(folder);
  return new Map([...found].sort());
}

/** Fails unless the files that were there are still there, and nobody wrote them; others may come. */
export function assertKept(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): void {
  const changed = [...before].filter(([name, told]) => after.get(name) !== told);
  const lines = changed.map(([name, told]) => `${name}: ${told} -> ${after.get(name) ?? "gone"}`);
  assert.equal(lines.join("\n"), "");
}

/** Fails unless there are the same files, and nobody wrote them. */
export function assertUntouched(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): void {
  assertKept(before, after);
  assert.deepEqual([...after.keys()].filter((name) => !before.has(name)), [], "new files");
}

/** Fails unless dovetail ended with that status. */
export function assertStatus(outcome: Outcome, status: number): void {
  const said = `it ended with ${outcome.status} instead of ${status}, and said:\n${outcome.said}`;
  assert.equal(outcome.status, status, said);
}
