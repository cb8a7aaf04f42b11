/** Puts mails into a mailbox. */

import { asSyncError, SyncError } from "../../lib/model/error.ts";
import type { Body, Flags } from "../../lib/model/item.ts";
import { hrefOfUid } from "../../lib/model/mail.ts";
import type { Digest } from "../../lib/model/names.ts";
import type { Collection, Result } from "../../lib/model/storage.ts";
import { mailDigest } from "../../lib/item/mail/digest.ts";
import { etagOfFlags, flagsOf } from "../../lib/item/mail/flags.ts";
import { readHeader } from "../../lib/item/mail/header.ts";
import { crlfSize, lfToCrlf } from "../../lib/item/mail/newlines.ts";
import { dateTime, flagList, type Part, stringPart } from "../../lib/net/imap/command.ts";
import type { Connection } from "../../lib/net/imap/connection.ts";
import { refusedBy } from "../../lib/net/imap/error.ts";
import type { Status } from "../../lib/net/imap/response.ts";
import { numbersOf, rangesOf, sizeOf } from "../../lib/net/imap/uid_set.ts";
import { numberOf } from "../../lib/net/imap/value.ts";
import { codeText, nonsense } from "./account.ts";
import type { Create, Tell } from "./apply.ts";
import { SMALL } from "./fetch.ts";
import { findAppended, uidNextOf } from "./find_appended.ts";
import { keepable } from "./set_flags.ts";
import { withCrlf } from "./with_crlf.ts";

/** How much a mail counts in a batch: a large one stands alone, as nothing else waits behind it. */
export const weightOf = ({ size }: Body): number => size > SMALL ? Infinity : size;

/** A mail that is ready to be sent. */
interface Ready {
  readonly action: Create;
  readonly literal: Part;
  readonly size: number;
  readonly flags: Flags;
  /** Its digest, where it has to be found again. */
  readonly digest: () => Promise<Digest>;
}

export async function append(
  connection: Connection,
  collection: Collection,
  actions: readonly Create[],
  tell: Tell,
): Promise<void> {
  const ready: Ready[] = [];
  for (const action of actions) {
    try {
      ready.push(await prepared(connection, action));
    } catch (thrown) {
      tell({ id: action.id, outcome: "failed", error: asSyncError(thrown, "item") });
    }
  }
  if (ready.length === 0) return;
  if (!connection.has("UIDPLUS")) return await appendAndFind(connection, collection, ready, tell);
  if (ready.length > 1 && connection.has("MULTIAPPEND")) {
    if (await appendTogether(connection, collection, ready, tell)) return;
  }
  await appendEach(connection, collection, ready, tell);
}

async function prepared(connection: Connection, action: Create): Promise<Ready> {
  const { body, flags } = action.content;
  const kept = flagsOf(keepable(connection, flags));
  const whole = body.size <= SMALL;
  const bytes = whole ? await body.bytes() : undefined;
  const literal = bytes === undefined
    ? await streamedLiteral(body)
    : body.crlf
    ? bytes
    : withCrlf(bytes);
  const size = literal instanceof Uint8Array ? literal.length : literal.size;
  const limit = [...connection.capabilities].find((it) => it.startsWith("APPENDLIMIT="));
  const most = limit === undefined ? undefined : numberOf(limit.slice("APPENDLIMIT=".length));
  if (most !== undefined && size > most) throw tooLarge(connection, size, most);
  return {
    action,
    literal,
    size,
    flags: kept,
    digest: async () => mailDigest(bytes ?? await readHeader(body.stream()), size),
  };
}

async function streamedLiteral(body: Body): Promise<Exclude<Part, string | Uint8Array>> {
  if (body.crlf) return { size: body.size, stream: () => body.stream() };
  const size = await crlfSize(body.stream());
  return { size, stream: () => body.stream().pipeThrough(lfToCrlf()) };
}

const tooLarge = ({ server }: Connection, size: number, most: number) =>
  new SyncError(`${server} takes mails of up to ${most} bytes, and this one has ${size}`, {
    scope: "item",
    kind: "too large",
  });

