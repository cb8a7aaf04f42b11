/** Hears of changes as they happen (RFC 2177, RFC 5465). */

import { SyncError } from "../../lib/model/error.ts";
import { type Href, href } from "../../lib/model/names.ts";
import { REAL_ENVIRONMENT } from "../../lib/net/environment.ts";
import { backOff } from "../../lib/net/http/retry.ts";
import { type Connection, WAITS } from "../../lib/net/imap/connection.ts";
import { select } from "../../lib/net/imap/mailbox.ts";
import type { Response } from "../../lib/net/imap/response.ts";
import { produced } from "../../lib/net/produced.ts";
import { textOf } from "../../lib/net/imap/value.ts";

/** How long one IDLE lasts, in milliseconds: servers end those of half an hour. */
const LASTS = 25 * 60 * 1_000;
/** How long the server has to end it, in milliseconds: else the connection is gone. */
const TO_END = 60 * 1_000;
/** The longest wait before it is tried again, as a power of two. */
const MOST_TRIES = 8;

const EVENTS = "(MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange)";

/**
 * Tells of the mailboxes that change, of all of them where the server has NOTIFY, otherwise of INBOX
 * alone. After a connection was lost, INBOX is told of, as something may have been missed.
 */
export function watchWith(
  open: (signal: AbortSignal) => Promise<Connection>,
  outer: AbortSignal,
): AsyncIterable<Href> {
  return produced<Href>(async (put, signal) => {
    for (let tries = 0; !signal.aborted;) {
      try {
        const connection = await open(signal);
        try {
          if (!connection.has("IDLE")) return;
          if (tries > 0) await put(href("INBOX"));
          tries = 0;
          await idle(connection, put, signal);
        } finally {
          await connection.close();
        }
      } catch (thrown) {
        if (signal.aborted) return;
        if (!(thrown instanceof SyncError) || !thrown.retry) throw thrown;
        tries = Math.min(tries + 1, MOST_TRIES);
        await REAL_ENVIRONMENT.sleep(backOff(tries, REAL_ENVIRONMENT.random), signal);
      }
    }
  }, outer);
}

async function idle(
  connection: Connection,
  put: (changed: Href) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const changed = new Set<string>();
  let wake = () => {};
  const on = (response: Response) => {
    const name = changedIn(response, connection.selected?.name);
    if (name === undefined) return;
    changed.add(name);
    wake();
  };
  const doing = "to tell of changes";
  const notifies = connection.has("NOTIFY") && await notify(connection, signal);
  if (!notifies) await select(connection, "INBOX", false, signal);
  while (!signal.aborted) {
    let over = false;
    const idling = connection.run(["IDLE"], { doing, signal, on, answers: WAITS });
    const ended = idling.then(() => {}, () => {}).then(() => {
      over = true;
      wake();
    });
    const timers = [
      // Where it cannot be sent, the connection ends, and with it what waits.
      setTimeout(() => void connection.sendLine("DONE").catch(() => {}), LASTS),
      setTimeout(() => connection.destroy(), LASTS + TO_END),
    ];
    try {
      while (!over) {
        const [name] = changed;
        if (name === undefined) {
          const { promise, resolve } = Promise.withResolvers<void>();
          wake = resolve;
          await promise;
        } else {
          changed.delete(name);
          await put(href(name));
        }
      }
    } finally {
      for (const timer of timers) clearTimeout(timer);
    }
    await ended;
    await idling;
  }
}

/** Asks to hear of all mailboxes of one's own. Servers may find that too much. */
async function notify(connection: Connection, signal: AbortSignal): Promise<boolean> {
  const status = await connection.run([`NOTIFY SET (personal ${EVENTS})`], {
    doing: "to tell of changes",
    signal,
    mayFail: true,
  });
  return status.status === "OK";
}

function changedIn(response: Response, selected: string | undefined): string | undefined {
  if (response.type === "count" || response.type === "fetch") return selected;
  if (response.type !== "data") return undefined;
  if (response.name === "VANISHED") return selected;
  if (response.name === "STATUS") return textOf(response.values[0]);
  return response.name === "LIST" ? textOf(response.values[2]) : undefined;
}
