import assert from "node:assert/strict";
import { ConfigError } from "../../../lib/config/problem.ts";
import { plainText, renderError, renderProblems } from "../../../lib/config/report.ts";
import type { Imported } from "../../../lib/import/imported.ts";
import { importVdirsyncer } from "../../../lib/import/vdirsyncer.ts";
import { load, meaning } from "../config/support.ts";

const convert = (text: string): ReturnType<typeof importVdirsyncer> =>
  importVdirsyncer(text, { file: "/home/u/.vdirsyncer/config", home: "/home/u" });

/** What is noted: `line: message (help)`. */
const noted = ({ notes }: Imported): readonly string[] =>
  notes.map(({ at, message, help }) => `${at?.line}: ${message}${help ? ` (${help})` : ""}`);

const GENERAL = '[general]\nstatus_path = "~/.vdirsyncer/status/"\n';

const CANARY = "hunter2Kanarie";

Deno.test("the usual configuration of vdirsyncer becomes one of ours that does the same", async () => {
  const imported = convert(`${GENERAL}
# A comment; and [no section].
[pair contacts]
a = "contacts_local"
b = "contacts_remote"
collections = ["from a", "from b"]
metadata = ["displayname", "color"]
conflict_resolution = "b wins"

[storage contacts_local]
type = "filesystem"
path = "~/.contacts/"
fileext = ".vcf"

[storage contacts_remote]
type = "carddav"
url = "https://dav.example.com/"
username = "bob"
password.fetch = ["command", "~/bin/get-password",
  "my account",
  # in the middle
  "x"]
use_vcard_4 = true

[pair calendar]
a = "calendar_local"
b = "calendar_remote"
collections = ["work", ["private", "home", "house"], ["same", "same", "same"], "from b"]
conflict_resolution = ["command", "vimdiff", "-x"]
metadata = null

[storage calendar_local]
type = "filesystem"
path = "/var/calendars"
fileext = ".ics"
fileignoreext = ".bak"
post_hook = "~/bin/hook"
encoding = "UTF-8"

[storage calendar_remote]
type = "caldav"
url = "https://dav.example.com/cal/"
username.fetch = ["prompt", "User name"]
password = "${CANARY} 'x' \\"y\\""
auth = "digest"
verify = "~/ca.pem"
verify_fingerprint = "${"AB:".repeat(31)}AB"
auth_cert = ["/c.pem", "~/k.pem"]
useragent = "my agent"
read_only = true
item_types = ["VEVENT", "VTODO"]
start_date = "datetime.now() - timedelta(days=365)"
end_date = "datetime.now() + timedelta(weeks=2)"
`);
  assert.equal(
    imported.config,
    `# Made from vdirsyncer's configuration.

storage contacts_local {
  type vdir/vcard
  path ~/.contacts/
  fileext vcf
}

storage contacts_remote {
  type carddav
  url https://dav.example.com/
  username bob
  password {
    cmd /home/u/bin/get-password 'my account' x
  }
  vcard_version 4.0
}

storage calendar_local {
  type vdir/icalendar
  path /var/calendars
  fileext ics
  fileignoreext .bak
  post_hook /home/u/bin/hook
}

storage calendar_remote {
  type caldav
  read_only
  url https://dav.example.com/cal/
  username {
    prompt 'User name'
  }
  password "${CANARY} 'x' \\"y\\""
  auth_method digest
  tls_root /home/u/ca.pem
  tls_fingerprint ${"AB:".repeat(31)}AB
  auth_cert /c.pem /home/u/k.pem
  user_agent 'my agent'
  item_types VEVENT VTODO
  start_date -365d
  end_date +14d
}

pair contacts {
  storage_a contacts_local
  storage_b contacts_remote
  collections all
  conflict_resolution keep b
  properties displayname color
}

pair calendar {
  storage_a calendar_local
  storage_b calendar_remote
  collections from b
  collection work
  collection {
    alias private
    id_a home
    id_b house
  }
  collection same
  conflict_resolution cmd vimdiff -x
  resolve_during sync
  properties none
}
`,
  );
  assert.deepEqual(
    noted(imported),
    [
      `36: what is changed in "calendar_local" is kept there and shown, for "calendar_remote" is read-only`,
    ].map((each) => each.replace("36", String(imported.notes[0]?.at?.line))),
  );
  assert.deepEqual(imported.pairs, [{ name: "contacts", renamed: [] }, {
    name: "calendar",
    renamed: [],
  }]);
  assert.equal(imported.statusPath, "/home/u/.vdirsyncer/status/");
  const { warnings } = await load(imported.config);
  assert.deepEqual(warnings, []);
  assert.ok(!imported.shown.includes(CANARY));
  assert.ok(!imported.shown.includes("my account"));
  assert.ok(imported.shown.includes("cmd /home/u/bin/get-password [redacted] [redacted]"));
});

