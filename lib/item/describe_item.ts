/** What a person is shown of an item, whatever it is. */

import type { Kind } from "../model/storage.ts";

export interface ItemDescription {
  readonly component: string;
  readonly summary?: string;
  readonly when?: string;
}

/** Never throws. */
export async function describeItem(
  bytes: Uint8Array,
  kind: Kind,
): Promise<ItemDescription> {
  if (kind === "mail") return (await import("./describe_mail.ts")).describeMail(bytes);
  if (kind === "contacts") return (await import("./describe_contact.ts")).describeContact(bytes);
  return await (await import("./describe.ts")).describe(bytes);
}
