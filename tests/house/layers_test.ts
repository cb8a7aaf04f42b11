/** Imports point one way: cli -> sync -> model <- adapters, and nothing imports cli. */

import { deepStrictEqual, ok } from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url);
const IMPORT =
  /(?:import|export)[^"';]*?from\s*"([^"]+)"|import\(\s*"([^"]+)"\s*\)|import\s+"([^"]+)"/g;

interface Import {
  readonly file: string;
  /** A path from the root for a file of ours; the specifier as it stands for anything else. */
  readonly target: string;
}

async function* filesIn(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(new URL(folder, ROOT))) {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory) yield* filesIn(`${path}/`);
    else if (path.endsWith(".ts")) yield path;
  }
}

async function importsOf(folder: string): Promise<readonly Import[]> {
  const imports: Import[] = [];
  for await (const file of filesIn(folder)) {
    const text = await Deno.readTextFile(new URL(file, ROOT));
    for (const match of text.matchAll(IMPORT)) {
      const specifier = match[1] ?? match[2] ?? match[3] ?? "";
      const target = specifier.startsWith(".")
        ? new URL(specifier, new URL(file, ROOT)).href.slice(ROOT.href.length)
        : specifier;
      imports.push({ file, target });
    }
  }
  return imports;
}

const strays = (imports: readonly Import[], allowed: readonly string[]): readonly string[] =>
  imports
    .filter(({ target }) => !allowed.some((it) => target.startsWith(it)))
    .map(({ file, target }) => `${file} imports ${target}`);

Deno.test("lib/model imports nothing but lib/model", async () => {
  deepStrictEqual(strays(await importsOf("lib/model/"), ["lib/model/"]), []);
});

Deno.test("lib/sync imports nothing but lib/model and lib/sync", async () => {
  const imports = await importsOf("lib/sync/");
  ok(imports.length > 10, "the imports were not found");
  deepStrictEqual(strays(imports, ["lib/model/", "lib/sync/"]), []);
});

Deno.test("lib/sync uses no clock, no chance, no network and nothing of Deno or Node", async () => {
  const found: string[] = [];
  for await (const file of filesIn("lib/sync/")) {
    const text = await Deno.readTextFile(new URL(file, ROOT));
    const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
    const used = code.match(
      /(?<!\.)\b(Deno|process|Date|performance|fetch|crypto|setTimeout|setInterval|console)\b|Math\.random/g,
    );
    if (used !== null) found.push(`${file}: ${used.join(", ")}`);
  }
  deepStrictEqual(found, []);
});

Deno.test("nothing but main.ts and lib/cli imports lib/cli", async () => {
  const imports = [...await importsOf("lib/"), ...await importsOf("adapters/")];
  const found = imports.filter(({ file, target }) =>
    !file.startsWith("lib/cli/") && target.startsWith("lib/cli/")
  );
  deepStrictEqual(found, []);
});

Deno.test("the rooms below the command line do not import what stands above them", async () => {
  const allowed: Readonly<Record<string, readonly string[]>> = {
    "lib/item/": ["lib/model/", "lib/item/", "node:", "ts-ics"],
    "lib/files/": ["lib/model/", "lib/files/", "node:"],
    "lib/import/": [
      "lib/model/",
      "lib/import/",
      "lib/config/",
      "lib/status/database.ts",
      "lib/status/driver.ts",
    ],
    "lib/process/": ["lib/model/", "lib/process/"],
    "lib/net/": ["lib/model/", "lib/net/", "node:", "oauth4webapi", "saxes", "deno.json"],
    "lib/status/": ["lib/model/", "lib/status/", "node:", "@libsql/"],
    "lib/config/": ["lib/model/", "lib/config/", "node:", "toml-eslint-parser"],
  };
  for (const [room, targets] of Object.entries(allowed)) {
    deepStrictEqual(strays(await importsOf(room), targets), [], room);
  }
});

Deno.test("no adapter imports another one", async () => {
  const own = (file: string) => file.split("/").slice(0, 2).join("/");
  const found = (await importsOf("adapters/")).filter(({ file, target }) =>
    target.startsWith("adapters/") && own(target) !== own(file) &&
    !own(target).startsWith("adapters/with_")
  );
  deepStrictEqual(found, []);
});
