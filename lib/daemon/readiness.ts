/**
 * Tells whoever started us that nothing more is asked of a person: `READY=1` and a line's end on a
 * file descriptor that was handed over, which is then closed. s6, dinit and OpenRC listen to it.
 */

import { SyncError } from "../model/error.ts";
import { type Libc, withLibc } from "./libc.ts";

const READY = "READY=1\n";

const F_GETFD = 1;
const FD_CLOEXEC = 1;
/** `FIOCLEX`: unlike `fcntl`, it takes no argument that would be passed in another way. */
const CLOSE_IN_CHILDREN = Deno.build.os === "linux" ? 0x5451n : 0x2000_6601n;

export interface Readiness {
  /** Says it. Throws a {@linkcode SyncError} where nobody can be told. */
  announce(): void;
}

/**
 * Takes the descriptor that was handed over. The programs that we run do not get it.
 * @throws {SyncError} Where none was: one that is our own must not be written to.
 */
export function takeDescriptor(fd: number): Readiness {
  calling(fd, (libc) => {
    const flags = libc.fcntl(fd, F_GETFD);
    if (flags < 0 || (flags & FD_CLOEXEC) !== 0) {
      throw unusable(fd, "is not open", "Whoever starts dovetail has to open it.");
    }
    libc.ioctl(fd, CLOSE_IN_CHILDREN);
  });
  return {
    announce: () =>
      calling(fd, (libc) => {
        const bytes = new TextEncoder().encode(READY);
        const written = Number(libc.write(fd, bytes, BigInt(bytes.length)));
        libc.close(fd);
        if (written !== bytes.length) {
          throw unusable(fd, "could not be written to", "Does anybody read it?");
        }
      }),
  };
}

function calling(fd: number, use: (libc: Libc) => void): void {
  try {
    withLibc(use);
  } catch (thrown) {
    if (thrown instanceof SyncError) throw thrown;
    const hint = "Readiness cannot be told on this system; leave -r out.";
    throw unusable(fd, "cannot be used", hint, thrown);
  }
}

const unusable = (fd: number, what: string, hint: string, cause?: unknown): SyncError =>
  new SyncError(`The file descriptor ${fd} ${what}`, {
    scope: "run",
    kind: "refused",
    hint,
    ...(cause === undefined ? {} : { cause }),
  });
