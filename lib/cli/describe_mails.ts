/** Describes the mails of a plan by their headers, which are read where the mails are. */

import { SyncError } from "../model/error.ts";
import type { Body } from "../model/item.ts";
import type { Prepared } from "../sync/mod.ts";
import type { Describe, ItemAt } from "./show/describe.ts";

/** How many are looked up in files, and on a server: there each costs a journey. */
const MOST_IN_FILES = 1000;
const MOST_ON_SERVER = 100;

/** Describes the first of the mails that it is asked for; the others are told by their ident. */
export function mailDescriber(prepared: Prepared): Describe {
  const asked = { a: 0, b: 0 };
  return async (item) => {
    const { side, body: known } = item;
    const { capabilities } = prepared.run.storages[side];
    const most = capabilities.keepsUids ? MOST_IN_FILES : MOST_ON_SERVER;
    if (known === undefined && ++asked[side] > most) return undefined;
    const { readHeader } = await import("../item/mail/header.ts");
    const { describeMail } = await import("../item/describe_mail.ts");
    try {
      const body = known ?? await bodyOf(prepared, item);
      return body && describeMail(await readHeader(body.stream()));
    } catch (thrown) {
      // It cannot be read, or went away meanwhile: whoever copies it will say so.
      if (thrown instanceof SyncError && thrown.kind !== "cancelled") return undefined;
      throw thrown;
    }
  };
}

async function bodyOf(
  { run: { storages, signal }, plan }: Prepared,
  { collection: id, side, href }: ItemAt,
): Promise<Body | undefined> {
  const collection = plan.collections.find(({ mapping }) => mapping.id === id)?.mapping.sides[side];
  if (collection === undefined) return undefined;
  for await (const batch of storages[side].fetch(collection, [href], { signal })) {
    for (const fetched of batch) {
      if (fetched.state === "present") return fetched.item.body;
    }
  }
  return undefined;
}
