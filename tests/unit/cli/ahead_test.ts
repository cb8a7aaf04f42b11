import { deepStrictEqual, ok } from "node:assert/strict";
import { inOrderAhead } from "../../../lib/cli/ahead.ts";

const soon = () => new Promise((resolve) => setTimeout(resolve, 1));

Deno.test("values are finished in order, while the next are prepared", async () => {
  const log: string[] = [];
  await inOrderAhead({
    values: ["a", "b", "c", "d"],
    width: 2,
    waitsFor: () => false,
    prepare: async (value) => {
      log.push(`prepare ${value}`);
      await soon();
      return value.toUpperCase();
    },
    finish: async (value, prepared) => {
      log.push(`finish ${value} ${prepared}`);
      await soon();
    },
  });
  deepStrictEqual(log.filter((it) => it.startsWith("finish")), [
    "finish a A",
    "finish b B",
    "finish c C",
    "finish d D",
  ]);
  deepStrictEqual(log.slice(0, 3), ["prepare a", "prepare b", "finish a A"]);
  ok(log.indexOf("prepare d") > log.indexOf("finish b B"), "no more than two at a time");
});

Deno.test("a value that waits for another is prepared once that is finished", async () => {
  const log: string[] = [];
  await inOrderAhead({
    values: ["a", "b", "c"],
    width: 3,
    waitsFor: (later, earlier) => later === "c" && earlier === "a",
    prepare: async (value) => {
      log.push(`prepare ${value}`);
      await soon();
    },
    finish: async (value) => {
      await soon();
      log.push(`finish ${value}`);
    },
  });
  ok(log.indexOf("prepare c") > log.indexOf("finish a"));
  ok(log.indexOf("prepare b") < log.indexOf("finish a"));
});

Deno.test("nothing to do is done at once", async () => {
  await inOrderAhead({
    values: [],
    width: 3,
    waitsFor: () => true,
    prepare: () => Promise.resolve(),
    finish: () => Promise.reject(new Error("there is nothing to finish")),
  });
});
