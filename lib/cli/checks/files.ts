/** What is to be known of a storage in the file system. */

import { dirname } from "node:path";
import type { ResolvedStorage } from "../../config/secrets.ts";
import type { Collection } from "../../model/storage.ts";
import { SyncError } from "../../model/error.ts";
import { shellWord } from "../shell_word.ts";
import type { AskAccess } from "./access.ts";
import type { Finder, Finding } from "./finding.ts";
import { inMebibytes, LITTLE_ROOM, roomAt } from "./room.ts";

export type InFiles = Extract<ResolvedStorage, { readonly path: string }>;

export interface FilesInput {
  readonly written: boolean;
  readonly askAccess: AskAccess;
  readonly finder: Finder;
  /** Those that cannot be listed, and why. */
  readonly unlisted?: ReadonlyMap<Collection, SyncError>;
}

export interface Looked {
  /** What belongs to the line that says that it can be used. */
  readonly remarks: readonly string[];
  readonly findings: readonly Finding[];
}

/** Whether this user may read its collections, and write to them where that is to be done. */
export async function checkFiles(
  config: InFiles,
  collections: readonly Collection[],
  { written, askAccess, finder, unlisted }: FilesInput,
): Promise<Looked> {
  const single = config.type.startsWith("singlefile/");
  const root = single ? dirname(config.path) : config.path;
  // A mailbox's identity is more than its path; that it can be listed is found out by listing it.
  const paths = config.kind === "mail" ? [] : collections.map((it) => it.identity);
  const [ofRoot, ...ofEach] = await askAccess([root, ...paths]);
  const findings: Finding[] = [];
  collections.forEach((collection, index) => {
    const { id, identity } = collection;
    const access = ofEach[index];
    const cannot = unlisted?.get(collection);
    const name = `the collection "${id}", ${identity},`;
    if (access?.readable === false) findings.push(finder.failure(unreadable(name, identity)));
    // A single file is replaced by another one, for which its folder must be writable.
    else if (written && !single && access?.writable === false) {
      findings.push(finder.failure(unwritable(name, identity)));
    } else if (cannot !== undefined) findings.push(finder.failure(cannot));
  });
  if (written && ofRoot?.writable === false) {
    findings.push(
      single ? finder.failure(unwritable(root, root)) : finder.warning(
        `${root} may not be written to: no collection can be made or deleted there`,
        advice(root, "u+w"),
      ),
    );
  }
  const room = written ? await roomAt(root) : undefined;
  if (room !== undefined && room < LITTLE_ROOM) {
    const message = `there is little room on the disk of ${root}: ${inMebibytes(room)}`;
    findings.push(finder.warning(message, "Make room before the next run."));
  }
  return { remarks: [], findings };
}

const unreadable = (what: string, path: string): SyncError =>
  new SyncError(`${what} may not be read`, {
    scope: "storage",
    kind: "forbidden",
    hint: advice(path, "u+rwX"),
  });

const unwritable = (what: string, path: string): SyncError =>
  new SyncError(`${what} may not be written to`, {
    scope: "storage",
    kind: "forbidden",
    hint: `${advice(path, "u+w")} If it is not to be written to: set read_only on the storage.`,
  });

const advice = (path: string, mode: string): string =>
  `If it is yours: chmod ${mode} ${
    shellWord(path)
  }. Else look at its owner, and whether its disk is ` +
  "mounted read-only.";
