/**
 * POSIX record locks on whole files, as programs of mail use them. Deno has only flock(2), which is
 * another lock, so this calls fcntl(2) of the system's library.
 *
 * A POSIX lock has two traps: it does not keep two parts of one process apart, and it is lost as soon
 * as the process closes any descriptor of the file. An *open file description* lock (Linux since 3.15,
 * macOS) conflicts with the POSIX locks of other programs just the same and has neither trap, so that
 * is what is taken. Where the system does not know it, a POSIX lock is, and whoever closes a descriptor
 * of a file that may be locked does it with {@linkcode closeUnlocked}.
 */

import { constants } from "node:fs";

/** What became of an attempt. `impossible`: not on this system, or not with the permissions we have. */
export type FcntlAttempt =
  | {
    readonly state: "held";
    release(): void;
    /**
     * Whether nobody else has the file open; nothing where that cannot be found out. We must not have
     * it open otherwise either.
     */
    isAlone(): boolean | undefined;
  }
  | { readonly state: "busy" }
  | { readonly state: "impossible"; readonly reason: string };

/** How a system spells what is asked of it. */
interface System {
  readonly libraries: readonly string[];
  readonly errno: "__errno_location" | "__error";
  readonly closeOnExec: number;
  readonly setLock: number;
  /** For open file descriptions; none where there is no such lock. */
  readonly setDescriptionLock?: number;
  readonly types: { readonly shared: number; readonly exclusive: number };
  /** In bytes: of struct flock, and where l_type stands in it. All else in it is zero. */
  readonly size: number;
  readonly typeAt: number;
  /** EAGAIN and EACCES: another one holds it. */
  readonly busy: readonly number[];
}

const BSD = { errno: "__error", busy: [35, 13], types: { shared: 1, exclusive: 3 } } as const;

const SYSTEMS: Readonly<Partial<Record<typeof Deno.build.os, System>>> = {
  // struct flock { short l_type, l_whence; off_t l_start, l_len; pid_t l_pid; }, on 64 bits, of both
  // glibc and musl.
  linux: {
    libraries: ["libc.so.6", `libc.musl-${Deno.build.arch}.so.1`],
    errno: "__errno_location",
    closeOnExec: 0o2000000,
    setLock: 6,
    setDescriptionLock: 37,
    types: { shared: 0, exclusive: 1 },
    size: 32,
    typeAt: 0,
    busy: [11, 13],
  },
  // struct flock { off_t l_start, l_len; pid_t l_pid; short l_type, l_whence; }
  darwin: {
    ...BSD,
    libraries: ["/usr/lib/libSystem.B.dylib"],
    closeOnExec: 0x1000000,
    setLock: 8,
    setDescriptionLock: 90,
    size: 24,
    typeAt: 20,
  },
  // The same, and an int at the end.
  freebsd: {
    ...BSD,
    libraries: ["libc.so.7"],
    closeOnExec: 0x100000,
    setLock: 12,
    size: 32,
    typeAt: 20,
  },
};

const SYMBOLS = {
  open: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "buffer"], result: "i32" },
} as const;

/** With a number for what is to be done, not the place of a lock. */
const WITH_NUMBER = {
  name: "fcntl",
  parameters: ["i32", "i32", "i32"],
  result: "i32",
} as const;

/** On Apple's arm64 what follows the named parameters of fcntl lies on the stack, behind 8 registers. */
const ON_STACK = {
  name: "fcntl",
  parameters: ["i32", "i32", "u64", "u64", "u64", "u64", "u64", "u64", "buffer"],
  result: "i32",
} as const;

interface Calls {
  open(path: Uint8Array<ArrayBuffer>, flags: number): number;
  close(fd: number): void;
  fcntl(fd: number, command: number, lock: Uint8Array<ArrayBuffer>): number;
  errno(): number;
  /** Only on Linux. */
  readonly fcntlNumber?: (fd: number, command: number, number: number) => number;
}

type Loaded = { readonly system: System; readonly calls: Calls } | { readonly reason: string };

let loaded: Loaded | undefined;

/** The library, which stays loaded: it is the one that the runtime itself uses. */
function load(): Loaded {
  return loaded ??= loadNow();
}

function loadNow(): Loaded {
  const system = SYSTEMS[Deno.build.os];
  if (system === undefined) return { reason: `there are no such locks on ${Deno.build.os}` };
  let reason = "";
  for (const name of system.libraries) {
    try {
      return { system, calls: callsOf(name, system) };
    } catch (thrown) {
      reason = thrown instanceof Error ? thrown.message : String(thrown);
    }
  }
  return { reason: `the system's library cannot be called: ${reason}` };
}

