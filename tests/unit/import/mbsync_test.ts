/** Mbsync's configuration as one of ours. */

import assert from "node:assert/strict";
import { loadConfig } from "../../../lib/config/load.ts";
import { ConfigError } from "../../../lib/config/problem.ts";
import { plainText, renderError, renderProblems } from "../../../lib/config/report.ts";
import { importMbsync, mbsyncCandidates } from "../../../lib/import/mbsync.ts";
import { parseMbsyncrc } from "../../../lib/import/mbsyncrc.ts";
import { matchesGolden } from "../../support/golden.ts";

const at = (name: string) => new URL(`mbsync/${name}`, import.meta.url);

/** Reads what was written as our configuration. */
const load = (text: string) =>
  loadConfig({
    file: "/d.conf",
    env: new Map([["HOME", "/home/hugo"]]),
    readFile: () => Promise.resolve(new TextEncoder().encode(text)),
  });

Deno.test("every option of mbsync's is taken over, or named with the reason why it is not", async () => {
  const text = await Deno.readTextFile(at("everything.rc"));
  const imported = importMbsync(text, { file: ".mbsyncrc" });
  matchesGolden(imported.shown, at("everything.conf"));
  matchesGolden(plainText(renderProblems(imported.notes, imported.source)), at("everything.txt"));
  assert.ok(imported.config.includes("hunter2"));
  assert.ok(!imported.shown.includes("hunter2"));
  // A relative path has no meaning here, which is said; all else is a configuration.
  await load(imported.config.replace("path Mail/legacy", "path /Mail/legacy"));
});

/** The lines of one block, without its braces. */
function blockOf(text: string, head: string): readonly string[] {
  const { config } = importMbsync(text, { file: "rc" });
  const [, block = ""] = config.split(`${head} {\n`);
  return block.slice(0, block.indexOf("\n}")).split("\n").map((it) => it.trim());
}

const STORES = `
IMAPStore far
Host example.com
User u
PassCmd p

MaildirStore near
Path /m/
Inbox /m/Inbox

`;

const channel = (lines: string) =>
  blockOf(`${STORES}Channel c\nFar :far:\nNear :near:\n${lines}\n`, "pair c");

for (
  const [lines, wanted] of [
    ["", ["collection INBOX", "on_delete skip"]],
    ["Patterns *", ["collections *", "on_delete skip"]],
    ["Patterns INBOX Sent", ["collection INBOX", "collection Sent", "on_delete skip"]],
    ["Patterns %\nPatterns !Trash\nRemove Both", ["collections % !Trash"]],
    ["Patterns *\nCreate Near", ["collections from a", "collections *", "on_delete skip"]],
    ["Patterns *\nCreate Far", ["collections from b", "collections *", "on_delete skip"]],
    ["Expunge Both\nRemove Both", ["collection INBOX", "expunge both"]],
    ["Expunge Near\nRemove Both", ["collection INBOX", "expunge b"]],
    ["Expunge Far\nRemove Both", ["collection INBOX", "expunge a"]],
    ["Sync Pull\nRemove Both", ["collection INBOX", "one_way"]],
    ["Sync New Delete\nRemove Both", ["collection INBOX", "sync_flags none"]],
    ["Sync All\nRemove Both", ["collection INBOX"]],
    ["MaxSize 1m\nRemove Both", ["collection INBOX", "max_size 1m"]],
  ] as const
) {
  Deno.test(`mbsync: what becomes of a channel with ${JSON.stringify(lines)}`, () => {
    assert.deepEqual(channel(lines), ["storage_a far", "storage_b near", ...wanted]);
  });
}

Deno.test("mbsync: a group has its channels beside its name, or in lines of either name", () => {
  const text = `${STORES}Channel c\nFar :far:\nNear :near:\n\n` +
    "Group all a\nChannel c\nChannels d:INBOX,Sent e\n\nGroup none\n";
  const { config, notes, pairs } = importMbsync(text, { file: "rc" });
  assert.deepEqual(pairs.map(({ name }) => String(name)), ["c"]);
  assert.ok(!notes.some(({ message }) => message.includes("channel has no")));
  assert.match(config, /\n# The group all: dovetail sync a c d\/INBOX d\/Sent e\n$/);
});

Deno.test("mbsync: a channel that only pushes is one way from near to far", () => {
  assert.deepEqual(channel("Sync Push\nExpunge Near\nRemove Both"), [
    "storage_a near",
    "storage_b far",
    "collection INBOX",
    "one_way",
    "expunge a",
  ]);
});

Deno.test("mbsync: mailboxes of other names on the two sides are put together", () => {
  const block = blockOf(
    `${STORES}Channel c\nFar :far:Archive\nNear :near:old\nRemove Both\n`,
    "pair c",
  );
  assert.deepEqual(block.slice(2), [
    "collection {",
    "alias Archive",
    "id_a Archive",
    "id_b old",
    "}",
  ]);
});

Deno.test("mbsync: where INBOX lies elsewhere than the mailboxes, wildcards do not take it", () => {
  const block = blockOf(
    "MaildirStore a\nPath /a/\nInbox /elsewhere\n\nMaildirStore b\nPath /b/\nInbox /other\n\n" +
      "Channel c\nFar :a:\nNear :b:\nPatterns *\n",
    "pair c",
  );
  assert.equal(block[2], "collections * !INBOX");
});

Deno.test("mbsync: what goes nowhere by Sync is not deleted there either", () => {
  const text = `${STORES}Channel c\nFar :far:\nNear :near:\nSync PullNew PullFlags Push\n`;
  assert.ok(blockOf(text, "storage near").includes("no_delete"));
  assert.ok(!blockOf(text, "storage far").includes("no_delete"));
});

Deno.test("mbsync's lines: quotes, backslashes, sections that end with an empty line", () => {
  const { global, sections } = parseMbsyncrc(
    'Create Both\n\nIMAPStore "a b"\nPassCmd "x \\"y\\" \\\\z"\n\nExpunge Far\n# c\nGroup g c1 c2\n',
    "rc",
  );
  assert.deepEqual(global.options.map(({ key, words }) => [key, ...words]), [
    ["create", "Both"],
    ["expunge", "Far"],
  ]);
  assert.deepEqual(
    sections.map(({ kind, name, options }) => [kind, name, options.map(({ words }) => words)]),
    [
      ["imapstore", "a b", [['x "y" \\z']]],
      ["group", "g", [["c1", "c2"]]],
    ],
  );
});

Deno.test("mbsync: a line that cannot be read is shown, and no password with it", () => {
  try {
    importMbsync('IMAPStore a\nPass "hunter2\nChannel\n', { file: "rc" });
    assert.fail("it was read");
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    const shown = plainText(renderError(error));
    assert.match(shown, /rc:2:1/);
    assert.match(shown, /rc:3:1/);
    assert.ok(!shown.includes("hunter2"), shown);
  }
});

Deno.test("mbsync's configuration is looked for where mbsync does", () => {
  assert.deepEqual(mbsyncCandidates(new Map([["HOME", "/h"]])), [
    "/h/.mbsyncrc",
    "/h/.config/isyncrc",
  ]);
  assert.deepEqual(mbsyncCandidates(new Map([["HOME", "/h"], ["XDG_CONFIG_HOME", "/x"]])), [
    "/h/.mbsyncrc",
    "/x/isyncrc",
  ]);
});