Deno.test("storages that point at one collection are mapped with what it is called on each side", async () => {
  const imported = convert(`${GENERAL}
[pair one]
a = "folder"
b = "server"
collections = null
[pair other]
a = "folder"
b = "file"
collections = ["x"]
[pair feed]
a = "feed"
b = "folder"
collections = [["holidays", null, "days"]]
[storage folder]
type = "filesystem"
path = "~/cal/work/"
fileext = ".ics"
[storage server]
type = "caldav"
url = "https://dav.example.com/u/Arbeit%20neu/"
[storage file]
type = "singlefile"
path = "~/%s.ics"
[storage feed]
type = "http"
url = "https://example.com/feed.ics?key=${CANARY}"
`);
  const { config, warnings } = await load(imported.config);
  assert.deepEqual(warnings, []);
  const read = meaning(config) as {
    readonly storages: readonly (readonly [string, Readonly<Record<string, unknown>>])[];
    readonly pairs: readonly Readonly<Record<string, unknown>>[];
  };
  assert.deepEqual(
    read.storages.map(([name, { type, path, url, collectionId }]) =>
      [name, type, path ?? url, collectionId].filter((each) => each !== undefined)
    ),
    [
      ["folder_single", "vdir/icalendar", { kind: "text", value: "/home/u/cal/" }],
      ["folder", "vdir/icalendar", { kind: "text", value: "/home/u/cal/work/" }],
      ["server", "caldav", { kind: "text", value: "https://dav.example.com/u/Arbeit%20neu/" }],
      ["file", "singlefile/icalendar", { kind: "text", value: "/home/u/%s.ics" }],
      [
        "feed",
        "webcal",
        { kind: "text", value: `https://example.com/feed.ics?key=${CANARY}` },
        "feed",
      ],
    ],
  );
  assert.deepEqual(read.pairs.map(({ a, b, collections }) => [a, b, collections]), [
    ["folder_single", "server", {
      all: false,
      fromA: false,
      fromB: false,
      ids: [],
      mappings: [{ alias: "one", a: { id: "work" }, b: { id: "Arbeit neu" } }],
      patterns: [],
    }],
    ["folder", "file", {
      all: false,
      fromA: false,
      fromB: false,
      ids: ["x"],
      mappings: [],
      patterns: [],
    }],
    ["feed", "folder", {
      all: false,
      fromA: false,
      fromB: false,
      ids: [],
      mappings: [{ alias: "holidays", a: { id: "feed" }, b: { id: "days" } }],
      patterns: [],
    }],
  ]);
  assert.deepEqual(imported.pairs, [
    { name: "one", renamed: [{ theirs: null, ours: "one" }] },
    { name: "other", renamed: [] },
    { name: "feed", renamed: [] },
  ]);
  assert.ok(!imported.shown.includes(CANARY));
});

Deno.test("Google's storages ask for a permission of their own", async () => {
  const google = (type: string) =>
    `[storage ${type}]\ntype = "${type}"\ntoken_file = "~/t"\n` +
    `client_id = "id"\nclient_secret = "${CANARY}"\n`;
  const imported = convert(GENERAL + google("google_calendar") + google("google_contacts"));
  const { config } = await load(imported.config);
  assert.deepEqual(
    [...config.storages.values()].map((storage) =>
      "auth" in storage && storage.auth?.method === "oauth2"
        ? [storage.type, storage.auth.provider, storage.auth.scopes]
        : undefined
    ),
    [
      ["caldav", "google", ["https://www.googleapis.com/auth/calendar"]],
      ["carddav", "google", ["https://www.googleapis.com/auth/carddav"]],
    ],
  );
  assert.equal(imported.notes.length, 2);
  assert.ok(!imported.shown.includes(CANARY));
});

