import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { golden } from "./golden.ts";
import { type InsideOptions, runInside, withFolder } from "./inside.ts";

/** Command lines that are wrong, and what is said about them, one after the other. */
async function transcript(
  lines: readonly (readonly string[])[],
  options: InsideOptions = {},
): Promise<string> {
  let text = "";
  for (const args of lines) {
    const { code, out, err } = await runInside(args, options);
    text += `$ dovetail ${args.join(" ")}\n${out}${err}[${code}]\n\n`;
    strictEqual(code, 3, args.join(" "));
  }
  return text;
}

Deno.test("a mistake on the command line is explained, with what was meant", async () => {
  golden(
    "mistakes",
    await transcript([
      ["snc"],
      ["sync", "--dryrun"],
      ["sync", "--color", "blue"],
      ["check", "-n"],
      ["list"],
      ["list", "pair"],
      ["-c"],
      ["help", "snyc"],
      ["version", "now"],
      ["--colour=never", "version"],
      ["complete", "tcsh"],
      ["-c", "sync", "chekc"],
    ]),
  );
});

Deno.test("a mistake in JSON is an object on standard output, and said besides", async () => {
  const { code, out, err } = await runInside(["snc", "--json"]);
  strictEqual(code, 3);
  ok(err.startsWith('error: Unexpected option or argument: "snc".'));
  deepStrictEqual(JSON.parse(out), {
    type: "error",
    kind: "usage",
    message: 'Unexpected option or argument: "snc".',
    hint: 'did you mean "sync"? "dovetail help" lists the commands.',
  });
});

Deno.test("what is hostile in an argument is shown as escapes", async () => {
  const { err, out } = await runInside(["sync", "\x1b[31m\u202e--x\x07", "--nope\x9b"]);
  // deno-lint-ignore no-control-regex -- these are what must not be there
  ok(!/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/.test(err + out), err);
});

const CONFIG = `status_path /nowhere/status
storage home {
  type vdir/icalendar
  path /nowhere/home
}
storage server {
  type vdir/icalendar
  path /nowhere/server
}
pair calendars {
  storage_a home
  storage_b server
  collection work
  collection family
}
pair others {
  storage_a home
  storage_b server
  collections all
}
`;

Deno.test("names that are not in the configuration are explained", () =>
  withFolder(async (folder) => {
    const file = `${folder}/dovetail.conf`;
    await Deno.writeTextFile(file, CONFIG);
    const shown = await transcript([
      ["-c", file, "sync", "calendar"],
      ["-c", file, "sync", "nothing-like-it", "also-not"],
      ["-c", file, "sync", "calendars/wrok"],
      ["-c", file, "sync", "calendars/nothing-like-it"],
      ["-c", file, "check", "others", "clendars"],
    ]);
    golden("unknown_names", shown.replaceAll(folder, "FOLDER"));
  }));

Deno.test("all that is wrong with a configuration is shown at once", () =>
  withFolder(async (folder) => {
    const file = `${folder}/dovetail.conf`;
    await Deno.writeTextFile(
      file,
      CONFIG.replace("collections all", "colectons all").replace("storage_a home", "storage_a hme"),
    );
    const plain = await transcript([["-c", file, "check"]]);
    golden("config_errors", plain.replaceAll(folder, "FOLDER"));
    const color = await transcript([["-c", file, "check"]], { terminal: 80 });
    golden("config_errors_color", color.replaceAll(folder, "FOLDER"));
    const { out } = await runInside(["-c", file, "check", "--json"]);
    const objects = out.trim().split("\n").map((it) => JSON.parse(it));
    deepStrictEqual(objects.map(({ type, severity, line }) => ({ type, severity, line })), [
      { type: "config", severity: "error", line: 11 },
      { type: "config", severity: "warning", line: 16 },
      { type: "config", severity: "error", line: 19 },
    ]);
  }));

Deno.test("where no configuration is, it is said where it was looked for", () =>
  withFolder(async (folder) => {
    const shown = await transcript([["sync"]], { env: { HOME: folder } });
    golden("no_config", shown.replaceAll(folder, "HOME"));
  }));
