/** Lists the mailboxes of an account. */

import { SyncError } from "../../lib/model/error.ts";
import type { Collection } from "../../lib/model/storage.ts";
import { stringPart } from "../../lib/net/imap/command.ts";
import type { Connection } from "../../lib/net/imap/connection.ts";
import { ImapError } from "../../lib/net/imap/error.ts";
import type { Response } from "../../lib/net/imap/response.ts";
import { isList, textOf, type Value } from "../../lib/net/imap/value.ts";
import {
  type Account,
  type Box,
  collectionOf,
  type Counters,
  type Guids,
  readStatus,
  statusItems,
} from "./account.ts";
import { idOf, isOwn, type Naming, PLAIN } from "./names.ts";

/** More mailboxes than this are not what they should be. */
const MOST_BOXES = 100_000;

const SPECIAL = /^\\(?:All|Archive|Drafts|Flagged|Important|Junk|Sent|Trash)$/i;

/** Asks once what the server calls things, and which of its things have names that stay. */
export async function learn(
  account: Account,
  connection: Connection,
  signal: AbortSignal,
): Promise<{ readonly naming: Naming; readonly guids: Guids }> {
  if (account.known !== undefined) return account.known;
  const [naming, guids] = await Promise.all([
    learnNaming(connection, signal),
    learnGuids(connection, signal),
  ]);
  return account.known = { naming, guids };
}

async function learnNaming(connection: Connection, signal: AbortSignal): Promise<Naming> {
  let naming: Naming | undefined;
  if (connection.has("NAMESPACE")) {
    await connection.run(["NAMESPACE"], {
      doing: "to say how its mailboxes are called",
      signal,
      on: (response) => {
        if (response.type === "data" && response.name === "NAMESPACE") {
          naming = namingOf(response.values);
        }
      },
    });
  } else {
    await connection.run(['LIST "" ""'], {
      doing: "to say how its mailboxes are called",
      signal,
      on: (response) => {
        const listed = readList(response, "LIST");
        if (listed !== undefined) naming = { ...PLAIN, separator: listed.separator };
      },
    });
  }
  return naming ?? PLAIN;
}

function namingOf([own, ...others]: readonly Value[]): Naming {
  const spaces = (value: Value | undefined) =>
    (isList(value) ? value : []).flatMap((it) => {
      if (!isList(it)) return [];
      return [{ prefix: textOf(it[0]) ?? "", separator: textOf(it[1]) }];
    });
  const [first] = spaces(own);
  return {
    prefix: first?.prefix ?? "",
    separator: first === undefined ? "/" : first.separator,
    foreign: others.flatMap(spaces).map(({ prefix }) => prefix).filter((it) => it !== ""),
  };
}

/** Dovecot before 2.4 has no OBJECTID, but names of its own, of which its capabilities do not tell. */
async function learnGuids(connection: Connection, signal: AbortSignal): Promise<Guids> {
  if (connection.has("OBJECTID")) return { mailbox: "MAILBOXID", mail: "EMAILID" };
  let found = false;
  const status = await connection.run(["STATUS INBOX (X-GUID)"], {
    doing: "to say how INBOX is called for good",
    signal,
    mayFail: true,
    on: (response) => {
      if (response.type !== "data" || response.name !== "STATUS") return;
      const [, items] = response.values;
      if (isList(items) && textOf(items[0])?.toUpperCase() === "X-GUID") found = true;
    },
  });
  return status.status === "OK" && found ? { mailbox: "X-GUID", mail: "X-GUID" } : {};
}

interface ListedBox {
  readonly name: string;
  readonly separator: string | undefined;
  /** In lower case. */
  readonly attributes: ReadonlySet<string>;
  readonly specialUse: string | undefined;
}

function readList(response: Response, kind: "LIST" | "LSUB"): ListedBox | undefined {
  if (response.type !== "data" || response.name !== kind) return undefined;
  const [attributes, separator, box] = response.values;
  const name = textOf(box);
  if (!isList(attributes) || separator === undefined || name === undefined || name === "") {
    return undefined;
  }
  const words = attributes.flatMap((it) => textOf(it) ?? []);
  return {
    // Some servers call it Inbox where it is listed.
    name: name.toUpperCase() === "INBOX" ? "INBOX" : name,
    separator: textOf(separator),
    attributes: new Set(words.map((it) => it.toLowerCase())),
    specialUse: words.find((it) => SPECIAL.test(it)),
  };
}

