/** Bytes to and from a server, whatever they go through. */

import type { Duplex } from "node:stream";

export interface Wire {
  /** The next bytes, as they come; nothing where there are no more. One read at a time. */
  read(): Promise<Uint8Array | undefined>;
  /** Resolves when more may be written. */
  write(bytes: Uint8Array): Promise<void>;
  /** Lets go of it at once; whoever reads or writes is woken. Safe to call again. */
  destroy(): void;
  /** Ends what stands behind it, if anything does, and waits for that. */
  ended(): Promise<void>;
}

/** A wire over a socket. */
export function socketWire(socket: Duplex): Wire {
  let failure: unknown;
  let ended = false;
  let wake = () => {};
  const onEnd = () => {
    ended = true;
    wake();
  };
  socket.on("readable", () => wake());
  socket.on("end", onEnd);
  socket.on("close", onEnd);
  socket.on("error", (thrown) => {
    failure ??= thrown;
    wake();
  });
  return {
    async read() {
      for (;;) {
        const bytes: Uint8Array | null = socket.read();
        if (bytes !== null) return bytes;
        if (failure !== undefined) throw failure;
        if (ended || socket.destroyed) return undefined;
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
    },
    write(bytes) {
      if (failure !== undefined) return Promise.reject(failure);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      socket.write(bytes, (thrown) => thrown ? reject(thrown) : resolve());
      return promise;
    },
    destroy() {
      socket.destroy();
      onEnd();
    },
    ended: () => Promise.resolve(),
  };
}

/** A wire over a connection of the runtime's own. */
export function connWire(conn: Deno.Conn): Wire {
  const buffer = new Uint8Array(65_536);
  let destroyed = false;
  return {
    async read() {
      try {
        const count = await conn.read(buffer);
        return count === null ? undefined : buffer.slice(0, count);
      } catch (thrown) {
        if (destroyed) return undefined;
        throw thrown;
      }
    },
    async write(bytes) {
      for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
    },
    destroy() {
      if (destroyed) return;
      destroyed = true;
      conn.close();
    },
    ended: () => Promise.resolve(),
  };
}

/** How long a program has to end by itself once its input was closed, in milliseconds. */
const GRACE = 2_000;

/** How much is kept of what it complains about, in bytes. */
const MOST_ERRORS = 512;

export interface ChildWire extends Wire {
  /** The beginning of what the program wrote to standard error. */
  complaints(): string;
}

/** A wire over the standard input and output of a program. Throws what starting it throws. */
export function childWire(
  argv: readonly string[],
  env?: Readonly<Record<string, string>>,
): ChildWire {
  const [program = "", ...args] = argv;
  const child = new Deno.Command(program, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    ...(env === undefined ? {} : { env }),
  }).spawn();
  const output = child.stdout.getReader();
  const input = child.stdin.getWriter();
  let text = "";
  let destroyed = false;
  const errors = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stderr) {
      if (text.length < MOST_ERRORS) {
        text = (text + decoder.decode(chunk, { stream: true })).slice(0, MOST_ERRORS);
      }
    }
  })();
  // Its end is seen by whoever reads; this only keeps a late failure from ending the process.
  errors.catch(() => {});
  const kill = (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch (thrown) {
      // It has ended in the meantime, which is what was wanted.
      if (!(thrown instanceof TypeError || thrown instanceof Deno.errors.NotFound)) throw thrown;
    }
  };
  return {
    async read() {
      const { value, done } = await output.read();
      return done || destroyed ? undefined : value;
    },
    write: (bytes) => input.write(bytes),
    destroy() {
      if (destroyed) return;
      destroyed = true;
      // Without its input it ends by itself; what hangs is ended by `ended`.
      input.close().catch(() => {});
      output.cancel().catch(() => {});
    },
    async ended() {
      this.destroy();
      const timers = [
        setTimeout(() => kill("SIGTERM"), GRACE),
        setTimeout(() => kill("SIGKILL"), 2 * GRACE),
      ];
      await child.status;
      for (const timer of timers) clearTimeout(timer);
    },
    complaints: () => text.trim(),
  };
}
