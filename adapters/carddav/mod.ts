/** Address books on a CardDAV server (RFC 6352). */

import { type CardVersion, readContact } from "../../lib/item/vcard.ts";
import type { Storage } from "../../lib/model/storage.ts";
import { type DavAccountOptions, openDavAccount } from "../../lib/net/dav/account.ts";
import { carddavService } from "./service.ts";

export interface CarddavOptions extends DavAccountOptions {
  /**
   * The version of vCard in which the server is asked for every card. Default: 3.0, which every
   * server has (RFC 6352 section 5.1), and which those that convert give out unasked.
   */
  readonly vcardVersion?: CardVersion;
}

/**
 * Opens a CardDAV account. Nothing is connected to before it is asked something. Throws `malformed`
 * where the url is none.
 */
export function openCarddav(options: CarddavOptions): Storage {
  const { vcardVersion = "3.0", ...rest } = options;
  return openDavAccount(rest, carddavService(vcardVersion), readContact);
}
