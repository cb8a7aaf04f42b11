/** Storages and pairs of mail in the configuration, and what is said of mistakes in them. */

import assert from "node:assert/strict";
import type { PairConfig, StorageConfig } from "../../../lib/config/config.ts";
import { resolveSecrets } from "../../../lib/config/secrets.ts";
import { matcherOf, takesFlag } from "../../../lib/config/value_mail.ts";
import { storageName } from "../../../lib/model/names.ts";
import { aroundMail, complaints, HOME, load, said } from "./support.ts";

const storage = async (text: string): Promise<StorageConfig> => {
  const { config } = await load(`storage s {\n${text}\n}\n`);
  const found = config.storages.get(storageName("s"));
  assert.ok(found !== undefined);
  return found;
};

const pair = async (lines: string): Promise<PairConfig> => {
  const { config } = await load(aroundMail("pair", lines));
  const [found] = config.pairs;
  assert.ok(found !== undefined);
  return found;
};

Deno.test("a Maildir has a path, a layout, and what Dovecot keeps elsewhere", async () => {
  const { at: _, ...plain } = await storage("type maildir\npath ~/Maildir");
  assert.deepEqual({ ...plain, path: undefined }, {
    name: "s",
    kind: "mail",
    type: "maildir",
    path: undefined,
    layout: "maildir++",
    readOnly: false,
    noDelete: false,
    interval: 300_000,
    filters: [],
  });
  const whole = await storage(
    "type maildir\npath ~/m\nlayout fs\ninbox /i\ncontrol /c\nindex /x\nalt_char -\nread_only",
  );
  assert.ok(whole.type === "maildir");
  const { layout, inbox, control, index, altChar, readOnly } = whole;
  assert.deepEqual(
    [layout, inbox, control, index, altChar, readOnly],
    ["fs", "/i", "/c", "/x", "-", true],
  );
});

Deno.test("mbox has a path and an inbox", async () => {
  const read = await storage("type mbox\npath ~/mail\ninbox /var/mail/u");
  assert.ok(read.type === "mbox" && read.path.kind === "text");
  assert.deepEqual([read.path.value, read.inbox], ["/home/u/mail", "/var/mail/u"]);
});

Deno.test("an IMAP server has a url or a tunnel, a login, and TLS as other servers have it", async () => {
  const read = await storage(
    "type imap\nurl imaps://hugo@imap.example.com:1993\npassword secret\nconnections 2\ntimeout 9",
  );
  assert.ok(read.type === "imap" && read.url?.kind === "text");
  assert.equal(read.url.value, "imaps://imap.example.com:1993");
  assert.ok(read.auth?.method === "basic" && read.auth.username?.kind === "text");
  assert.equal(read.auth.username.value, "hugo");
  assert.deepEqual([read.connections, read.timeout], [2, 9000]);
  const through = await storage("type imap\ntunnel ssh host /usr/lib/dovecot/imap");
  assert.ok(through.type === "imap");
  assert.deepEqual(through.tunnel, ["ssh", "host", "/usr/lib/dovecot/imap"]);
  assert.deepEqual([through.url, through.connections], [undefined, 4]);
});

/** The IMAP server of a configuration with these lines, with all that is known of it. */
async function resolved(lines: string) {
  const { config } = await load(aroundMail("caldav", lines));
  const { storages } = await resolveSecrets(config, config.pairs, {
    env: HOME,
    signal: new AbortController().signal,
    run: (argv) =>
      Promise.resolve({ status: "done", output: new TextEncoder().encode(argv.at(-1)) }),
  });
  const found = storages.get(storageName("server"));
  assert.ok(found?.type === "imap");
  return found;
}

Deno.test("TLS is demanded but of this machine, or where that was said", async () => {
  const place = async (lines: string) => (await resolved(lines)).place;
  assert.deepEqual(await place("url imaps://imap.example.com"), {
    host: "imap.example.com",
    port: 993,
    security: "tls",
  });
  assert.deepEqual(await place("url imap://imap.example.com"), {
    host: "imap.example.com",
    port: 143,
    security: "starttls",
  });
  for (const lines of ["url imap://localhost", "url imap://127.0.0.1", "url imap://[::1]"]) {
    assert.equal((await place(lines))?.security, "none", lines);
  }
  assert.deepEqual(await place("url imap://imap.example.com:1143\ninsecure"), {
    host: "imap.example.com",
    port: 1143,
    security: "none",
  });
  assert.deepEqual(await place("url {\n  cmd echo imaps://from.example.com\n}"), {
    host: "from.example.com",
    port: 993,
    security: "tls",
  });
});

