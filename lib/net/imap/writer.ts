/** Writes commands, with literals that wait until the server wants them (RFC 3501 section 7.5). */

import { SyncError } from "../../model/error.ts";
import type { Part, StreamedLiteral } from "./command.ts";

export interface WriterOptions {
  /** Sends bytes; resolves when more may be sent. */
  readonly send: (bytes: Uint8Array) => Promise<void>;
  readonly has: (capability: string) => boolean;
  /** What to do with whatever writing fails with: the rest of the conversation makes no sense. */
  readonly fail: (thrown: unknown) => void;
}

export interface Writer {
  /** Sends a command once those before it are sent. */
  command(tag: string, parts: readonly Part[]): Promise<void>;
  /** Sends a line that is no command, as IDLE's `DONE` is. */
  line(text: string): Promise<void>;
  /** The server has said `+`. Whether anybody waited for it. */
  goOn(): boolean;
  /** The command of that tag is over, whether or not it was sent to its end. */
  over(tag: string): void;
  /** Nothing is sent any more. */
  stop(): void;
  /** Whether it is whoever gives the bytes of a literal that everybody waits for. */
  readonly waits: boolean;
}

/** Literals up to this are sent without being asked for where the server has LITERAL- (RFC 7888). */
const MOST_LITERAL_MINUS = 4096;
/** Pieces of a streamed literal are put together to this before they are sent, in bytes. */
const PIECE = 65_536;

const UTF8 = new TextEncoder();

export function commandWriter({ send, has, fail }: WriterOptions): Writer {
  let last: Promise<void> = Promise.resolve();
  let awaited: { readonly tag: string; readonly resolve: (go: boolean) => void } | undefined;
  let waits = false;

  /** Whoever writes waits for whoever writes already. */
  function exclusively(write: () => Promise<void>): Promise<void> {
    const mine = last.then(write);
    last = mine.catch(fail);
    return mine;
  }

  function settle(go: boolean): void {
    const { resolve } = awaited ?? {};
    awaited = undefined;
    resolve?.(go);
  }

  const goesUnasked = (size: number) =>
    has("LITERAL+") || (has("LITERAL-") && size <= MOST_LITERAL_MINUS);

  async function sendParts(tag: string, parts: readonly Part[]): Promise<void> {
    let ready: Uint8Array[] = [];
    let length = 0;
    const put = (bytes: Uint8Array) => {
      ready.push(bytes);
      length += bytes.length;
    };
    const flush = async () => {
      const bytes = joined(ready);
      ready = [];
      length = 0;
      if (bytes.length > 0) await send(bytes);
    };
    let text = `${tag} `;
    for (const part of parts) {
      if (typeof part === "string") {
        if (/[\r\n\0]/.test(part)) throw lineBreak();
        text += part;
        continue;
      }
      const size = part instanceof Uint8Array ? part.length : part.size;
      const unasked = goesUnasked(size);
      put(UTF8.encode(`${text}{${size}${unasked ? "+" : ""}}\r\n`));
      text = "";
      if (!unasked) {
        const { promise, resolve } = Promise.withResolvers<boolean>();
        awaited = { tag, resolve };
        await flush();
        if (!(await promise)) return;
      }
      if (part instanceof Uint8Array) {
        put(part);
        if (length > PIECE) await flush();
      } else {
        await flush();
        await sendStream(part);
      }
    }
    put(UTF8.encode(`${text}\r\n`));
    await flush();
  }

  async function sendStream({ size, stream }: StreamedLiteral): Promise<void> {
    let left = size;
    let held: Uint8Array[] = [];
    let length = 0;
    waits = true;
    try {
      for await (const chunk of stream()) {
        left -= chunk.length;
        if (left < 0) break;
        held.push(chunk);
        length += chunk.length;
        if (length < PIECE) continue;
        waits = false;
        await send(joined(held));
        waits = true;
        held = [];
        length = 0;
      }
    } finally {
      waits = false;
    }
    // The server waits for the rest of a literal that does not exist: only the end is left.
    if (left !== 0) throw otherSize();
    if (length > 0) await send(joined(held));
  }

  return {
    command: (tag, parts) => exclusively(() => sendParts(tag, parts)),
    line: (text) => exclusively(() => send(UTF8.encode(`${text}\r\n`))),
    goOn() {
      const someone = awaited !== undefined;
      settle(true);
      return someone;
    },
    over(tag) {
      if (awaited?.tag === tag) settle(false);
    },
    stop: () => settle(false),
    get waits() {
      return waits;
    },
  };
}

const lineBreak = () =>
  new SyncError("a command would have had a line break in it", {
    scope: "storage",
    kind: "internal",
  });

const otherSize = () =>
  new SyncError("a mail has another size than it was said to have", {
    scope: "item",
    kind: "changed",
    retry: true,
  });

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return only;
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
