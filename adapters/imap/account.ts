/** One account on one server: its connections, and what is known of the server. */

import { SyncError } from "../../lib/model/error.ts";
import { MOST, uidOf } from "../../lib/model/mail.ts";
import { type CollectionId, type Href, href } from "../../lib/model/names.ts";
import type { Collection } from "../../lib/model/storage.ts";
import type { Connection } from "../../lib/net/imap/connection.ts";
import { malformed } from "../../lib/net/imap/error.ts";
import type { Pool } from "../../lib/net/imap/pool.ts";
import type { Code, Response } from "../../lib/net/imap/response.ts";
import { isList, modseqOf, numberOf, textOf, type Value } from "../../lib/net/imap/value.ts";
import type { Naming } from "./names.ts";

/** What STATUS tells of a mailbox. */
export interface Counters {
  readonly uidValidity: number;
  readonly uidNext: number;
  readonly messages: number;
  /** None where the server does not count changes of flags. */
  readonly highestModseq?: bigint;
  readonly guid?: string;
}

/** A name for mailboxes and mails that stays: RFC 8474's, Dovecot's own, or none. */
export interface Guids {
  readonly mailbox?: "MAILBOXID" | "X-GUID";
  readonly mail?: "EMAILID" | "X-GUID";
}

export interface Account {
  readonly pool: Pool;
  /** The account as the beginning of a url. */
  readonly url: string;
  readonly altChar: string;
  readonly readOnly: boolean;
  /** Whether listings tell sizes and dates. */
  readonly facts: boolean;
  /** What the server was found to be when it was first asked. */
  known: { readonly naming: Naming; readonly guids: Guids } | undefined;
  /** What the last listing of mailboxes told, each to be used for one listing of mails. */
  readonly counters: Map<string, Counters>;
}

/** The items of STATUS that are asked for. */
export function statusItems(connection: Connection, { mailbox }: Guids): string {
  const modseq = connection.has("CONDSTORE") || connection.has("QRESYNC") ? " HIGHESTMODSEQ" : "";
  return `(MESSAGES UIDNEXT UIDVALIDITY${modseq}${mailbox === undefined ? "" : ` ${mailbox}`})`;
}

/** The name and the counters of a STATUS answer; no counters where one of them is missing. */
export function readStatus(
  response: Response,
): { readonly name: string; readonly counters: Counters | undefined } | undefined {
  if (response.type !== "data" || response.name !== "STATUS") return undefined;
  const [first, pairs] = response.values;
  const name = textOf(first);
  if (name === undefined || !isList(pairs)) return undefined;
  const items = new Map<string, Value | undefined>();
  for (let at = 0; at < pairs.length; at += 2) {
    items.set(textOf(pairs[at])?.toUpperCase() ?? "", pairs[at + 1]);
  }
  const uidValidity = numberOf(items.get("UIDVALIDITY"));
  const uidNext = numberOf(items.get("UIDNEXT"));
  const messages = numberOf(items.get("MESSAGES"));
  if (!uidValidity || !uidNext || messages === undefined) return { name, counters: undefined };
  const modseq = modseqOf(items.get("HIGHESTMODSEQ"));
  const guid = guidOf(items.get("MAILBOXID") ?? items.get("X-GUID"));
  return {
    name,
    counters: {
      uidValidity,
      uidNext,
      messages,
      ...(modseq === undefined || modseq === 0n ? {} : { highestModseq: modseq }),
      ...(guid === undefined ? {} : { guid }),
    },
  };
}

/** `(id)` of RFC 8474, or an id. */
export function guidOf(value: Value | undefined): string | undefined {
  const text = textOf(isList(value) ? value[0] : value);
  return text === undefined || !/^[\x21-\x7e]{1,255}$/.test(text) ? undefined : text;
}

/** What is known of a mailbox. */
export interface Box {
  readonly id: CollectionId;
  readonly name: string;
  readonly subscribed: boolean;
  readonly specialUse?: string;
  /** None where the server does not give them now. */
  readonly counters: Counters | undefined;
}

export function collectionOf(account: Account, box: Box): Collection {
  const { counters } = box;
  const guid = counters?.guid;
  const path = guid === undefined
    ? encodeURIComponent(box.name)
    : `;GUID=${encodeURIComponent(guid)}`;
  return {
    id: box.id,
    href: href(box.name),
    identity: `${account.url}/${path};UIDVALIDITY=${counters?.uidValidity ?? 0}`,
    properties: box.subscribed ? { subscribed: "yes" } : {},
    ...(counters === undefined ? {} : {
      mailbox: {
        uidValidity: counters.uidValidity,
        uidNext: counters.uidNext,
        messages: counters.messages,
        ...(guid === undefined ? {} : { guid }),
        ...(box.specialUse === undefined ? {} : { specialUse: box.specialUse }),
      },
    }),
  };
}

/** Throws `changed` where the mailbox that is selected is another one than was listed. */
export function requireSame(
  { server, selected }: Connection,
  { mailbox, id }: Collection,
): void {
  if (selected !== undefined && selected.uidValidity === mailbox?.uidValidity) return;
  throw new SyncError(`${server} has numbered the mails of ${id} anew meanwhile (UIDVALIDITY)`, {
    scope: "collection",
    kind: "changed",
    retry: true,
  });
}

/** The set of UIDs that stands at a place of a response code. */
export const codeText = (code: Code | undefined, name: string, at: number): string | undefined =>
  code?.name === name ? textOf(code.values[at]) : undefined;

/** The UID that an href stands for; nothing where it stands for none. */
export function uidIn(href: Href): number | undefined {
  const uid = /^[1-9]\d{0,9}$/.test(href) ? uidOf(href) : 0;
  return uid > 0 && uid <= MOST ? uid : undefined;
}

/** The UIDs of those that stand for one. */
export const uidsIn = (hrefs: readonly Href[]): readonly number[] =>
  hrefs.flatMap((it) => uidIn(it) ?? []);

/** Ends a connection that says what cannot be, and gives back the error. */
export function nonsense(connection: Connection, what: string): SyncError {
  const error = malformed(connection.server, what, "collection");
  connection.destroy(error);
  return error;
}
