import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { type ColorChoice, lookOf } from "../../../lib/cli/show/look.ts";
import { paint } from "../../../lib/cli/show/paint.ts";
import { line, styled } from "../../../lib/cli/show/text.ts";

function look(
  env: Readonly<Record<string, string>>,
  isTerminal = true,
  choice: ColorChoice = "auto",
  os = "linux",
): ReturnType<typeof lookOf> {
  return lookOf(choice, { isTerminal, columns: 100, env: (name) => env[name], os });
}

Deno.test("colours follow --color, NO_COLOR, CLICOLOR_FORCE, CLICOLOR, the terminal, in this order", () => {
  const color = (...args: Parameters<typeof look>) => look(...args).color;
  strictEqual(color({}), true);
  strictEqual(color({}, false), false);
  strictEqual(color({ TERM: "dumb" }), false);
  strictEqual(color({ NO_COLOR: "1" }), false);
  strictEqual(color({ NO_COLOR: "" }), true);
  strictEqual(color({ CLICOLOR: "0" }), false);
  strictEqual(color({ CLICOLOR_FORCE: "1" }, false), true);
  strictEqual(color({ CLICOLOR_FORCE: "0" }, false), false);
  strictEqual(color({ CLICOLOR_FORCE: "1", NO_COLOR: "1" }), false);
  strictEqual(color({ NO_COLOR: "1" }, false, "always"), true);
  strictEqual(color({ CLICOLOR_FORCE: "1" }, true, "never"), false);
});

Deno.test("symbols beyond ASCII need a locale of UTF-8 and a terminal that is not dumb", () => {
  const unicode = (...args: Parameters<typeof look>) => look(...args).unicode;
  strictEqual(unicode({ LANG: "de_DE.UTF-8" }), true);
  strictEqual(unicode({ LANG: "C.utf8" }), true);
  strictEqual(unicode({ LANG: "C" }), false);
  strictEqual(unicode({}), false);
  strictEqual(unicode({}, true, "auto", "darwin"), true);
  strictEqual(unicode({ LC_ALL: "C", LANG: "de_DE.UTF-8" }), false);
  strictEqual(unicode({ LC_ALL: "", LC_CTYPE: "en_US.UTF-8", LANG: "C" }), true);
  strictEqual(unicode({ LANG: "de_DE.UTF-8", TERM: "dumb" }), false);
});

Deno.test("the width is the terminal's unless COLUMNS says another; a pipe has none", () => {
  strictEqual(look({}).width, 100);
  strictEqual(look({ COLUMNS: "72" }).width, 72);
  strictEqual(look({ COLUMNS: "72" }, false).width, 72);
  strictEqual(look({ COLUMNS: "3" }).width, 20);
  strictEqual(look({ COLUMNS: "wide" }).width, 100);
  strictEqual(look({}, false).width, undefined);
});

Deno.test("only a terminal that is not dumb can be drawn on", () => {
  deepStrictEqual(
    [look({}).live, look({ TERM: "dumb" }).live, look({}, false).live],
    [true, false, false],
  );
});

Deno.test("a terminal of another encoding is sent ASCII alone", () => {
  const text = line`Zoë ${styled("name", "日")}`;
  strictEqual(paint(text, { color: false, unicode: false, live: true }), "Zo? ?");
  strictEqual(paint(text, { color: false, unicode: false, live: false }), "Zoë 日");
});