/** ` (flags) "date" literal` */
function partsOf({ action, literal, flags }: Ready): readonly Part[] {
  const received = action.content.mail?.received;
  const date = received === undefined ? undefined : dateTime(received);
  const head = `${flags.length > 0 ? ` ${flagList(flags)}` : ""}${
    date === undefined ? "" : ` ${date}`
  } `;
  return [head, literal];
}

const DOING = "to take a mail";

const run = (connection: Connection, collection: Collection, mails: readonly Ready[]) =>
  connection.run(["APPEND ", stringPart(collection.href), ...mails.flatMap(partsOf)], {
    doing: DOING,
    mayFail: true,
  });

const doneAs = ({ action: { id }, flags }: Ready, uid: number): Result => ({
  id,
  outcome: "done",
  href: hrefOfUid(uid),
  etag: etagOfFlags(flags),
});

/** The UIDs that mails got (RFC 4315 section 3), in the order in which they were given. */
function uidsIn(
  connection: Connection,
  { mailbox }: Collection,
  { code }: Status,
  count: number,
): readonly number[] | undefined {
  const validity = numberOf(codeText(code, "APPENDUID", 0));
  const set = codeText(code, "APPENDUID", 1);
  if (validity === undefined || set === undefined) return undefined;
  const ranges = rangesOf(set);
  if (ranges === undefined || sizeOf(ranges) !== count || validity !== mailbox?.uidValidity) {
    throw nonsense(connection, "other mails than were given to it got a number");
  }
  return [...numbersOf(ranges)];
}

/** All with one command (RFC 3502), which does all or nothing. Says whether it did. */
async function appendTogether(
  connection: Connection,
  collection: Collection,
  mails: readonly Ready[],
  tell: Tell,
): Promise<boolean> {
  const status = await run(connection, collection, mails);
  // One of them may be what it does not like: each for itself then.
  if (status.status !== "OK") return false;
  const uids = uidsIn(connection, collection, status, mails.length);
  if (uids === undefined) throw withoutUid(connection);
  for (const [index, mail] of mails.entries()) tell(doneAs(mail, uids[index] ?? 0));
  return true;
}

/** Each with a command of its own; they do not wait for each other. */
async function appendEach(
  connection: Connection,
  collection: Collection,
  mails: readonly Ready[],
  tell: Tell,
): Promise<void> {
  await Promise.all(mails.map(async (mail) => {
    const { id } = mail.action;
    try {
      const status = await run(connection, collection, [mail]);
      if (status.status !== "OK") throw refusedBy(connection.server, DOING, status);
      const [uid] = uidsIn(connection, collection, status, 1) ?? [];
      if (uid === undefined) throw withoutUid(connection);
      tell(doneAs(mail, uid));
    } catch (thrown) {
      tell({ id, outcome: "failed", error: asSyncError(thrown, "item") });
    }
  }));
}

// UIDPLUS lets a server keep it to itself in mailboxes whose UIDs do not last.
const withoutUid = ({ server }: Connection) =>
  new SyncError(`${server} took a mail and does not say which number it has`, {
    scope: "item",
    kind: "refused",
    retry: true,
  });

/** Without UIDPLUS: what was put there is looked for among the mails that are new since. */
async function appendAndFind(
  connection: Connection,
  collection: Collection,
  mails: readonly Ready[],
  tell: Tell,
): Promise<void> {
  const from = await uidNextOf(connection, collection);
  const taken: Ready[] = [];
  await Promise.all(mails.map(async (mail) => {
    const { id } = mail.action;
    try {
      const status = await run(connection, collection, [mail]);
      if (status.status !== "OK") throw refusedBy(connection.server, DOING, status);
      taken.push(mail);
    } catch (thrown) {
      tell({ id, outcome: "failed", error: asSyncError(thrown, "item") });
    }
  }));
  const digests = await Promise.all(taken.map(({ digest }) => digest()));
  const found = await findAppended(connection, from, digests);
  for (const [index, mail] of taken.entries()) {
    const uid = found[index];
    const { id } = mail.action;
    if (uid !== undefined) tell(doneAs(mail, uid));
    else tell({ id, outcome: "failed", error: withoutUid(connection) });
  }
}