function callsOf(name: string, system: System): Calls {
  const { symbols } = Deno.dlopen(name, SYMBOLS);
  const errnoOf = system.errno === "__error"
    ? Deno.dlopen(name, { __error: { parameters: [], result: "pointer" } }).symbols.__error
    : Deno.dlopen(name, { __errno_location: { parameters: [], result: "pointer" } })
      .symbols.__errno_location;
  const onStack = Deno.build.os === "darwin" && Deno.build.arch === "aarch64"
    ? Deno.dlopen(name, { onStack: ON_STACK }).symbols.onStack
    : undefined;
  const fcntlNumber = Deno.build.os === "linux"
    ? Deno.dlopen(name, { withNumber: WITH_NUMBER }).symbols.withNumber
    : undefined;
  return {
    ...(fcntlNumber === undefined ? {} : { fcntlNumber }),
    open: (path, flags) => symbols.open(path, flags),
    close: (fd) => void symbols.close(fd),
    fcntl: (fd, command, lock) =>
      onStack === undefined
        ? symbols.fcntl(fd, command, lock)
        : onStack(fd, command, 0n, 0n, 0n, 0n, 0n, 0n, lock),
    errno: () => {
      const at = errnoOf();
      return at === null ? 0 : new Deno.UnsafePointerView(at).getInt32();
    },
  };
}

const F_SETSIG = 10;
const F_SETLEASE = 1024;
const F_WRLCK = 1;
const F_UNLCK = 2;
const EAGAIN = 11;
/** A signal that nobody minds. The usual one, SIGIO, would end us. */
const SIGURG = 23;

/**
 * Linux gives a lease for writing only on a file that nobody else has open. It is given back at once.
 * To others than the file's owner it gives none, and disks of a network know none.
 */
function isAlone(calls: Calls, fd: number): boolean | undefined {
  const { fcntlNumber } = calls;
  if (fcntlNumber === undefined || fcntlNumber(fd, F_SETSIG, SIGURG) !== 0) return undefined;
  if (fcntlNumber(fd, F_SETLEASE, F_WRLCK) !== 0) {
    return calls.errno() === EAGAIN ? false : undefined;
  }
  fcntlNumber(fd, F_SETLEASE, F_UNLCK);
  return true;
}

/** Of files on which this process holds a lock that it would lose: what is closed afterwards. */
const fragile = new Map<string, (() => void)[]>();

/** Closes a descriptor of the file at this path: now, or as soon as no lock would be lost by it. */
export function closeUnlocked(path: string, close: () => void): void {
  const waiting = fragile.get(path);
  if (waiting === undefined) close();
  else waiting.push(close);
}

/**
 * Tries to lock the whole of a file, once, without waiting. The lock ends with `release`, or with the
 * process. Whether the file is still the one at the path is for the caller to look at afterwards.
 * Throws `Deno.errors.NotFound` where there is none.
 *
 * @param kind An exclusive lock needs the right to write to the file.
 */
export function tryFcntlLock(path: string, kind: "shared" | "exclusive"): FcntlAttempt {
  const library = load();
  if ("reason" in library) return { state: "impossible", reason: library.reason };
  const { system, calls } = library;
  if (fragile.has(path)) return { state: "busy" };
  const access = kind === "shared" ? constants.O_RDONLY : constants.O_RDWR;
  const flags = access | system.closeOnExec | (constants.O_NOFOLLOW ?? 0) |
    (constants.O_NONBLOCK ?? 0);
  const fd = calls.open(new TextEncoder().encode(`${path}\0`), flags);
  if (fd < 0) {
    const errno = calls.errno();
    if (errno === 2) throw new Deno.errors.NotFound(`${path} is not there`);
    return { state: "impossible", reason: `${path} cannot be opened (error ${errno})` };
  }
  const attempt = (command: number): "held" | number => {
    const lock = new Uint8Array(system.size);
    new DataView(lock.buffer).setInt16(system.typeAt, system.types[kind], true);
    return calls.fcntl(fd, command, lock) === 0 ? "held" : calls.errno();
  };
  const { setDescriptionLock } = system;
  const first = setDescriptionLock === undefined ? undefined : attempt(setDescriptionLock);
  const alone = () => isAlone(calls, fd);
  if (first === "held") {
    return { state: "held", release: () => calls.close(fd), isAlone: alone };
  }
  if (first !== undefined && system.busy.includes(first)) {
    calls.close(fd);
    return { state: "busy" };
  }
  // This one would not have kept two of us apart: the map does.
  const second = attempt(system.setLock);
  if (second === "held") {
    fragile.set(path, []);
    return {
      state: "held",
      isAlone: alone,
      release: () => {
        const waiting = fragile.get(path) ?? [];
        fragile.delete(path);
        calls.close(fd);
        for (const close of waiting) close();
      },
    };
  }
  calls.close(fd);
  return system.busy.includes(second)
    ? { state: "busy" }
    : { state: "impossible", reason: `the disk of ${path} takes no locks (error ${second})` };
}
