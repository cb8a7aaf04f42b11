/** `dovetail status`: what is in step, and what was set aside and why, as the last run left it. */

import type { PairConfig } from "../../config/config.ts";
import type { Side } from "../../model/names.ts";
import { readConfiguration, resolveStatusPath } from "../configuration.ts";
import type { Context } from "../context.ts";
import { combined, type ExitStatus } from "../exit.ts";
import { namesOf } from "../open.ts";
import type { InvocationOf } from "../parser.ts";
import { choose } from "../select.ts";
import { counted } from "../show/count.ts";
import { showFault } from "../show/fault.ts";
import { faint, line, name, styled } from "../show/text.ts";
import { asideIn, type CollectionReport, type SetAside } from "../set_aside.ts";
import { VERSION } from "../version.ts";

export async function status(
  { pairs }: InvocationOf<"status">,
  context: Context,
): Promise<ExitStatus> {
  const { screen, signal, verbose } = context;
  const loaded = await readConfiguration(context);
  const chosen = choose(loaded.config, pairs);
  const directory = await resolveStatusPath(loaded, context);
  const statuses: ExitStatus[] = [];
  for (const { pair } of chosen) {
    signal.throwIfAborted();
    try {
      statuses.push(await showPair(pair, directory, context));
    } catch (thrown) {
      statuses.push(await showFault(thrown, screen, verbose, pair.name));
    }
  }
  return combined(statuses);
}

async function showPair(
  pair: PairConfig,
  directory: string,
  { screen }: Context,
): Promise<ExitStatus> {
  const { openStatus } = await import("../../status/mod.ts");
  const opened = await openStatus({
    directory,
    pair: pair.name,
    mode: "read-only",
    now: () => new Date(),
    version: VERSION,
  });
  try {
    const [last] = await opened.history.runs(1);
    const known = await opened.collections();
    if (last === undefined && known.length === 0) {
      screen.print(line`${name(pair.name)}: never brought in step`);
      screen.object({ type: "status", pair: pair.name, lastRun: null, collections: 0, items: 0 });
      return 0;
    }
    const journal = last === undefined ? [] : await opened.history.journal(last.id);
    const reports = await Promise.all(
      known.map((key) => asideIn(key, opened.collection(key), journal)),
    );
    const items = reports.reduce((sum, it) => sum + it.items, 0);
    const when = last === undefined ? "" : `, last changed ${timeOf(last.started)}`;
    const stopped = last !== undefined && last.ended === undefined ? " (that run was stopped)" : "";
    screen.print(
      line`${name(pair.name)}: ${counted(items, "item")} in step in ${
        counted(reports.length, "collection")
      }${faint(when + stopped)}`,
    );
    screen.object({
      type: "status",
      pair: pair.name,
      lastRun: last?.started.toISOString() ?? null,
      interrupted: stopped !== "",
      collections: reports.length,
      items,
    });
    for (const report of reports) showAside(pair, report, screen);
    return reports.some((it) => it.aside.length > 0) ? 2 : 0;
  } finally {
    await opened.close();
  }
}

/** To the minute, in UTC. */
const timeOf = (time: Date): string => `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;

const WORDS: Readonly<Record<SetAside["why"], string>> = {
  conflict: "conflict",
  duplicate: "double UID",
  unreadable: "unreadable",
  refused: "not written",
  waiting: "waiting",
  held: "held",
};

function showAside(
  pair: PairConfig,
  { collection, aside }: CollectionReport,
  screen: Context["screen"],
): void {
  const names = namesOf(pair);
  const widest = Math.max(0, ...Object.values(WORDS).map((it) => it.length));
  for (const it of aside) {
    const where = it.sides.map((side: Side) => names[side]).join(" and ");
    screen.print(
      line`  ${
        styled("warning", WORDS[it.why].padEnd(widest))
      }  ${collection}/${it.what} on ${where}${it.reason === undefined ? "" : `: ${it.reason}`}`,
    );
    screen.object({
      type: "aside",
      pair: pair.name,
      collection,
      why: it.why,
      what: it.what,
      on: [...it.sides],
      storages: it.sides.map((side) => names[side]),
      reason: it.reason,
    });
  }
}
