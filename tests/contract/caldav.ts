/** A place for the contract on a CalDAV server. */

import { openCaldav } from "../../adapters/caldav/mod.ts";
import { storageName } from "../../lib/model/names.ts";
import type { Storage } from "../../lib/model/storage.ts";
import type { Place } from "./context.ts";
import { calendarKit } from "./kit.ts";

type Account = Pick<Parameters<typeof openCaldav>[0], "url" | "username" | "password">;

/** The account as a place, and the end of the server with it. */
export function caldavPlace(
  server: { readonly stop: () => Promise<void> },
  account: Account,
  many: number,
): Place {
  const others: Storage[] = [];
  const open = (readOnly: boolean) =>
    openCaldav({ name: storageName("server"), readOnly, ...account });
  const another = (readOnly: boolean) => {
    const storage = open(readOnly);
    others.push(storage);
    return Promise.resolve(storage);
  };
  return {
    storage: open(false),
    kit: calendarKit,
    another: () => another(false),
    readOnly: () => another(true),
    dispose: async () => {
      for (const storage of others) await storage.close();
      await server.stop();
    },
    many,
    keepsBytes: false,
  };
}
