import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { EXIT_STATUSES } from "../../lib/cli/exit.ts";
import { COMMAND_NAMES, COMMANDS, TOPICS } from "../../lib/cli/parser.ts";
import { JSON_TYPES } from "../../lib/cli/show/json_types.ts";
import { VERSION } from "../../lib/cli/version.ts";
import { SCHEMA } from "../../lib/config/schema.ts";
import { golden } from "./golden.ts";
import { runInside } from "./inside.ts";

Deno.test("help leads with examples and has every command and exit status", async () => {
  const { code, out, err } = await runInside(["help"]);
  deepStrictEqual([code, err], [0, ""]);
  golden("help", out);
  ok(out.indexOf("Examples") < out.indexOf("Commands"));
  const flowing = out.replace(/\s+/g, " ");
  for (const text of Object.values(COMMANDS)) ok(flowing.includes(text));
  for (const { status } of EXIT_STATUSES) ok(out.includes(`\n  ${String(status).padStart(3)}  `));
});

Deno.test("help is the same however it is asked for", async () => {
  const { out } = await runInside(["help"]);
  for (const args of [[], ["--help"], ["-h"], ["--json", "-h"], ["--nonsense", "--help"]]) {
    deepStrictEqual(await runInside(args), { code: 0, out, err: "" }, args.join(" "));
  }
  const sync = (await runInside(["help", "sync"])).out;
  strictEqual((await runInside(["sync", "--help"])).out, sync);
  strictEqual((await runInside(["sync", "-n", "-h", "--nonsense"])).out, sync);
});

for (const topic of [...COMMAND_NAMES, ...TOPICS]) {
  Deno.test(`help about ${topic}`, async () => {
    const { code, out, err } = await runInside(["help", topic]);
    deepStrictEqual([code, err], [0, ""]);
    golden(`help_${topic}`, out);
    for (const line of out.split("\n")) ok(line.length <= 80 || line.includes(" > ~/"), line);
  });
}

Deno.test("help about the configuration has every directive", async () => {
  const { out } = await runInside(["help", "config"]);
  for (const { name, help } of SCHEMA.directives) {
    ok(out.includes(`\n  ${name}`), name);
    ok(out.replace(/\s+/g, " ").includes(help), name);
  }
});

Deno.test("docs/json.md has every type and field that is printed", async () => {
  const docs = await Deno.readTextFile(new URL("../../docs/json.md", import.meta.url));
  for (const { type, fields } of JSON_TYPES) {
    const section = docs.split(/^## /m).find((it) => it.startsWith(`\`${type}\``));
    ok(section !== undefined, `there is no section about ${type}`);
    for (const field of fields) ok(section.includes(`\`${field}\``), `${type}: ${field}`);
  }
});

Deno.test("the version is that of deno.json", async () => {
  const text = await Deno.readTextFile(new URL("../../deno.json", import.meta.url));
  strictEqual(VERSION, (JSON.parse(text) as { readonly version: string }).version);
  for (const args of [["version"], ["--version"], ["--version", "-v"], ["version", "-v"]]) {
    deepStrictEqual(await runInside(args), { code: 0, out: `dovetail ${VERSION}\n`, err: "" });
  }
  strictEqual(
    (await runInside(["version", "--json"])).out,
    `{"type":"version","version":"${VERSION}"}\n`,
  );
});

Deno.test("help follows the width of a terminal, up to what can be read", async () => {
  golden("help_narrow", (await runInside(["help"], { terminal: 50 })).out);
  const wide = (await runInside(["help"], { terminal: 300, env: { NO_COLOR: "1" } })).out;
  for (const line of wide.split("\n")) ok(line.length <= 100, line);
});
