/** What the parts of a Maildir's storage have in common. */

import type { Disk } from "./disk.ts";
import type { Places } from "./layout.ts";
import type { LoadedList } from "./list_file.ts";
import type { Mailbox } from "./mailbox.ts";
import type { Where } from "./scan.ts";

export interface Context {
  readonly disk: Disk;
  readonly places: Places;
  readonly identBy: "guid" | "digest";
  /** Whether mails and mailboxes without a number get one on the disk, or only in memory. */
  readonly assign: "write" | "pretend";
  /** No more is written than the numbers of mails, and these only where that is allowed. */
  readonly readOnly: boolean;
  /** Whether a listing looks at each file. */
  readonly facts: boolean;
  /** The largest mail that is read or written, in bytes. */
  readonly maxSize: number;
}

/** What is known of a mailbox since it was looked at last. Each use looks whether it still holds. */
export interface Known {
  readonly mailbox: Mailbox;
  loaded: LoadedList;
  /** Where the mails are, by base name. */
  files: Map<string, Where>;
}
