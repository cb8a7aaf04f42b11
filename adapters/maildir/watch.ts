/** Tells which mailboxes of a Maildir change, as they do. */

import { relative, sep } from "node:path";
import type { FileEvent } from "../../lib/files/files.ts";
import { watchChanges } from "../../lib/files/watch.ts";
import { type Href, href } from "../../lib/model/names.ts";
import { hrefsIn } from "./collections.ts";
import type { Context } from "./context.ts";
import { INBOX, partsOfHref } from "./layout.ts";

/** Yields each mailbox that changed, once, when it has come to rest; ends with the signal. */
export async function* watchMailboxes(
  context: Context,
  signal: AbortSignal,
): AsyncGenerator<Href> {
  const { disk, places } = context;
  if (signal.aborted) return;
  const inside = places.inbox === places.root || places.inbox.startsWith(places.root + sep);
  if (inside) yield* watchChanges(disk, places.root, touched, signal);
  else yield* merged(signal);

  function touched({ paths, missedSome }: FileEvent): readonly Href[] {
    if (missedSome) return [...hrefsIn(disk, places).values()].map(href);
    return paths.flatMap((path) => {
      const inInbox = relative(places.inbox, path).split(sep);
      if (isMailPart(inInbox)) return [href(INBOX)];
      const [name, ...rest] = splitAtMailbox(relative(places.root, path).split(sep));
      if (name === undefined || !isMailPart(rest)) return [];
      return partsOfHref(places.layout, name) === undefined ? [] : [href(name)];
    });
  }

  async function* merged(until: AbortSignal): AsyncGenerator<Href> {
    const stop = new AbortController();
    const both = AbortSignal.any([until, stop.signal]);
    const sources = [places.root, places.inbox]
      .map((root) => watchChanges(disk, root, touched, both));
    const waiting = new Map(sources.map((source) => [source, nextOf(source)]));
    try {
      while (waiting.size > 0) {
        const { source, next } = await Promise.race(waiting.values());
        if (next.done === true) waiting.delete(source);
        else {
          waiting.set(source, nextOf(source));
          yield next.value;
        }
      }
    } finally {
      stop.abort();
      await Promise.allSettled(waiting.values());
    }
  }
}

/** The href of the mailbox that a path may lie in, and what comes after it. */
function splitAtMailbox(path: readonly string[]): readonly [string, ...string[]] | readonly [] {
  const at = path.findIndex((part) => PART.test(part));
  return at < 1 ? [] : [path.slice(0, at).join("/"), ...path.slice(at)];
}

const PART = /^(?:cur|new|tmp|dovecot-keywords)$/;

const nextOf = async (source: AsyncGenerator<Href>) => ({ source, next: await source.next() });

/** A mail, or the keywords. The list of UIDs is written whenever somebody looks. */
const isMailPart = (rest: readonly string[]): boolean =>
  rest.length === 2 && (rest[0] === "cur" || rest[0] === "new") ||
  rest.length === 1 && (rest[0] === "cur" || rest[0] === "dovecot-keywords");
