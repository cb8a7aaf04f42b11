/** What a listing tells of mails, so that they need not be fetched to be known. Pure. */

import type { Extent } from "../../model/format.ts";
import { digest } from "../../model/names.ts";
import type { Known } from "../../model/status.ts";
import type { Listed } from "../../model/storage.ts";
import type { Seen } from "../survey.ts";

/** Who a mail is, if that is known without looking into it: its body never changes. */
export function listedMail(
  { href, etag, flags, mail }: Extract<Listed, { readonly state: "present" }>,
  known: Pick<Known, "ident" | "digest"> | undefined,
): Seen | undefined {
  const ident = known?.ident ?? mail?.ident;
  if (ident === undefined) return undefined;
  const of = known === undefined ? digest(ident) : known.digest;
  const { size, received } = mail ?? {};
  // What is known is not limited any more: its deletion is to be carried over whatever its size.
  const extent = known !== undefined || size === undefined && received === undefined
    ? {}
    : { extent: extentOfMail(size, received) };
  return { state: "present", href, etag, ident, digest: of, flags, ...extent };
}

/** What filters ask of a mail. @param size In bytes. @param received In milliseconds since 1970. */
export const extentOfMail = (size: number | undefined, received: number | undefined): Extent => ({
  component: "MESSAGE",
  ...(size === undefined ? {} : { size }),
  ...(received === undefined ? {} : { from: received, to: received }),
});
