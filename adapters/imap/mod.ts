/** Mailboxes on an IMAP server (RFC 3501, RFC 9051). */

import { cancelled, SyncError } from "../../lib/model/error.ts";
import { hrefOfUid } from "../../lib/model/mail.ts";
import { storageName } from "../../lib/model/names.ts";
import type { Storage } from "../../lib/model/storage.ts";
import type { Connection } from "../../lib/net/imap/connection.ts";
import { openConnection, type OpenOptions } from "../../lib/net/imap/open.ts";
import { placeUrl } from "../../lib/net/imap/place.ts";
import { pool } from "../../lib/net/imap/pool.ts";
import { withReadOnly } from "../with_read_only.ts";
import { type Account } from "./account.ts";
import { applyTo } from "./apply.ts";
import { changesOf } from "./changes.ts";
import { fetchFrom } from "./fetch.ts";
import { learn, listMailboxes } from "./list.ts";
import { createMailbox, deleteMailbox, renameMailbox, setSubscribed } from "./mailboxes.ts";
import { localIdOf, PLAIN } from "./names.ts";
import { watchWith } from "./watch.ts";

export interface ImapOptions extends Omit<OpenOptions, "timeout"> {
  /** The storage's name in the configuration. */
  readonly name: string;
  /** The longest time without any answer while one is awaited, in milliseconds. Default: 60,000. */
  readonly timeout?: number | undefined;
  /** How many connections there may be at once, besides two for large mails. Default: 4. */
  readonly connections?: number | undefined;
  /** What stands for characters that names of mailboxes cannot have here. Default: `_`. */
  readonly altChar?: string | undefined;
  readonly readOnly?: boolean | undefined;
  /** Whether listings tell the sizes and dates of mails, as filters may want them. Default: no. */
  readonly facts?: boolean | undefined;
}

const TIMEOUT = 60_000;
const CONNECTIONS = 4;

/** Apple's servers forget changes that QRESYNC should tell of. */
const FORGETFUL = /(?:^|\.)(?:mail\.me\.com|icloud\.com)$/i;

/**
 * Opens an account on an IMAP server. Nothing is connected to before it is asked something.
 *
 * UIDs are the server's to give, and GUIDs too. With CONDSTORE a change acts only on the flags it
 * names, and listings of mailboxes that did not change cost nothing; with QRESYNC only what changed
 * is listed.
 */
export function openImap(options: ImapOptions): Storage {
  const { place, credentials, altChar = "_", readOnly = false } = options;
  const timeout = options.timeout ?? TIMEOUT;
  const forgetful = place.kind === "host" && FORGETFUL.test(place.host);
  const without = new Set([...options.without ?? [], ...(forgetful ? ["QRESYNC"] : [])]);

  const open = async (signal: AbortSignal): Promise<Connection> => {
    const connection = await openConnection({ ...options, timeout, without }, signal);
    if (connection.has("QRESYNC") && connection.has("ENABLE")) {
      await connection.run(["ENABLE QRESYNC"], { doing: "to tell what is gone", signal });
    }
    return connection;
  };
  const connections = pool(open, options.connections ?? CONNECTIONS);
  const account: Account = {
    pool: connections,
    url: placeUrl(place, credentials?.username),
    altChar,
    readOnly,
    facts: options.facts ?? false,
    known: undefined,
    counters: new Map(),
  };
  const storage: Storage = {
    name: storageName(options.name),
    capabilities: {
      kind: "mail",
      readOnly: false,
      properties: ["subscribed"],
      conditionalWrites: true,
      keepsUids: false,
      keepsGuids: false,
      listsChanges: true,
      watches: true,
    },
    check: (signal) =>
      connections.read({}, signal, async (connection) => {
        await learn(account, connection, signal);
      }),
    collections: (signal) => listMailboxes(account, signal),
    holds: (identity) => identity.startsWith(`${account.url}/`),
    localId: (id) => localIdOf(id, altChar, account.known?.naming ?? PLAIN),
    createCollection: (id, properties, signal) => createMailbox(account, id, properties, signal),
    deleteCollection: (collection, signal) => deleteMailbox(account, collection, signal),
    renameCollection: (collection, id, signal) => renameMailbox(account, collection, id, signal),
    setProperty: async (collection, name, value, signal) => {
      if (signal.aborted) throw cancelled(signal.reason);
      if (name !== "subscribed") throw notKept(name);
      await setSubscribed(account, collection, value !== undefined, signal);
    },
    // The server gives the number; what is asked for here is told apart by it, and nothing else.
    hrefFor: (collection, _ident, attempt) =>
      hrefOfUid((collection.mailbox?.uidNext ?? 1) + attempt),
    changes: (collection, cursor, signal) => changesOf(account, collection, cursor, signal),
    fetch: (collection, hrefs, fetching) => fetchFrom(account, collection, hrefs, fetching),
    apply: (collection, actions, signal) => applyTo(account, collection, actions, signal),
    watch: (signal) => watchWith(open, signal),
    close: () => connections.close(),
  };
  return readOnly ? withReadOnly(storage) : storage;
}

const notKept = (name: string) =>
  new SyncError(`a mailbox has no ${name}`, { scope: "collection", kind: "refused" });
