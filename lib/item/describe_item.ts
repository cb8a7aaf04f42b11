/** What a person is shown of an item, whatever it is. */

export interface ItemDescription {
  readonly component: string;
  readonly summary?: string;
  readonly when?: string;
}

/** Never throws. */
export async function describeItem(
  bytes: Uint8Array,
  kind: "calendar" | "contacts",
): Promise<ItemDescription> {
  if (kind === "contacts") return (await import("./describe_contact.ts")).describeContact(bytes);
  return await (await import("./describe.ts")).describe(bytes);
}
