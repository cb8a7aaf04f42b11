import { ok, strictEqual } from "node:assert/strict";
import { run } from "../support/dovetail.ts";

const DOC = new URL("../../docs/configuration.md", import.meta.url);
const REFERENCE = /(<!-- reference -->\n\n```\n)[\s\S]*?(\n```\n)/;

Deno.test("docs/configuration.md holds what `dovetail help config` prints", async () => {
  const { code, stdout } = await run(["help", "config"]);
  strictEqual(code, 0);
  const text = await Deno.readTextFile(DOC);
  ok(REFERENCE.test(text), "the place of the reference is marked");
  const current = text.replace(REFERENCE, (_, before, after) => before + stdout.trimEnd() + after);
  if (Deno.env.get("UPDATE_GOLDEN") === "1") await Deno.writeTextFile(DOC, current);
  else strictEqual(text, current);
});
