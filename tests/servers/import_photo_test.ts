/** A card that a server had cut under vdirsyncer, and that was edited there before the move. */

import assert from "node:assert/strict";
import {
  isAccountInstalled,
  newDesk,
  onlyFile,
  openAccount,
  replaced,
} from "../support/acceptance_account.ts";
import { run } from "../support/acceptance_process.ts";
import { runCommand } from "../support/servers/process.ts";
import { isInstalled } from "../support/servers/server.ts";

const ignore = !isAccountInstalled("Radicale") || !isInstalled("vdirsyncer");

const PHOTO = btoa(String.fromCharCode(
  ...[0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70],
  ...Array.from({ length: 300 }, (_, at) => (at * 31) % 256),
));

const CARD = [
  "BEGIN:VCARD",
  "VERSION:4.0",
  "UID:u1",
  "FN:Grace Hopper",
  "N:Hopper;Grace;;;",
  `PHOTO:data:image/jpeg;base64,${PHOTO}`,
  "NOTE:Likes clocks",
  "END:VCARD",
  "",
].join("\r\n");

Deno.test("a photo that Radicale cut under vdirsyncer is asked about after an import, and stays", {
  ignore,
}, async () => {
  await using account = await openAccount("Radicale");
  await using desk = await newDesk();
  const { root } = desk;
  const env = { HOME: root, LC_ALL: "C.UTF-8" };
  const collection = await account.makeAddressbook("friends");
  await Deno.mkdir(`${root}/contacts/friends`, { recursive: true });
  await Deno.writeTextFile(`${root}/contacts/friends/u1.vcf`, CARD);
  await Deno.mkdir(`${root}/.vdirsyncer`);
  const theirs = `${root}/.vdirsyncer/config`;
  await Deno.writeTextFile(
    theirs,
    `
[general]
status_path = "~/.vdirsyncer/status/"
[pair contacts]
a = "contacts_local"
b = "contacts_remote"
collections = ["friends"]
[storage contacts_local]
type = "filesystem"
path = "~/contacts/"
fileext = ".vcf"
[storage contacts_remote]
type = "carddav"
url = "${account.origin}${account.contacts}"
username = "${account.username}"
password.fetch = ["command", "printf", "%s", "${account.password}"]
`,
  );
  for (const command of ["discover", "sync", "sync"]) {
    await runCommand(["vdirsyncer", "-c", theirs, command], { env, input: "y\n".repeat(10) });
  }
  const here = async () =>
    (await onlyFile(`${root}/contacts/friends`)).text.replace(/\r?\n[ \t]/g, "");
  assert.ok((await here()).includes(PHOTO), "vdirsyncer has brought the loss back already");
  const [path = ""] = await account.members(collection);
  await account.put(path, replaced(await account.get(path), "Likes clocks", "edited there"));

  const ours = `${root}/new.conf`;
  await run(["import", "vdirsyncer", theirs, "--output", ours], { cwd: root, env });
  const { status, said } = await run(["-c", ours, "sync"], { cwd: root, env });
  assert.equal(status, 2, said);
  assert.match(said, /Grace Hopper/);
  assert.ok((await here()).includes(PHOTO));
  assert.match(await account.get(path), /edited there/);
});
