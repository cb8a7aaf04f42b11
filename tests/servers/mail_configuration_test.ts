/** Pairs with an IMAP server, as they are written in a configuration. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { mail, maildirAt, makeMaildir } from "../cli/mail_kit.ts";
import { type Dovecot, isDovecotInstalled, startDovecot } from "../support/servers/dovecot.ts";
import { type Outcome, run } from "../support/dovetail.ts";

const ignore = !isDovecotInstalled();

interface Place {
  readonly folder: string;
  dovetail(...args: readonly string[]): Promise<Outcome>;
}

/** A Maildir with a mail, and a configuration with this IMAP storage. */
async function place(dovecot: Dovecot, server: string): Promise<Place> {
  const folder = `${dovecot.folder}/home/${crypto.randomUUID()}`;
  await makeMaildir(`${folder}/Maildir`, { INBOX: ["one:S"], "Lists.deno": ["two:F"] });
  await Deno.writeTextFile(
    `${folder}/d.conf`,
    `status_path ${folder}/status
storage home {
  type maildir
  path ${folder}/Maildir
}
storage server {
  type imap
${server}
}
pair mail {
  storage_a home
  storage_b server
  collections all
}
`,
    { mode: 0o600 },
  );
  return {
    folder,
    dovetail: (...args) =>
      run(["-c", `${folder}/d.conf`, ...args], { env: { HOME: folder, USER: "hugo" } }),
  };
}

const ALL = { INBOX: ["one:S"], "Lists.deno": ["two:F"] };

Deno.test({
  name:
    "an IMAP server with a url and a command for its password: check, discover, sync, both ways",
  ignore,
  fn: async () => {
    await using dovecot = await startDovecot();
    const { username, password } = await dovecot.addUser("hugo");
    const { folder, dovetail } = await place(
      dovecot,
      `  url imap://${username}@127.0.0.1:${dovecot.imapPort}
  password {
    shell 'echo ${password}'
  }`,
    );
    const check = await dovetail("check");
    strictEqual(check.code, 0, check.stdout + check.stderr);
    match((await dovetail("discover")).stdout, /Lists\/deno/);
    const first = await dovetail("sync");
    strictEqual(first.code, 0, first.stderr);
    // What IMAP cannot keep is said once.
    match(first.stderr, /^mail: server gives mails UIDs[^\n]*\n$/);
    match((await dovetail("sync")).stdout, /everything is in step/);

    // Another Maildir gets it all from the server, by dsync's command line.
    const copy = await dovetail(
      "mirror",
      "storage:server",
      "-o",
      `mail_location=maildir:${folder}/B`,
    );
    strictEqual(copy.code, 0, copy.stderr);
    match(copy.stderr, /server gives mails UIDs/);
    deepStrictEqual(await maildirAt(`${folder}/B`), ALL);
    await Deno.writeTextFile(`${folder}/B/new/9.M1P1.three`, mail("three"));
    strictEqual(
      (await dovetail("mirror", "storage:server", "-o", `mail_location=maildir:${folder}/B`)).code,
      0,
    );
    strictEqual((await dovetail("sync")).code, 0);
    deepStrictEqual((await maildirAt(`${folder}/Maildir`))["INBOX"], ["one:S", "three"]);
    ok(!(first.stdout + copy.stdout).includes(password));
  },
});

Deno.test({
  name: "a wrong password ends with 4, and is in nothing that is said",
  ignore,
  fn: async () => {
    await using dovecot = await startDovecot();
    const { username } = await dovecot.addUser("hugo");
    const { dovetail } = await place(
      dovecot,
      `  url imap://${username}@127.0.0.1:${dovecot.imapPort}\n  password hunter-two`,
    );
    const { code, stdout, stderr } = await dovetail("-vv", "sync");
    strictEqual(code, 4, stdout + stderr);
    ok(!(stdout + stderr).includes("hunter-two"));
  },
});

Deno.test({
  name: "tunnel: a program that speaks IMAP, logged in already",
  ignore,
  fn: async () => {
    await using dovecot = await startDovecot();
    const home = `${dovecot.folder}/home/far`;
    const user = await dovecot.addUser("far", { location: `maildir:${home}/Maildir`, home });
    const argv = dovecot.imapTunnel(user.location, { home });
    const words = argv.map((word) => `'${word}'`).join(" ");
    const { folder, dovetail } = await place(dovecot, `  tunnel ${words}`);
    const { code, stdout, stderr } = await dovetail("sync");
    strictEqual(code, 0, stdout + stderr);
    match((await dovetail("sync")).stdout, /everything is in step/);
    deepStrictEqual(await maildirAt(`${folder}/Maildir`), ALL);
  },
});