/** All mailboxes of one's own that hold mails, with their counters. */
export function listMailboxes(
  account: Account,
  signal: AbortSignal,
): Promise<readonly Collection[]> {
  return account.pool.read({}, signal, async (connection) => {
    const { naming, guids } = await learn(account, connection, signal);
    const boxes = await boxesOf(connection, naming, guids, signal);
    account.counters.clear();
    for (const { name, counters } of boxes) {
      if (counters !== undefined) account.counters.set(name, counters);
    }
    return boxes.map((box) => collectionOf(account, box));
  });
}

async function boxesOf(
  connection: Connection,
  naming: Naming,
  guids: Guids,
  signal: AbortSignal,
): Promise<readonly Box[]> {
  const extended = connection.has("LIST-EXTENDED");
  const withStatus = extended && connection.has("LIST-STATUS");
  const special = connection.has("SPECIAL-USE");
  const returns = [
    ...(extended ? ["SUBSCRIBED"] : []),
    ...(extended && special ? ["SPECIAL-USE"] : []),
    ...(withStatus ? [`STATUS ${statusItems(connection, guids)}`] : []),
  ];
  const listed = new Map<string, ListedBox>();
  const subscribed = new Set<string>();
  const counted = new Map<string, Counters>();
  const on = (response: Response) => {
    const box = readList(response, "LIST");
    if (box !== undefined) {
      if (listed.size >= MOST_BOXES) throw tooMany(connection);
      listed.set(box.name, box);
    }
    const status = readStatus(response);
    if (status?.counters !== undefined) counted.set(plain(status.name), status.counters);
    const followed = readList(response, "LSUB");
    if (followed !== undefined && !followed.attributes.has("\\noselect")) {
      subscribed.add(followed.name);
    }
  };
  const list = `LIST "" "*"${returns.length === 0 ? "" : ` RETURN (${returns.join(" ")})`}`;
  const doing = "to list the mailboxes";
  await Promise.all([
    connection.run([list], { doing, signal, on }),
    ...(extended ? [] : [connection.run(['LSUB "" "*"'], { doing, signal, on })]),
  ]);
  const own = [...listed.values()].filter(({ name, attributes }) =>
    isOwn(name, naming) && !attributes.has("\\noselect") && !attributes.has("\\nonexistent")
  );
  const gone = new Set<string>();
  await Promise.all(
    own.filter(({ name }) => !counted.has(name)).map(async ({ name }) => {
      const found = await statusOf(connection, name, guids, signal);
      if (found === "gone") gone.add(name);
      else if (found !== undefined) counted.set(name, found);
    }),
  );
  const taken = new Set<string>();
  return own.filter(({ name }) => !gone.has(name)).map((box): Box => {
    const proper = idOf(box.name, box.separator, naming);
    // Two spellings of one name: the second is called as it is spelt.
    const id = taken.has(proper)
      ? idOf(box.name.replaceAll("&", "&-"), box.separator, naming)
      : proper;
    taken.add(id);
    return {
      id,
      name: box.name,
      subscribed: extended ? box.attributes.has("\\subscribed") : subscribed.has(box.name),
      ...(box.specialUse === undefined ? {} : { specialUse: box.specialUse }),
      counters: counted.get(box.name),
    };
  });
}

const plain = (name: string) => name.toUpperCase() === "INBOX" ? "INBOX" : name;

/** The counters of one mailbox; `gone` where it is not there; nothing where they are not given. */
export async function statusOf(
  connection: Connection,
  name: string,
  guids: Guids,
  signal: AbortSignal,
): Promise<Counters | "gone" | undefined> {
  let counters: Counters | undefined;
  try {
    await connection.run(["STATUS ", stringPart(name), ` ${statusItems(connection, guids)}`], {
      doing: `to say what is in the mailbox ${name}`,
      signal,
      on: (response) => {
        const status = readStatus(response);
        if (status !== undefined && plain(status.name) === plain(name)) counters = status.counters;
      },
    });
    return counters;
  } catch (thrown) {
    if (!(thrown instanceof ImapError)) throw thrown;
    // A mailbox that cannot be read now is there all the same.
    return thrown.kind === "missing" ? "gone" : undefined;
  }
}

function tooMany({ server }: Connection): SyncError {
  return new SyncError(`${server} lists more than ${MOST_BOXES} mailboxes`, {
    scope: "storage",
    kind: "too large",
  });
}
