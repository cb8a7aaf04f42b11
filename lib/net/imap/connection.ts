/** One connection to a server: commands go out without waiting for each other, answers come in. */

import { cancelled, SyncError } from "../../model/error.ts";
import type { Part } from "./command.ts";
import { lost, malformed, refusedBy } from "./error.ts";
import { type Reader, responseReader, type Sink } from "./reader.ts";
import { type Response, responseOf, type Status } from "./response.ts";
import { rangesOf, sizeOf } from "./uid_set.ts";
import { isList, textOf, type Value } from "./value.ts";
import type { Wire } from "./wire.ts";
import { commandWriter } from "./writer.ts";

/** What a command does with what comes before it is done. */
export interface Handlers {
  /** Each answer that belongs to no other command for certain. What is not its own it passes over. */
  readonly on?: (response: Response) => void;
  /** Takes a literal as it comes, or leaves it to the others. */
  readonly takes?: (before: string, size: number) => Sink | undefined;
  /** What the server asks with `+` while it waits for no literal: the line to answer with, or none. */
  readonly answers?: (text: string) => string | undefined;
}

export interface RunOptions extends Handlers {
  /** What is being done, in words, for an error: `to list the mailboxes`. */
  readonly doing: string;
  /** Ends the whole connection once it fires: a command cannot be taken back. */
  readonly signal?: AbortSignal;
  /** NO and BAD are given back instead of thrown. */
  readonly mayFail?: true;
}

/** The mailbox that is selected, as it stands at the moment. */
export interface Selected {
  readonly name: string;
  /** Whether it may be written to. */
  readonly writable: boolean;
  /** Whether that was asked for. */
  readonly asked: boolean;
  readonly uidValidity: number;
  readonly uidNext: number | undefined;
  /** As of the moment it was selected. */
  readonly highestModseq: bigint | undefined;
  /** None where the server does not say. */
  readonly permanentFlags: readonly string[] | undefined;
  exists: number;
  /** How keywords are spelt that the mailbox knows, by what they are in lower case. */
  readonly spellings: Map<string, string>;
}

export interface Connection {
  readonly server: string;
  /** What the server can do, in capitals. */
  capabilities: ReadonlySet<string>;
  has(capability: string): boolean;
  selected: Selected | undefined;
  /** When the last answer came, as `performance.now()` has it. */
  readonly lastAnswer: number;
  readonly closed: boolean;
  /**
   * Sends a command and waits for its end. Throws {@linkcode ImapError} where it is refused, and
   * `unreachable` where the connection is lost meanwhile.
   */
  run(parts: readonly Part[], options: RunOptions): Promise<Status>;
  /** Sends a line that is no command, as IDLE's `DONE` is. */
  sendLine(line: string): Promise<void>;
  /** Ends it at once. */
  destroy(why?: SyncError): void;
  /** Says goodbye, and waits a little while for the answer. */
  close(): Promise<void>;
}

interface Pending {
  readonly tag: string;
  readonly options: RunOptions;
  readonly resolve: (status: Status) => void;
  readonly reject: (thrown: unknown) => void;
}

export interface ConnectionOptions {
  readonly server: string;
  /** The longest time without any answer while one is awaited, in milliseconds. */
  readonly timeout: number;
}

/** How long a goodbye is waited for, in milliseconds. */
const GOODBYE = 1_000;

