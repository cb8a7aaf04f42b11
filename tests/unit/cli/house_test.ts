import { deepStrictEqual } from "node:assert/strict";

const CLI = new URL("../../../lib/cli/", import.meta.url);

async function* filesIn(folder: URL): AsyncGenerator<URL> {
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isDirectory) yield* filesIn(new URL(`${entry.name}/`, folder));
    else yield new URL(entry.name, folder);
  }
}

async function using(what: RegExp): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const file of filesIn(CLI)) {
    const code = (await Deno.readTextFile(file)).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
    if (what.test(code)) found.push(file.href.slice(CLI.href.length));
  }
  return found.sort();
}

Deno.test("only the host writes to the streams, and only the screen and completion make it", async () => {
  deepStrictEqual(await using(/\bconsole\.|Deno\.(stdout|stderr)|process\.std/), ["host.ts"]);
  deepStrictEqual(await using(/(?<!board|file)\.write\(/), [
    "commands/complete.ts",
    "show/screen.ts",
  ]);
});

Deno.test("text is declared safe only where it is made of safe text", async () => {
  deepStrictEqual(await using(/as SafeText\b|as unknown as/), [
    "show/paint.ts",
    "show/text.ts",
    "show/width.ts",
    "show/wrap.ts",
  ]);
});

Deno.test("main imports nothing that is slow to load before it is known what is wanted", async () => {
  const text = await Deno.readTextFile(new URL("main.ts", CLI));
  const imports = [...text.matchAll(/^import (?!type)[^;]*? from "([^"]+)";$/gm)].map((it) =>
    it[1]
  );
  deepStrictEqual(imports, [
    "./host.ts",
    "./interrupt.ts",
    "./show/screen.ts",
    "./version.ts",
  ]);
});
