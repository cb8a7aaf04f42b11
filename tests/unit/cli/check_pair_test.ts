import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { isHeld } from "../../../lib/cli/checks/lock.ts";
import { checkPair } from "../../../lib/cli/checks/pair.ts";
import type { PairConfig } from "../../../lib/config/config.ts";
import { loadConfig } from "../../../lib/config/load.ts";
import { collectionId, href, pairName, type Sides } from "../../../lib/model/names.ts";
import type { Collection } from "../../../lib/model/storage.ts";
import { statusFiles } from "../../../lib/status/mod.ts";

const CHILD = new URL("../status/child.ts", import.meta.url).pathname;

/** A pair named "calendars" with these lines. */
async function pairOf(lines: string): Promise<PairConfig> {
  const text = `storage a {
  type vdir/icalendar
  path /a
}
storage b {
  type vdir/icalendar
  path /b
}
pair calendars {
  storage_a a
  storage_b b
  ${lines}
}
status_path /nowhere
`;
  const readFile = () => Promise.resolve(new TextEncoder().encode(text));
  const env = { get: () => undefined };
  const { config: { pairs: [pair] } } = await loadConfig({ file: "x.conf", env, readFile });
  if (pair === undefined) throw new Error("there is no pair");
  return pair;
}

const named = (...ids: readonly string[]): readonly Collection[] =>
  ids.map((id, index) => ({
    id: collectionId(id),
    href: href(`${index}/${id}`),
    identity: `/somewhere/${index}/${id}`,
    properties: {},
  }));

async function told(
  lines: string,
  collections: Sides<readonly Collection[] | undefined>,
  statusPath?: string,
): Promise<readonly string[]> {
  const findings = await checkPair({
    pair: await pairOf(lines),
    collections,
    readOnly: { a: false, b: true },
    ...(statusPath === undefined ? {} : { statusPath }),
  });
  return findings.map(({ state, message }) => `${state}: ${message}`);
}

Deno.test("collections that a run would make are counted, and those it would leave out are named", async () => {
  deepStrictEqual(
    await told("collections all", { a: named("work", "mine"), b: named("work", "theirs") }),
    [
      "ok: 3 collections, 1 to be made on a",
      'warning: collection "mine" is not on b, where nothing may be written',
    ],
  );
  deepStrictEqual(await told("collection wrok", { a: named("work"), b: named("work") }), [
    "ok: 1 collection",
    'warning: collection "wrok" is not on b, where nothing may be written',
  ]);
});

Deno.test("two collections with one id are named with what to do", async () => {
  const [summary, warning] = await told("collections from a", {
    a: named("work", "work"),
    b: named("work"),
  });
  strictEqual(summary, "ok: 1 collection");
  match(warning ?? "", /^warning: a has 2 collections with the id "work": 0\/work, 1\/work$/);
});

Deno.test("a run that was stopped is told of, and one that is going on", async () => {
  const statusPath = await Deno.makeTempDir({ prefix: "dovetail-check-" });
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", "--no-check", CHILD, statusPath, "settle", "x"],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.getReader();
  try {
    let said = "";
    while (!said.includes("settled")) {
      const { value, done } = await reader.read();
      ok(!done, said);
      said += new TextDecoder().decode(value);
    }
    const collections = { a: named("work"), b: named("work") };
    deepStrictEqual(await told("collection work", collections, statusPath), [
      "ok: 1 collection, a run of it is going on now",
    ]);
    const { lock } = statusFiles(statusPath, pairName("calendars"));
    strictEqual(await isHeld(lock), true);
    child.kill("SIGKILL");
    await child.status;
    strictEqual(await isHeld(lock), false);
    const [after, ...others] = await told("collection work", collections, statusPath);
    match(after ?? "", /, last written to on \d{4}-\d\d-\d\d, that run was stopped, and the next/);
    deepStrictEqual(others, []);
  } finally {
    await reader.cancel();
    await Deno.remove(statusPath, { recursive: true });
  }
});

Deno.test("a pair whose storage cannot be used is neither right nor wrong", async () => {
  deepStrictEqual(await told("collections all", { a: undefined, b: named("work") }), [
    "warning: what it would keep in step is not known: a storage of it cannot be used",
  ]);
});
