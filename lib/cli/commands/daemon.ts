/** `dovetail daemon`: keeps the pairs in step until it is told to stop. */

import { sharesStorage } from "../../config/shares_storage.ts";
import type { Resolved } from "../../config/secrets.ts";
import type { PairConfig } from "../../config/config.ts";
import { realClock } from "../../daemon/clock.ts";
import { keep } from "../../daemon/keep.ts";
import { type Notifier, notifierOf } from "../../daemon/notify.ts";
import { type Readiness, takeDescriptor } from "../../daemon/readiness.ts";
import { type Watching, watchStorage } from "../../daemon/watching.ts";
import { SyncError } from "../../model/error.ts";
import type { PairName, StorageName } from "../../model/names.ts";
import type { Mapping } from "../../model/plan.ts";
import type { Board } from "../board.ts";
import { readConfiguration, resolveUsable, talkOf } from "../configuration.ts";
import type { Context } from "../context.ts";
import { type Memory, NO_MEMORY, runJob } from "../daemon/run_job.ts";
import { meaningOf } from "../daemon/touched.ts";
import { combined, type ExitStatus } from "../exit.ts";
import { openStorages } from "../open.ts";
import type { InvocationOf } from "../parser.ts";
import { NO_ALLOWANCES } from "../policy.ts";
import type { PairRun } from "../run_pair.ts";
import { choose, mustHavePairs } from "../select.ts";
import { counted } from "../show/count.ts";
import { errorLines } from "../show/errors.ts";
import { eventLine } from "../show/event.ts";
import type { Screen } from "../show/screen.ts";
import { line } from "../show/text.ts";
import { UsageError } from "../usage_error.ts";

/** How many pairs are brought in step at a time. */
const PAIRS_AT_ONCE = 3;

export async function daemon(
  { readyFd, pairs }: InvocationOf<"daemon">,
  context: Context,
): Promise<ExitStatus> {
  const { screen, env } = context;
  const descriptor = readyFd === undefined ? undefined : handedOver(readyFd);
  const loaded = await readConfiguration(context);
  const wanted = choose(loaded.config, pairs);
  mustHavePairs(loaded.config);
  // All commands that ask for secrets are run now; from here on nobody is asked anything.
  const { resolved, chosen } = await resolveUsable(loaded, wanted, context);
  // Whoever started us may do it again, when there are secrets to be had.
  if (chosen.length === 0 && wanted.length > 0) return 3;
  const notify = telling(notifierOf(env.get("NOTIFY_SOCKET")), screen);
  const opened = await openStorages(resolved, talkOf(context));
  try {
    const run: PairRun = {
      context,
      resolved,
      opened,
      board: boardOf(context),
      dryRun: false,
      allow: NO_ALLOWANCES,
      mustAsk: () => false,
    };
    const ready = () => {
      notify("READY=1");
      try {
        descriptor?.announce();
      } catch (thrown) {
        sayUnheard(thrown, screen);
      }
    };
    return await keepInStep(run, chosen.map((it) => it.pair), { ready, notify });
  } finally {
    await opened.close();
  }
}

/** Standard streams are for people and programs. */
function handedOver(fd: number): Readiness {
  if (fd <= 2) {
    throw new UsageError(`Readiness cannot be told on file descriptor ${fd}.`, [
      "0, 1 and 2 are the standard streams: take 3 or more.",
    ]);
  }
  try {
    return takeDescriptor(fd);
  } catch (thrown) {
    if (!(thrown instanceof SyncError)) throw thrown;
    throw new UsageError(`${thrown.message}.`, thrown.hint === undefined ? [] : [thrown.hint]);
  }
}

interface Outside {
  /** Says that nobody is asked anything any more. */
  readonly ready: () => void;
  readonly notify: (...state: readonly string[]) => void;
}

