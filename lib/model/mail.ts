/**
 * What belongs to mail alone. Of every mail storage the href of a mail is its UID (RFC 3501 section
 * 2.3.1.1) in decimal, its body never changes, and its etag stands for its flags.
 */

import type { Href, Ident } from "./names.ts";
import { href } from "./names.ts";

/** What is known of a mail besides its bytes and its flags. */
export interface Mail {
  /** INTERNALDATE, in milliseconds since 1970. IMAP keeps whole seconds of it. */
  readonly received?: number;
  /** When it was put into its mailbox, in milliseconds since 1970 (RFC 8514). */
  readonly saved?: number;
  /** What names it wherever it goes, where its storage has such a thing. */
  readonly guid?: string;
  /** What POP3 calls it, where that is not made of its UID. */
  readonly uidl?: string;
  /** Where it stands in POP3's list, where that is not in the order of the UIDs. */
  readonly pop3Order?: number;
}

/** What a listing may say of a mail, so that it need not be fetched to be known. */
export interface ListedMail {
  /**
   * Who it is: its GUID. Only of storages that keep the GUIDs they are given, and were opened to go
   * by them. Two mails of one mailbox may have the same one.
   */
  readonly ident?: Ident;
  /** In bytes as IMAP counts them, with CRLF at the ends of lines. */
  readonly size?: number;
  /** As in {@linkcode Mail.received}. */
  readonly received?: number;
}

/** What is known of a mailbox besides its name, as STATUS (RFC 3501 section 6.3.10) tells it. */
export interface Mailbox {
  /** What names it whatever it is called: Dovecot's GUID, or a MAILBOXID (RFC 8474). */
  readonly guid?: string;
  readonly uidValidity: number;
  /** No mail has this UID or a higher one, as far as was seen when it was listed. */
  readonly uidNext: number;
  readonly messages: number;
  /** `\Sent`, `\Trash` and so on (RFC 6154). */
  readonly specialUse?: string;
}

/** What a mailbox and its mails are to be numbered with. What is not named stays. */
export interface Numbers {
  readonly uidValidity?: number;
  /** It is raised to this, and never lowered. */
  readonly uidNext?: number;
  readonly guid?: string;
  /** Which mails get which UID. They may take each other's; no other mail has one of them. */
  readonly uids: ReadonlyMap<Href, number>;
}

/** The UID that an href of a mail storage stands for. */
export const uidOf = (of: Href): number => Number(of);
export const hrefOfUid = (uid: number): Href => href(String(uid));

/** The highest UID, and UIDVALIDITY, that there can be (RFC 3501 section 9). */
export const MOST = 0xffff_ffff;
