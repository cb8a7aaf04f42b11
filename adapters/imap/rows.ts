/** The lines of a listing of mails. */

import type { Flags } from "../../lib/model/item.ts";
import { hrefOfUid } from "../../lib/model/mail.ts";
import type { Etag } from "../../lib/model/names.ts";
import type { Listed } from "../../lib/model/storage.ts";
import { etagOfFlags, flagsOf } from "../../lib/item/mail/flags.ts";
import { timeOf } from "../../lib/net/imap/command.ts";
import type { Response } from "../../lib/net/imap/response.ts";
import { isList, numberOf, textOf, type Value } from "../../lib/net/imap/value.ts";

export interface Row {
  readonly uid: number;
  readonly seen: Seen;
  readonly size?: number;
  readonly received?: number;
}

/** Flags as most mails share them. */
interface Seen {
  readonly flags: Flags;
  readonly etag: Etag;
}

export interface Rows {
  /** Each mail once, by its UID; the last word counts. */
  readonly rows: Map<number, Row>;
  /** Takes an answer. */
  on(response: Response): void;
}

/**
 * Takes the FETCH answers of a listing.
 * @param facts Whether sizes and dates are among them.
 */
export function rowsOf(facts: boolean): Rows {
  const rows = new Map<number, Row>();
  const shared = new Map<string, Seen>();
  return {
    rows,
    on(response: Response): void {
      if (response.type !== "fetch") return;
      const uid = numberOf(response.items.get("UID"));
      const flags = response.items.get("FLAGS");
      // Another one's change of which the server tells by number alone is in the next listing.
      if (uid === undefined || uid === 0 || !isList(flags)) return;
      const words = flags.flatMap((it) => textOf(it) ?? []);
      const key = words.join(" ");
      let seen = shared.get(key);
      if (seen === undefined) {
        const sorted = flagsOf(words);
        shared.set(key, seen = { flags: sorted, etag: etagOfFlags(sorted) });
      }
      if (!facts) return void rows.set(uid, { uid, seen });
      const earlier = rows.get(uid);
      const size = numberOf(response.items.get("RFC822.SIZE")) ?? earlier?.size;
      const received = receivedOf(response.items.get("INTERNALDATE")) ?? earlier?.received;
      rows.set(uid, {
        uid,
        seen,
        ...(size === undefined ? {} : { size }),
        ...(received === undefined ? {} : { received }),
      });
    },
  };
}

export function receivedOf(value: Value | undefined): number | undefined {
  const text = textOf(value);
  return text === undefined ? undefined : timeOf(text);
}

export function entryOf({ uid, seen, size, received }: Row): Listed {
  return {
    state: "present",
    href: hrefOfUid(uid),
    etag: seen.etag,
    flags: seen.flags,
    ...(size === undefined && received === undefined ? {} : {
      mail: {
        ...(size === undefined ? {} : { size }),
        ...(received === undefined ? {} : { received }),
      },
    }),
  };
}
