import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import type { Look } from "../../../lib/cli/show/look.ts";
import { Screen } from "../../../lib/cli/show/screen.ts";
import { line } from "../../../lib/cli/show/text.ts";

const PIPE: Look = { color: false, unicode: true, live: false };
const TERMINAL: Look = { color: false, unicode: true, live: true, width: 30 };

/** A screen whose streams write into one list, as a terminal has both. */
function screenOf(look: Look, json = false): { readonly screen: Screen; readonly all: string[] } {
  const all: string[] = [];
  const write = (text: string) => void all.push(text);
  return { screen: new Screen({ out: { look, write }, err: { look, write } }, { json }), all };
}

Deno.test("with JSON, lines are not printed; without, objects are not", () => {
  for (const json of [false, true]) {
    const { screen, all } = screenOf(PIPE, json);
    screen.print(line`data`);
    screen.object({ type: "data" });
    screen.flush();
    deepStrictEqual(all, [json ? '{"type":"data"}\n' : "data\n"]);
  }
});

Deno.test("output that cannot be written is an error, once, and no fault of ours", () => {
  const full = () => {
    throw new Error("No space left on device");
  };
  const said: string[] = [];
  const screen = new Screen({
    out: { look: PIPE, write: full },
    err: { look: PIPE, write: (text) => void said.push(text) },
  }, { json: false });
  screen.print(line`data`);
  throws(() => screen.flush(), {
    name: "SyncError",
    kind: "refused",
    message: "standard output cannot be written to",
  });
  screen.print(line`more`);
  screen.say(line`talk`);
  deepStrictEqual(said, ["talk\n"]);
});

Deno.test("a live region stays below what is printed and said, and is gone in the end", () => {
  const { screen, all } = screenOf(TERMINAL);
  screen.show(() => [line`working`, line`hard`]);
  screen.print(line`data`);
  screen.say(line`talk`);
  screen.hide();
  screen.flush();
  deepStrictEqual(onTerminal(all.join("")), ["data", "talk", ""]);
});

Deno.test("a live region is not shown in a pipe, nor beside JSON", () => {
  for (const { screen, all } of [screenOf(PIPE), screenOf(TERMINAL, true)]) {
    screen.show(() => [line`working`]);
    screen.refresh();
    screen.hide();
    strictEqual(all.join(""), "");
  }
});

Deno.test("a line of the live region that is too long is cut, for it must be one line", () => {
  const { screen, all } = screenOf(TERMINAL);
  screen.show(() => [line`${"long ".repeat(20)}`]);
  ok((all.join("").split("\n")[0] ?? "").length < 30);
});

Deno.test("once nobody reads standard output, it is told and nothing is thrown", () => {
  let writes = 0;
  const screen = new Screen({
    out: {
      look: PIPE,
      write() {
        writes++;
        throw new Deno.errors.BrokenPipe("closed");
      },
    },
    err: { look: PIPE, write: () => {} },
  }, { json: false });
  screen.print(line`one`);
  strictEqual(screen.outClosed, false);
  screen.flush();
  strictEqual(screen.outClosed, true);
  screen.print(line`two`);
  screen.flush();
  strictEqual(writes, 1);
});

/** What is seen in the end: a terminal that knows line feeds, going up, and erasing what is below. */
function onTerminal(text: string): readonly string[] {
  const lines = [""];
  let row = 0;
  // deno-lint-ignore no-control-regex -- these are what a terminal obeys
  for (const [part] of text.matchAll(/\x1b\[(\d*)([AJ])|\r|\n|[^\x1b\r\n]+/g)) {
    if (part === "\n") {
      row++;
      lines[row] ??= "";
    } else if (part.endsWith("A") && part.startsWith("\x1b")) row -= Number(part.slice(2, -1));
    else if (part.startsWith("\x1b")) lines.splice(row, Infinity, "");
    else if (part !== "\r") lines[row] += part;
  }
  return lines;
}
