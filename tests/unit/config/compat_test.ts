/** The configuration as people know it from pimsync: docs/compatibility.md names these tests. */

import assert from "node:assert/strict";
import { around, complaints, load } from "./support.ts";

const STORAGES = `storage a {
  type vdir/icalendar
  path ~/a
}
storage b {
  type vdir/icalendar
  path /b
}
`;

const pair = (name: string, lines: string) =>
  `pair ${name} {\n  storage_a a\n  storage_b b\n${lines}\n}\n`;

Deno.test("the sections of a configuration may stand in any order", async () => {
  const text = `${pair("p", "collections all")}${STORAGES}status_path /s\n`;
  const { config, warnings } = await load(text);
  assert.deepEqual(warnings, []);
  assert.deepEqual([...config.storages.keys()], ["a", "b"]);
  assert.deepEqual(config.pairs.map(({ name }) => name), ["p"]);
});

Deno.test("a storage may be in many pairs, and a pair may have a storage's name", async () => {
  const text = STORAGES + pair("a", "collection x") + pair("b", "collection y");
  assert.deepEqual(await complaints(text), []);
});

Deno.test("lines of collections and of single ones add up", async () => {
  const { config } = await load(
    STORAGES + pair("p", "collections from a\ncollections from b\ncollection x\ncollection y"),
  );
  assert.deepEqual(config.pairs[0]?.collections, {
    all: false,
    fromA: true,
    fromB: true,
    ids: ["x", "y"],
    mappings: [],
    patterns: [],
  });
});

Deno.test("~/ at the beginning of a path is the home directory, and nothing else is replaced", async () => {
  const { config } = await load(STORAGES + pair("p", "collections all"));
  const [a] = config.storages.values();
  assert.ok(a?.type === "vdir/icalendar" && a.path.kind === "text");
  assert.equal(a.path.value, "/home/u/a");
  assert.deepEqual(await complaints(around("vdir", "path ~hugo/a")), [
    'error 3:8+7: only "~/" is replaced in a path (write the whole path)',
  ]);
});

Deno.test("what vdirsyncer calls otherwise is not known, and what was meant is said where it is near", async () => {
  const said = async (where: "vdir" | "caldav" | "pair", line: string) =>
    (await complaints(around(where, line))).join("; ");
  for (
    const [where, line] of [
      ["caldav", "verify /ca.pem"],
      ["caldav", "verify_fingerprint ab"],
      ["caldav", "useragent x"],
      ["caldav", "use_vcard_4"],
      ["caldav", "request_timeout 5"],
      ["caldav", "retries 5"],
      ["pair", "metadata color"],
      ["pair", "partial_sync revert"],
      ["pair", "implicit create"],
    ] as const
  ) {
    assert.match(await said(where, line), /^error \d+:3\+\d+: unknown directive "\w+" \(/, line);
  }
  assert.match(await said("caldav", "useragent x"), /did you mean "user_agent"\?/);
  for (const type of ["http", "singlefile", "google_calendar", "google_contacts"]) {
    assert.match(await said("vdir", `type ${type}`), /unknown storage type/, type);
  }
});

Deno.test("shell and cmd: the words of one are joined with single blanks, those of the other stay apart", async () => {
  const value = async (line: string) => {
    const { config } = await load(around("vdir", `path {\n${line}\n}`));
    const [local] = config.storages.values();
    assert.ok(local?.type === "vdir/icalendar");
    return local.path.kind === "text" ? undefined : local.path;
  };
  const script = await value(`shell echo   "a  b" '|' cat`);
  assert.ok(script?.kind === "shell");
  assert.equal(script.script, "echo a  b | cat");
  const program = await value(`cmd echo   "a  b" '|' cat`);
  assert.ok(program?.kind === "cmd");
  assert.deepEqual(program.argv, ["echo", "a  b", "|", "cat"]);
});

Deno.test("the name and the password of a feed may come from commands", async () => {
  const { config } = await load(
    "storage feed {\n  type webcal\n  url https://example.com/x.ics\n  collection_id x\n" +
      "  username {\n    cmd who\n  }\n  password {\n    shell pass show feed\n  }\n}\n",
  );
  const [feed] = config.storages.values();
  assert.ok(feed?.type === "webcal" && feed.auth?.method === "basic");
  assert.deepEqual([feed.auth.username?.kind, feed.auth.password?.kind], ["cmd", "shell"]);
});