Deno.test("a token is sent with the name that it is for", async () => {
  const token = async (lines: string) => {
    const { username, auth } = await resolved(lines);
    return [username, auth?.method];
  };
  assert.deepEqual(await token("url imaps://x\nusername hugo\ntoken t"), ["hugo", "bearer"]);
  assert.deepEqual(await token("url imaps://hugo@x\ntoken t"), ["hugo", "bearer"]);
  assert.deepEqual(await complaints(aroundMail("caldav", "url imaps://x\ntoken t")), [
    'error 5:9+6: the storage "server" has no "username" that its token is for (add it, or ' +
    "write it in the url: imaps://USER@HOST)",
  ]);
});

const STORAGES: readonly (readonly [lines: string, problems: readonly string[]])[] = [
  ["type maildir", [
    'error 1:9+1: the storage "s" has no "path" (add a line like this: path PATH)',
  ]],
  ["type maildir\npath Maildir", [
    'error 3:6+7: this path is relative (begin it with "/" or "~/")',
  ]],
  ["type maildir\npath /m\nlayout index", [
    'error 4:8+5: "layout" takes maildir++ or fs, not "index"',
  ]],
  ["type maildir\npath /m\nfilter busy_only", [
    'error 4:1+6: "filter" belongs to vdir, singlefile, caldav, carddav and webcal storages; ' +
    "this one is maildir",
  ]],
  ["type maildir\npath /m\nfileext eml", [
    'error 4:1+7: "fileext" belongs to vdir storages; this one is maildir',
  ]],
  ["type mbox\npath /m\nlayout fs", [
    'error 4:1+6: "layout" belongs to maildir storages; this one is mbox',
  ]],
  ["type maildir\npath /m\nalt_char ab", [
    'error 4:10+2: "alt_char" takes one character, like "_" or "-"',
  ]],
  ["type maildir\npath /m\nalt_char /", [
    'error 4:10+1: "alt_char" takes one character, like "_" or "-"',
  ]],
  ["type imap", [
    'error 1:9+1: the storage "s" has no "url", and no "tunnel" (add a line like this: url ' +
    "imaps://HOST)",
  ]],
  ["type imap\nurl https://x/", [
    'error 3:5+10: this is no URL of an IMAP server (begin it with "imaps://" or "imap://")',
  ]],
  ["type imap\nurl imaps://x/INBOX", [
    "error 3:5+15: the URL of an IMAP server ends behind its host (which mailboxes are kept in " +
    "step is said in the pair)",
  ]],
  ["type caldav\nurl imaps://x", [
    'error 3:5+9: imaps: is the URL of mail, and this storage is caldav (give it "type imap", ' +
    'or write the URL with "https://")',
  ]],
  ["type imap\nurl imaps://x\nauth_method digest\nusername u", [
    "error 4:1+11: IMAP has no auth_method digest (leave it out: the connection is encrypted)",
  ]],
  ["type imap\nurl imaps://x\npassword p", [
    'error 1:9+1: the storage "s" has a password and no username (add a line like this: ' +
    "username NAME)",
  ]],
  ["type imap\nurl imaps://u@x\nuser_agent me", [
    'error 4:1+10: "user_agent" belongs to caldav, carddav and webcal storages; this one is imap',
  ]],
  ["type imap\nurl imaps://u@x\ntunnel ssh x", [
    'warning 3:1+3: with a "tunnel" nobody connects to the "url"; it only tells who logs in',
  ]],
  ["type imap\ntunnel ssh x\ninsecure", [
    'warning 4:1+8: "insecure" is of no use with a "tunnel"',
  ]],
  ["type mdbox", [
    'error 2:6+5: unknown storage type "mdbox" (mail that only a server can read is reached ' +
    "through it: type imap)",
  ]],
  ["type Maildir", [
    'error 2:6+7: unknown storage type "Maildir" (it is called "maildir")',
  ]],
];

for (const [lines, problems] of STORAGES) {
  Deno.test(`mail storage: what is said of ${JSON.stringify(lines)}`, async () => {
    const complained = await complaints(`storage s {\n${lines}\n}\n`);
    assert.deepEqual(complained.filter((it) => !/no pair (?:uses|is defined)/.test(it)), problems);
  });
}

