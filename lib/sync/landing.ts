/** What has become of an item that was written: told by its etag, or found out by looking at it. */

import { SyncError } from "../model/error.ts";
import type { Item, Version } from "../model/item.ts";
import { type Etag, etag } from "../model/names.ts";
import type { Content } from "../model/storage.ts";
import { fetchAll } from "./contents.ts";
import { bodiesOf, hrefOf, type Job, type JobContext } from "./job.ts";
import { sameFlags } from "./reconcile.ts";

/** How many names are tried for a new item, where the first ones are taken by others. */
const ATTEMPTS = 4;

/** The storage holds what it was given, as this version. */
export async function doneAs(context: JobContext, job: Job, told: Etag): Promise<void> {
  const { effect, intent, href, content } = job;
  if (effect.kind === "delete") return;
  const version: Version = effect.kind === "setFlags"
    ? { href, etag: told, digest: effect.target.digest, flags: effect.flags }
    : { href, etag: told, ...saidBy(effect) };
  await context.ledger.done(effect, intent, {
    version,
    bodies: content === undefined ? {} : await bodiesOf(context, job),
  });
}

const saidBy = (
  effect: Extract<Job["effect"], { readonly kind: "create" | "update" }>,
): Pick<Version, "digest" | "flags"> => {
  const { digest, flags } = effect.merged ?? effect.from;
  return { digest, flags: (effect.kind === "create" ? effect.flags : undefined) ?? flags };
};

const flagsOf = ({ effect }: Job): Version["flags"] =>
  effect.kind === "setFlags" ? effect.flags : effect.kind === "delete" ? [] : saidBy(effect).flags;

/** The item is as it is found there; what it lost on the way is told. */
async function doneWith(context: JobContext, job: Job, item: Item): Promise<void> {
  const { effect, intent, content } = job;
  const bodies = await bodiesOf(context, job);
  // What says the same is as good to merge with, and is kept once for both sides.
  const same = content === undefined || content.digest === item.digest;
  await context.ledger.done(effect, intent, {
    version: item,
    bodies: same || Object.keys(bodies).length === 0
      ? bodies
      : { ...bodies, [context.side]: await item.body.bytes() },
  });
  // What a filter of the configuration takes out is meant to be.
  if (same || job.altered || context.format === undefined) return;
  const lost = context.format.lost(await content.body.bytes(), await item.body.bytes());
  if (lost.length > 0) context.ledger.altered(effect, lost);
}

/**
 * Looks at what was written: no etag came with the result, or the storage is one that changes what
 * it is given (RFC 4791 section 5.3.4), so the base takes the item as the storage now holds it.
 * @param rewrites The storage is known to change what it is given.
 * @returns Those that are not there byte for byte.
 */
export async function readBack(
  context: JobContext,
  jobs: readonly Job[],
  rewrites: boolean,
): Promise<ReadonlySet<Job>> {
  const found = await fetchAll(context, context.side, jobs.map((job) => job.href));
  const isMail = context.storages[context.side].capabilities.kind === "mail";
  const altered = new Set<Job>();
  for (const job of jobs) {
    const { effect, href, content } = job;
    const now = found.get(href);
    if (job.told !== undefined && now?.state === "present" && now.item.etag !== job.told) {
      // Somebody edited it since, and the next run carries that over. What a storage that changes
      // items had made of ours is nowhere to be seen any more, and must not be taken for an edit.
      if (rewrites || job.altered) {
        await context.ledger.changed(effect, job.intent, "somebody edited it just then");
      } else await doneAs(context, job, job.told);
    } else if (now?.state === "present" && isMail) {
      // No storage changes mail; somebody may have changed its flags since, which the next run sees.
      const isAsWritten = sameFlags(now.item.flags, flagsOf(job));
      await doneAs(context, job, isAsWritten ? now.item.etag : etag(`before ${now.item.etag}`));
    } else if (now?.state === "present" && now.item.ident === effect.ident) {
      if (content === undefined || !(await areSame(content, now.item))) altered.add(job);
      await doneWith(context, job, now.item);
    } else if (now?.state === "unreadable" && now.error.kind === "left out") {
      // It is there, and the filter that it went through does not show it.
      await context.ledger.leftOut(effect, job.intent);
    } else {
      altered.add(job);
      const error = new SyncError(`"${href}" was written, but could not be read back`, {
        scope: "item",
        kind: now === undefined ? "missing" : "malformed",
        retry: true,
        hint: "The next run looks at it again.",
        cause: now?.state === "unreadable" ? now.error : undefined,
      });
      await context.ledger.failed(effect, job.intent, error);
    }
  }
  return altered;
}

async function areSame(content: Content, item: Item): Promise<boolean> {
  const [sent, stored] = [await content.body.bytes(), await item.body.bytes()];
  return sent.length === stored.length && sent.every((byte, at) => byte === stored[at]);
}

/**
 * Something is under the name already. Where it is the very same item, an interrupted run put it
 * there, and it is adopted; where it is another one, another name is tried. What cannot be read may
 * be the very item, so it is left.
 * @returns Those to be begun again under other names.
 */
export async function adopt(context: JobContext, jobs: readonly Job[]): Promise<readonly Job[]> {
  const { ledger } = context;
  if (jobs.length === 0) return [];
  const found = await fetchAll(context, context.side, jobs.map((job) => job.href));
  const again: Job[] = [];
  for (const job of jobs) {
    const { effect, intent, href } = job;
    const now = found.get(href);
    if (context.storages[context.side].capabilities.kind === "mail") {
      // Mail came meanwhile. The next run gives both a UID that is right on both sides.
      await ledger.changed(effect, intent, "its UID was taken meanwhile");
    } else if (now?.state === "unreadable") {
      await ledger.failed(effect, intent, namesake(job, now.error));
    } else if (now?.state !== "present") {
      await ledger.changed(effect, intent, "it vanished meanwhile");
    } else if (now.item.ident === effect.ident) {
      if (isWritten(now.item, job.content)) await doneWith(context, job, now.item);
      else await ledger.changed(effect, intent, "it appeared there meanwhile");
    } else if (job.attempt + 1 < ATTEMPTS) {
      await ledger.superseded(intent, `the name "${href}" is taken`);
      const attempt = job.attempt + 1;
      again.push({
        ...job,
        attempt,
        intent: context.nextId(),
        href: hrefOf(context, effect, attempt),
      });
    } else {
      const error = new SyncError(`every name tried for "${effect.ident}" is taken`, {
        scope: "item",
        kind: "exists",
      });
      await ledger.failed(effect, intent, error);
    }
  }
  return again;
}

const isWritten = (item: Item, content: Content | undefined): boolean =>
  item.digest === content?.digest && sameFlags(item.flags, content.flags);

const namesake = ({ effect, href }: Job, cause: SyncError): SyncError =>
  new SyncError(`"${href}" is there already and cannot be read; "${effect.ident}" may be in it`, {
    scope: "item",
    kind: "exists",
    hint: "Mend or remove it, and run again.",
    cause,
  });
