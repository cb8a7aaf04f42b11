/** What the configuration of a pair, and the command line, mean for a run. */

import type { PairConfig, PairMailConfig } from "../config/config.ts";
import { windowAt } from "../config/date_bound.ts";
import type { Resolved, ResolvedStorage } from "../config/secrets.ts";
import type { Extent } from "../model/format.ts";
import type { StorageName } from "../model/names.ts";
import { matcherOf, takesFlag } from "../config/value_mail.ts";
import type { MailPolicy, Policy, Resolution } from "../model/run.ts";

/** What the command line allows for one run. */
export interface Allowances {
  /** A collection that was emptied on one side is emptied on the other. */
  readonly empty: boolean;
  /** Any number of items may be deleted, and collections too. */
  readonly delete: boolean;
}

export const NO_ALLOWANCES: Allowances = { empty: false, delete: false };

export interface PolicyInput {
  readonly pair: PairConfig;
  readonly resolved: Resolved;
  readonly allow: Allowances;
  readonly conflicts: Resolution;
  readonly now: Date;
}

export function policyOf({ pair, resolved, allow, conflicts, now }: PolicyInput): Policy {
  const { collections } = pair;
  const storage = (name: StorageName) => resolved.storages.get(name);
  const [a, b] = [storage(pair.a), storage(pair.b)];
  const mail = pair.mail && acceptedMail(pair.mail, now);
  return {
    collections: {
      fromA: collections.all || collections.fromA,
      fromB: collections.all || collections.fromB,
      ids: collections.ids,
      mappings: collections.mappings,
      ...(collections.patterns.length > 0 && { matches: matcherOf(collections.patterns) }),
    },
    onEmpty: allow.empty ? "sync" : pair.onEmpty,
    onDelete: allow.delete ? "sync" : pair.onDelete,
    maxDelete: allow.delete ? undefined : pair.maxDelete,
    noDelete: { a: a?.noDelete ?? false, b: b?.noDelete ?? false },
    oneWay: pair.oneWay,
    conflicts,
    properties: pair.properties,
    accepts: { a: mail ?? acceptedBy(a, now), b: mail ?? acceptedBy(b, now) },
    ...(pair.exact && { exact: true }),
    ...(pair.mail && { mail: mailPolicyOf(pair.mail) }),
  };
}

function mailPolicyOf({ flags, expunge }: PairMailConfig): MailPolicy {
  return { ...(flags && { flags: takesFlag(flags) }), expunge };
}

/** Which mails are copied, in either direction; none where the pair has no limits. */
function acceptedMail(
  { maxSize, since }: PairMailConfig,
  now: Date,
): ((extent: Extent) => boolean) | undefined {
  if (maxSize === undefined && since === undefined) return undefined;
  const from = since && windowAt({ from: since }, now).from;
  return (extent) =>
    (maxSize === undefined || extent.size === undefined || extent.size <= maxSize) &&
    (from === undefined || extent.to === undefined || extent.to >= from.getTime());
}

/** Which items a storage takes in; none where it takes all. */
function acceptedBy(
  storage: ResolvedStorage | undefined,
  now: Date,
): ((extent: Extent) => boolean) | undefined {
  const { itemTypes, window } = storage ?? {};
  if (itemTypes === undefined && window === undefined) return undefined;
  const types: readonly string[] | undefined = itemTypes;
  const { from, until } = window === undefined ? {} : windowAt(window, now);
  return (extent) =>
    (types === undefined || types.includes(extent.component)) &&
    (from === undefined || extent.to === undefined || extent.to >= from.getTime()) &&
    (until === undefined || extent.from === undefined || extent.from < until.getTime());
}
