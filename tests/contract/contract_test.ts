import assert from "node:assert/strict";
import { CASES } from "./contract.ts";
import { DEVIATIONS } from "./deviations.ts";

Deno.test("the contract has at least sixty cases, each with a name of its own", () => {
  assert.ok(CASES.length >= 60, `there are ${CASES.length}`);
  assert.equal(new Set(CASES.map(({ name }) => name)).size, CASES.length);
});

Deno.test("every deviation is from a case that there is", () => {
  const names = new Set(CASES.map(({ name }) => name));
  for (const { case: name, reason } of DEVIATIONS) {
    assert.ok(names.has(name), `there is no case "${name}"`);
    assert.ok(reason.length > 10);
  }
});
