/** The bodies of mails in memory, which come from the storage each time, as those of real ones do. */

import { SyncError } from "../../lib/model/error.ts";
import type { Body } from "../../lib/model/item.ts";
import { crlfToLf, lfToCrlf } from "../../lib/item/mail/newlines.ts";
import type { Shelf, Stored } from "./shelf.ts";

/** How much of a body comes at a time, in bytes. */
const CHUNK = 64 * 1024;

/** The body of a mail; it is `missing` once the mail is. */
export function mailBody(shelf: Shelf, { href, bytes }: Stored, crlf: boolean): Body {
  const read = () => {
    // Its UID may be another mail's by now.
    const isThere = Array.from(shelf.items.values()).some((it) => it.bytes === bytes);
    if (isThere) return bytes;
    throw new SyncError(`the mail ${href} is gone`, { scope: "item", kind: "missing" });
  };
  return {
    size: bytes.byteLength,
    bytes: () => new Promise((resolve) => resolve(read())),
    stream() {
      let from = 0;
      return new ReadableStream({
        pull(controller) {
          try {
            const all = read();
            if (from < all.byteLength) controller.enqueue(all.slice(from, from += CHUNK));
            if (from >= all.byteLength) controller.close();
          } catch (thrown) {
            controller.error(thrown);
          }
        },
      });
    },
    ...(crlf ? { crlf: true } : {}),
  };
}

/** A body of which only the size may be asked for. */
export function withoutBytes({ byteLength }: Uint8Array): Body {
  const refused = () =>
    new SyncError("only who it is was asked for, and not its bytes", {
      scope: "item",
      kind: "internal",
    });
  return {
    size: byteLength,
    bytes: () => Promise.reject(refused()),
    stream: () => new ReadableStream({ start: (controller) => controller.error(refused()) }),
  };
}

/**
 * The bytes that a mail storage keeps of a body: with CRLF at the ends of lines where it makes them
 * so, as IMAP does; otherwise with LF where such a storage has given it; otherwise as they are.
 */
export async function bytesKept(body: Body, crlf: boolean): Promise<Uint8Array> {
  const given = body.stream();
  const chunks = crlf
    ? given.pipeThrough(lfToCrlf())
    : body.crlf === true
    ? given.pipeThrough(crlfToLf())
    : given;
  return new Uint8Array(await new Response(chunks).arrayBuffer());
}
