import { ok, strictEqual } from "node:assert/strict";
import { errorLines, type ErrorView } from "../../lib/cli/show/errors.ts";
import type { Look } from "../../lib/cli/show/look.ts";
import { paint } from "../../lib/cli/show/paint.ts";
import { SyncError } from "../../lib/model/error.ts";
import { Secret } from "../../lib/model/secret.ts";
import { golden } from "./golden.ts";
import { HOSTILE } from "./plans.ts";

const LOOK: Look = { color: false, unicode: true, live: false, width: 80 };

const shown = (thrown: unknown, view: Partial<ErrorView> = {}): string =>
  errorLines(thrown, { stacks: false, ...view }, LOOK)
    .map((line) => `${paint(line, LOOK)}\n`)
    .join("");

const unreachable = () =>
  new SyncError("cannot reach https://caldav.example.com/dav/calendars/", {
    scope: "storage",
    kind: "unreachable",
    retry: true,
    hint: "Is there a network, and is the host right? You can try it with a browser.",
    cause: new TypeError("error sending request for url (https://caldav.example.com/)", {
      cause: new Error("client error (Connect)", {
        cause: new Error("tcp connect error", {
          cause: new Error("Connection refused (os error 111)"),
        }),
      }),
    }),
  });

Deno.test("errors are what, why and what next", () => {
  const kinds: readonly (readonly [string, unknown, Partial<ErrorView>?])[] = [
    ["with causes and a hint", unreachable(), { where: ["calendars", "server"] }],
    ["a warning", unreachable(), { severity: "warning" }],
    ["a fault of ours", new TypeError("x is undefined"), { where: ["calendars"] }],
    [
      "a fault of ours, wrapped",
      new SyncError("x is undefined", {
        scope: "run",
        kind: "internal",
        cause: new TypeError("x is undefined"),
      }),
    ],
    [
      "of several lines",
      new SyncError("pass said:\ngpg: decryption failed\r\ngpg: no secret key\n", {
        scope: "run",
        kind: "refused",
      }),
    ],
    [
      "of far too many lines",
      new SyncError("line\n".repeat(500), { scope: "run", kind: "refused" }),
    ],
    ["of no words", new Error("")],
    ["no error at all", { password: "hunter2" }],
    ["a secret", new Secret("hunter2")],
    ["hostile", new SyncError(HOSTILE, { scope: "run", kind: "refused", hint: HOSTILE })],
  ];
  const text = kinds
    .map(([name, thrown, view]) => `# ${name}\n${shown(thrown, view)}`)
    .join("\n");
  golden("errors", text);
  ok(!text.includes("hunter2"));
});

Deno.test("a cause that is its own cause does not go on for ever", () => {
  const error = new Error("round");
  const other = new Error("and round", { cause: error });
  error.cause = other;
  strictEqual(shown(error).match(/because:/g)?.length, 1);
});

Deno.test("a stack is shown with -vv alone", () => {
  const error = new TypeError("x is undefined");
  ok(!shown(error).includes("errors_test.ts"));
  ok(shown(error, { stacks: true }).includes("errors_test.ts"));
});
