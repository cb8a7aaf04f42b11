import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { inMailWorld, maildirAt, makeMaildir } from "./mail_kit.ts";

Deno.test("import mbsync takes over what mbsync has, and the first run needs nothing else", () =>
  inMailWorld(async (world) => {
    await makeMaildir(world.path("far"), { INBOX: ["one:S"] });
    await makeMaildir(world.path("near"), { INBOX: ["two"] });
    await world.write(
      ".mbsyncrc",
      `Expunge Both

MaildirStore far
SubFolders Maildir++
Inbox ${world.folder}/far

MaildirStore near
SubFolders Maildir++
Inbox ${world.folder}/near

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Remove Both
MaxMessages 0
`,
    );
    const shown = await world.dovetail("import", "-n", "mbsync");
    deepStrictEqual([shown.code, shown.stderr], [0, ""]);
    match(shown.stdout, /pair all \{/);
    const written = await world.dovetail("import", "mbsync");
    strictEqual(written.code, 0, written.stderr);
    strictEqual((await world.dovetail("sync")).code, 0);
    deepStrictEqual(await maildirAt(world.path("near")), { INBOX: ["one:S", "two"] });
    deepStrictEqual(await maildirAt(world.path("far")), { INBOX: ["one:S", "two"] });
  }));

Deno.test("where mbsync has no configuration, it is said where it was looked for", () =>
  inMailWorld(async (world) => {
    const { code, stderr } = await world.dovetail("import", "mbsync");
    strictEqual(code, 3);
    match(stderr, /\.mbsyncrc/);
    match(stderr, /isyncrc/);
  }));
