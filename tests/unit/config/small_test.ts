import assert from "node:assert/strict";
import fc from "fast-check";
import { cellsIn } from "../../../lib/config/cells.ts";
import { choosePairs } from "../../../lib/config/choose.ts";
import { readHttpUrl } from "../../../lib/config/http_url.ts";
import { editDistance, nearest } from "../../../lib/config/near.ts";
import { absolutePath } from "../../../lib/config/paths.ts";
import { ConfigError } from "../../../lib/config/problem.ts";
import { findDirective, SCHEMA, usageOf } from "../../../lib/config/schema.ts";
import type { DirectiveSpec } from "../../../lib/config/schema_types.ts";
import { around, aroundMail, complaints, HOME, load } from "./support.ts";

Deno.test("editDistance() counts letters added, left out, replaced and swapped", () => {
  const cases: readonly (readonly [a: string, b: string, distance: number])[] = [
    ["", "", 0],
    ["a", "", 1],
    ["abc", "abc", 0],
    ["abc", "abd", 1],
    ["abc", "ac", 1],
    ["abc", "acb", 1],
    ["colectons", "collections", 2],
    ["kitten", "sitting", 3],
    ["ca", "abc", 3],
  ];
  for (const [a, b, distance] of cases) {
    assert.equal(editDistance(a, b, 9), distance, `${a} ${b}`);
    assert.equal(editDistance(b, a, 9), distance, `${b} ${a}`);
    if (distance > 0) assert.equal(editDistance(a, b, distance - 1), distance, `${a} ${b}`);
  }
});

Deno.test("editDistance() is 0 for equal words alone, and one for each letter that is added", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      assert.equal(editDistance(a, b, 99) === 0, a === b);
      assert.equal(editDistance(a, `${a}x`, 99), 1);
      assert.equal(editDistance(a, b, 99), editDistance(b, a, 99));
    }),
  );
});

Deno.test("nearest() knows what is meant, and does not guess from far away", () => {
  const names = ["storage", "pair", "status_path"];
  assert.equal(nearest("storge", names), "storage");
  assert.equal(nearest("Storage", names), "storage");
  assert.equal(nearest("stroage", names), "storage");
  assert.equal(nearest("statuspath", names), "status_path");
  assert.equal(nearest("sto", names), "storage");
  assert.equal(nearest("st", names), undefined);
  assert.equal(nearest("collection", names), undefined);
  assert.equal(nearest("x".repeat(1000), names), undefined);
  assert.equal(nearest("x", []), undefined);
});

Deno.test("readHttpUrl() takes http and https alone, and says why not", () => {
  const refused: readonly (readonly [url: string, problem: RegExp])[] = [
    ["", /no http or https URL/],
    ["dav.example.com", /no http or https URL/],
    ["//dav.example.com", /no http or https URL/],
    ["https:/dav.example.com", /no http or https URL/],
    ["mailto:x@y", /no http or https URL/],
    ["file:///etc/passwd", /no http or https URL/],
    ["unix://run/x", /three slashes and a path/],
    ["unix:/run/x", /three slashes and a path/],
    ["unix:///", /three slashes and a path/],
    ["unix:///run/\nx", /no control characters/],
    ["webcal:x", /no http or https URL/],
    ["webcals://", /cannot be read/],
    ["https://", /cannot be read/],
    ["https://a b/", /cannot be read/],
    ["https://x/a b", /cannot be read/],
    ["https://x/\n", /cannot be read/],
    ["https://x:99999/", /cannot be read/],
  ];
  for (const [url, problem] of refused) {
    const read = readHttpUrl(url);
    assert.ok("problem" in read, url);
    assert.match(read.problem, problem);
  }
  const taken: readonly (readonly [url: string, read: string, exposed: boolean])[] = [
    ["https://x", "https://x/", false],
    ["HTTPS://X/Y", "https://x/Y", false],
    ["https://x/y?z=1#f", "https://x/y?z=1", false],
    ["http://x/", "http://x/", true],
    ["http://localhost:5232/", "http://localhost:5232/", false],
    ["http://127.0.0.1/", "http://127.0.0.1/", false],
    ["http://127.255.3.4/", "http://127.255.3.4/", false],
    ["http://[::1]:80/", "http://[::1]/", false],
    ["http://localhost.example.com/", "http://localhost.example.com/", true],
    ["http://127.0.0.1.example.com/", "http://127.0.0.1.example.com/", true],
    ["http://128.0.0.1/", "http://128.0.0.1/", true],
    ["http://[::2]/", "http://[::2]/", true],
    ["http://0.0.0.0/", "http://0.0.0.0/", true],
    ["http://u:p@localhost@evil.example/", "http://evil.example/", true],
    ["webcal://x/y.ics?z", "https://x/y.ics?z", false],
    ["WEBCALS://x/y.ics", "https://x/y.ics", false],
    ["webcal://localhost:1/y.ics", "http://localhost:1/y.ics", false],
    ["webcals://localhost:1/y.ics", "https://localhost:1/y.ics", false],
    ["unix:///run/a%20b.sock", "http://localhost/", false],
  ];
  for (const [url, expected, exposed] of taken) {
    const read = readHttpUrl(url);
    assert.ok("url" in read, url);
    assert.equal(read.url, expected);
    assert.equal(read.exposed, exposed, url);
  }
});

