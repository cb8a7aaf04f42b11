import assert from "node:assert/strict";
import fc from "fast-check";
import { load, meaning, parse, type Plain } from "./support.ts";

/** TOML, and the scfg that makes the same tree. */
const SAME: readonly (readonly [rule: string, toml: string, scfg: string])[] = [
  ["an empty file has no directives", "# nothing\n", ""],
  ["a key is a directive", 'status_path = "~/x"', "status_path ~/x"],
  ["an array holds the parameters", 'x = ["a", "b c"]', 'x a "b c"'],
  [
    "an array is a directive for each element where it may be repeated",
    '[pair.p]\ncollection = ["a", "b"]\ncollections = ["all", ["from", "a"]]',
    "pair p {\ncollection a\ncollection b\ncollections all\ncollections from a\n}",
  ],
  ["an empty array of what may be repeated is nothing", "[pair.p]\ncollection = []", "pair p {\n}"],
  [
    "true is a directive without parameters, false is none",
    "[storage.s]\nread_only = true\ninsecure = false",
    "storage s {\nread_only\n}",
  ],
  ["numbers are words", "a = 12\nb = 0x10\nc = 1_000\nd = 1.50", "a 12\nb 16\nc 1000\nd 1.50"],
  [
    "a section is a table under its kind and its name",
    '[storage.s]\ntype = "x"\n[pair.p]\n',
    "storage s {\ntype x\n}\npair p {\n}",
  ],
  ["a name with dots is quoted", '[storage."a.b"]\n', "storage a.b {\n}"],
  [
    "tables may be written in braces and with dotted keys",
    'storage.s.type = "x"\nstorage.s.path = { cmd = ["y"] }\n[pair]\np = {}',
    "storage s {\ntype x\npath {\ncmd y\n}\n}\npair p {\n}",
  ],
  [
    "a table below a section is the block of a value",
    '[storage.s.password]\ncmd = ["a", "b"]',
    "storage s {\npassword {\ncmd a b\n}\n}",
  ],
  [
    "sections stay in the order of their first mention",
    '[storage.b]\n[storage.a]\n[storage.b.url]\nshell = "x"',
    "storage b {\nurl {\nshell x\n}\n}\nstorage a {\n}",
  ],
  [
    "literal and multi-line strings are words as well",
    "a = 'b\\c'\nd = '''e'''\nf = \"\"\"\ng\"\"\"",
    "a 'b\\c'\nd e\nf g",
  ],
  [
    "what follows a block without a name belongs to it",
    '[[pair.p.collection]]\nalias = "x"\n[pair.p.collection.y]\ncmd = "z"',
    "pair p {\ncollection {\nalias x\ny {\ncmd z\n}\n}\n}",
  ],
  ["lines may end as Windows ends them", 'a = "b"\r\n[storage.s]\r\n', "a b\nstorage s {\n}"],
];

for (const [rule, toml, scfg] of SAME) {
  Deno.test(`toml: ${rule}`, () => {
    const result = parse(toml, "toml");
    assert.deepEqual(result.problems, []);
    assert.deepEqual(result.tree, parse(scfg).tree);
  });
}

Deno.test("toml: what has blocks and lists in it has the same meaning in both languages", async () => {
  const scfg = await load(`
auth work {
  auth_method oauth2 {
    provider google
    client_id {
      shell echo id
    }
    scope a b
  }
}
storage laptop {
  type vdir/icalendar
  path /c
  item_types VEVENT VTODO
  filter drop VALARM ATTENDEE
  filter write busy_only
  filter read cmd strip -x
  post_hook hook "a b"
}
storage server {
  type caldav
  url https://dav.example.com/
  auth work
  auth_cert /c.pem /k.pem
  user_agent a b
}
storage other {
  type caldav
  url https://dav.example.com/
  auth_method oauth2 {
    client_id i
    token_url https://x/t
    device_url https://x/d
  }
}
storage asked {
  type caldav
  url https://dav.example.com/
  username u
  password {
    prompt The word
  }
}
pair main {
  storage_a laptop
  storage_b server
  collection {
    alias work
    id_a x
    href_b /y/
  }
  collection home
  max_delete 20% 5
  conflict_resolution cmd merge -x
  properties color order
  one_way
}
pair other {
  storage_a laptop
  storage_b other
  collection {
    alias work
    id_a x
    id_b y
  }
  collection {
    alias home
    id_a z
    id_b w
  }
  conflict_resolution keep a
  max_delete off
}
pair asked {
  storage_a laptop
  storage_b asked
  collections all
}
`);
  const toml = await load(
    `
[auth.work.auth_method.oauth2]
provider = "google"
client_id = { shell = "echo id" }
scope = ["a", "b"]

[storage.laptop]
type = "vdir/icalendar"
path = "/c"
item_types = ["VEVENT", "VTODO"]
filter = [["drop", "VALARM", "ATTENDEE"], ["write", "busy_only"], ["read", "cmd", "strip", "-x"]]
post_hook = ["hook", "a b"]

[storage.server]
type = "caldav"
url = "https://dav.example.com/"
auth = "work"
auth_cert = ["/c.pem", "/k.pem"]
user_agent = "a b"

[storage.other]
type = "caldav"
url = "https://dav.example.com/"
auth_method = { oauth2 = { client_id = "i", token_url = "https://x/t", device_url = "https://x/d" } }

[storage.asked]
type = "caldav"
url = "https://dav.example.com/"
username = "u"
password = { prompt = "The word" }

[pair.main]
storage_a = "laptop"
storage_b = "server"
collection = [{ alias = "work", id_a = "x", href_b = "/y/" }, "home"]
max_delete = ["20%", 5]
conflict_resolution = ["cmd", "merge", "-x"]
properties = ["color", "order"]
one_way = true

[pair.other]
storage_a = "laptop"
storage_b = "other"
conflict_resolution = "keep a"
max_delete = "off"

[[pair.other.collection]]
alias = "work"
id_a = "x"
id_b = "y"

[[pair.other.collection]]
alias = "home"
id_a = "z"
id_b = "w"

[pair.asked]
storage_a = "laptop"
storage_b = "asked"
collections = "all"
`,
    "/etc/d.toml",
  );
  assert.deepEqual(scfg.warnings, []);
  assert.deepEqual(toml.warnings, []);
  assert.deepEqual(meaning(toml.config), meaning(scfg.config));
});

