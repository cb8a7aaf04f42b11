import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { scriptFor } from "../../lib/cli/commands/complete.ts";
import { COMMAND_NAMES, SHELLS } from "../../lib/cli/parser.ts";
import { matchesGolden } from "../support/golden.ts";
import { COMMAND, environment } from "../support/dovetail.ts";
import { runInside, withFolder } from "./inside.ts";
import { inWorld } from "./world.ts";

/** What the files are called where shells look for them. */
const FILES = { bash: "dovetail.bash", zsh: "_dovetail", fish: "dovetail.fish" } as const;

for (const shell of SHELLS) {
  Deno.test(`completions/${FILES[shell]} is what dovetail prints`, async () => {
    const { code, out, err } = await runInside(["complete", shell]);
    deepStrictEqual([code, err], [0, ""]);
    strictEqual(out.trim(), scriptFor(shell).trim());
    matchesGolden(out, new URL(`../../completions/${FILES[shell]}`, import.meta.url));
  });
}

const CONFIG = `
status_path /nowhere
storage home {
  type vdir/icalendar
  path {
    shell 'touch FOLDER/was-run; echo /nowhere'
  }
}
storage server {
  type caldav
  url https://caldav.invalid/
}
pair calendars {
  storage_a home
  storage_b server
  collection work
  collection "wo \\"quoted\\""
}
pair contacts {
  storage_a home
  storage_b server
  collections all
}
`;

/** What is offered for the last of these words, without descriptions. */
async function offered(words: readonly string[], home: string): Promise<readonly string[]> {
  const { code, out, err } = await runInside(["complete", "fish", ...words], {
    env: { HOME: home },
  });
  deepStrictEqual([code, err], [0, ""]);
  return out.split("\n").filter((it) => it !== "").map((it) => it.split("\t")[0] ?? "");
}

Deno.test("commands, options and the names of the configuration are completed, and nothing is run", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/.config/dovetail`, { recursive: true });
    await Deno.writeTextFile(
      `${folder}/.config/dovetail/dovetail.conf`,
      CONFIG.replace("FOLDER", folder),
    );
    const all = await offered([""], folder);
    for (const name of COMMAND_NAMES) ok(all.includes(name), name);
    deepStrictEqual(await offered(["s"], folder), ["sync", "status"]);
    deepStrictEqual(await offered(["sync", "--d"], folder), ["--dry-run"]);
    ok((await offered(["sync", ""], folder)).includes("calendars"));
    deepStrictEqual(await offered(["sync", "cal"], folder), [
      "calendars",
      "calendars/work",
      'calendars/wo "quoted"',
    ]);
    deepStrictEqual(await offered(["sync", "-n", "calendars", "con"], folder), ["contacts"]);
    deepStrictEqual(await offered(["check", "c"], folder), ["calendars", "contacts"]);
    deepStrictEqual(await offered(["list", "s"], folder), ["storages"]);
    deepStrictEqual(await offered(["help", "conf"], folder), ["config"]);
    deepStrictEqual(await offered(["--color", "a"], folder), ["auto", "always"]);
    const other = `${folder}/other.conf`;
    await Deno.writeTextFile(other, CONFIG.replaceAll("contacts", "friends"));
    deepStrictEqual(await offered(["-c", other, "sync", "fr"], folder), ["friends"]);
    ok(![...Deno.readDirSync(folder)].some((it) => it.name === "was-run"));
  }));

Deno.test("where the configuration is missing or wrong, completion has no names and says nothing", () =>
  withFolder(async (folder) => {
    deepStrictEqual(await offered(["sync", "cal"], folder), []);
    await Deno.mkdir(`${folder}/.config/dovetail`, { recursive: true });
    await Deno.writeTextFile(`${folder}/.config/dovetail/dovetail.conf`, "pair {{{");
    deepStrictEqual(await offered(["sync", "cal"], folder), []);
  }));

Deno.test("bash completes names with the file that is shipped", () =>
  inWorld(async (world) => {
    // The program that the script calls is the one that is tested.
    const bin = `${world.folder}/bin`;
    await Deno.mkdir(bin);
    const command = COMMAND.map((it) => `'${it}'`).join(" ");
    await Deno.writeTextFile(`${bin}/dovetail`, `#!/bin/sh\nexec ${command} "$@"\n`, {
      mode: 0o755,
    });
    const script = new URL("../../completions/dovetail.bash", import.meta.url).pathname;
    const env = environment(world.env);
    const complete = async (...words: readonly string[]) => {
      const { stdout, stderr, code } = await new Deno.Command("bash", {
        args: [
          "--norc",
          "-c",
          `source '${script}'
           COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=\${#COMP_LINE}
           _dovetail dovetail "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD-1]}"
           printf '%s\\n' "\${COMPREPLY[@]}"`,
          "bash",
          "dovetail",
          ...words,
        ],
        clearEnv: true,
        env: { ...env, PATH: `${bin}:${env["PATH"] ?? ""}` },
        stdin: "null",
      }).output();
      const decoder = new TextDecoder();
      deepStrictEqual([code, decoder.decode(stderr)], [0, ""]);
      return decoder.decode(stdout).trim().split("\n").map((it) => it.trim());
    };
    deepStrictEqual(await complete("sy"), ["sync"]);
    deepStrictEqual(await complete("sync", "cal"), ["calendars"]);
    deepStrictEqual(await complete("sync", "--dr"), ["--dry-run"]);
  }));
