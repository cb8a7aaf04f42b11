import { deepStrictEqual, ok } from "node:assert/strict";
import { SyncError } from "../../../lib/model/error.ts";
import type { Flags } from "../../../lib/model/item.ts";
import { digest, etag, href, ident } from "../../../lib/model/names.ts";
import type { BaseItem, PlannedAction, Source } from "../../../lib/model/plan.ts";
import { mergedFlags } from "../../../lib/sync/mail/flags.ts";
import { reconcile } from "../../../lib/sync/reconcile.ts";
import type { ItemState, ItemView } from "../../../lib/sync/view.ts";
import { matchesGolden } from "../../support/golden.ts";

const ITEM = ident("item");
const STATES = ["-", "v0", "v1", "v2", "?"] as const;

const version = (side: string, content: string, flags: Flags = []): Source => ({
  href: href(`${side}/item`),
  etag: etag(`${content}@${side}`),
  digest: digest(content),
  flags,
});

function state(side: "a" | "b", word: string): ItemState {
  if (word === "-") return { state: "absent" };
  if (word === "?") {
    const error = new SyncError("no", { scope: "item", kind: "forbidden" });
    return { state: "unreadable", problem: { side, ident: ITEM, error } };
  }
  return { state: "present", version: version(side, word) };
}

const baseOf = (a: Source, b: Source): BaseItem => ({ ident: ITEM, sides: { a, b } });

function say(action: PlannedAction): string {
  switch (action.kind) {
    case "record":
    case "forget":
      return action.kind;
    case "create":
      return `create on ${action.on} (${action.why})`;
    default:
      return `${action.kind} on ${action.on}`;
  }
}

function decide(view: ItemView): string {
  const { actions, conflicts, problems } = reconcile([view]);
  const said = [
    ...actions.map(say),
    ...conflicts.map(() => "conflict"),
    ...problems.map((it) => `leave: unreadable on ${it.side}`),
  ];
  return said.length === 0 ? "nothing" : said.join(" + ");
}

Deno.test("reconcile() decides each of the 50 states of one item as the table says", () => {
  const rows = ["base  a   b   decision"];
  for (const base of ["-", "v0"]) {
    for (const a of STATES) {
      for (const b of STATES) {
        const decision = decide({
          ident: ITEM,
          base: base === "-" ? undefined : baseOf(version("a", base), version("b", base)),
          sides: { a: state("a", a), b: state("b", b) },
        });
        rows.push(`${base.padEnd(5)} ${a.padEnd(3)} ${b.padEnd(3)} ${decision}`);
      }
    }
  }
  matchesGolden(rows.join("\n") + "\n", new URL("reconcile.golden.txt", import.meta.url));
});

Deno.test("reconcile() mirrors its decision when the sides are exchanged", () => {
  const mirrored = (text: string) =>
    text.replace(/on ([ab])/g, (_, side) => `on ${side === "a" ? "b" : "a"}`);
  for (const base of ["-", "v0"]) {
    for (const a of STATES) {
      for (const b of STATES) {
        const view = (left: string, right: string): ItemView => ({
          ident: ITEM,
          base: base === "-" ? undefined : baseOf(version("a", base), version("b", base)),
          sides: { a: state("a", left), b: state("b", right) },
        });
        const there = decide(view(a, b)).split(" + ").sort().join();
        const back = mirrored(decide(view(b, a))).split(" + ").sort().join();
        deepStrictEqual(there, back, `${base} ${a} ${b}`);
      }
    }
  }
});

Deno.test("reconcile() only records an item that has a new etag or another href", () => {
  const base = baseOf(version("a", "v0"), version("b", "v0"));
  const churned: Source = { ...base.sides.a, etag: etag("another") };
  const moved: Source = { ...base.sides.b, href: href("b/elsewhere") };
  const view = (a: Source, b: Source): ItemView => ({
    ident: ITEM,
    base,
    sides: { a: { state: "present", version: a }, b: { state: "present", version: b } },
  });
  deepStrictEqual(decide(view(churned, base.sides.b)), "record");
  deepStrictEqual(decide(view(base.sides.a, moved)), "record");
  deepStrictEqual(decide(view(base.sides.a, base.sides.b)), "nothing");
});

Deno.test("reconcile() holds each side against what that side held, not against the other", () => {
  // The server cut the item when it stored it: nobody edited anything.
  const base = baseOf(version("a", "whole"), version("b", "cut"));
  const view = (a: string, b: string): ItemView => ({
    ident: ITEM,
    base,
    sides: { a: state("a", a), b: state("b", b) },
  });
  deepStrictEqual(decide(view("whole", "cut")), "nothing");
  deepStrictEqual(decide(view("edited", "cut")), "update on b");
  deepStrictEqual(decide(view("whole", "edited")), "update on a");
  deepStrictEqual(decide(view("edited", "other")), "conflict");
  deepStrictEqual(decide(view("-", "cut")), "delete on b");
  deepStrictEqual(decide(view("whole", "-")), "delete on a");
});

Deno.test("reconcile() deletes on the side that still has it, the version that it holds now", () => {
  const base = baseOf(version("a", "v0"), version("b", "v0"));
  const now: Source = { ...base.sides.b, href: href("b/moved"), etag: etag("now") };
  const { actions } = reconcile([{
    ident: ITEM,
    base,
    sides: { a: { state: "absent" }, b: { state: "present", version: now } },
  }]);
  const [action] = actions;
  ok(action?.kind === "delete");
  deepStrictEqual(action.target, now);
  deepStrictEqual(action.gone, base.sides.a);
});

Deno.test("mergedFlags() gives every one of the 512 combinations of three flags its due", () => {
  const flags = ["\\Answered", "\\Flagged", "\\Seen"];
  const some = (bits: number) => flags.filter((_, at) => bits & (1 << at));
  for (let base = 0; base < 8; base++) {
    for (let a = 0; a < 8; a++) {
      for (let b = 0; b < 8; b++) {
        const merged = mergedFlags({
          now: { a: some(a), b: some(b) },
          base: { a: some(base), b: some(base) },
          isShared: () => true,
          oneWay: false,
        });
        // Three-way, bit by bit: where a and b differ, the one that differs from the base counts.
        const wanted = flags.filter((_, at) => {
          const [o, x, y] = [base, a, b].map((bits) => (bits & (1 << at)) !== 0);
          return x === y ? x : !o;
        });
        deepStrictEqual(merged, { a: wanted, b: wanted }, `${base} ${a} ${b}`);
      }
    }
  }
});

Deno.test("mergedFlags() lets a flag that is set anywhere win where nothing was agreed on yet", () => {
  const input = { base: undefined, isShared: () => true, oneWay: false };
  const both = ["x", "y"];
  deepStrictEqual(mergedFlags({ ...input, now: { a: ["x"], b: ["y"] } }), { a: both, b: both });
});

Deno.test("reconcile() sets flags on the side that lacks them, and on both if both do", () => {
  const base = baseOf(version("a", "v0"), version("b", "v0"));
  const view = (a: Flags, b: Flags): ItemView => ({
    ident: ITEM,
    base,
    sides: {
      a: { state: "present", version: version("a", "v0", a) },
      b: { state: "present", version: version("b", "v0", b) },
    },
  });
  deepStrictEqual(decide(view(["x"], [])), "setFlags on b");
  deepStrictEqual(decide(view(["x"], ["y"])), "setFlags on a + setFlags on b");
  deepStrictEqual(decide(view(["x"], ["x"])), "record");
});
