import assert from "node:assert/strict";
import { complaints, load, meaning, said } from "./support.ts";

/** The files of tests/corpus/config: pimsync's usage page, as it stands and put right. */
const corpus = (name: string) =>
  Deno.readTextFile(new URL(`../../corpus/config/${name}`, import.meta.url));

Deno.test("what is wrong with the example of pimsync's usage page is said, and what it may have meant", async () => {
  assert.equal(
    `\n${await said(await corpus("usage-example.conf"), "/etc/pimsync.conf")}`,
    `
error: the pair "calendars" names the storage "contacts_local", which is not defined
  --> /etc/pimsync.conf:18:13
   |
18 |   storage_a contacts_local
   |             ^^^^^^^^^^^^^^
help: defined are calendars_remote (calendars) and calendars_local (contacts)

error: the pair "calendars" names the storage "contacts_fastmail", which is not defined
  --> /etc/pimsync.conf:19:13
   |
19 |   storage_b contacts_fastmail
   |             ^^^^^^^^^^^^^^^^^
help: defined are calendars_remote (calendars) and calendars_local (contacts)
`,
  );
});

Deno.test("the example of pimsync's usage page, put right, is a configuration", async () => {
  const { config, warnings } = await load(await corpus("usage-corrected.conf"));
  assert.deepEqual(warnings, []);
  assert.deepEqual(meaning(config), {
    file: "",
    statusPath: { kind: "text", value: "/home/u/.local/share/pimsync/status/" },
    storages: [
      ["calendars_remote", {
        type: "caldav",
        name: "calendars_remote",
        kind: "calendar",
        readOnly: false,
        noDelete: false,
        interval: 300_000,
        filters: [],
        url: { kind: "text", value: "https://caldav.example.com/" },
        auth: {
          method: "basic",
          username: { kind: "text", value: "hugo@example.com" },
          password: {
            kind: "cmd",
            argv: ["hiq", "-dFpassword", "proto=caldavs", "username=hugo@example.com"],
          },
        },
        tls: {},
        insecure: false,
        timeout: 30_000,
        connections: 8,
        collectionIdSegment: "last",
        scheduleAgent: "client",
      }],
      ["calendars_local", {
        type: "vdir/icalendar",
        name: "calendars_local",
        kind: "calendar",
        readOnly: false,
        noDelete: false,
        interval: 300_000,
        filters: [],
        path: { kind: "text", value: "/home/u/.local/share/calendars/" },
        fileext: "ics",
        fileignoreext: ".tmp",
      }],
    ],
    pairs: [{
      name: "calendars",
      a: "calendars_local",
      b: "calendars_remote",
      kind: "calendar",
      collections: { all: true, fromA: false, fromB: false, ids: [], mappings: [], patterns: [] },
      onEmpty: "skip",
      onDelete: "sync",
      maxDelete: { percent: 50, count: 10 },
      conflicts: { kind: "merge" },
      resolveDuring: "command",
      oneWay: false,
      properties: ["displayname", "color", "description", "order"],
    }],
  });
});

Deno.test("a pair that is read-only on both sides is refused, on one side not", async () => {
  const text = (...flags: readonly string[]) => `
storage a {
  type vdir/icalendar
  path /a
  ${flags[0]}
}
storage b {
  type vdir/icalendar
  path /b
  ${flags[1]}
}
pair p {
  storage_a a
  storage_b b
  collections all
}
`;
  assert.deepEqual(await complaints(text("read_only", "readonly")), [
    'error 12:6+1: both storages of the pair "p" are read-only, so nothing can be kept in step',
  ]);
  const { config } = await load(text("readonly", ""));
  assert.deepEqual([...config.storages.values()].map(({ readOnly }) => readOnly), [true, false]);
});

Deno.test("a pair without collections is a warning, and does nothing", async () => {
  const text = `
storage a {
  type vdir/icalendar
  path /a
}
storage b {
  type vdir/icalendar
  path /b
}
storage c {
  type vdir/icalendar
  path /c
}
pair p {
  storage_a a
  storage_b b
}
`;
  assert.deepEqual(await complaints(text), [
    'warning 10:9+1: no pair uses the storage "c"',
    'warning 14:6+1: the pair "p" names no collections, so it does nothing (add "collections all", or a "collection" for each that is meant)',
  ]);
  const { config } = await load(text);
  assert.deepEqual(config.pairs[0]?.collections, {
    all: false,
    fromA: false,
    fromB: false,
    ids: [],
    mappings: [],
    patterns: [],
  });
});

Deno.test("the login of an URL is used where none is given, and never stays in the URL", async () => {
  const of = async (lines: string) => {
    const text = `storage s {\n  type caldav\n${lines}\n}\n`;
    const { config } = await load(text);
    const [storage] = config.storages.values();
    assert.ok(storage?.type === "caldav");
    const { url, auth } = storage;
    assert.ok(url.kind === "text");
    if (auth === undefined) return [url.value, undefined, undefined];
    assert.ok(auth.method === "basic");
    const { username, password } = auth;
    const name = username?.kind === "text" ? username.value : undefined;
    const secret = password?.kind === "text" ? password.value.reveal() : undefined;
    return [url.value, name, secret];
  };
  assert.deepEqual(await of("url https://u:p@x/y"), ["https://x/y", "u", "p"]);
  assert.deepEqual(await of("url https://u%40v:p%3Aw@x/y"), ["https://x/y", "u@v", "p:w"]);
  assert.deepEqual(await of("url https://u:100%@x/y"), ["https://x/y", "u", "100%"]);
  assert.deepEqual(await of("url https://u@x/y\npassword z"), ["https://x/y", "u", "z"]);
  assert.deepEqual(await of("url https://u:p@x/y\nusername v\npassword z"), [
    "https://x/y",
    "v",
    "z",
  ]);
  assert.deepEqual(await of("url https://x/y"), ["https://x/y", undefined, undefined]);
});

Deno.test("the feeds of pimsync's usage page load, with the address in the file or from a command", async () => {
  const { config, warnings } = await load(await corpus("usage-webcal.conf"));
  assert.deepEqual(warnings, []);
  const feeds = [...config.storages.values()].filter(({ type }) => type === "webcal");
  assert.deepEqual(
    feeds.map((feed) =>
      feed.type === "webcal" && [feed.collectionId, feed.readOnly, feed.url.kind]
    ),
    [["holidays", true, "text"], ["italki", true, "cmd"]],
  );
  assert.deepEqual(config.pairs.map(({ onEmpty, onDelete }) => [onEmpty, onDelete]), [
    ["skip", "sync"],
    ["sync", "skip"],
  ]);
});

Deno.test("every directive of pimsync's is known, and loads without a word", async () => {
  const text = await corpus("pimsync-all.conf");
  assert.deepEqual(await complaints(text), []);
  const { config } = await load(text);
  const remote = [...config.storages.values()].find(({ name }) => name === "remote");
  assert.ok(remote?.type === "caldav");
  const { interval, userAgent, auth, collectionIdSegment, tls } = remote;
  assert.deepEqual([interval, userAgent, auth?.method, collectionIdSegment], [
    60_000,
    "my agent",
    "digest",
    "second-last",
  ]);
  assert.deepEqual(Object.keys(tls), ["roots", "fingerprint", "identity"]);
  assert.deepEqual(config.pairs.map(({ conflicts, oneWay }) => [conflicts.kind, oneWay]), [
    ["cmd", false],
    ["keep", true],
    ["keep", false],
    ["merge", false],
  ]);
});