Deno.test("toml: the same configuration in both languages has the same meaning", async () => {
  const scfg = await load(`
status_path /var/lib/dovetail
storage laptop {
  type vdir/icalendar
  path {
    shell echo "$HOME/calendars"
  }
  fileext .ical
  readonly
}
storage server {
  type caldav
  url https://hugo%40example.com:p%3Aw@dav.example.com/cal/
  password {
    cmd pass show "dav example"
  }
  connections 3
  timeout 90
}
storage test {
  type caldav
  url http://10.0.0.1:5232/
  insecure
  username me
  password 'it''s'
}
pair main {
  storage_a laptop
  storage_b server
  collections from b
  collections from a
  collection work
  collection "two words"
  on_empty sync
}
pair second {
  storage_a test
  storage_b server
  collections all
}
`.replace("'it''s'", `"it's"`));
  const toml = await load(
    `
status_path = "/var/lib/dovetail"

[storage.laptop]
type = "vdir/icalendar"
path = { shell = 'echo $HOME/calendars' }
fileext = ".ical"
read_only = true

[storage.server]
type = "caldav"
url = "https://hugo%40example.com:p%3Aw@dav.example.com/cal/"
connections = 3
timeout = 90
[storage.server.password]
cmd = ["pass", "show", "dav example"]

[storage.test]
type = "caldav"
url = "http://10.0.0.1:5232/"
insecure = true
username = "me"
password = "it's"

[pair.main]
storage_a = "laptop"
storage_b = "server"
collections = ["from b", ["from", "a"]]
collection = ["work", "two words"]
on_empty = "sync"

[pair.second]
storage_a = "test"
storage_b = "server"
collections = "all"
`,
    "/etc/d.toml",
  );
  assert.deepEqual(scfg.warnings, []);
  assert.deepEqual(toml.warnings, []);
  assert.deepEqual(meaning(toml.config), meaning(scfg.config));
  assert.deepEqual(meaning(scfg.config), {
    file: "",
    statusPath: { kind: "text", value: "/var/lib/dovetail" },
    storages: [
      ["laptop", {
        type: "vdir/icalendar",
        name: "laptop",
        kind: "calendar",
        readOnly: true,
        noDelete: false,
        interval: 300_000,
        filters: [],
        path: { kind: "shell", script: "echo $HOME/calendars" },
        fileext: "ical",
        fileignoreext: ".tmp",
      }],
      ["server", {
        type: "caldav",
        name: "server",
        kind: "calendar",
        readOnly: false,
        noDelete: false,
        interval: 300_000,
        filters: [],
        url: { kind: "text", value: "https://dav.example.com/cal/" },
        auth: {
          method: "basic",
          username: { kind: "text", value: "hugo@example.com" },
          password: { kind: "cmd", argv: ["pass", "show", "dav example"] },
        },
        tls: {},
        insecure: false,
        timeout: 90_000,
        connections: 3,
        collectionIdSegment: "last",
        scheduleAgent: "client",
      }],
      ["test", {
        type: "caldav",
        name: "test",
        kind: "calendar",
        readOnly: false,
        noDelete: false,
        interval: 300_000,
        filters: [],
        url: { kind: "text", value: "http://10.0.0.1:5232/" },
        auth: {
          method: "basic",
          username: { kind: "text", value: "me" },
          password: { kind: "text", value: { secret: "it's" } },
        },
        tls: {},
        insecure: true,
        timeout: 30_000,
        connections: 8,
        collectionIdSegment: "last",
        scheduleAgent: "client",
      }],
    ],
    pairs: [
      {
        name: "main",
        a: "laptop",
        b: "server",
        kind: "calendar",
        collections: {
          all: false,
          fromA: true,
          fromB: true,
          ids: ["work", "two words"],
          mappings: [],
          patterns: [],
        },
        onEmpty: "sync",
        onDelete: "sync",
        maxDelete: { percent: 50, count: 10 },
        conflicts: { kind: "merge" },
        resolveDuring: "command",
        oneWay: false,
        properties: ["displayname", "color", "description", "order"],
      },
      {
        name: "second",
        a: "test",
        b: "server",
        kind: "calendar",
        collections: { all: true, fromA: false, fromB: false, ids: [], mappings: [], patterns: [] },
        onEmpty: "skip",
        onDelete: "sync",
        maxDelete: { percent: 50, count: 10 },
        conflicts: { kind: "merge" },
        resolveDuring: "command",
        oneWay: false,
        properties: ["displayname", "color", "description", "order"],
      },
    ],
  });
});