async function keepInStep(
  run: PairRun,
  pairs: readonly PairConfig[],
  { ready, notify }: Outside,
): Promise<ExitStatus> {
  const { context: { screen, signal, verbose }, resolved, opened } = run;
  const memories = new Map<PairName, Memory>();
  const known = new Map<PairName, readonly Mapping[]>();
  const watching = new Map<StorageName, Watching>();
  // What watches has to stop also where every pair was given up.
  const over = new AbortController();
  const stop = AbortSignal.any([signal, over.signal]);

  const touched: TouchedStorage[] = [];
  let touch = (it: TouchedStorage): void => void touched.push(it);
  for (const storage of opened.all()) {
    const { name } = storage;
    let deafFor: string | undefined;
    watching.set(
      name,
      watchStorage(storage, {
        clock: realClock,
        signal: stop,
        again: resolved.storages.get(name)?.interval ?? 0,
        onTouched: (href) => {
          if (href !== undefined) deafFor = undefined;
          touch({ storage: name, ...(href === undefined ? {} : { href }) });
        },
        onDeaf: (error) => {
          // A run says that the storage is not there.
          if (error.kind === "missing" || deafFor === error.message) return;
          deafFor = error.message;
          const view = { where: [name], stacks: verbose >= 2, severity: "warning" } as const;
          for (const it of errorLines(error, view, screen.errLook)) screen.say(it);
        },
      }),
    );
  }
  ready();

  const find = (name: PairName): PairConfig => {
    const pair = pairs.find((it) => it.name === name);
    if (pair === undefined) throw new Error(`the pair "${name}" is not kept`);
    return pair;
  };
  const keeping = keep({
    pairs: pairs.map((pair) => ({ name: pair.name, interval: intervalOf(pair, resolved) })),
    clock: realClock,
    limits: {
      atOnce: PAIRS_AT_ONCE,
      excludes: (one, other) => sharesStorage(find(one), find(other)),
    },
    signal,
    run: async (job) => {
      const before = memories.get(job.pair) ?? NO_MEMORY;
      const { ending, memory, plan, back } = await runJob(run, find(job.pair), job, before);
      memories.set(job.pair, memory);
      if (plan !== undefined) known.set(job.pair, plan.collections.map((it) => it.mapping));
      if (back !== undefined) watching.get(back)?.restart();
      notify(`STATUS=${statusOf(pairs, memories)}`);
      return ending;
    },
  });
  touch = ({ storage, href }) => {
    for (const pair of pairs.filter(({ a, b }) => a === storage || b === storage)) {
      const meaning = meaningOf(pair, known.get(pair.name), storage, href);
      if (meaning.kind === "nothing") continue;
      if (meaning.kind === "collection") keeping.touch(pair.name, meaning.id);
      else keeping.touch(pair.name);
    }
  };
  touched.forEach(touch);
  signal.addEventListener("abort", () => notify("STOPPING=1"), { once: true });
  try {
    await keeping.ended;
  } finally {
    over.abort();
    await Promise.all([...watching.values()].map((it) => it.ended));
  }
  if (signal.aborted) return 0;
  screen.say(line`every pair was given up`);
  return combined([...memories.values()].flatMap(({ exit }) => exit === undefined ? [] : [exit]));
}

interface TouchedStorage {
  readonly storage: StorageName;
  readonly href?: Parameters<typeof meaningOf>[3];
}

/** How often all of a pair is looked at, in milliseconds: as often as one of its storages wants. */
const intervalOf = ({ a, b }: PairConfig, { storages }: Resolved): number =>
  Math.min(...[a, b].map((name) => storages.get(name)?.interval ?? Infinity));

function statusOf(pairs: readonly PairConfig[], memories: ReadonlyMap<PairName, Memory>): string {
  const failing = pairs.filter(({ name }) => memories.get(name)?.failed !== undefined);
  const total = counted(pairs.length, "pair");
  if (failing.length === 0) return `keeping ${total} in step`;
  return `keeping ${total} in step; failing: ${failing.map((it) => it.name).join(", ")}`;
}

/** Tells systemd; that it does not listen is said once, and changes nothing. */
function telling(notifier: Notifier, screen: Screen): Outside["notify"] {
  let isHeard = true;
  return (...state) => {
    if (!isHeard) return;
    try {
      notifier.notify(state);
    } catch (thrown) {
      sayUnheard(thrown, screen);
      isHeard = false;
    }
  };
}

/** Whoever started us wanted to know, and does not listen: the pairs are kept in step all the same. */
function sayUnheard(thrown: unknown, screen: Screen): void {
  if (!(thrown instanceof SyncError)) throw thrown;
  const view = { stacks: false, severity: "warning" } as const;
  for (const it of errorLines(thrown, view, screen.errLook)) screen.say(it);
}

/** Nobody sits before it: there is no progress, and `-vv` tells of every step. */
const boardOf = ({ screen, verbose }: Context): Board => ({
  begin: (pair, names) => (event) => {
    const said = verbose < 2 ? undefined : eventLine(pair, event, names);
    if (said !== undefined) screen.say(said);
  },
  write: () => {},
  end: () => {},
  close: () => {},
});
