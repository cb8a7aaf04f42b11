/** Writes new mails into `tmp`, where they are not yet mails. */

import { join } from "node:path";
import { codeOf, fileError } from "../../lib/files/file_error.ts";
import { tooLarge } from "../../lib/files/read_file.ts";
import { CrlfCounter, crlfToLf } from "../../lib/item/mail/newlines.ts";
import { SyncError } from "../../lib/model/error.ts";
import type { Body } from "../../lib/model/item.ts";
import type { Action, Content } from "../../lib/model/storage.ts";
import type { Context } from "./context.ts";
import { type Disk, makeFolders, openTo, removeIfThere } from "./disk.ts";
import { folderModeOf, type Mailbox } from "./mailbox.ts";

export type Create = Extract<Action, { readonly kind: "create" }>;

/** A mail that is written and has no name yet. */
export interface Staged {
  readonly action: Create;
  readonly path: string;
  /** Of the file, in bytes. */
  readonly size: number;
  /** With CRLF at the ends of lines, where that is known. */
  readonly crlfSize: number | undefined;
  /** The file holds just the bytes that it was given. */
  readonly verbatim: boolean;
}

/** Dovecot and others clear away what has such a name and is older than 36 hours; so do we. */
const OURS = /^\d{1,15}\.dovetail-[0-9a-f]{16}$/;
const LEFT_OVER_MS = 60 * 60 * 1000;

/** Writes the content of a mail. What fails leaves nothing behind. */
export async function stage(context: Context, mailbox: Mailbox, action: Create): Promise<Staged> {
  const { content } = action;
  if (content.body.size > context.maxSize) {
    throw tooLarge("a mail", content.body.size, context.maxSize);
  }
  const path = join(mailbox.mail, "tmp", temporaryName(context.disk));
  try {
    const written = await write(context.disk, mailbox, path, content.body);
    setReceived(context.disk, path, content);
    return { action, path, ...written };
  } catch (thrown) {
    discard(context.disk, path);
    throw fileError(thrown, "item", path);
  }
}

function temporaryName(disk: Disk): string {
  const random = crypto.getRandomValues(new Uint8Array(8));
  const hex = Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${Math.floor(disk.now() / 1000)}.dovetail-${hex}`;
}

type Written = Pick<Staged, "size" | "crlfSize" | "verbatim">;

async function write(disk: Disk, mailbox: Mailbox, path: string, body: Body): Promise<Written> {
  if (body.file !== undefined && body.crlf !== true) {
    const copied = await copy(disk, mailbox, path, body.file, body.size);
    if (copied !== undefined) return copied;
  }
  const counter = new CrlfCounter();
  let given = 0;
  let size = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      given += chunk.byteLength;
      controller.enqueue(chunk);
    },
  });
  const writer = disk.create(path, mailbox.fileMode);
  try {
    const whole = body.stream().pipeThrough(counted);
    const stream = body.crlf === true ? whole.pipeThrough(crlfToLf()) : whole;
    for await (const chunk of stream) {
      writer.write(chunk);
      counter.add(chunk);
      size += chunk.byteLength;
    }
  } finally {
    writer.close();
  }
  openTo(disk, path, mailbox.fileMode);
  if (given !== body.size) throw notWhole(body);
  return { size, crlfSize: counter.size, verbatim: body.crlf !== true };
}

/** Nothing where the file has another name by now: then its bytes have to be asked for. */
async function copy(
  disk: Disk,
  mailbox: Mailbox,
  path: string,
  file: string,
  size: number,
): Promise<Written | undefined> {
  try {
    await disk.copy(file, path, size);
  } catch (thrown) {
    // Where the copy cannot be written, writing it otherwise says why.
    if (codeOf(thrown) === undefined) throw thrown;
    discard(disk, path);
    return undefined;
  }
  const stat = disk.stat(path);
  if (stat.size !== size) {
    discard(disk, path);
    return undefined;
  }
  // The system copies who may read it as well; here that is for this mailbox to say.
  if (stat.mode !== mailbox.fileMode) disk.setMode(path, mailbox.fileMode);
  return { size, crlfSize: undefined, verbatim: true };
}

const notWhole = (body: Body): SyncError =>
  new SyncError(`a mail of ${body.size} bytes was not given whole`, {
    scope: "item",
    kind: "malformed",
    retry: true,
  });

/** The latest time that every file system can keep: in the year 2106. */
const LATEST = 0xffff_ffff * 1000;

function setReceived(disk: Disk, path: string, { mail }: Content): void {
  const received = mail?.received;
  if (received === undefined || !Number.isFinite(received)) return;
  disk.setTime(path, Math.min(Math.max(received, 0), LATEST));
}

/** Removes a staged mail; what cannot be removed is cleared away later. */
export function discard(disk: Disk, path: string): void {
  try {
    removeIfThere(disk, path);
  } catch (thrown) {
    if (codeOf(thrown) === undefined) throw thrown;
  }
}

/** Makes `tmp` where it is missing, and clears away what a killed run of ours left in it. */
export function prepare(disk: Disk, mailbox: Mailbox): void {
  const folder = join(mailbox.mail, "tmp");
  try {
    if (makeFolders(disk, folder, folderModeOf(disk.stat(mailbox.mail).mode))) return;
    for (const name of disk.names(folder)) {
      if (!OURS.test(name)) continue;
      const age = disk.now() - Number.parseInt(name, 10) * 1000;
      if (age > LEFT_OVER_MS) discard(disk, join(folder, name));
    }
  } catch (thrown) {
    throw fileError(thrown, "collection", folder);
  }
}
