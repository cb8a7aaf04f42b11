/** A place for the contract on a CalDAV or CardDAV server. */

import { openCaldav } from "../../adapters/caldav/mod.ts";
import { openCarddav } from "../../adapters/carddav/mod.ts";
import { storageName } from "../../lib/model/names.ts";
import { Secret } from "../../lib/model/secret.ts";
import type { Storage } from "../../lib/model/storage.ts";
import type { Place } from "./context.ts";
import { calendarKit, contactsKit } from "./kit.ts";

/** Where the account is, and whom it lets in. */
interface Account {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
}

export interface DavPlaceOptions {
  /** Default: 100. */
  readonly many?: number;
  /** Whether bytes come back as they were written. Default: false. */
  readonly keepsBytes?: boolean;
  /** Whether one UID may be in one collection of the account alone. Default: false. */
  readonly uniqueUids?: boolean;
}

function place(
  open: typeof openCaldav,
  kit: Place["kit"],
  server: { readonly stop: () => Promise<void> },
  { url, username, password }: Account,
  { many = 100, keepsBytes = false, uniqueUids = false }: DavPlaceOptions,
): Place {
  const others: Storage[] = [];
  const opened = (readOnly: boolean) =>
    open({
      name: storageName("server"),
      url,
      readOnly,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password: new Secret(password) }),
    });
  const another = (readOnly: boolean) => {
    const storage = opened(readOnly);
    others.push(storage);
    return Promise.resolve(storage);
  };
  return {
    storage: opened(false),
    kit,
    another: () => another(false),
    readOnly: () => another(true),
    dispose: async () => {
      for (const storage of others) await storage.close();
      await server.stop();
    },
    many,
    keepsBytes,
    uniqueUids,
  };
}

/** The calendars of the account as a place, and the end of the server with it. */
export function caldavPlace(
  server: { readonly stop: () => Promise<void> },
  account: Account,
  options: DavPlaceOptions = {},
): Place {
  return place(openCaldav, calendarKit, server, account, options);
}

/** The address books of the account as a place, and the end of the server with it. */
export function carddavPlace(
  server: { readonly stop: () => Promise<void> },
  account: Account,
  options: DavPlaceOptions = {},
): Place {
  return place(openCarddav, contactsKit, server, account, options);
}
