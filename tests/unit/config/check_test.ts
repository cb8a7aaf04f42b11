import assert from "node:assert/strict";
import { around, complaints } from "./support.ts";

type Case = readonly [lines: string, said: readonly string[]];

/** Lines in a configuration that is sound without them, and what is said of the whole. */
const CASES: Readonly<Record<"global" | "vdir" | "caldav" | "pair", readonly Case[]>> = {
  global: [
    ["statuspath /x", [
      'error 1:1+10: unknown directive "statuspath" (did you mean "status_path"?)',
    ]],
    ["frobnicate", [
      'error 1:1+10: unknown directive "frobnicate" (known outside of all blocks are status_path, mail_location, auth, storage and pair)',
    ]],
    ["Storage x {\n}", ['error 1:1+7: unknown directive "Storage" (did you mean "storage"?)']],
    ["status_path", [
      'error 1:1+11: "status_path" needs a value (write it like this: status_path PATH)',
    ]],
    ["status_path a b", [
      'error 1:15+1: "status_path" takes one parameter (put quotes around a value that has blanks in it)',
    ]],
    ["status_path ~/a # b", [
      'warning 1:17+1: "#" begins no comment here: it is a parameter like any other (put the comment on a line of its own, or the word in quotes)',
      'error 1:17+1: "status_path" takes one parameter (put the comment on a line of its own)',
    ]],
    ["status_path rel/x", ['error 1:13+5: this path is relative (begin it with "/" or "~/")']],
    ['status_path ""', ['error 1:13+2: this path is relative (begin it with "/" or "~/")']],
    ["status_path ~bob/x", [
      'error 1:13+6: only "~/" is replaced in a path (write the whole path)',
    ]],
    ["status_path /a\nstatus_path /b", [
      'error 2:1+11: "status_path" is given twice (leave one of them out)',
    ]],
    ["status_path /x {\n}", ['error 1:13+2: "status_path" takes a value or a block, not both']],
    ["status_path {\n}", [
      'error 1:1+11: the block of "status_path" is empty (it needs "cmd" or "shell")',
    ]],
    ["status_path {\n  cmd a\n  shell b\n}", [
      'error 3:3+5: "status_path" has two commands (leave one of them out)',
    ]],
    ["status_path {\n  cmd a\n  cmd b\n}", [
      'error 3:3+3: "cmd" is given twice (leave one of them out)',
    ]],
    ["status_path {\n  cmd\n}", [
      'error 2:3+3: "cmd" has nothing to run (write the program behind it)',
    ]],
    ["status_path {\n  shell ''\n}", [
      'error 2:3+5: "shell" has nothing to run (write the program behind it)',
    ]],
    ["status_path {\n  cmdd a\n}", ['error 2:3+4: unknown directive "cmdd" (did you mean "cmd"?)']],
    ["status_path {\n  cmd {\n  }\n}", [
      'error 2:3+3: "cmd" takes no block (put what it runs on its line)',
    ]],
    ["status_path {\n  path /x\n}", [
      'error 2:3+4: "path" belongs in a storage, not in the block of a value',
    ]],
    ["status_path cmd x", [
      'error 1:17+1: "status_path" takes one parameter (a command stands in a block of its own: status_path { and } around its line)',
    ]],
    ["auth x {\n}", ['warning 1:6+1: no storage uses the auth block "x"']],
    ["auth digest {\n}", [
      'error 1:6+6: "digest" cannot be the name of an auth block: it is a method',
      'warning 1:6+6: no storage uses the auth block "digest"',
    ]],
    ["auth x", [
      'error 1:6+1: the auth block "x" has no block (write it like this: auth NAME { ... })',
    ]],
    ["auth x {\n  token y\n  password z\n}", [
      'warning 1:6+1: no storage uses the auth block "x"',
      'error 3:3+8: "password" is of no use with auth_method bearer (leave one of them out)',
    ]],
    ["carddav", [
      'error 1:1+7: unknown directive "carddav" (known outside of all blocks are status_path, mail_location, auth, storage and pair)',
    ]],
    ["type caldav", ['error 1:1+4: "type" belongs in a storage, not outside of all blocks']],
    ["readonly", ['error 1:1+8: "readonly" belongs in a storage, not outside of all blocks']],
    ["on_delete sync", ['error 1:1+9: "on_delete" belongs in a pair, not outside of all blocks']],
    ["storage {\n}", [
      'error 1:1+7: "storage" needs a value (write it like this: storage NAME { ... })',
    ]],
    ["storage x", [
      'error 1:9+1: the storage "x" has no block (write it like this: storage NAME { ... })',
    ]],
    ["storage x y {\n}", [
      'error 1:11+1: "storage" takes one parameter (put quotes around a value that has blanks in it)',
    ]],
    ["storage x {\n}", [
      'error 1:9+1: the storage "x" has no "type" (add a line like this: type TYPE)',
    ]],
    ["storage x {\n  type vdir/icalendar\n  path /x\n}", [
      'warning 1:9+1: no pair uses the storage "x"',
    ]],
    ["storage local {\n}", [
      'error 1:9+5: the storage "local" has no "type" (add a line like this: type TYPE)',
      'error 3:9+5: the storage "local" is defined twice',
    ]],
    ["pair main {\n}", [
      'error 1:6+4: the pair "main" has no "storage_a" (add a line like this: storage_a NAME)',
      'error 1:6+4: the pair "main" has no "storage_b" (add a line like this: storage_b NAME)',
      'error 11:6+4: the pair "main" is defined twice',
    ]],
    ...[".x", "-x", "a/b", "ä", "a b", "", "x".repeat(65)].map((name): Case => [
      `storage "${name}" {\n}`,
      [
        `error 1:9+${name.length + 2}: "${
          name.length > 60 ? `${name.slice(0, 60)}…` : name
        }" cannot be a name (a name has 1 to 64 letters (a to z), digits, "_", "." and "-", the last two not first)`,
      ],
    ]),
  ],
  vdir: [
    ["type vdir", [
      'error 3:8+4: unknown storage type "vdir" (it is called "vdir/icalendar", or "vdir/vcard" for contacts)',
    ]],
    ["type vdir/ical", [
      'error 3:8+9: unknown storage type "vdir/ical" (did you mean "vdir/icalendar"?)',
    ]],
    ["type jmap/icalendar", [
      'error 3:8+14: the storage type "jmap/icalendar" is not supported (servers that speak JMAP have caldav too: use type caldav)',
    ]],
    ["type jmap/vcard", [
      'error 3:8+10: the storage type "jmap/vcard" is not supported (servers that speak JMAP have carddav too: use type carddav)',
    ]],
    ["type filesystem", [
      'error 3:8+10: unknown storage type "filesystem" (it is called "vdir/icalendar", or "vdir/vcard" for contacts)',
    ]],
    ["type", ['error 3:3+4: "type" needs a value (write it like this: type TYPE)']],
    ["path", ['error 3:3+4: "path" needs a value (write it like this: path PATH)']],
    ["path x", ['error 3:8+1: this path is relative (begin it with "/" or "~/")']],
    ["fileext .", ['error 4:11+1: "." is no file extension']],
    ["fileext a/b", ['error 4:11+3: "a/b" is no file extension']],
    ["fileext ics {\n}", [
      'error 4:3+7: "fileext" takes no block (write it like this: fileext EXTENSION)',
    ]],
    ["read_only yes", ['error 4:13+3: "read_only" takes no parameter']],
    ["read_only\nreadonly", ['error 5:3+8: "read_only" is given twice (leave one of them out)']],
    ["url https://x/", [
      'error 4:3+3: "url" belongs to caldav, carddav, webcal and imap storages; this one is vdir/icalendar',
    ]],
    ["encoding utf-8", [
      'error 4:3+8: "encoding" is not supported: every file is read and written as UTF-8 (leave it out; files in another encoding need to be converted first)',
    ]],
    ["collections all", ['error 4:3+11: "collections" belongs in a pair, not in a storage']],
    ["pair x {\n}", [
      'error 4:3+4: "pair" belongs outside of all blocks, not in a storage (is a "}" missing above it?)',
      'error 4:8+1: the pair "x" has no "storage_a" (add a line like this: storage_a NAME)',
      'error 4:8+1: the pair "x" has no "storage_b" (add a line like this: storage_b NAME)',
    ]],
  ],
  caldav: [
    ["url", ['error 7:3+3: "url" needs a value (write it like this: url URL)']],
    ["url dav.example.com", [
      'error 7:7+15: this is no http or https URL (begin it with "https://" or "http://")',
    ]],
    ["url ftp://dav.example.com", [
      'error 7:7+21: this is no http or https URL (begin it with "https://" or "http://")',
    ]],
    ["url webcal://example.com", [
      'error 7:7+20: webcal: is the URL of a feed, and this storage is caldav (give it "type webcal", or write the URL with "https://")',
    ]],
    ["url unix:///run/x", []],
    ["url unix://run/x", [
      "error 7:7+12: a unix URL has three slashes and a path (write it like this: unix:///run/server.sock)",
    ]],
    ["url http://dav.example.com/\nsocket /run/x", []],
    ["socket run/x", ['error 8:10+5: this path is relative (begin it with "/" or "~/")']],
    ["url https://", ["error 7:7+8: this URL cannot be read"]],
    ["url http://dav.example.com/", [
      'error 7:7+23: http:// sends everything, the password too, for anyone on the way to read (use https://, or add "insecure" to this storage if that is meant)',
    ]],
    ["url http://127.0.0.1:1/\ninsecure", []],
    ["username", ['error 8:3+8: "username" needs a value (write it like this: username TEXT)']],
    ["username ''", ['error 8:12+2: "username" must not be empty']],
    ["password ''", ['error 8:12+2: "password" must not be empty']],
    ["insecure yes", ['error 8:12+3: "insecure" takes no parameter']],
    ["connections 0", ['error 8:15+1: "connections" takes a whole number from 1 to 64, not "0"']],
    ["connections 65", ['error 8:15+2: "connections" takes a whole number from 1 to 64, not "65"']],
    ["connections 1.5", [
      'error 8:15+3: "connections" takes a whole number from 1 to 64, not "1.5"',
    ]],
    // What is wrong with the words is all that is said of them.
    ["connections 3'", [
      "error 8:16+1: a single quote inside a word that is not quoted (put quotes around the whole word)",
    ]],
    ['timeout 1 "x', ["error 8:13+2: this quote is not closed on its line"]],
    ["timeout -1", ['error 8:11+2: "timeout" takes a whole number from 1 to 3600, not "-1"']],
    ["timeout 3601", ['error 8:11+4: "timeout" takes a whole number from 1 to 3600, not "3601"']],
    ["path /x", [
      'error 8:3+4: "path" belongs to vdir, singlefile, maildir and mbox storages; this one is caldav',
    ]],
    ["usrname me", ['error 8:3+7: unknown directive "usrname" (did you mean "username"?)']],
    ["url=https://x/", [
      'error 8:3+14: unknown directive "url=[redacted]" (a blank stands between a name and its value: url VALUE)',
    ]],
    ["timeout: 3", [
      'error 8:3+8: unknown directive "timeout:" (a blank stands between a name and its value: timeout VALUE)',
    ]],
  ],
  pair: [
    ["storage_a", ['error 12:3+9: "storage_a" needs a value (write it like this: storage_a NAME)']],
    ["storage_a locl", [
      'error 12:13+4: the pair "main" names the storage "locl", which is not defined (did you mean "local"?)',
    ]],
    ["storage_a elsewhere", [
      'error 12:13+9: the pair "main" names the storage "elsewhere", which is not defined (defined are local and server)',
    ]],
    ["storage_a server", [
      'error 10:13+6: the pair "main" has the same storage on both sides',
    ]],
    ["collections", [
      'error 12:3+11: "collections" needs a value (write it like this: collections all | from a | from b | [!]PATTERN...)',
    ]],
    ["collections alle", [
      'error 12:15+4: "collections" takes all, from a or from b, not "alle" (did you mean "all"?)',
    ]],
    ["collections from c", [
      'error 12:15+6: "collections" takes all, from a or from b, not "from c" (did you mean "from a"?)',
    ]],
    ["collections work home", [
      'error 12:15+9: "collections" takes all, from a or from b, not "work home" (name single collections like this: collection ID)',
    ]],
    ["collections from a\ncollections from a", [
      'warning 13:15+4: "collections from a" is given twice',
    ]],
    ["collection work\ncollection work", ['warning 14:14+4: "collection work" is given twice']],
    ["collection", [
      'error 13:3+10: "collection" needs a value (write it like this: collection ID | { ... })',
    ]],
    ["collection a/b", ['error 13:14+3: "a/b" cannot be the id of a collection: it has a "/"']],
    ["collection ..", [
      'error 13:14+2: ".." cannot be the id of a collection: it means another directory',
    ]],
    ["collection ''", ['error 13:14+2: "" cannot be the id of a collection: it is empty']],
    [`collection ${"ä".repeat(128)}`, [
      `error 13:14+128: "${
        "ä".repeat(60)
      }…" cannot be the id of a collection: it is longer than 255 bytes`,
    ]],
    ["on_empty yes", ['error 13:12+3: "on_empty" takes skip or sync, not "yes"']],
    ["colectons all", [
      'error 13:3+9: unknown directive "colectons" (did you mean "collections"?)',
    ]],
    ["url https://x/", ['error 13:3+3: "url" belongs in a storage, not in a pair']],
  ],
};

for (const [where, cases] of Object.entries(CASES)) {
  for (const [lines, problems] of cases) {
    Deno.test(`check: what is said of ${JSON.stringify(lines)} (${where})`, async () => {
      const place = where === "global" || where === "vdir" || where === "caldav" ? where : "pair";
      assert.deepEqual(await complaints(around(place, lines)), problems);
    });
  }
}