/** Speaks over a wire that was greeted. What was read beyond the greeting is in the reader. */
export function connectionOver(
  wire: Wire,
  reader: Reader,
  { server, timeout }: ConnectionOptions,
): Connection {
  const pending: Pending[] = [];
  let next = 1;
  let closed = false;
  let saidBye: string | undefined;
  let leaving = false;
  let failure: SyncError | undefined;
  let moved = performance.now();
  let answered = performance.now();
  /** Whether it is we who keep the server waiting, as whoever takes a literal is slow. */
  let busy = false;

  const nonsense = (what: string) => malformed(server, what);

  const watch = setInterval(() => {
    if (busy || writer.waits || pending.length === 0 || performance.now() - moved < timeout) return;
    if (pending.every(({ options }) => options.answers === WAITS)) return;
    end(
      new SyncError(`${server} did not answer for ${Math.round(timeout / 1_000)} seconds`, {
        scope: "storage",
        kind: "unreachable",
        retry: true,
        hint: "It is down or busy. A larger timeout may help.",
      }),
    );
  }, Math.max(10, Math.min(1_000, timeout / 4)));
  Deno.unrefTimer(watch);

  function end(why: SyncError): void {
    if (closed) return;
    closed = true;
    failure = why;
    clearInterval(watch);
    wire.destroy();
    writer.stop();
    for (const { reject } of pending.splice(0)) reject(why);
  }

  function takes(before: string, size: number): Sink | undefined {
    for (const { options } of pending) {
      const sink = options.takes?.(before, size);
      if (sink === undefined) continue;
      return async (chunk) => {
        moved = performance.now();
        busy = true;
        try {
          await sink(chunk);
        } finally {
          busy = false;
          moved = performance.now();
        }
      };
    }
    return undefined;
  }

  async function readAll(): Promise<void> {
    for (;;) {
      const raw = await reader.next(takes);
      if (raw === undefined) throw lost(server, undefined, saidBye);
      moved = answered = performance.now();
      take(responseOf(raw, nonsense));
      if (closed) return;
    }
  }

  function take(response: Response): void {
    if (response.type === "continue") return goOn(response.text);
    if (response.type === "status" && response.tag !== undefined) {
      return finish(response, response.tag);
    }
    note(response);
    for (const { options } of pending) options.on?.(response);
  }

  function goOn(text: string): void {
    if (writer.goOn()) return;
    const asked = pending.find(({ options }) => options.answers !== undefined);
    if (asked === undefined) throw nonsense("it asks for more where nothing is left to send");
    const line = asked.options.answers?.(text);
    // Where it cannot be sent, the connection ends, and with it what waits.
    if (line !== undefined) writer.line(line).catch(() => {});
  }

  function finish(status: Status, tag: string): void {
    const at = pending.findIndex((it) => it.tag === tag);
    const found = pending[at];
    if (found === undefined) throw nonsense("an answer to something that was not asked");
    if (status.status !== "OK" && status.status !== "NO" && status.status !== "BAD") {
      throw nonsense("an end that is none");
    }
    pending.splice(at, 1);
    writer.over(tag);
    if (status.code?.name === "CAPABILITY") capabilitiesFrom(status.code.values);
    if (status.status === "OK" || found.options.mayFail) return found.resolve(status);
    found.reject(refusedBy(server, found.options.doing, status));
  }

  function capabilitiesFrom(values: readonly Value[]): void {
    connection.capabilities = new Set(values.flatMap((it) => textOf(it)?.toUpperCase() ?? []));
  }

  /** What holds whichever command it comes with. */
  function note(response: Response): void {
    const { selected } = connection;
    if (response.type === "count" && selected !== undefined) {
      if (response.name === "EXISTS") selected.exists = response.count;
      if (response.name === "EXPUNGE") selected.exists--;
    } else if (response.type === "data" && response.name === "CAPABILITY") {
      capabilitiesFrom(response.values);
    } else if (response.type === "data" && response.name === "FLAGS" && selected !== undefined) {
      noteSpellings(selected.spellings, response.values);
    } else if (response.type === "data" && response.name === "VANISHED" && selected !== undefined) {
      const set = response.values.length === 1 ? textOf(response.values[0]) : undefined;
      if (set !== undefined) selected.exists -= sizeOf(rangesOf(set) ?? []);
    } else if (response.type === "status" && response.status === "BYE") {
      saidBye = response.text;
      if (!leaving) end(lost(server, undefined, saidBye));
    }
  }

  const writer = commandWriter({
    async send(bytes) {
      if (failure !== undefined) throw failure;
      moved = performance.now();
      await wire.write(bytes);
      moved = performance.now();
    },
    has: (capability) => connection.has(capability),
    fail: (thrown) => end(thrown instanceof SyncError ? thrown : lost(server, thrown, saidBye)),
  });

  const connection: Connection = {
    server,
    capabilities: new Set(),
    has: (capability) => connection.capabilities.has(capability),
    selected: undefined,
    get lastAnswer() {
      return answered;
    },
    get closed() {
      return closed;
    },
    async run(parts, options) {
      const { signal } = options;
      if (signal?.aborted) throw cancelled(signal.reason);
      if (failure !== undefined) throw failure;
      const tag = `d${next++}`;
      const { promise, resolve, reject } = Promise.withResolvers<Status>();
      promise.catch(() => {});
      const stop = () => end(cancelled(signal?.reason));
      signal?.addEventListener("abort", stop, { once: true });
      if (pending.length === 0) moved = performance.now();
      pending.push({ tag, options, resolve, reject });
      try {
        // Where it ends while it is still sent, nobody waits for the rest.
        const [status] = await Promise.all([promise, writer.command(tag, parts)]);
        return status;
      } finally {
        signal?.removeEventListener("abort", stop);
      }
    },
    sendLine: (line) => writer.line(line),
    destroy(why) {
      leaving = true;
      end(why ?? lost(server));
    },
    async close() {
      if (!closed) {
        leaving = true;
        const late = Promise.withResolvers<void>();
        const timer = setTimeout(late.resolve, GOODBYE);
        const goodbye = connection.run(["LOGOUT"], { doing: "to log out", mayFail: true })
          // It is left anyway.
          .catch(() => {});
        await Promise.race([goodbye, late.promise]);
        clearTimeout(timer);
        end(lost(server));
      }
      await wire.ended();
    },
  };

  readAll().catch((thrown) => {
    end(thrown instanceof SyncError ? thrown : lost(server, thrown, saidBye));
  });
  return connection;
}

/** Takes the keywords of a FLAGS answer. */
export function noteSpellings(spellings: Map<string, string>, [list]: readonly Value[]): void {
  for (const value of isList(list) ? list : []) {
    const flag = textOf(value);
    if (flag !== undefined) spellings.set(flag.toLowerCase(), flag);
  }
}

/** For commands such as IDLE that wait as long as it takes, and answer nothing to a `+`. */
export const WAITS = (): undefined => undefined;

/** The reader of a wire. */
export const readerOf = (wire: Wire, server: string): Reader =>
  responseReader(() => wire.read(), (what) => malformed(server, what));
