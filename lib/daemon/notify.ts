/**
 * Tells systemd how we are: sd_notify(3), a datagram to the socket that `NOTIFY_SOCKET` names.
 * Deno sends such only with an unstable feature, so the system is asked directly.
 */

import { SyncError } from "../model/error.ts";
import { withLibc } from "./libc.ts";

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;
const MSG_DONTWAIT = 0x40;
/** What a path in a `sockaddr_un` can hold on Linux, in bytes, with a zero at its end. */
const LONGEST_PATH = 108;

export interface Notifier {
  /** `READY=1`, `STOPPING=1`, `STATUS=…`. @throws {SyncError} Where it could not be sent. */
  notify(state: readonly string[]): void;
}

/** Whom to tell, or nobody. `path`: the value of `NOTIFY_SOCKET`; with `@`, an abstract one. */
export function notifierOf(path: string | undefined): Notifier {
  if (path === undefined || path === "" || Deno.build.os !== "linux") return { notify: () => {} };
  return {
    notify(state) {
      const lines = state.map((it) => it.replaceAll("\n", " "));
      send(path, new TextEncoder().encode(`${lines.join("\n")}\n`));
    },
  };
}

function send(path: string, message: Uint8Array<ArrayBuffer>): void {
  const address = addressOf(path);
  try {
    withLibc((libc) => {
      const fd = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      if (fd < 0) throw failed(path, "no socket can be opened");
      const flags = MSG_NOSIGNAL | MSG_DONTWAIT;
      const size = BigInt(message.length);
      const sent = Number(libc.sendto(fd, message, size, flags, address, address.length));
      libc.close(fd);
      if (sent !== message.length) throw failed(path, "nobody listens there");
    });
  } catch (thrown) {
    throw thrown instanceof SyncError ? thrown : failed(path, "it cannot be used", thrown);
  }
}

/** A `sockaddr_un`. */
function addressOf(path: string): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode(path);
  const isAbstract = path.startsWith("@");
  if (!(isAbstract || path.startsWith("/")) || name.length >= LONGEST_PATH) {
    throw failed(path, "it is no path of a socket");
  }
  // The length says where an abstract name ends, and a zero where a path does.
  const address = new Uint8Array(2 + name.length + (isAbstract ? 0 : 1));
  new DataView(address.buffer).setUint16(0, AF_UNIX, isLittleEndian());
  address.set(name, 2);
  if (isAbstract) address[2] = 0;
  return address;
}

const isLittleEndian = (): boolean => new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

const failed = (path: string, what: string, cause?: unknown): SyncError =>
  new SyncError(`systemd cannot be told at "${path}" (NOTIFY_SOCKET): ${what}`, {
    scope: "run",
    kind: "refused",
    ...(cause === undefined ? {} : { cause }),
  });
