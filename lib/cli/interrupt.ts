/** What Ctrl-C does: the first stops safely, the second at once. */

import { cancelled } from "../model/error.ts";
import type { Host } from "./host.ts";
import type { Screen } from "./show/screen.ts";
import { line } from "./show/text.ts";

export interface Interrupts {
  readonly signal: AbortSignal;
  /** Ends the listening. */
  end(): void;
}

const INTERRUPTED = 130;

export function listenForInterrupts(host: Host, screen: Screen): Interrupts {
  const controller = new AbortController();
  const end = host.onStop(() => {
    if (controller.signal.aborted) {
      screen.hide();
      host.exit(INTERRUPTED);
    }
    screen.say(line`stopping once what has begun is done; again to stop at once`);
    controller.abort(cancelled());
  });
  return { signal: controller.signal, end };
}

/** Says that a stop was a good one. */
export function sayStopped(screen: Screen): void {
  screen.say(line`stopped safely; run again to go on`);
}
