/** Where the mailboxes are: files below a folder, and INBOX, which may lie elsewhere. */

import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { hash } from "node:crypto";
import { codeOf, fileError } from "../../lib/files/file_error.ts";
import { rootFolder } from "../../lib/files/root_folder.ts";
import { mailboxId, partsOf } from "../../lib/item/mail/mailbox_id.ts";
import { decodeMutf7, encodeMutf7 } from "../../lib/item/mail/mutf7.ts";
import { SyncError } from "../../lib/model/error.ts";
import { type CollectionId, type Href, href } from "../../lib/model/names.ts";
import type { Disk } from "./disk.ts";

export interface Places {
  /** The folder of all mailboxes, absolute and without links. */
  readonly root: string;
  /** INBOX, likewise. Its file need not be there. */
  readonly inbox: string;
}

/** A mailbox, or where one could be. */
export interface MailboxPlace {
  readonly id: CollectionId;
  /** What it is called on the disk: its path below the root, or `INBOX`. */
  readonly href: Href;
  readonly path: string;
}

export const INBOX = href("INBOX");

/** How deep folders may lie in each other. */
const MOST_DEEP = 32;
const MOST_BOXES = 100_000;
/** A name on the disk, in bytes: most disks take 255, and `.lock` is put behind it. */
const MOST_BYTES = 240;

/** Looks for the folder and for INBOX. Throws `missing` where the folder is not there. */
export function readPlaces(disk: Disk, path: string, inbox: string | undefined): Places {
  const root = realFolder(path);
  const given = inbox === undefined ? join(root, "inbox") : absolute(inbox);
  try {
    // Systems have /var/mail as a link; INBOX itself may be one too, as others follow it.
    if (disk.stat(given) !== undefined) return { root, inbox: Deno.realPathSync(given) };
    const folder = dirname(given);
    return { root, inbox: join(Deno.realPathSync(folder), given.slice(folder.length)) };
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return { root, inbox: given };
    throw fileError(thrown, "storage", given);
  }
}

const absolute = (path: string): string => isAbsolute(path) ? path : join(Deno.cwd(), path);

const realFolder = (path: string): string =>
  rootFolder(
    {
      realPath: (path) => Deno.realPathSync(path),
      isFolder: (path) => Deno.statSync(path).isDirectory,
    },
    path,
    "An mbox storage is a folder of mbox files: name the file of INBOX with inbox.",
  );

/** All mailboxes, sorted by name. INBOX is one of them if its file is there. */
export function listPlaces(disk: Disk, places: Places): readonly MailboxPlace[] {
  const found: MailboxPlace[] = [];
  const walk = (folder: string, parts: readonly string[]) => {
    if (parts.length > MOST_DEEP) throw tooMany(`${folder} lies too deep`);
    for (const name of disk.names(folder).toSorted()) {
      if (
        !isBoxName(name) || (parts.length === 0 && name.toUpperCase() === "INBOX" &&
          disk.stat(join(folder, name))?.kind !== "folder")
      ) continue;
      const path = join(folder, name);
      if (path === places.inbox) continue;
      const all = [...parts, decodeMutf7(name) ?? name];
      const kind = disk.stat(path)?.kind;
      if (kind === "folder") walk(path, all);
      // A link leads to one, perhaps: reading it says what is wrong.
      else if (kind !== undefined) {
        found.push({ id: mailboxId(all), href: href(relative(places.root, path)), path });
      }
      if (found.length > MOST_BOXES) throw tooMany(`${places.root} holds too many mailboxes`);
    }
  };
  try {
    if (disk.stat(places.inbox) !== undefined) found.push(inboxPlace(places));
    walk(places.root, []);
  } catch (thrown) {
    throw fileError(thrown, "storage", places.root);
  }
  return found;
}

export const inboxPlace = ({ inbox }: Places): MailboxPlace => ({
  id: mailboxId(["INBOX"]),
  href: INBOX,
  path: inbox,
});

/** The mailbox that a listing named so. Throws `missing` where it can be none of ours. */
export function placeOf(places: Places, of: Href): MailboxPlace {
  if (of === INBOX) return inboxPlace(places);
  const names = of.split(sep);
  const path = join(places.root, of);
  if (names.every(isBoxName) && relative(places.root, path) === of) {
    return { id: mailboxId(names.map((name) => decodeMutf7(name) ?? name)), href: of, path };
  }
  throw new SyncError(`${JSON.stringify(of)} is no mailbox here`, {
    scope: "collection",
    kind: "missing",
  });
}

/** Where a mailbox of that id is to be. Throws `refused` where it cannot be called so. */
export function placeFor(places: Places, id: CollectionId): MailboxPlace {
  if (id === "INBOX") return inboxPlace(places);
  const names = partsOf(id).map(encodeMutf7);
  const name = names.join(sep);
  const path = join(places.root, name);
  if (names.every((it) => fits(it)) && path !== places.inbox) return { id, href: href(name), path };
  throw new SyncError(`no mailbox can be called ${JSON.stringify(id)} in an mbox`, {
    scope: "collection",
    kind: "refused",
    hint: "Map the mailbox to another name in the configuration of the pair.",
  });
}

/**
 * What a mailbox of that id is called where it cannot be called as it is: the same for the same id.
 * Dovecot's own names, and those that only hidden files have, get a `_` before them, and those of locks
 * one behind.
 */
export function localId(id: CollectionId, altChar: string): CollectionId {
  const parts = partsOf(id);
  if (id.toUpperCase() === "INBOX") return mailboxId(["INBOX"]);
  const local = parts.map((part) => {
    // deno-lint-ignore no-control-regex -- these are what is replaced
    const plain = part.toWellFormed().replace(/[\x00-\x1f\x7f/]/g, altChar);
    const ended = plain.endsWith(".lock") ? `${plain}_` : plain;
    const name = isBoxName(encodeMutf7(ended)) ? ended : `_${ended}`;
    if (encodeMutf7(name).length <= MOST_BYTES) return name;
    const digest = hash("sha256", part, "hex").slice(0, 16);
    let short = name;
    while (encodeMutf7(short).length > MOST_BYTES - digest.length - 1) {
      short = short.slice(0, -1).replace(/[\ud800-\udbff]$/, "");
    }
    return `${short}-${digest}`;
  });
  return mailboxId(local);
}

/** Whether a file of this name is a mailbox, and a folder of this name holds some. */
function isBoxName(name: string): boolean {
  return name !== "" && !name.startsWith(".") && !name.endsWith(".lock") && !name.includes("\0");
}

/** Whether this can be the href of a mailbox: a path below the root. */
export const isBoxHref = (of: Href): boolean => of.split(sep).every(isBoxName);

const fits = (name: string): boolean =>
  isBoxName(name) && !name.includes("/") && name.length <= MOST_BYTES;

function tooMany(message: string): SyncError {
  return new SyncError(message, { scope: "storage", kind: "too large" });
}
