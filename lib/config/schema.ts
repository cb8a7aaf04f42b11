/**
 * Every directive of the configuration, as a value: the check of a file, the manual and the
 * completion are all made from it. A default that is named there is taken from there.
 */

import { AUTH, OAUTH2 } from "./schema/auth.ts";
import { GLOBAL } from "./schema/global.ts";
import { MAIL_STORAGE } from "./schema/mail.ts";
import { REMOTE } from "./schema/network.ts";
import { COLLECTION, PAIR } from "./schema/pair.ts";
import { STORAGE } from "./schema/storage.ts";
import { STORAGE_TYPES } from "./schema/storage_types.ts";
import { VALUE } from "./schema/value.ts";
import type { DirectiveSpec, Place, Schema } from "./schema_types.ts";

export { DEFAULTS } from "./schema/defaults.ts";
export { type Syntax, typesInWords, usageOf } from "./usage.ts";

export const SCHEMA: Schema = {
  directives: [
    ...GLOBAL,
    ...STORAGE,
    ...REMOTE,
    ...MAIL_STORAGE,
    ...AUTH,
    ...OAUTH2,
    ...PAIR,
    ...COLLECTION,
    ...VALUE,
  ],
  refused: [
    {
      name: "encoding",
      place: "storage",
      reason: "every file is read and written as UTF-8",
      hint: "leave it out; files in another encoding need to be converted first",
    },
  ],
  storageTypes: STORAGE_TYPES,
};

/** The directive of this name, or alias, at this place. */
export function findDirective(place: Place, name: string): DirectiveSpec | undefined {
  return SCHEMA.directives.find((spec) =>
    spec.place === place && (spec.name === name || spec.aliases.includes(name))
  );
}
