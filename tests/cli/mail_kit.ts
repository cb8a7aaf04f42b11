/** Maildirs to bring in step, and what is in them afterwards. */

import { deepStrictEqual } from "node:assert/strict";
import { environment, type Outcome, run } from "../support/dovetail.ts";

export interface MailWorld {
  readonly folder: string;
  /** Runs with this folder as the home of a user named hugo. */
  dovetail(...args: readonly string[]): Promise<Outcome>;
  /** The same under the name dsync. */
  dsync(...args: readonly string[]): Promise<Outcome>;
  path(name: string): string;
  write(name: string, text: string): Promise<void>;
}

export async function inMailWorld(test: (world: MailWorld) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "dovetail-mail-" });
  const env = { HOME: folder, USER: "hugo" };
  const path = (name: string) => `${folder}/${name}`;
  try {
    await test({
      folder,
      dovetail: (...args) => run(args, { env }),
      dsync: (...args) => run(args, { env: { ...env, DOVETAIL_AS: "dsync" } }),
      path,
      async write(name, text) {
        await Deno.mkdir(path(name).replace(/\/[^/]*$/, ""), { recursive: true });
        await Deno.writeTextFile(path(name), text);
      },
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

export const mail = (subject: string, body = "Hello.\n"): string =>
  `From: Ada <ada@example.com>\nDate: Mon, 2 Mar 2026 10:00:00 +0000\n` +
  `Subject: ${subject}\nMessage-ID: <${subject}@example.com>\n\n${body}`;

/** Makes a Maildir++ with these mailboxes; each mail is named by its subject and its flags. */
export async function makeMaildir(
  path: string,
  mailboxes: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  for (const [name, mails] of Object.entries(mailboxes)) {
    const box = name === "INBOX" ? path : `${path}/.${name}`;
    for (const each of ["cur", "new", "tmp"]) {
      await Deno.mkdir(`${box}/${each}`, { recursive: true });
    }
    if (name !== "INBOX") await Deno.writeTextFile(`${box}/maildirfolder`, "");
    for (const [index, text] of mails.entries()) {
      const [subject = "", flags = ""] = text.split(":");
      const file = `${box}/cur/${1_700_000_000 + index}.M1P1.${subject}:2,${flags}`;
      await Deno.writeTextFile(file, mail(subject));
    }
  }
}

/** What is in the mailboxes of a Maildir++: subjects and flags, sorted. */
export async function maildirAt(
  path: string,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const found: Record<string, readonly string[]> = {};
  for (const entry of Deno.readDirSync(path)) {
    if (entry.isDirectory && entry.name.startsWith(".")) {
      found[entry.name.slice(1)] = await mailsIn(`${path}/${entry.name}`);
    }
  }
  return { INBOX: await mailsIn(path), ...found };
}

async function mailsIn(box: string): Promise<readonly string[]> {
  const mails: string[] = [];
  for (const folder of ["cur", "new"]) {
    for await (const { name } of Deno.readDir(`${box}/${folder}`)) {
      const text = await Deno.readTextFile(`${box}/${folder}/${name}`);
      const [, subject = ""] = /^Subject: (.*)$/m.exec(text) ?? [];
      const [, flags = ""] = /:2,(.*)$/.exec(name) ?? [];
      mails.push(flags === "" ? subject : `${subject}:${flags}`);
    }
  }
  return mails.sort();
}

/** The environment of programs that are not ours, in the world's home. */
export const environmentOf = ({ folder }: MailWorld): Record<string, string> =>
  environment({ HOME: folder, USER: "hugo" });

/** Writes the configuration of a pair of two Maildirs, with these lines in it. */
const configure = (world: MailWorld, lines: string) =>
  world.write(
    ".config/dovetail/dovetail.conf",
    `storage a {
  type maildir
  path ${world.folder}/A
}
storage b {
  type maildir
  path ${world.folder}/B
}
pair mail {
  storage_a a
  storage_b b
${lines}
}
`,
  );

/** Two Maildirs of which B is empty, brought in step. */
export async function synced(
  world: MailWorld,
  lines: string,
  mailboxes: Readonly<Record<string, readonly string[]>>,
): Promise<Readonly<Record<string, readonly string[]>>> {
  await configure(world, lines);
  await makeMaildir(world.path("A"), mailboxes);
  await makeMaildir(world.path("B"), { INBOX: [] });
  const { code, stderr } = await world.dovetail("sync");
  deepStrictEqual([code, stderr], [0, ""]);
  return await maildirAt(world.path("B"));
}