const MISTAKES:
  readonly (readonly [toml: string, said: readonly string[], tree: readonly Plain[]])[] = [
    ["a =", ["1:4+1 this is not TOML: unspecified values are invalid"], []],
    ['b = 1\na = "x', ["2:7+1 this is not TOML: unterminated string constant"], []],
    ["a = 1\n\na = 2\n", ["3:1+1 this is given twice"], []],
    ["[storage.x]\n[storage.x]", ["2:10+1 this is given twice"], []],
    ["a = 1979-05-27\nb = 1", ["1:5+10 a date without quotes has no meaning here"], [["a"], [
      "b",
      "1",
    ]]],
    ['a = ["b", ["c"], true]', [
      "1:11+5 a list has no meaning here",
      "1:18+4 true or false has no meaning here",
    ], [["a", "b"]]],
    ["[pair.p]\ncollections = [{}]", ["2:16+2 a table has no meaning here"], [["pair", "p", [[
      "collections",
    ]]]]],
    ["[[pair]]\na = 1\n[b]", ["1:3+4 [[pair]] has no meaning here"], [["b", []]]],
    ['storage = "x"', ['1:11+3 "storage" is a table of tables'], []],
    ['[storage]\ntype = "x"', ['2:1+4 this "storage" has no name'], []],
  ];

for (const [text, problems, tree] of MISTAKES) {
  Deno.test(`toml: what is said of ${JSON.stringify(text)}`, () => {
    const result = parse(text, "toml");
    assert.deepEqual(result.problems, problems);
    assert.deepEqual(result.tree, tree);
  });
}

Deno.test("toml: each word knows its line, column and length, in characters", () => {
  const text = 'path = ["日本", "🗓️"] # x\n[storage.s]\nurl = """\nc\nd""" ';
  const { parsed } = parse(text, "toml");
  const directives = parsed.directives.flatMap((each) => [each, ...each.block ?? []]);
  const spans = directives.flatMap(({ name, params }) => [name, ...params])
    .map(({ text, span }) => [text, span.line, span.column, span.length]);
  assert.deepEqual(spans, [
    ["path", 1, 1, 4],
    ["日本", 1, 9, 4],
    ["🗓️", 1, 15, 4],
    ["storage", 2, 2, 7],
    ["s", 2, 10, 1],
    ["url", 3, 1, 3],
    ["c\nd", 3, 7, 3],
  ]);
});

Deno.test("toml: tables deeper than 32 are an error and do not exhaust the stack", () => {
  const dotted = "a.".repeat(4000) + "b = 1";
  assert.deepEqual(parse(dotted, "toml").problems, [
    "1:65+1 more than 32 tables within each other",
  ]);
  const inline = "a = " + "{ a = ".repeat(1000) + "1" + " }".repeat(1000);
  assert.equal(parse(inline, "toml").problems.length, 1);
  const list = "a = " + "[".repeat(8000) + "]".repeat(8000);
  assert.equal(parse(list, "toml").problems.length, 1);
});

const fragments = fc.constantFrom(
  ..."abc={}[]\"'\\#.\n\r, \t-1".split(""),
  '"""',
  "'''",
  "[storage.x]\n",
  "password = ",
  "cmd",
  "true",
  "é",
  "\u0000",
);

Deno.test("toml: no text makes the parser throw", () => {
  fc.assert(
    fc.property(fc.array(fragments, { maxLength: 60 }), (parts) => {
      parse(parts.join(""), "toml");
    }),
    { numRuns: 2000 },
  );
});
