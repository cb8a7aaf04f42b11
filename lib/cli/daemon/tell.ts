/** How the news of a daemon are said: on standard error, in as few lines as will do. */

import type { Sides, StorageName } from "../../model/names.ts";
import type { Report } from "../../model/run.ts";
import { storageBlamedFor } from "../blame.ts";
import type { Context } from "../context.ts";
import { counted, figure } from "../show/count.ts";
import { type Describe, itemInConflict, nameOf } from "../show/describe.ts";
import { errorLines } from "../show/errors.ts";
import { type Look, symbols } from "../show/look.ts";
import { resultLine, type Tally } from "../show/result.ts";
import { faint, type Line, line, styled } from "../show/text.ts";
import { wrapped } from "../show/wrap.ts";
import type { News, Trouble } from "./news.ts";

/** How many new troubles of one run are told before the rest is only counted. */
const MOST = 20;

export interface RunNews {
  readonly report: Report;
  readonly tally: Tally;
  readonly news: News;
  readonly names: Sides<StorageName>;
  readonly describe: Describe;
}

/** A run that went to its end: nothing is said where nothing happened, unless `-v` wants it. */
export async function tellRun({ screen, verbose }: Context, run: RunNews): Promise<void> {
  const { report, tally, news } = run;
  const { pair } = report.plan;
  const most = verbose > 0 ? Infinity : MOST;
  for (const trouble of news.fresh.slice(0, most)) {
    for (const it of await troubleLines(trouble, run, screen.errLook)) screen.say(it);
  }
  const hidden = news.fresh.length - most;
  if (hidden > 0) {
    screen.say(line`${symbols(screen.errLook).cut} and ${figure(hidden)} more (-v lists all)`);
  }
  for (const { side, ident, what } of report.altered.slice(0, most)) {
    screen.say(
      line`${warning} ${pair}: ${run.names[side]} did not keep all of "${ident}": ${
        what.join(", ")
      }`,
    );
  }
  if (news.isMended) screen.say(line`${pair}: nothing is left undone any more`);
  if (hasChanged(tally) || news.fresh.length > 0 || verbose > 0) {
    screen.say(resultLine(pair, tally));
  }
}

/** Whether a run did anything. */
export const hasChanged = (tally: Tally): boolean =>
  tally.created + tally.updated + tally.deleted + tally.marked + tally.made + tally.unmade +
      tally.properties + tally.altered > 0;

const warning = styled("warning", "warning:");

async function troubleLines(
  trouble: Trouble,
  { report: { plan }, names, describe }: RunNews,
  look: Look,
): Promise<readonly Line[]> {
  const { pair } = plan;
  switch (trouble.kind) {
    case "conflict": {
      const { collection, conflict } = trouble;
      const what = nameOf(await describe(itemInConflict(collection, conflict)), conflict.ident);
      return [
        line`${warning} ${pair}/${collection}: "${what}" is not the same on both sides`,
        settle(pair),
      ];
    }
    case "property conflict": {
      const { collection, conflict: { name, values } } = trouble;
      return [
        line`${warning} ${pair}/${collection}: the ${name} is "${values.a}" or "${values.b}"`,
        settle(pair),
      ];
    }
    case "held": {
      const { collection, held } = trouble;
      const what = held.actions === 0
        ? "the collection is left alone"
        : `${counted(held.actions, "action")} on ${names[held.on]} held`;
      const text = `${pair}/${collection}: ${what}: ${held.message}`;
      return [
        ...wrapped([warning, faint(" ")], text, look),
        ...wrapped([faint("help: ")], held.hint, look),
      ];
    }
    case "problem": {
      const { collection, problem: { side, href, ident, error } } = trouble;
      const storage = side === undefined ? storageBlamedFor(error) : names[side];
      const where = [pair, storage, collection, href ?? ident].filter((it) => it !== undefined);
      return errorLines(error, { where, stacks: false }, look);
    }
  }
}

const settle = (pair: string): Line =>
  line`${faint("help:")} "dovetail resolve-conflicts ${pair}" settles conflicts.`;
