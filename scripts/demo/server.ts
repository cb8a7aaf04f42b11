/** The CalDAV server of the demo: Radicale where it is installed, one in memory where it is not. */

import { startDavServer } from "../../tests/support/dav_server.ts";
import { isInstalled } from "../../tests/support/servers/server.ts";
import { startRadicale } from "../../tests/support/servers/radicale.ts";
import type { SampleEvent } from "./calendars.ts";

export interface DemoServer {
  readonly name: string;
  /** The calendar home, ending in a slash. */
  readonly home: string;
  readonly username: string;
  readonly password: string;
  /** Edits an event on the server, as a telephone would. */
  put(event: SampleEvent, text: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startDemoServer(): Promise<DemoServer> {
  if (!isInstalled("radicale")) {
    const server = startDavServer();
    return {
      name: "a CalDAV server (in memory; Radicale is not installed)",
      home: `${server.origin}/calendars/user/`,
      username: "user",
      password: "pass",
      put: put(`${server.origin}/calendars/user/`),
      stop: () => server.close(),
    };
  }
  const radicale = await startRadicale();
  const { home, username, password } = radicale;
  return { name: "Radicale", home, username, password, put: put(home), stop: radicale.stop };
}

/** Writes over whatever is there, as no part of dovetail ever does. */
const put = (home: string) => async (event: SampleEvent, text: string): Promise<void> => {
  const response = await fetch(`${home}${event.calendar}/${event.uid}.ics`, {
    method: "PUT",
    headers: {
      "authorization": `Basic ${btoa("user:pass")}`,
      "content-type": "text/calendar; charset=utf-8",
    },
    body: text,
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`PUT ${response.url}: ${response.status}`);
};
