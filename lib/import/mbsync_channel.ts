/** A Channel of mbsync's as a pair: Far is a, and Near is b. */

import type { Section } from "./mbsyncrc.ts";
import { type Note, type Options, ourName, readOptions } from "./mbsync_options.ts";
import type { Store } from "./mbsync_store.ts";
import { hasFlags, readSync, TYPES } from "./mbsync_sync.ts";
import { entriesOf, type Entry } from "./write_scfg.ts";

export interface Pair {
  readonly name: string;
  readonly entries: readonly Entry[];
  /** The stores, by their names here, that nothing is to be deleted from. */
  readonly noDelete: readonly string[];
}

/** Reads a channel; undefined where it comes to nothing here, which is said. */
export function readChannel(
  section: Section,
  global: Section,
  stores: ReadonlyMap<string, Store>,
  note: Note,
): Pair | undefined {
  const options = readOptions(section, note, [global]);
  const far = readSide(options, stores, "far", "master");
  const near = readSide(options, stores, "near", "slave");
  if (far === undefined || near === undefined) return undefined;
  const actions = readSync(options);
  if (actions.size === 0) {
    options.note("sync", "with Sync None there is nothing to keep in step: it was left out");
    return undefined;
  }
  const pulls = TYPES.some((it) => actions.has(`pull ${it}`));
  const pushes = TYPES.some((it) => actions.has(`push ${it}`));
  const isPush = pushes && !pulls;
  const [a, b] = isPush ? [near, far] : [far, near];
  const expunge = sideOf(options, "expunge", isPush);
  const keeps = (direction: string, store: Store) =>
    actions.has(`${direction} new`) && !actions.has(`${direction} delete`) ? [store.name] : [];
  const noDelete = [...keeps("pull", near.store), ...keeps("push", far.store)];
  if (noDelete.length > 0) {
    options.note(
      "sync",
      `nothing is deleted from ${noDelete.join(", ")}: no_delete holds for all pairs of a storage`,
      "give a pair that is to delete there a storage of its own, with the same place",
    );
  }
  const entries = entriesOf(
    { words: ["storage_a", a.store.name] },
    { words: ["storage_b", b.store.name] },
    ...readCollections(options, a, b, isPush),
    pulls && pushes ? undefined : oneWay(options, b.store.name, noDelete),
    readRemove(options),
    readSize(options, far.store, near.store),
    hasFlags(actions) ? undefined : { words: ["sync_flags", "none"] },
    expunge === "none" ? undefined : { words: ["expunge", expunge] },
  );
  noteRest(options, actions, pulls && pushes);
  options.noteOthers();
  return {
    name: ourName(section.name),
    entries,
    noDelete,
  };
}

interface SideRead {
  readonly store: Store;
  /** As it stands behind the store; empty where nothing does. */
  readonly mailbox: string;
}

function readSide(
  options: Options,
  stores: ReadonlyMap<string, Store>,
  key: "far" | "near",
  older: string,
): SideRead | undefined {
  const text = options.text(key, older);
  const [, name = "", mailbox = ""] = /^:([^:]*):(.*)$/.exec(text ?? "") ?? [];
  const store = stores.get(name);
  if (store !== undefined) return { store, mailbox };
  const message = text === undefined
    ? `the channel has no ${key === "far" ? "Far" : "Near"} side, and was left out`
    : `there is no store "${name}", so the channel was left out`;
  options.note(key, message);
  return undefined;
}

function oneWay(options: Options, target: string, noDelete: readonly string[]): Entry {
  const words = { words: ["one_way"] };
  if (noDelete.includes(target)) return words;
  options.note(
    "sync",
    `one_way makes "${target}" the same as the other side: what it alone has is deleted there, and ` +
      "kept by dovetail",
    `add no_delete to the storage ${target} if it has mail of its own`,
  );
  return words;
}

