/** The servers that the peers are measured against, each started anew for each round. */

import { startDavServer } from "../../tests/support/dav_server.ts";
import { startRadicale } from "../../tests/support/servers/radicale.ts";
import { startXandikos } from "../../tests/support/servers/xandikos.ts";
import type { Account } from "./peers.ts";

export const SERVER_NAMES = ["memory", "radicale", "xandikos"] as const;
export type ServerName = (typeof SERVER_NAMES)[number];

export interface BenchServer extends AsyncDisposable {
  /** Makes an empty calendar under that name, and says how to reach it. Each peer has its own. */
  account(collection: string): Promise<Account>;
}

/** @param latency In milliseconds, before each answer; the server in memory alone can do that. */
export async function startBenchServer(name: ServerName, latency: number): Promise<BenchServer> {
  if (name === "memory") {
    const server = startDavServer({ quirks: { latency } });
    return {
      account: (collection) => {
        server.addCalendar(collection);
        return Promise.resolve(accountAt(`${server.origin}/calendars/user/`));
      },
      [Symbol.asyncDispose]: () => server.close(),
    };
  }
  if (latency > 0) throw new RangeError("only the server in memory can be told to wait");
  const server = name === "radicale" ? await startRadicale() : await startXandikos();
  const home = "home" in server ? server.home : server.calendars;
  return {
    account: async (collection) => {
      await makeCalendar(`${home}${collection}/`);
      return accountAt(home);
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

const accountAt = (home: string): Account => ({ home, username: "user", password: "pass" });

async function makeCalendar(url: string): Promise<void> {
  const response = await fetch(url, {
    method: "MKCALENDAR",
    headers: { authorization: `Basic ${btoa("user:pass")}` },
  });
  await response.body?.cancel();
  if (response.status !== 201) throw new Error(`MKCALENDAR ${url}: ${response.status}`);
}