Deno.test("a pair of mail has what all pairs have, and limits, flags and expunge", async () => {
  const { at: _, ...plain } = await pair("");
  assert.deepEqual(plain, {
    name: "main",
    a: "local",
    b: "server",
    kind: "mail",
    collections: { all: true, fromA: false, fromB: false, ids: [], mappings: [], patterns: [] },
    onEmpty: "skip",
    onDelete: "sync",
    maxDelete: { percent: 50, count: 10 },
    conflicts: { kind: "none" },
    resolveDuring: "command",
    oneWay: false,
    properties: ["subscribed"],
    mail: { expunge: { a: false, b: false } },
  });
  const { mail } = await pair("max_size 25m\nmax_age 6m\nsync_flags seen $Todo\nexpunge b");
  assert.deepEqual(mail, {
    maxSize: 25 * 1024 * 1024,
    since: { kind: "relative", count: -6, unit: "month" },
    flags: { names: ["\\Seen", "$Todo"], keywords: false },
    expunge: { a: false, b: true },
  });
  assert.deepEqual((await pair("properties none")).properties, []);
  assert.deepEqual((await pair("collection Archive/2026")).collections.ids, ["Archive/2026"]);
});

Deno.test("sizes are bytes, or with k, m and g what computers count by", async () => {
  const of = async (text: string) => (await pair(`max_size ${text}`)).mail?.maxSize;
  assert.equal(await of("1000"), 1000);
  assert.equal(await of("500k"), 512_000);
  assert.equal(await of("2M"), 2_097_152);
  assert.equal(await of("1GiB"), 1_073_741_824);
});

Deno.test("collections may be patterns, and these choose from what is found", async () => {
  const { collections } = await pair("").then(() =>
    load(aroundMail("pair", "collections INBOX Lists/* !Lists/old"))
  ).then(({ config }) => config.pairs[0] ?? assert.fail());
  assert.deepEqual(collections.patterns, [
    { pattern: "INBOX", excludes: false },
    { pattern: "Lists/*", excludes: false },
    { pattern: "Lists/old", excludes: true },
  ]);
  assert.equal(collections.all, true);
  const limited = (await pair("collections from a\ncollections % !Trash")).collections;
  assert.deepEqual([limited.all, limited.fromA, limited.patterns.length], [false, true, 2]);
});

const PATTERNS: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["*", ["INBOX", "a", "a/b/c"], []],
  ["%", ["INBOX", "a"], ["a/b"]],
  ["%/b", ["a/b"], ["b", "a/b/b", "a/bb"]],
  ["Lists/*", ["Lists/deno", "Lists/a/b"], ["Lists", "Listsx/a"]],
  ["* !Trash", ["a", "Trash/old"], ["Trash"]],
  ["* !Lists/* Lists/deno", ["a", "Lists/deno"], ["Lists/mutt"]],
  ["!Trash", ["a", "INBOX"], ["Trash"]],
  ["inbox Sent%", ["INBOX", "Sent", "Sent Mail"], ["Drafts", "Sent/x"]],
  ["*a*b*", ["ab", "xaxbx", "a/b"], ["ba", "b"]],
];

const patternsOf = (text: string) =>
  text.split(" ").map((it) => ({
    pattern: it.replace(/^!/, ""),
    excludes: it.startsWith("!"),
  }));

for (const [patterns, taken, left] of PATTERNS) {
  Deno.test(`patterns: ${patterns}`, () => {
    assert.deepEqual([...taken, ...left].filter(matcherOf(patternsOf(patterns))), taken);
  });
}

Deno.test("a pattern that is made to take long takes no longer than others", () => {
  const matches = matcherOf(patternsOf(`${"*a".repeat(40)}b`));
  const before = performance.now();
  assert.equal(matches("a".repeat(200)), false);
  assert.ok(performance.now() - before < 1000);
});

Deno.test("flags are known by their names, whatever their case; keywords are all others", async () => {
  const of = async (text: string) => {
    const flags = (await pair(`sync_flags ${text}`)).mail?.flags;
    return flags === undefined ? undefined : takesFlag(flags);
  };
  assert.equal(await of("all"), undefined);
  const none = await of("none");
  assert.equal(none?.("\\Seen"), false);
  const some = await of("Seen flagged $Label1");
  assert.deepEqual(
    ["\\Seen", "\\Flagged", "$label1", "\\Deleted", "$Other"].map((it) => some?.(it)),
    [true, true, true, false, false],
  );
  const words = await of("seen keywords");
  assert.deepEqual(["\\Seen", "\\Draft", "$Any"].map((it) => words?.(it)), [true, false, true]);
});

