import assert from "node:assert/strict";
import type { StorageConfig } from "../../../lib/config/config.ts";
import { complaints, load } from "./support.ts";

const text = (lines: string) => `storage s {\n${lines}\n}\n`;

async function storage(lines: string, more = ""): Promise<StorageConfig> {
  const { config } = await load(text(lines) + more);
  const [first] = config.storages.values();
  assert.ok(first !== undefined);
  return first;
}

/** What is said of a storage, but for that nothing uses it. */
async function said(lines: string, more = ""): Promise<readonly string[]> {
  const all = await complaints(text(lines) + more);
  return all.filter((each) => !each.startsWith("warning: no pair is defined"));
}

const CALDAV = "type caldav\nurl https://dav.example.com/\n";
const VDIR = "type vdir/icalendar\npath /c\n";

Deno.test("a storage's type decides what its items are, and how their files end", async () => {
  const types: readonly (readonly [lines: string, kind: string, fileext?: string])[] = [
    [VDIR, "calendar", "ics"],
    ["type vdir/vcard\npath /c", "contacts", "vcf"],
    ["type vdir/vcard\npath /c\nfileext .card", "contacts", "card"],
    ["type singlefile/icalendar\npath /c.ics", "calendar"],
    ["type singlefile/vcard\npath /%s.vcf", "contacts"],
    [CALDAV, "calendar"],
    ["type carddav\nurl https://x/", "contacts"],
    ["type webcal\nurl https://x/\ncollection_id y", "calendar"],
  ];
  for (const [lines, kind, fileext] of types) {
    const read = await storage(lines);
    assert.equal(read.kind, kind, lines);
    assert.equal("fileext" in read ? read.fileext : undefined, fileext, lines);
  }
});

Deno.test("what every storage may have is read, and has its defaults", async () => {
  const plain = await storage(VDIR);
  assert.deepEqual(
    [plain.readOnly, plain.noDelete, plain.interval, plain.itemTypes, plain.window, plain.filters],
    [false, false, 300_000, undefined, undefined, []],
  );
  const full = await storage(
    `${VDIR}no_delete\ninterval 60\nitem_types vtodo VEVENT\nstart_date -1y\nend_date 2030-12-31`,
  );
  assert.deepEqual([full.noDelete, full.interval, full.itemTypes], [
    true,
    60_000,
    ["VTODO", "VEVENT"],
  ]);
  assert.deepEqual(full.window, {
    from: { kind: "relative", count: -1, unit: "year" },
    to: { kind: "date", date: "2030-12-31" },
  });
});

Deno.test("filters keep their order, and go both ways unless one is named", async () => {
  const { filters } = await storage(
    `${VDIR}filter drop valarm ATTENDEE VALARM\nfilter read cmd ~/bin/strip -x ~/y\nfilter write busy_only`,
  );
  assert.deepEqual(filters.map(({ at: _, ...rest }) => rest), [
    { kind: "drop", direction: "both", names: ["VALARM", "ATTENDEE"] },
    { kind: "cmd", direction: "read", argv: ["/home/u/bin/strip", "-x", "~/y"] },
    { kind: "busy_only", direction: "write" },
  ]);
});

Deno.test("the files of a vdir and of a singlefile storage have their hooks and endings", async () => {
  const vdir = await storage(
    `${VDIR}fileignoreext .bak.ics\npost_hook ~/bin/hook a\npre_deletion_hook /bin/x`,
  );
  assert.ok(vdir.type === "vdir/icalendar");
  assert.deepEqual([vdir.fileignoreext, vdir.postHook, vdir.preDeletionHook], [
    ".bak.ics",
    ["/home/u/bin/hook", "a"],
    ["/bin/x"],
  ]);
  const file = await storage("type singlefile/icalendar\npath /c.ics\ncollection_id mine");
  assert.ok(file.type === "singlefile/icalendar");
  assert.deepEqual([file.collectionId, file.path], ["mine", {
    kind: "text",
    value: "/c.ics",
    at: { file: "/etc/d.conf", line: 3, column: 6, length: 6 },
  }]);
});

Deno.test("TLS, sockets and what else a server needs is read", async () => {
  const print = "AB:".repeat(31) + "CD";
  const read = await storage(
    `${CALDAV}socket ~/s\ntls_root /r.pem\ntls_fingerprint ${print}\nauth_cert ~/c.pem /k.pem\n` +
      "user_agent my agent/1.0\ncollection_id_segment second-last\nschedule_agent server\n" +
      "discovery principal\ntimeout 5\nconnections 2",
  );
  assert.ok(read.type === "caldav");
  assert.deepEqual(
    [read.socket, read.tls, read.userAgent, read.collectionIdSegment, read.scheduleAgent],
    [
      "/home/u/s",
      {
        roots: "/r.pem",
        fingerprint: "ab".repeat(31) + "cd",
        identity: { certificate: "/home/u/c.pem", key: "/k.pem" },
      },
      "my agent/1.0",
      "second-last",
      "server",
    ],
  );
  const unix = await storage("type carddav\nurl unix:///run/d.sock\nvcard_version 4.0");
  assert.ok(unix.type === "carddav");
  assert.ok(unix.url.kind === "text");
  assert.deepEqual([unix.url.value, unix.socket, unix.vcardVersion, unix.tls], [
    "http://localhost/",
    "/run/d.sock",
    "4.0",
    {},
  ]);
});

