/** An item that a filter leaves out. */

import { SyncError } from "../model/error.ts";

/**
 * Stands where an item would be that could not be read or written. It is neither: somebody wants it
 * left alone, and so it is no problem to be told of. As long as the item is left out, nothing is
 * concluded from its absence, and nothing is done to it.
 */
export class LeftOut extends SyncError {
  constructor(hint = "It stays where it is, and is not touched.") {
    super("the item is left out by a filter", { scope: "item", kind: "left out", hint });
  }
}
