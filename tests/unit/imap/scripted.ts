/** A storage on a scripted server that can hold one small mailbox. */

import { type ImapOptions, openImap } from "../../../adapters/imap/mod.ts";
import { bodyOf, type Flags } from "../../../lib/model/item.ts";
import { digest, type Etag, type Href, href, ident } from "../../../lib/model/names.ts";
import type { Action, Collection, Result, Storage } from "../../../lib/model/storage.ts";
import { type FakeServer, fakeServer } from "./fake_server.ts";

export const never: AbortSignal = new AbortController().signal;

export const CAPABILITIES =
  "IMAP4rev1 LITERAL+ UIDPLUS ENABLE CONDSTORE QRESYNC LIST-EXTENDED LIST-STATUS OBJECTID";

const SELECTED =
  "* FLAGS (\\Seen)\r\n* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 12] x\r\n" +
  "* OK [HIGHESTMODSEQ 90] x\r\n* OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n@ OK [READ-WRITE] x\r\n";

/** What a well-behaved server says to what every test begins with. */
const USUAL: readonly (readonly [RegExp, string])[] = [
  [/^ENABLE/, "* ENABLED QRESYNC\r\n@ OK x\r\n"],
  [/^NAMESPACE/, '* NAMESPACE (("" "/")) NIL NIL\r\n@ OK x\r\n'],
  [
    /^LIST/,
    '* LIST () "/" INBOX\r\n* STATUS INBOX (MESSAGES 2 UIDNEXT 12 UIDVALIDITY 7 HIGHESTMODSEQ 90 ' +
    "MAILBOXID (b1))\r\n@ OK x\r\n",
  ],
  [
    /^STATUS/,
    "* STATUS INBOX (MESSAGES 2 UIDNEXT 12 UIDVALIDITY 7 HIGHESTMODSEQ 90 MAILBOXID (b1))\r\n@ OK x\r\n",
  ],
  [/^(?:SELECT|EXAMINE)/, SELECTED],
  [/^(?:NOOP|UNSELECT)/, "@ OK x\r\n"],
];

export type Script = readonly (readonly [RegExp, string | ((command: string) => string)])[];

export interface Scripted {
  readonly storage: Storage;
  readonly server: FakeServer;
  readonly inbox: () => Promise<Collection>;
}

/** Works with a storage on a server that says what the script does, and else the usual. */
export async function scripted(
  script: Script,
  work: (scripted: Scripted) => Promise<void>,
  { capabilities = CAPABILITIES, pieces, ...options }:
    & Partial<ImapOptions>
    & { readonly capabilities?: string; readonly pieces?: number } = {},
): Promise<void> {
  await using server = await fakeServer((command) => {
    for (const [pattern, answer] of [...script, ...USUAL]) {
      if (!pattern.test(command)) continue;
      return typeof answer === "string" ? answer : answer(command);
    }
    return "@ BAD what\r\n";
  }, {
    greeting: `* PREAUTH [CAPABILITY ${capabilities}] hello`,
    ...(pieces === undefined ? {} : { pieces }),
  });
  const storage = openImap({
    name: "imap",
    place: { kind: "host", host: "localhost", security: "none", socket: server.path },
    timeout: 2_000,
    ...options,
  });
  try {
    await work({
      storage,
      server,
      inbox: async () => {
        const found = (await storage.collections(never)).find(({ id }) => id === "INBOX");
        if (found === undefined) throw new Error("there is no INBOX");
        return found;
      },
    });
  } finally {
    await storage.close();
  }
}

export const creation = (id: number, text: string, flags: Flags = []): Action => ({
  kind: "create",
  id,
  ident: ident(`i${id}`),
  href: href("1"),
  content: { digest: digest("d"), flags, body: bodyOf(new TextEncoder().encode(text)) },
});

export const flagging = (id: number, at: Href, etag: Etag, flags: Flags): Action => ({
  kind: "setFlags",
  id,
  ident: ident(`i${id}`),
  href: at,
  etag,
  was: [],
  flags,
});

export const deletion = (id: number, at: Href, etag: Etag): Action => ({
  kind: "delete",
  id,
  ident: ident(`i${id}`),
  href: at,
  etag,
});

export async function applied(
  { storage }: Scripted,
  collection: Collection,
  ...actions: readonly Action[]
): Promise<readonly Result[]> {
  async function* source(): AsyncGenerator<Action> {
    await Promise.resolve();
    yield* actions;
  }
  const results = await Array.fromAsync(storage.apply(collection, source(), never));
  return results.toSorted((a, b) => a.id - b.id);
}
