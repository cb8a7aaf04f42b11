import assert from "node:assert/strict";
import { ConfigError } from "../../../lib/config/problem.ts";
import { importPimsync, pimsyncCandidates } from "../../../lib/import/pimsync.ts";
import { vdirsyncerCandidates } from "../../../lib/import/vdirsyncer.ts";
import { HOME } from "../config/support.ts";

const TEXT = `# mine
status_path ~/.local/share/pimsync/status/
storage a {
  type vdir/icalendar
  path ~/calendars
}
storage b {
  type caldav
  url https://dav.example.com/
  username u
  password hunter2Kanarie
}
pair p {
  storage_a a
  storage_b b
  collection home
  collection {
    alias work
    id_a arbeit
    id_b office
  }
  collection {
    alias other
    href_a x
    href_b /y/
  }
}
pair q {
  storage_a a
  storage_b b
  collections all
  conflict_resolution keep b
}
`;

Deno.test("pimsync's configuration stays as it is, and is checked", () => {
  const imported = importPimsync(TEXT, { file: "/etc/p.conf", env: HOME });
  assert.equal(imported.config, TEXT);
  assert.ok(!imported.shown.includes("hunter2Kanarie"));
  assert.ok(imported.shown.includes("password [redacted]"));
  assert.equal(imported.statusPath, "/home/u/.local/share/pimsync/status/");
  assert.deepEqual(imported.pairs, [
    { name: "p", renamed: [{ theirs: "arbeit", ours: "work" }] },
    { name: "q", renamed: [] },
  ]);
  assert.deepEqual(imported.notes.map(({ at, message }) => `${at?.line}: ${message}`), [
    '13: edits on both sides of "p" are merged where they do not touch each other',
  ]);
  const wrong = TEXT.replace("storage_b b", "storage_b c");
  assert.throws(() => importPimsync(wrong, { file: "/etc/p.conf", env: HOME }), ConfigError);
});

Deno.test("both programs' configurations are looked for where those look", () => {
  const xdg = new Map([["HOME", "/home/u"], ["XDG_CONFIG_HOME", "/x"]]);
  assert.deepEqual(pimsyncCandidates(HOME), ["/home/u/.config/pimsync/pimsync.conf"]);
  assert.deepEqual(pimsyncCandidates(xdg), ["/x/pimsync/pimsync.conf"]);
  assert.deepEqual(vdirsyncerCandidates(HOME), [
    "/home/u/.vdirsyncer/config",
    "/home/u/.config/vdirsyncer/config",
  ]);
  assert.deepEqual(vdirsyncerCandidates(xdg), [
    "/home/u/.vdirsyncer/config",
    "/x/vdirsyncer/config",
  ]);
  const named = new Map([...xdg, ["VDIRSYNCER_CONFIG", "/v"]]);
  assert.deepEqual(vdirsyncerCandidates(named), ["/v"]);
});