/** Options of a storage or a pair, and what is noted of them. */
const NOTED: readonly (readonly [type: string, options: string, notes: readonly string[]])[] = [
  ["caldav", 'url = "https://x/"\nverify = false', [
    "certificates are always checked (pin the server's with tls_fingerprint, or name its root with tls_root)",
  ]],
  ["caldav", 'url = "https://x/"\nverify = true', []],
  ["caldav", 'url = "https://x/"\nverify_fingerprint = "ab:cd"', [
    "a fingerprint is a SHA-256 here; this one was left out",
  ]],
  ["caldav", 'url = "https://x/"\nauth = "guess"', ['"auth": "guess" is not known; basic is used']],
  ["caldav", 'url = "http://x.example/"', [
    "http:// sends everything, the password too, for anyone to read",
  ]],
  ["caldav", 'url = "https://x/"\nstart_date = "make_it(7)"', [
    '"start_date" is an expression that is not known (write it like this: -365d)',
  ]],
  ["caldav", 'url = "https://x/"\nread_only.fetch = ["command", "x"]', [
    '"read_only.fetch": the value of "read_only" has to be written here, no command gives it',
  ]],
  ["caldav", 'url = "https://x/"\npassword.fetch = ["keyring", "x"]', [
    '"password" comes by the strategy "keyring", which is not known',
  ]],
  ["caldav", 'url = "https://x/"\ncolour = "red"', ['"colour" is not known and was left out']],
  ["filesystem", 'path = "cal"\nfileext = ".ics"', [
    "a relative path has no meaning here (write the whole path)",
  ]],
  ["filesystem", 'path = "/cal"\nfileext = ".ics"\nencoding = "latin1"', [
    "every file is read and written as UTF-8 (convert the files first)",
  ]],
  ["filesystem", 'path = "/cal"\nfileext = ""', [
    'whether the storage "s" has calendars or contacts is a guess (look at its type)',
    "files of every name are items there; here they need one ending",
  ]],
  ["filesystem/vcard", 'path = "/cal"\nfileext = ""', [
    "files of every name are items there; here they need one ending",
  ]],
  ["etesync_calendars", 'email = "x"', [
    'storages of the type "etesync_calendars" are not known',
  ]],
];

for (const [type, options, notes] of NOTED) {
  Deno.test(`import: what is noted of a ${type} with ${JSON.stringify(options)}`, () => {
    const imported = convert(`${GENERAL}[storage s]\ntype = "${type}"\n${options}\n`);
    assert.deepEqual(
      imported.notes.map(({ message, help }) => `${message}${help ? ` (${help})` : ""}`),
      notes,
    );
  });
}

/** Options of a pair, the directives they become, and how many notes there are. */
const PAIRS: readonly (readonly [options: string, directives: string, notes: readonly RegExp[]])[] =
  [
    ["collections = []", "properties none", [/are merged/]],
    [
      'collections = ["a"]\nconflict_resolution = null\nimplicit = "create"',
      "collection a properties none",
      [
        /are merged/,
      ],
    ],
    [
      'collections = ["from a"]\nconflict_resolution = "a wins"\npartial_sync = "revert"',
      "collections from a conflict_resolution keep a one_way properties none",
      [],
    ],
    [
      'collections = ["from a"]\nconflict_resolution = "a wins"\npartial_sync = "ignore"',
      "collections from a conflict_resolution keep a properties none",
      [
        /kept there and shown/,
      ],
    ],
    [
      'collections = ["a/b"]\nconflict_resolution = "a wins"',
      "conflict_resolution keep a properties none",
      [
        /"a\/b" cannot be the id/,
      ],
    ],
    [
      'collections = [["x", null, "y"], "z"]\nconflict_resolution = "a wins"',
      "collection { alias x id_a p id_b y } collection z conflict_resolution keep a properties none",
      [
        /with and without names/,
        /kept there and shown/,
      ],
    ],
    [
      'collections = [1]\nconflict_resolution = "c wins"\nmetadata = ["order", "x"]',
      "properties order",
      [
        /neither a name nor three/,
        /"conflict_resolution" has a value/,
        /of the metadata only/,
        /kept there/,
      ],
    ],
  ];

for (const [options, directives, notes] of PAIRS) {
  Deno.test(`import: what becomes of a pair with ${JSON.stringify(options)}`, () => {
    const imported = convert(`${GENERAL}[pair x]\na = "a"\nb = "b"\n${options}
[storage a]
type = "filesystem"
path = "/p"
fileext = ".ics"
read_only = true
[storage b]
type = "caldav"
url = "https://x/"
`);
    const [, pair = ""] = /pair x \{\n([\s\S]*)\}\n$/.exec(imported.config) ?? [];
    const words = pair.replace(/\s+/g, " ").trim().replace("storage_a a storage_b b ", "");
    assert.equal(words, directives);
    const said = imported.notes.map(({ message }) => message);
    for (const note of notes) assert.ok(said.some((each) => note.test(each)), `${note}: ${said}`);
    const others = said.filter((each) => !notes.some((note) => note.test(each)));
    assert.deepEqual(others.filter((each) => !each.includes("kept there")), []);
  });
}

