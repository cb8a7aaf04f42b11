/**
 * A world of its own for a test: a folder `home`, another place that it is kept in step with, a
 * proxy before that place if it is a server, and dovetail with a configuration and a status.
 */

import assert from "node:assert/strict";
import { openFolder, openPlace, type Place, type PlaceKind } from "./acceptance_places.ts";
import {
  assertSame,
  type Comparison,
  countOf,
  type Holding,
  readPlaces,
} from "./acceptance_reader.ts";
import { Proxy } from "./acceptance_proxy.ts";
import { type Outcome, run, type Running, start } from "./acceptance_process.ts";

/** How many items the tests move that are about many: more by hand than in CI. */
export const ITEMS = Number(Deno.env.get("ACCEPTANCE_ITEMS") ?? 150);

/** The collection that most tests are about. */
export const WORK = "work";

export interface Setup {
  /** What else stands in the block of the other storage. */
  readonly other?: readonly string[];
  /** Instead of `collection work`. */
  readonly pair?: readonly string[];
  readonly url?: string;
  readonly username?: string;
  /** The line or block of the password. */
  readonly password?: string;
  /** The environment of dovetail from now on, besides HOME. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface World extends AsyncDisposable {
  /** A folder that holds everything, and is the home directory of dovetail. */
  readonly root: string;
  readonly statusPath: string;
  readonly configPath: string;
  /** Storage a of the pair `there`, a vdir. */
  readonly home: Place;
  /** Storage b of the pair `there`, and storage a of the pair `back`. */
  readonly other: Place;
  /** Storage b of the pair `back`: a vdir with nothing in it. */
  readonly fresh: Place;
  /** Before the other place, where that is a server. */
  readonly proxy: Proxy;
  /** Writes the configuration anew. */
  configure(setup: Setup): Promise<void>;
  /** Runs dovetail with this configuration to its end. */
  run(...args: readonly string[]): Promise<Outcome>;
  /** Runs it, and fails unless it ends with that status, or one of those. */
  expect(status: number | readonly number[], ...args: readonly string[]): Promise<Outcome>;
  start(...args: readonly string[]): Running;
  /** What is in the collection `work` of both places. */
  both(): Promise<{ readonly home: Holding; readonly other: Holding }>;
  /** Fails unless both places hold the same, and that many. */
  inStep(count: number, comparison?: Comparison): Promise<void>;
}

/** Makes a world with the collection `work` on both sides, empty. */
export async function newWorld(kind: PlaceKind): Promise<World> {
  const root = await Deno.makeTempDir({ prefix: "dovetail-acceptance-" });
  const stack = new AsyncDisposableStack();
  stack.defer(() => Deno.remove(root, { recursive: true }));
  try {
    const home = await openFolder(`${root}/home`);
    const fresh = await openFolder(`${root}/fresh`);
    const other = stack.use(await openPlace(kind, `${root}/other`));
    await home.make(WORK);
    await fresh.make(WORK);
    await other.make(WORK);
    const proxy = stack.use(new Proxy({ target: other.origin }));
    const world = worldOf(root, { home, other, fresh }, proxy, stack.move());
    await world.configure({});
    return world;
  } catch (thrown) {
    await stack.disposeAsync();
    throw thrown;
  }
}

function worldOf(
  root: string,
  { home, other, fresh }: Readonly<Record<"home" | "other" | "fresh", Place>>,
  proxy: Proxy,
  stack: AsyncDisposableStack,
): World {
  const configPath = `${root}/dovetail.conf`;
  const statusPath = `${root}/status`;
  let options = { cwd: root, env: { HOME: root } };
  const withConfig = (args: readonly string[]) => ["-c", configPath, ...args];
  const both = async () => {
    const [here, there] = await readPlaces([home.address(WORK), other.address(WORK)], other);
    if (here === undefined || there === undefined) throw new Error("the reader said too little");
    return { home: here, other: there };
  };
  return {
    root,
    statusPath,
    configPath,
    home,
    other,
    fresh,
    proxy,
    configure: async (setup) => {
      const text = configOf(statusPath, { home, other, fresh }, proxy, setup);
      await Deno.writeTextFile(configPath, text, { mode: 0o600 });
      options = { ...options, env: { HOME: root, ...setup.env } };
    },
    run: (...args) => run(withConfig(args), options),
    expect: async (status, ...args) => {
      const outcome = await run(withConfig(args), options);
      assertStatus(outcome, status);
      return outcome;
    },
    start: (...args) => start(withConfig(args), options),
    both,
    inStep: async (count, comparison = {}) => {
      const { home, other } = await both();
      assertSame(home, other, comparison);
      assert.equal(countOf(home), count);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Fails unless dovetail ended with that status, or one of those; says what it printed. */
export function assertStatus(outcome: Outcome, status: number | readonly number[]): void {
  const statuses = typeof status === "number" ? [status] : status;
  const wanted = statuses.join(" or ");
  assert.ok(
    statuses.includes(outcome.status),
    `dovetail ended with ${outcome.status} instead of ${wanted}, and said:\n${outcome.said}`,
  );
}

function configOf(
  statusPath: string,
  places: Readonly<Record<"home" | "other" | "fresh", Place>>,
  proxy: Proxy,
  setup: Setup,
): string {
  const { other } = places;
  const vdir = (path: string) => ["type vdir/icalendar", `path "${path}"`];
  const caldav = () => [
    "type caldav",
    // What is stored is compared byte for byte; schedule_test.ts is about what is added otherwise.
    "schedule_agent server",
    `url ${setup.url ?? proxy.origin + other.home}`,
    `username ${setup.username ?? other.username}`,
    setup.password ?? `password ${other.password}`,
  ];
  const block = (head: string, lines: readonly string[]) =>
    [`${head} {`, ...lines.map((line) => `  ${line}`), "}"].join("\n");
  const pair = setup.pair ?? [`collection ${WORK}`];
  return [
    `status_path "${statusPath}"`,
    block("storage home", vdir(places.home.home)),
    block("storage fresh", vdir(places.fresh.home)),
    block("storage other", [
      ...(other.kind === "folder" ? vdir(other.home) : caldav()),
      ...(setup.other ?? []),
    ]),
    block("pair there", ["storage_a home", "storage_b other", ...pair]),
    block("pair back", ["storage_a other", "storage_b fresh", ...pair]),
    "",
  ].join("\n\n");
}

/** A test for each kind of place, in a world of its own. */
export function onEach(
  kinds: readonly PlaceKind[],
  title: string,
  test: (world: World, context: Deno.TestContext) => Promise<void>,
): void {
  for (const kind of kinds) {
    Deno.test(`${kind}: ${title}`, async (context) => {
      await using world = await newWorld(kind);
      await test(world, context);
    });
  }
}