const PAIRS: readonly (readonly [lines: string, problems: readonly string[]])[] = [
  ["max_size big", [
    'error 13:12+3: "big" is no size (write it like 1000000, 500k, 25m or 1g)',
  ]],
  ["max_size 0", [
    'error 13:12+1: "0" is no size (write it like 1000000, 500k, 25m or 1g)',
  ]],
  ["max_age 2026-01-01", [
    'error 13:11+10: "2026-01-01" is no age (write it like 30d, 8w, 6m or 1y)',
  ]],
  ["sync_flags all seen", ['error 13:14+3: "all" stands alone']],
  ["sync_flags 'a b'", ['error 13:14+5: "a b" is no flag for "sync_flags"']],
  ["expunge far", ['error 13:11+3: "expunge" takes none, a, b or both, not "far"']],
  ["conflict_resolution keep a", [
    'warning 13:3+19: "conflict_resolution" is of no use in a pair of mail: a mail never ' +
    "changes, and flags are merged one by one (leave it out)",
  ]],
  ["properties color", ['error 13:14+5: mailboxes have no "color"; they have "subscribed"']],
  ["collections * !", ['error 12:17+1: "!" is no pattern']],
  ["collections INBOX Sent", [
    'error 12:15+10: "collections" takes all, from a or from b, not "INBOX Sent" (name single ' +
    "collections like this: collection ID)",
  ]],
  ["collection a//b", ['error 13:14+4: "a//b" cannot be the id of a collection: it is empty']],
];

for (const [lines, problems] of PAIRS) {
  Deno.test(`pair of mail: what is said of ${JSON.stringify(lines)}`, async () => {
    assert.deepEqual(await complaints(aroundMail("pair", lines)), problems);
  });
}

Deno.test("what belongs to mail is a mistake in pairs of others, and mail with others too", async () => {
  const calendars = (line: string) =>
    complaints(`storage a {
  type vdir/icalendar
  path /a
}
storage b {
  type ${line === "" ? "maildir" : "vdir/icalendar"}
  path /b
}
pair p {
  storage_a a
  storage_b b
  collections all
${line}
}
`);
  assert.deepEqual(await calendars(""), [
    'error 9:6+1: the pair "p" is of two kinds: "a" has calendars, "b" has mail (look at the ' +
    "types of its storages)",
  ]);
  assert.deepEqual(await calendars("max_size 1m"), [
    'error 13:1+8: "max_size" belongs to pairs of mail; this one is of calendars',
  ]);
  assert.deepEqual(await calendars("expunge both"), [
    'error 13:1+7: "expunge" belongs to pairs of mail; this one is of calendars',
  ]);
  assert.deepEqual(await calendars("properties subscribed"), [
    'error 13:12+10: calendars have no "subscribed"',
  ]);
});

Deno.test("mail_location is read as Dovecot writes it, with what is wrong pointed at", async () => {
  const { config, warnings } = await load("mail_location maildir:~/Maildir:LAYOUT=fs\n");
  assert.equal(config.mailLocation, "maildir:~/Maildir:LAYOUT=fs");
  assert.deepEqual(warnings, []);
  assert.ok(
    (await said("mail_location mdbox:~/mdbox\n")).startsWith(
      `error: mdbox: can be read by Dovecot alone, and this version does not ask it yet
 --> /etc/d.conf:1:15
  |
1 | mail_location mdbox:~/mdbox
  |               ^^^^^^^^^^^^^
help: a server that has it can be reached through IMAP: imaps://USER@HOST
`,
    ),
  );
});

Deno.test("mail in TOML says the same", async () => {
  const { config } = await load(
    `
mail_location = "maildir:~/Maildir"
[storage.a]
type = "maildir"
path = "/a"
[storage.b]
type = "imap"
tunnel = ["ssh", "x"]
[pair.p]
storage_a = "a"
storage_b = "b"
collections = [["INBOX", "Lists/*", "!Lists/old"]]
max_size = "25m"
sync_flags = ["seen", "keywords"]
`,
    "/etc/d.toml",
  );
  const [found] = config.pairs;
  assert.equal(found?.collections.patterns.length, 3);
  assert.equal(found?.mail?.maxSize, 26_214_400);
  assert.deepEqual(found?.mail?.flags, { names: ["\\Seen"], keywords: true });
});

Deno.test("where both storages of a pair are wrong, its mail is not held against it", async () => {
  const told = await complaints(`storage a {
  type maildirr
}
storage b {
  type imapp
}
pair p {
  storage_a a
  storage_b b
  collections all
  max_size 25m
  sync_flags seen
}
`);
  assert.deepEqual(told.filter((it) => it.includes("belongs to pairs")), []);
  assert.equal(told.filter((it) => it.includes("unknown storage type")).length, 2);
});