Deno.test("what vdirsyncer does not read is no configuration of its, and no value is in what is said", () => {
  const mistakes: readonly (readonly [text: string, said: string])[] = [
    ["x = 1", "1: this stands in no section"],
    ["[storage x]\nnothing", "2: this is no option: NAME = VALUE"],
    [`[storage x]\npassword = ${CANARY}`, '2: the value of "password" is no JSON'],
    ["[storage x]\na = 1\nA = 2", '3: "a" is given twice'],
    ["[storage x]\n[storage x]", "2: the section [storage x] is there twice"],
  ];
  for (const [text, said] of mistakes) {
    assert.throws(() => convert(text), (error) => {
      assert.ok(error instanceof ConfigError);
      const [problem] = error.problems;
      assert.equal(`${problem?.at?.line}: ${problem?.message}`, said);
      assert.ok(!Deno.inspect(error, { depth: 9 }).includes(CANARY));
      return true;
    });
  }
});

Deno.test("what [DEFAULT] has holds for every section", () => {
  const imported = convert(
    `[DEFAULT]\nfileext = ".vcf"\n${GENERAL}[storage x]\ntype = "filesystem"\npath: "/p"\n`,
  );
  assert.ok(imported.config.includes("type vdir/vcard"));
});

Deno.test("import: a storage of an unknown type is left out with its pairs, and nothing else is", async () => {
  const imported = convert(`${GENERAL}
[pair exotic]
a = "local"
b = "weird"
collections = ["from a"]
[pair usual]
a = "local"
b = "remote"
collections = ["from a"]
conflict_resolution = "a wins"
[storage weird]
type = "etesync\\ntype caldav"
email = "x"
[storage local]
type = "filesystem"
path = "/cal"
fileext = ".ics"
[storage remote]
type = "caldav"
url = "https://dav.example.com/"
`);
  assert.deepEqual(imported.pairs.map(({ name }) => name), ["usual"]);
  const { config } = await load(imported.config);
  assert.deepEqual([...config.storages.keys()], ["local", "remote"]);
  assert.deepEqual(config.pairs.map(({ name }) => name), ["usual"]);
  const consequence = 'the storage "weird" was left out, and with it the pair "exotic"';
  assert.deepEqual(imported.notes[0]?.notes, [consequence]);
  assert.match(
    imported.config,
    /^# The storage "weird" was left out, and with it the pair "exotic"\.$/m,
  );
  assert.match(
    imported.config,
    /^# Storages of the type "etesync[^\n]*type caldav" are not known\.$/m,
  );
});

Deno.test("import: of a section whose bracket is missing it is said that it is missing", () => {
  for (const text of ["[pair x\n", `${GENERAL}[pair x\na = "b"\n`]) {
    assert.throws(() => convert(text), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.problems[0]?.message, 'the "]" of this section is missing');
      return true;
    });
  }
});

Deno.test("import: the line of a mistake is shown, and no value of it", () => {
  const at = (text: string): string => {
    try {
      return plainText(renderProblems(convert(text).notes, convert(text).source));
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      return plainText(renderError(error));
    }
  };
  const place = "/home/u/.vdirsyncer/config";
  assert.equal(
    at("[pair x\n"),
    `error: the "]" of this section is missing\n --> ${place}:1:1\n  |\n1 | [pair x\n  | ^\n`,
  );
  assert.equal(
    at(`[storage s]\npassword = ${CANARY}\n`),
    `error: the value of "password" is no JSON\n --> ${place}:2:1\n  |\n` +
      `2 | password = [redacted]\n  | ^^^^^^^^\nhelp: texts stand in double quotes: "…"\n`,
  );
  const command = `[storage s]\ntype = "caldav"\nurl = "https://x/"\nusername = "u"\n` +
    `password.fetch = ["keyring",\n  ["${CANARY}"\n  ]]\n`;
  assert.match(at(command), /password\.fetch = \[redacted\]/);
  for (const text of [command, `[storage s]\n${CANARY}\n`, `[storage s]\na = 1\n["${CANARY}"\n`]) {
    assert.ok(!at(text).includes(CANARY), text);
  }
});
