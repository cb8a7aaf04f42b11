import { deepStrictEqual } from "node:assert/strict";
import { watchStorage } from "../../../lib/daemon/watching.ts";
import { SyncError } from "../../../lib/model/error.ts";
import { type Href, href } from "../../../lib/model/names.ts";
import type { Storage } from "../../../lib/model/storage.ts";
import { handClock, settle } from "./hand_clock.ts";

/** A storage of which nothing but its changes is ever asked. */
function changing(watch: Storage["watch"], watches = true): Storage {
  const part: Pick<Storage, "watch"> & { readonly capabilities: { readonly watches: boolean } } = {
    capabilities: { watches },
    watch,
  };
  return part as Storage;
}

/** Watches, and writes down what is heard. */
function listen(watch: Storage["watch"], watches?: boolean) {
  const clock = handClock();
  const log: string[] = [];
  const controller = new AbortController();
  const watching = watchStorage(changing(watch, watches), {
    clock,
    signal: controller.signal,
    again: 1_000,
    onTouched: (collection) => log.push(`${clock.now()} ${collection ?? "*"}`),
    onDeaf: (error) => log.push(`${clock.now()} deaf: ${error.message}`),
  });
  const stop = async () => {
    controller.abort();
    await watching.ended;
  };
  return { clock, log, watching, stop };
}

const onceStopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));

Deno.test("what changes is passed on from the first moment", async () => {
  let isListening = false;
  const { log, stop } = listen(async function* (signal): AsyncGenerator<Href> {
    isListening = true;
    yield href("work");
    await onceStopped(signal);
  });
  deepStrictEqual(isListening, true);
  await settle();
  await stop();
  deepStrictEqual(log, ["0 work"]);
});

Deno.test("a storage that cannot tell of changes is not listened to", async () => {
  const { log, clock, watching } = listen(() => {
    throw new Error("it was");
  }, false);
  await clock.pass(5_000);
  await watching.ended;
  deepStrictEqual(log, []);
});

Deno.test("what cannot be listened to is tried again, and then anything may have changed", async () => {
  let times = 0;
  const { log, clock, stop } = listen(async function* (signal): AsyncGenerator<Href> {
    if (++times < 3) {
      throw new SyncError(`no. ${times}`, { scope: "storage", kind: "refused" });
    }
    yield href("work");
    await onceStopped(signal);
  });
  await clock.pass(5_000);
  await stop();
  deepStrictEqual(log, ["0 deaf: no. 1", "1000 *", "1000 deaf: no. 2", "2000 *", "2000 work"]);
});

Deno.test("listening anew begins at once, without a word", async () => {
  let times = 0;
  const { log, clock, watching, stop } = listen(async function* (signal): AsyncGenerator<Href> {
    times++;
    yield href(`try-${times}`);
    await onceStopped(signal);
  });
  await clock.pass(100);
  watching.restart();
  await clock.pass(100);
  await stop();
  deepStrictEqual(log, ["0 try-1", "100 *", "100 try-2"]);
});