function readCollections(
  options: Options,
  a: SideRead,
  b: SideRead,
  swapped: boolean,
): readonly Entry[] {
  const create = sideOf(options, "create", swapped);
  const patterns = options.words("pattern", "patterns");
  if (patterns.length === 0) {
    const [idA, idB] = [a, b].map(({ mailbox }) => mailbox === "" ? "INBOX" : mailbox);
    if (idA === idB) return [{ words: ["collection", idA ?? "INBOX"] }];
    return [{
      words: ["collection"],
      block: [
        { words: ["alias", idA ?? ""] },
        { words: ["id_a", idA ?? ""] },
        { words: ["id_b", idB ?? ""] },
      ],
    }];
  }
  if (a.mailbox !== "" || b.mailbox !== "") {
    options.note(
      "far",
      "a prefix before the patterns has no equivalent",
      "mailboxes of other names are put together one by one, with collection { … }",
    );
  }
  if (!patterns.some((it) => /^!|[*%]/.test(it))) {
    return patterns.map((it) => ({ words: ["collection", it] }));
  }
  // Wildcards of mbsync's do not take INBOX where it lies elsewhere than the other mailboxes.
  const takesInbox = a.store.listsInbox || b.store.listsInbox || patterns.includes("INBOX");
  if (create === "none") {
    options.note(
      options.has("create") ? "create" : "patterns",
      "a mailbox that one side lacks is made there: there is no Create None",
      "collections from a, or from b, takes only those of one side",
    );
  }
  const from = create === "a" ? "from b" : create === "b" ? "from a" : undefined;
  return entriesOf(
    from === undefined ? undefined : { words: ["collections", ...from.split(" ")] },
    { words: ["collections", ...patterns, ...(takesInbox ? [] : ["!INBOX"])] },
  );
}

/** `none`, `a`, `b` or `both` for None, Far, Near and Both. */
function sideOf(
  options: Options,
  key: string,
  swapped: boolean,
): "none" | "a" | "b" | "both" {
  switch (options.text(key)?.toLowerCase()) {
    case "far":
    case "master":
      return swapped ? "b" : "a";
    case "near":
    case "slave":
      return swapped ? "a" : "b";
    case "both":
    case "yes":
      return "both";
    default:
      return "none";
  }
}

function readRemove(options: Options): Entry | undefined {
  const remove = sideOf(options, "remove", false);
  if (remove === "both") return undefined;
  if (remove !== "none") {
    options.note(
      "remove",
      "a mailbox that was deleted on one side is deleted on the other for both sides or for none",
      "on_delete sync is for both",
    );
  }
  return { words: ["on_delete", "skip"] };
}

function readSize(options: Options, far: Store, near: Store): Entry | undefined {
  const own = options.text("maxsize");
  const sizes = [own, far.maxSize, near.maxSize].filter((it) => it !== undefined && it !== "0");
  const [size, other] = [...new Set(sizes)];
  if (size === undefined) return undefined;
  if (other !== undefined) {
    options.note("maxsize", "a pair has one size for both directions");
  }
  options.note(
    "maxsize",
    "a mail that is too large is left where it is, and nothing stands for it on the other side",
  );
  return { words: ["max_size", size.toLowerCase()] };
}

/** What has no equivalent, or needs none. */
function noteRest(options: Options, actions: ReadonlySet<string>, isTwoWay: boolean): void {
  if (isTwoWay) {
    for (const it of ["new", "flags"] as const) {
      if (
        actions.has(`pull ${it}`) !== actions.has(`push ${it}`) &&
        (it === "new" || hasFlags(actions))
      ) {
        options.note("sync", `${it} goes both ways: there is no direction for it alone`);
      }
    }
  }
  const expunge = sideOf(options, "expunge", false);
  if (expunge !== "both") {
    options.note(
      "expunge",
      "a mail that is gone on one side is deleted on the other, and not only marked there; " +
        "dovetail keeps it",
      "no_delete in a storage keeps its mails",
    );
  }
  const most = options.text("maxmessages");
  if (most !== undefined && most !== "0") {
    options.note(
      "maxmessages",
      "mails are not counted: which of them are too many would depend on all others",
      "max_age leaves out what is older than a day of your choice",
    );
  }
  options.ignore("expireunread", "expireside", "fsync", "fielddelimiter", "bufferlimit");
  if (options.flag("copyarrivaldate") === false) {
    options.note("copyarrivaldate", "the date on which a mail arrived always goes with it");
  }
  if (options.has("syncstate")) {
    options.note(
      "syncstate",
      "what mbsync knew is not taken over: the first run finds out which mails are the same",
    );
  }
}