Deno.test("absolutePath() takes absolute paths and ~/, and nothing else", () => {
  const path = (text: string, env = HOME) => {
    const result = absolutePath(text, env);
    return "path" in result ? result.path : undefined;
  };
  assert.equal(path("/a/b/"), "/a/b/");
  assert.equal(path("~/a"), "/home/u/a");
  assert.equal(path("~/"), "/home/u/");
  assert.equal(path("~/a", new Map([["HOME", "/"]])), "/a");
  for (
    const text of ["", "a", "./a", "../a", "~", "~bob", "~bob/a", "$HOME/a", "/a\u0000", "/a\nb"]
  ) {
    assert.equal(path(text), undefined, JSON.stringify(text));
  }
  for (
    const home of [new Map<string, string>(), new Map([["HOME", ""]]), new Map([["HOME", "u"]])]
  ) {
    assert.equal(path("~/a", home), undefined);
  }
});

Deno.test("cellsIn() counts the columns of a terminal", () => {
  const cases: readonly (readonly [text: string, cells: number])[] = [
    ["", 0],
    ["abc", 3],
    ["é", 1],
    ["e\u0301", 1],
    ["日本", 4],
    ["ﾃｽﾄ", 3],
    ["한국", 4],
    ["Ａ", 2],
    ["🙂", 2],
    ["\u200d", 0],
  ];
  for (const [text, cells] of cases) assert.equal(cellsIn(text), cells, text);
});

Deno.test("choosePairs() gives the pairs of these names, all without names, and refuses others", async () => {
  const pair = (name: string) => `pair ${name} {\nstorage_a a\nstorage_b b\ncollections all\n}\n`;
  const storage = (name: string) => `storage ${name} {\ntype vdir/icalendar\npath /${name}\n}\n`;
  const names = ["work", "home", "other"];
  const { config } = await load(storage("a") + storage("b") + names.map(pair).join(""));
  const chosen = (...wanted: readonly string[]) =>
    choosePairs(config, wanted).map(({ name }) => name);
  assert.deepEqual(chosen(), names);
  assert.deepEqual(chosen("other", "work", "other"), ["work", "other"]);
  assert.throws(() => chosen("wrk", "work", "x"), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.deepEqual(error.problems, [
      { severity: "error", message: 'no pair is named "wrk"', help: 'did you mean "work"?' },
      {
        severity: "error",
        message: 'no pair is named "x"',
        help: "the pairs are work, home and other",
      },
    ]);
    assert.equal(error.message, 'no pair is named "wrk" (and 1 more)');
    return true;
  });
});

Deno.test("the schema names each directive once in its place, and describes it", () => {
  const seen = new Set<string>();
  for (const { place, name } of [...SCHEMA.directives, ...SCHEMA.refused]) {
    assert.ok(!seen.has(`${place} ${name}`), `${place} ${name}`);
    seen.add(`${place} ${name}`);
  }
  for (const spec of SCHEMA.directives) {
    assert.match(spec.help, /^[A-Z].*\.$/, spec.name);
    assert.ok(spec.example.startsWith(spec.name), spec.name);
    assert.equal(findDirective(spec.place, spec.name), spec);
    for (const alias of spec.aliases) assert.equal(findDirective(spec.place, alias), spec);
  }
});

