/** Tells what the runs are doing: as progress on a terminal, or in words with `-v`. */

import { type PairName, type Sides, type StorageName } from "../model/names.ts";
import type { RunEvent } from "../model/run.ts";
import { eventLine } from "./show/event.ts";
import type { Look } from "./show/look.ts";
import { after, type PairProgress, progressLines, started, writing } from "./show/progress.ts";
import type { Screen } from "./show/screen.ts";

/** How often the progress is drawn, or JSON that waits is written, in milliseconds. */
const EVERY = 100;

/** What is over sooner than this, in milliseconds, shows no progress: it would only flicker. */
const PATIENCE = 300;

export interface Board {
  /** The pair begins. Returns what to tell its events. */
  begin(pair: PairName, names: Sides<StorageName>): (event: RunEvent) => void;
  /** Its plan is being carried out: that many effects. */
  write(pair: PairName, effects: number): void;
  end(pair: PairName): void;
  close(): void;
}

/** `verbose`: in words instead of progress. */
export function openBoard(screen: Screen, verbose: boolean): Board {
  const states = new Map<PairName, PairProgress>();
  const update = (pair: PairName, change: (state: PairProgress) => PairProgress) => {
    const state = states.get(pair);
    if (state !== undefined) states.set(pair, change(state));
  };
  const lines = (look: Look) => progressLines([...states.values()], performance.now(), look);
  const drawing = screen.errLook.live && !screen.json && !verbose;
  const since = performance.now();
  let shown = false;
  const tick = () => {
    if (!drawing) return screen.flush();
    if (shown) return screen.refresh();
    if (performance.now() - since < PATIENCE) return;
    shown = true;
    screen.show(lines);
  };
  const timer = setInterval(tick, EVERY);
  return {
    begin(pair, names) {
      states.set(pair, started(pair, names));
      return (event) => {
        update(pair, (state) => after(state, event));
        if (!verbose) return;
        const line = eventLine(pair, event, names);
        if (line !== undefined) screen.say(line);
      };
    },
    write: (pair, effects) => update(pair, (state) => writing(state, effects, performance.now())),
    end: (pair) => states.delete(pair),
    close() {
      clearInterval(timer);
      screen.hide();
    },
  };
}
