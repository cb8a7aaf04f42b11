/** The calls on the disk that a Maildir is made of, so that a test can stand between. */

import { closeSync, constants, openSync, readSync } from "node:fs";
import { kill } from "node:process";
import { codeOf } from "../../lib/files/file_error.ts";
import { type Files, realFiles, type Stat } from "../../lib/files/files.ts";
import { syncFileSystem } from "./sync_file_system.ts";

/** A name in a folder, and whether a regular file stands there. */
export interface Entry {
  readonly name: string;
  readonly isFile: boolean;
}

/** A file that is open for reading from any place. */
export interface Reader {
  /** Fills the buffer from that place on, as far as the file goes; says how many bytes that is. */
  readAt(buffer: Uint8Array, position: number): number;
  close(): void;
}

/** A file that is being written. */
export interface Writer {
  write(bytes: Uint8Array): void;
  close(): void;
}

/** Each call throws what the system says. */
export interface Disk extends Files {
  entries(folder: string): readonly Entry[];
  /** Opens whatever stands there but a link, and waits for nobody. */
  reader(path: string): Reader;
  /** Begins a file that must not be there yet. */
  create(path: string, mode: number): Writer;
  /** Writes after the end of a file that is there. */
  append(path: string, bytes: Uint8Array): void;
  /** Has the system copy a file of about that size to where none is yet. */
  copy(from: string, to: string, size: number): Promise<void>;
  setTime(path: string, mtime: number): void;
  /** Waits until a file's bytes are on the disk. */
  syncFile(path: string): Promise<void>;
  /**
   * Waits until all is on the disk that was written to the file system that the folder lies on.
   * False where the system has no such call, and nothing was waited for.
   */
  syncAll(folder: string): Promise<boolean>;
  /** The names of this machine and process, as a lock tells them. */
  readonly host: string;
  readonly pid: number;
  /** Whether a process of that id runs on this machine. */
  runs(pid: number): boolean;
}

const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
const NO_WAIT = constants.O_NONBLOCK ?? 0;
/** Up to this size a copy is made at once: to hand it to a thread would take longer. */
const SMALL = 256 * 1024;

/** The real one. */
export const realDisk: Disk = {
  ...realFiles,
  entries: (folder) => Array.from(Deno.readDirSync(folder)),
  reader: (path) => {
    const fd = openSync(path, constants.O_RDONLY | NO_FOLLOW | NO_WAIT);
    return {
      readAt: (buffer, position) => {
        let length = 0;
        while (length < buffer.byteLength) {
          const more = readSync(fd, buffer, length, buffer.byteLength - length, position + length);
          if (more === 0) break;
          length += more;
        }
        return length;
      },
      close: () => closeSync(fd),
    };
  },
  create: (path, mode) => writerOf(Deno.openSync(path, { write: true, createNew: true, mode })),
  append: (path, bytes) => {
    const writer = writerOf(Deno.openSync(path, { append: true }));
    try {
      writer.write(bytes);
    } finally {
      writer.close();
    }
  },
  copy: async (from, to, size) => {
    if (size <= SMALL) Deno.copyFileSync(from, to);
    else await Deno.copyFile(from, to);
  },
  setTime: (path, mtime) => Deno.utimeSync(path, mtime / 1000, mtime / 1000),
  syncFile: async (path) => {
    using file = await Deno.open(path, { read: true });
    await file.sync();
  },
  syncAll: syncFileSystem,
  // What the runtime was not allowed to ask is asked when a lock is made, and told there.
  get host() {
    return Deno.hostname();
  },
  get pid() {
    return Deno.pid;
  },
  runs: (pid) => {
    try {
      return kill(pid, 0);
    } catch (thrown) {
      return codeOf(thrown) !== "ESRCH";
    }
  },
};

function writerOf(file: Deno.FsFile): Writer {
  return {
    write: (bytes) => {
      for (let written = 0; written < bytes.byteLength;) {
        written += file.writeSync(bytes.subarray(written));
      }
    },
    close: () => file.close(),
  };
}

/** Reads a small file whole, without following a link; nothing where it is not there. */
export function readWhole(disk: Disk, path: string, most: number): Uint8Array | undefined {
  let stat: Stat;
  try {
    stat = disk.stat(path);
    if (stat.kind !== "file") return undefined;
    if (stat.size > most) throw new RangeError(`${path} has more than ${most} bytes`);
    const reader = disk.reader(path);
    try {
      const bytes = new Uint8Array(stat.size);
      return bytes.subarray(0, reader.readAt(bytes, 0));
    } finally {
      reader.close();
    }
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return undefined;
    throw thrown;
  }
}

/** Writes a file whole beside its place and renames it there, durably. */
export async function replaceFile(
  disk: Disk,
  temporary: string,
  path: string,
  bytes: Uint8Array,
  mode: number,
  mtime?: number,
): Promise<void> {
  removeIfThere(disk, temporary);
  const writer = disk.create(temporary, mode);
  try {
    writer.write(bytes);
  } finally {
    writer.close();
  }
  openTo(disk, temporary, mode);
  if (mtime !== undefined) disk.setTime(temporary, mtime);
  await disk.syncFile(temporary);
  disk.rename(temporary, path);
}

/** Makes a new file as open to others as it is to be, which the umask may have kept it from. */
export function openTo(disk: Disk, path: string, mode: number): void {
  if ((mode & 0o077) !== 0) disk.setMode(path, mode);
}

/** Removes a file; nothing happens where there is none. */
export function removeIfThere(disk: Disk, path: string): void {
  try {
    disk.remove(path);
  } catch (thrown) {
    if (codeOf(thrown) !== "ENOENT") throw thrown;
  }
}

/** What stands at a path, or nothing where nothing does. */
export function statIfThere(disk: Disk, path: string): Stat | undefined {
  try {
    return disk.stat(path);
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw thrown;
  }
}

/** Makes a folder and those above it that are missing. Says whether the folder itself was made. */
export function makeFolders(disk: Disk, path: string, mode: number): boolean {
  try {
    disk.makeFolder(path, mode);
    openTo(disk, path, mode);
    return true;
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === "EEXIST") return false;
    const above = path.slice(0, path.lastIndexOf("/"));
    if (code !== "ENOENT" || above === "") throw thrown;
    makeFolders(disk, above, mode);
    return makeFolders(disk, path, mode);
  }
}
