/** Selects mailboxes, and leaves them. */

import type { SyncError } from "../../model/error.ts";
import { stringPart } from "./command.ts";
import { type Connection, noteSpellings, type Selected } from "./connection.ts";
import { malformed } from "./error.ts";
import type { Response } from "./response.ts";
import { isList, modseqOf, numberOf, textOf } from "./value.ts";

/**
 * Selects a mailbox (RFC 3501 section 6.3.1), to read only unless `writable`. Throws `malformed` where
 * the answer lacks what it must have.
 *
 * @param name As the server spells it.
 */
export async function select(
  connection: Connection,
  name: string,
  writable: boolean,
  signal: AbortSignal | undefined,
): Promise<Selected> {
  connection.selected = undefined;
  let exists: number | undefined;
  let uidValidity: number | undefined;
  let uidNext: number | undefined;
  let highestModseq: bigint | undefined;
  let permanentFlags: readonly string[] | undefined;
  const spellings = new Map<string, string>();
  const on = (response: Response) => {
    if (response.type === "data" && response.name === "FLAGS") {
      noteSpellings(spellings, response.values);
    }
    if (response.type === "count" && response.name === "EXISTS") exists = response.count;
    if (response.type !== "status" || response.code === undefined) return;
    const { name: code, values: [value] } = response.code;
    if (code === "UIDVALIDITY") uidValidity = numberOf(value);
    if (code === "UIDNEXT") uidNext = numberOf(value);
    if (code === "HIGHESTMODSEQ") highestModseq = modseqOf(value);
    if (code === "PERMANENTFLAGS" && isList(value)) {
      permanentFlags = value.flatMap((it) => textOf(it) ?? []);
    }
  };
  const condstore = connection.has("CONDSTORE") || connection.has("QRESYNC");
  const status = await connection.run([
    writable ? "SELECT " : "EXAMINE ",
    stringPart(name),
    condstore ? " (CONDSTORE)" : "",
  ], { doing: `to open the mailbox ${name}`, on, ...(signal === undefined ? {} : { signal }) });
  const wrong = (what: string): SyncError => {
    const error = malformed(connection.server, what, "collection");
    connection.destroy(error);
    return error;
  };
  if (exists === undefined) throw wrong("it does not say how many mails there are");
  if (uidValidity === undefined || uidValidity === 0) {
    throw wrong("a mailbox without UIDVALIDITY, whose mails cannot be told apart");
  }
  const selected: Selected = {
    name,
    writable: writable && status.code?.name !== "READ-ONLY",
    asked: writable,
    uidValidity,
    uidNext,
    highestModseq,
    permanentFlags,
    exists,
    spellings,
  };
  connection.selected = selected;
  return selected;
}

/** Leaves the mailbox that is selected, and expunges nothing in it. */
export async function unselect(
  connection: Connection,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { selected } = connection;
  if (selected === undefined) return;
  const options = { doing: "to close a mailbox", ...(signal === undefined ? {} : { signal }) };
  connection.selected = undefined;
  if (connection.has("UNSELECT")) {
    await connection.run(["UNSELECT"], options);
    return;
  }
  // A mailbox that is open only to be read loses nothing by CLOSE.
  const status = await connection.run(["EXAMINE ", stringPart(selected.name)], {
    ...options,
    mayFail: true,
  });
  if (status.status === "OK") await connection.run(["CLOSE"], options);
}
