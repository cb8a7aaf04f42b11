/** One suite for every storage: what `lib/model/storage.ts` promises, case by case. */

import assert from "node:assert/strict";
import { changeCases } from "./cases/changing.ts";
import { collectionCases } from "./cases/collections.ts";
import { companyCases } from "./cases/company.ts";
import { creationCases } from "./cases/creating.ts";
import { fetchCases } from "./cases/fetching.ts";
import { listingCases } from "./cases/listing.ts";
import { mailBodyCases } from "./cases/mail_bodies.ts";
import { mailFlagCases } from "./cases/mail_flags.ts";
import { mailNumberCases } from "./cases/mail_numbers.ts";
import { mailRenumberCases } from "./cases/mail_renumber.ts";
import { mailboxNameCases } from "./cases/mailbox_names.ts";
import { mailboxCases } from "./cases/mailboxes.ts";
import { streamCases } from "./cases/streams.ts";
import { type Case, contextOf, type Place } from "./context.ts";
import { DEVIATIONS } from "./deviations.ts";

export const CASES: readonly Case[] = [
  ...collectionCases,
  ...listingCases,
  ...fetchCases,
  ...creationCases,
  ...changeCases,
  ...streamCases,
  ...companyCases,
  ...mailNumberCases,
  ...mailRenumberCases,
  ...mailFlagCases,
  ...mailBodyCases,
  ...mailboxNameCases,
  ...mailboxCases,
];

/**
 * Holds a place to the contract, each case with collections of its own. A case that
 * `deviations.ts` names for the place must fail there: when it no longer does, the table is wrong.
 */
export function contract(
  name: string,
  open: () => Promise<Place>,
  options: { readonly ignore?: boolean } = {},
): void {
  const deviations = new Map(
    DEVIATIONS.filter(({ place }) => place === name).map((row) => [row.case, row]),
  );
  Deno.test(`${name} keeps the contract of a storage`, options, async (test) => {
    const place = await open();
    const count = { next: 1 };
    try {
      for (const { name, when, run } of CASES) {
        if (when !== undefined && !when(place)) continue;
        const deviation = deviations.get(name);
        if (deviation?.sometimes === true) continue;
        const context = contextOf(place, count);
        if (deviation === undefined) {
          await test.step(name, () => run(context));
        } else {
          await test.step(`not that ${name}: ${deviation.reason}`, async () => {
            await assert.rejects(run(context), "it keeps this promise after all");
          });
        }
      }
      await test.step("it can be closed", () => place.storage.close());
    } finally {
      await place.dispose();
    }
  });
}
