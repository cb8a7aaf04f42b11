/** The calls on the disk that an mbox is read and changed with, so that a test can stand between. */

import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  lstatSync,
  openSync,
  readSync,
  type Stats,
  writeSync,
} from "node:fs";
import { codeOf } from "../../lib/files/file_error.ts";
import { closeUnlocked } from "../../lib/files/fcntl_lock.ts";

/** What stands at a path, or what is open. A link is never followed. */
export interface DiskStat {
  readonly kind: "file" | "folder" | "other";
  readonly size: number;
  /** In milliseconds since 1970: Deno gives nothing finer. */
  readonly mtime: number;
  readonly ino: number;
  readonly dev: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** An open file. Positions are absolute, in bytes. */
export interface DiskFile {
  stat(): DiskStat;
  /** Fills as much of `into` as the file has from there on, and says how much that was. */
  read(into: Uint8Array, at: number): number;
  write(bytes: Uint8Array, at: number): void;
  truncate(size: number): void;
  /** Waits until all that was written is on the disk. */
  sync(): void;
  setMode(mode: number): void;
  /** When it was written last, in milliseconds since 1970. */
  setTime(mtime: number): void;
  setOwner(uid: number, gid: number): void;
  close(): void;
}

/** Each call throws what the system says. */
export interface Disk {
  /** Nothing where nothing is there. */
  stat(path: string): DiskStat | undefined;
  open(path: string, how: "read" | "write"): DiskFile;
  /** A file that must not be there yet. */
  create(path: string, mode: number): DiskFile;
  rename(from: string, to: string): void;
  link(from: string, to: string): void;
  /** Removes a file or an empty folder. */
  remove(path: string): void;
  makeFolder(path: string): void;
  names(folder: string): readonly string[];
  touch(path: string): void;
  /** Waits until the names in a folder are on the disk. */
  syncFolder(folder: string): void;
  now(): number;
}

const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
// A fifo would be waited for.
const NO_WAIT = constants.O_NONBLOCK ?? 0;

/** The real one. */
export const realDisk: Disk = {
  stat: (path) => {
    try {
      return asStat(lstatSync(path));
    } catch (thrown) {
      const code = codeOf(thrown);
      // Where a mailbox stands in the way, there is no folder that could hold anything.
      if (code === "ENOENT" || code === "ENOTDIR") return undefined;
      throw thrown;
    }
  },
  open: (path, how) => {
    const access = how === "read" ? constants.O_RDONLY : constants.O_RDWR;
    return diskFile(path, openSync(path, access | NO_FOLLOW | NO_WAIT));
  },
  create: (path, mode) => {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW;
    return diskFile(path, openSync(path, flags, mode));
  },
  rename: (from, to) => Deno.renameSync(from, to),
  link: (from, to) => Deno.linkSync(from, to),
  remove: (path) => Deno.removeSync(path),
  makeFolder: (path) => Deno.mkdirSync(path, { mode: 0o700 }),
  names: (folder) => Array.from(Deno.readDirSync(folder), ({ name }) => name),
  touch: (path) => {
    const now = new Date();
    Deno.utimeSync(path, now, now);
  },
  syncFolder: (folder) => {
    using file = Deno.openSync(folder);
    file.syncSync();
  },
  now: () => Date.now(),
};

function diskFile(path: string, fd: number): DiskFile {
  let open = true;
  return {
    stat: () => asStat(fstatSync(fd)),
    read: (into, at) => {
      let length = 0;
      while (length < into.byteLength) {
        const more = readSync(fd, into, length, into.byteLength - length, at + length);
        if (more === 0) break;
        length += more;
      }
      return length;
    },
    write: (bytes, at) => {
      for (let length = 0; length < bytes.byteLength;) {
        length += writeSync(fd, bytes, length, bytes.byteLength - length, at + length);
      }
    },
    truncate: (size) => ftruncateSync(fd, size),
    sync: () => fsyncSync(fd),
    setMode: (mode) => fchmodSync(fd, mode),
    setTime: (mtime) => futimesSync(fd, fstatSync(fd).atimeMs / 1000, mtime / 1000),
    setOwner: (uid, gid) => fchownSync(fd, uid, gid),
    close: () => {
      if (open) closeUnlocked(path, () => closeSync(fd));
      open = false;
    },
  };
}

const asStat = (stat: Stats): DiskStat => ({
  kind: stat.isFile() ? "file" : stat.isDirectory() ? "folder" : "other",
  size: stat.size,
  mtime: Math.trunc(stat.mtimeMs),
  ino: stat.ino,
  dev: stat.dev,
  mode: stat.mode & 0o777,
  uid: stat.uid,
  gid: stat.gid,
});

/** Which file it is, when it was written last, and its size: another text is another version. */
export const versionOf = ({ dev, ino, mtime, size }: DiskStat): string =>
  `${dev}-${ino}-${mtime}-${size}`;
