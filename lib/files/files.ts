/** The few calls on files that storages on disks are made of, so that a test can stand between. */

import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

/** What a name in a folder stands for. A link is never followed. */
export interface Stat {
  readonly kind: "file" | "folder" | "link" | "other";
  /** In bytes. */
  readonly size: number;
  /** When it was written last, in milliseconds since 1970: Deno gives nothing finer. */
  readonly mtime: number;
  readonly ino: number;
  readonly dev: number;
  /** The permission bits. */
  readonly mode: number;
}

/** A file that is open for reading. */
export interface OpenFile {
  stat(): Stat;
  /** The first bytes of the file, at most `most` of them. */
  read(most: number): Uint8Array;
  close(): void;
}

/** Something happened at these paths, or at more than could be told. */
export interface FileEvent {
  readonly paths: readonly string[];
  readonly missedSome: boolean;
}

/**
 * Reading is synchronous, because for small files in the page cache that is three times as fast;
 * what waits for the disk is not. Each call throws what the system says.
 */
export interface Files {
  /** The names in a folder, in any order. */
  names(folder: string): readonly string[];
  /** What stands at this path itself. */
  stat(path: string): Stat;
  /** What the link at this path leads to, or nothing where that cannot be found out. */
  linkedKind(path: string): Stat["kind"] | undefined;
  /** Opens whatever stands there but a link, and waits for nobody, not even a fifo's writer. */
  open(path: string): OpenFile;
  /** Writes a file that must not be there yet, and waits until its bytes are on the disk. */
  writeNew(path: string, bytes: Uint8Array, mode: number): Promise<Stat>;
  /** Gives a file a second name, which must not be there yet. */
  link(from: string, to: string): void;
  /** Renames a file over whatever file has that name. */
  rename(from: string, to: string): void;
  setMode(path: string, mode: number): void;
  /** Removes a file, or an empty folder. */
  remove(path: string): void;
  makeFolder(path: string, mode: number): void;
  /** Waits until the names in a folder are on the disk. */
  syncFolder(folder: string): Promise<void>;
  /** The absolute path without links. */
  realPath(path: string): string;
  /** Tells of changes below a folder until the signal fires. */
  watch(folder: string, signal: AbortSignal): AsyncIterable<FileEvent>;
  /** In milliseconds since 1970. */
  now(): number;
  wait(milliseconds: number): Promise<void>;
}

// Not every system has these; where one is missing, nothing else stands in for it.
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
const NO_WAIT = constants.O_NONBLOCK ?? 0;

/** The real ones. */
export const realFiles: Files = {
  names: (folder) => Array.from(Deno.readDirSync(folder), ({ name }) => name),
  stat: (path) => asStat(Deno.lstatSync(path)),
  linkedKind: (path) => {
    try {
      return asStat(Deno.statSync(path)).kind;
    } catch {
      // It leads nowhere, in a circle, or to where we may not look: for whoever asks it is the same.
      return undefined;
    }
  },
  open: (path) => openFile(openSync(path, constants.O_RDONLY | NO_FOLLOW | NO_WAIT)),
  writeNew: async (path, bytes, mode) => {
    using file = Deno.openSync(path, { write: true, createNew: true, mode });
    for (let written = 0; written < bytes.byteLength;) {
      written += file.writeSync(bytes.subarray(written));
    }
    await file.syncData();
    return asStat(file.statSync());
  },
  link: (from, to) => Deno.linkSync(from, to),
  rename: (from, to) => Deno.renameSync(from, to),
  setMode: (path, mode) => Deno.chmodSync(path, mode),
  remove: (path) => Deno.removeSync(path),
  makeFolder: (path, mode) => Deno.mkdirSync(path, { mode }),
  syncFolder: async (folder) => {
    // Windows opens no folders, and keeps their names by itself.
    if (Deno.build.os === "windows") return;
    using file = await Deno.open(folder);
    await file.sync();
  },
  realPath: (path) => Deno.realPathSync(path),
  watch: watchFolder,
  now: () => Date.now(),
  wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

function asStat(info: Deno.FileInfo): Stat {
  return {
    kind: info.isSymlink ? "link" : info.isFile ? "file" : info.isDirectory ? "folder" : "other",
    size: info.size,
    mtime: info.mtime?.getTime() ?? 0,
    ino: info.ino ?? 0,
    dev: info.dev,
    mode: (info.mode ?? 0o600) & 0o777,
  };
}

function openFile(fd: number): OpenFile {
  return {
    stat: () => {
      const info = fstatSync(fd);
      return {
        kind: info.isFile() ? "file" : info.isDirectory() ? "folder" : "other",
        size: info.size,
        mtime: Math.trunc(info.mtimeMs),
        ino: info.ino,
        dev: info.dev,
        mode: info.mode & 0o777,
      };
    },
    read: (most) => {
      const bytes = new Uint8Array(most);
      let length = 0;
      while (length < most) {
        const more = readSync(fd, bytes, length, most - length, length);
        if (more === 0) break;
        length += more;
      }
      return bytes.subarray(0, length);
    },
    close: () => closeSync(fd),
  };
}

async function* watchFolder(folder: string, signal: AbortSignal): AsyncGenerator<FileEvent> {
  if (signal.aborted) return;
  const watcher = Deno.watchFs(folder, { recursive: true });
  const onAbort = () => watcher.close();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    for await (const { kind, paths, flag } of watcher) {
      // What only reads changes nothing; our own listing would wake us again and again.
      if (kind !== "access") yield { paths, missedSome: flag === "rescan" };
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    if (!signal.aborted) watcher.close();
  }
}
