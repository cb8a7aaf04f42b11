/** UID FETCH, which may fail for some of the mails and not for others. */

import { SyncError } from "../../lib/model/error.ts";
import { type Connection, type RunOptions } from "../../lib/net/imap/connection.ts";
import { refusedBy } from "../../lib/net/imap/error.ts";

/**
 * Asks for mails. What was given before a refusal counts: a server says NO where somebody has
 * expunged one of the mails meanwhile (EXPUNGEISSUED, RFC 2180 section 4.1), or where it cannot read
 * one of them. Throws what says that the whole command was not understood, or is better repeated.
 *
 * @returns Why mails that were not given could not be, where they are there.
 */
export async function uidFetch(
  connection: Connection,
  command: string,
  options: Omit<RunOptions, "mayFail">,
): Promise<SyncError | undefined> {
  const status = await connection.run([`UID FETCH ${command}`], { ...options, mayFail: true });
  if (status.status === "OK" || status.code?.name === "EXPUNGEISSUED") return undefined;
  const error = refusedBy(connection.server, options.doing, status);
  if (status.status === "BAD" || error.kind === "unreachable") throw error;
  const { kind, retry, hint, message } = error;
  return new SyncError(message, {
    scope: "item",
    kind,
    retry,
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  });
}