/** Directives of pairs of mail alone. */
const OF_MAIL = ["max_size", "max_age", "sync_flags", "expunge"];

/** A directive's example in a whole that is sound without it. */
function wholeWith({ place, name, types, example }: DirectiveSpec): string {
  const storage = (type: string, lines: string) => {
    const needed = {
      vdir: "path /x\n",
      singlefile: "path /x.ics\n",
      webcal: "url https://x/\ncollection_id x\n",
      dav: "url https://x/\n",
      maildir: "path /x\n",
      mbox: "path /x\n",
      imap: "url imaps://x\n",
    };
    const [before = ""] = type.split("/");
    const usual = Object.entries(needed).find(([key]) => before.endsWith(key))?.[1] ?? "";
    const first = lines.split(" ")[0] ?? "";
    const rest = usual.split("\n").filter((line) => line.split(" ")[0] !== first).join("\n");
    const shared = lines === "auth NAME" && place === "storage" ? "auth NAME {\n}\n" : "";
    return `${shared}storage s {\n${name === "type" ? "" : `type ${type}\n`}${rest}${lines}\n}\n`;
  };
  switch (place) {
    case "global":
      return name === "auth" ? example : around("global", example);
    case "storage":
      return storage(
        types?.[0] ?? "caldav",
        example,
      );
    case "auth": {
      const token = name === "auth_method" ? "username x\n" : "";
      return `auth NAME {\n${token}${example}\n}\n${storage("caldav", "auth NAME")}`;
    }
    case "oauth2": {
      const usual = ["token_url https://x/t", "authorization_url https://x/a", "client_id x"];
      const others = usual.filter((line) => line.split(" ")[0] !== name).join("\n");
      return storage("caldav", `auth_method oauth2 {\n${others}\n${example}\n}`);
    }
    case "pair":
      return (OF_MAIL.includes(name) ? aroundMail : around)(
        "pair",
        example.replace(/ laptop$/, " local"),
      );
    case "collection": {
      const usual = ["alias x", "id_a x", "id_b x"];
      const others = usual.filter((line) => line.split(" ")[0] !== name.replace("href", "id"));
      return around("pair", `collection {\n${[...others, example].join("\n")}\n}`);
    }
    case "value":
      return around("global", `status_path {\n${example}\n}`);
  }
}

Deno.test("the example of every directive is accepted where it belongs", async () => {
  for (const spec of SCHEMA.directives) {
    const errors = (await complaints(wholeWith(spec))).filter((said) =>
      // The pair in its own example names storages that are not here.
      said.startsWith("error") && !(spec.name === "pair" && said.includes("not defined"))
    );
    assert.deepEqual(errors, [], `${spec.place} ${spec.name}`);
  }
});

Deno.test("usageOf() writes a directive in both languages", () => {
  const usage = (place: "global" | "storage" | "pair" | "value", name: string) => {
    const spec = findDirective(place, name);
    assert.ok(spec !== undefined);
    return [usageOf(spec, "scfg"), usageOf(spec, "toml")];
  };
  assert.deepEqual(usage("global", "storage"), ["storage NAME { ... }", "[storage.NAME]"]);
  assert.deepEqual(usage("storage", "readonly"), ["read_only", "read_only = true"]);
  assert.deepEqual(usage("storage", "path"), ["path PATH", 'path = "PATH"']);
  assert.deepEqual(usage("storage", "timeout"), ["timeout SECONDS", "timeout = SECONDS"]);
  assert.deepEqual(usage("pair", "collections"), [
    "collections all | from a | from b | [!]PATTERN...",
    'collections = "all" | "from a" | "from b" | ["PATTERN", "!PATTERN", ...]',
  ]);
  assert.deepEqual(usage("pair", "max_delete"), [
    "max_delete PERCENT% [NUMBER] | off",
    'max_delete = ["PERCENT%", NUMBER]',
  ]);
  assert.deepEqual(usage("pair", "collection"), [
    "collection ID | { ... }",
    'collection = "ID"',
  ]);
  assert.deepEqual(usage("value", "cmd"), [
    "cmd PROGRAM [ARGUMENT...]",
    'cmd = ["PROGRAM", "ARGUMENT", ...]',
  ]);
});