Deno.test("a feed is read-only, and its URL may be a webcal one", async () => {
  const of = async (lines: string) => {
    const read = await storage(`type webcal\ncollection_id feed\n${lines}`);
    assert.ok(read.type === "webcal" && read.url.kind === "text");
    return [read.url.value, read.readOnly, read.stableUids];
  };
  assert.deepEqual(await of("url webcal://x/y.ics"), ["https://x/y.ics", true, false]);
  assert.deepEqual(await of("url webcals://x/y.ics\nstable_uids"), ["https://x/y.ics", true, true]);
  assert.deepEqual(await of("url webcal://x/y.ics\ninsecure"), ["http://x/y.ics", true, false]);
  // Whoever wrote it meant it, and there is no login that could be overheard.
  assert.deepEqual(await of("url http://x/y.ics"), ["http://x/y.ics", true, false]);
  assert.deepEqual(await of("url webcal://127.0.0.1/y"), ["http://127.0.0.1/y", true, false]);
  assert.deepEqual(await said("type webcal\ncollection_id feed\nurl https://x/\nread_only"), [
    "warning 5:1+9: a webcal storage is read-only anyway (leave it out)",
  ]);
});

const MISTAKES: readonly (readonly [lines: string, said: readonly string[]])[] = [
  [`${VDIR}item_types`, [
    'error 4:1+10: "item_types" needs a value (write it like this: item_types TYPE...)',
  ]],
  [`${VDIR}item_types VEVENT VCARD`, [
    'error 4:19+5: "item_types" takes VEVENT, VTODO or VJOURNAL, not "VCARD"',
  ]],
  [`${VDIR}item_types VEVENT vevent`, ['error 4:19+6: "vevent" is given twice']],
  ["type carddav\nurl https://x/\nitem_types VEVENT", [
    'error 4:1+10: "item_types" belongs to vdir/icalendar, singlefile/icalendar, caldav and webcal storages; this one is carddav',
  ]],
  ...["2026-02-30", "2026-2-3", "-1", "1y", "-1q", "yesterday"].map((day) =>
    [`${VDIR}start_date ${day}`, [
      `error 4:12+${day.length}: "${day}" is no day (write it like 2026-01-31, today, -365d, -2w, +6m or -1y)`,
    ]] as const
  ),
  [`${VDIR}start_date 2026-02-01\nend_date 2026-01-31`, [
    "error 5:1+8: the end_date lies before the start_date",
  ]],
  [`${VDIR}filter`, [
    'error 4:1+6: "filter" needs a value (write it like this: filter [read | write] drop NAME... | busy_only | cmd PROGRAM [ARGUMENT...])',
  ]],
  [`${VDIR}filter read`, [
    'error 4:8+4: "filter read" of what? (write it like this: filter drop NAME...; filter busy_only; filter cmd PROGRAM)',
  ]],
  [`${VDIR}filter drop`, ['error 4:8+4: "drop" needs the names of what to leave out']],
  [`${VDIR}filter drop UID`, ['error 4:13+3: without "UID" it is no item any more']],
  [`${VDIR}filter drop a:b`, ['error 4:13+3: "a:b" is no name of a property or component']],
  [`${VDIR}filter busy_only x`, ['error 4:18+1: "busy_only" takes no parameter']],
  [`${VDIR}filter cmd`, ['error 4:8+3: "cmd" has nothing to run']],
  [`${VDIR}filter busy`, ['error 4:8+4: unknown filter "busy" (did you mean "busy_only"?)']],
  [`${VDIR}post_hook ''`, ["error 4:11+2: there is nothing to run"]],
  [`${VDIR}post_hook x {\n}`, [
    'error 4:1+9: "post_hook" takes no block (write it like this: post_hook PROGRAM [ARGUMENT...])',
  ]],
  [`${VDIR}interval 0`, [
    'error 4:10+1: "interval" takes a whole number from 1 to 31536000, not "0"',
  ]],
  [`${VDIR}fileignoreext a/b`, ['error 4:15+3: "a/b" is no ending of a file\'s name']],
  ["type singlefile/icalendar\npath /%s.ics\ncollection_id x", [
    'error 4:1+13: a path with "%s" has the ids of its collections in it (leave the collection_id out)',
  ]],
  ["type webcal\nurl https://x/", [
    'error 1:9+1: the storage "s" has no "collection_id" (add a line like this: collection_id ID)',
  ]],
  [`${CALDAV}tls_fingerprint ${"a".repeat(40)}`, [
    "error 4:17+40: this is no SHA-256, but an older and weaker digest (it has 64 hexadecimal digits; openssl x509 -noout -fingerprint -sha256 -in FILE prints it)",
  ]],
  [`${CALDAV}auth_cert /a /b /c`, ['error 4:17+2: "auth_cert" takes a certificate and a key']],
  [`${CALDAV}auth_cert a`, ['error 4:11+1: this path is relative (begin it with "/" or "~/")']],
  [`${CALDAV}user_agent`, [
    'error 4:1+10: "user_agent" needs a value (write it like this: user_agent TEXT...)',
  ]],
  [`${CALDAV}user_agent ''`, ["error 4:12+2: an empty word has no meaning here"]],
  [`${CALDAV}vcard_version 4.0`, [
    'error 4:1+13: "vcard_version" belongs to carddav storages; this one is caldav',
  ]],
  ["type carddav\nurl https://x/\nvcard_version 2.1", [
    'error 4:15+3: "vcard_version" takes 3.0 or 4.0, not "2.1"',
  ]],
  [`${CALDAV}collection_id x`, [
    'error 4:1+13: "collection_id" belongs to webcal and singlefile storages; this one is caldav',
  ]],
];

for (const [lines, problems] of MISTAKES) {
  Deno.test(`storage: what is said of ${JSON.stringify(lines)}`, async () => {
    assert.deepEqual(await said(lines), problems);
  });
}
