/** A server that says what a test wants it to say. */

import { type Connection, connectionOver, readerOf } from "../../../lib/net/imap/connection.ts";
import type { Wire } from "../../../lib/net/imap/wire.ts";
import { latin1, latin1Bytes } from "../../../lib/net/imap/value.ts";

/** What is answered to a command; without its tag, which `@` stands for at the start of a line. */
export type Answers = (command: string, line: number) => string | undefined;

export interface FakeWire extends Wire {
  /** All that was written, as Latin-1. */
  readonly written: () => string;
  /** Sends something of its own accord. */
  say(text: string): void;
  /** Ends the conversation. */
  hangUp(): void;
}

export interface FakeOptions {
  /** In how many bytes at a time the answers come. Default: as they are. */
  readonly pieces?: number;
  /** Whether `+` is said to literals that wait for it. Default: yes. */
  readonly goesOn?: boolean;
}

/** A wire in memory with a scripted server at its other end. */
export function fakeWire(answers: Answers, { pieces, goesOn = true }: FakeOptions = {}): FakeWire {
  const coming: Uint8Array[] = [];
  let written = "";
  let pending = "";
  let ended = false;
  let wake = () => {};
  let lines = 0;
  const say = (text: string) => {
    const bytes = latin1Bytes(text);
    if (pieces === undefined) coming.push(bytes);
    else {for (let at = 0; at < bytes.length; at += pieces) {
        coming.push(bytes.slice(at, at + pieces));
      }}
    wake();
  };
  /** Takes whole commands out of what was written, each with its literals in it. */
  const take = () => {
    for (;;) {
      let at = 0;
      for (;;) {
        const end = pending.indexOf("\r\n", at);
        if (end < 0) return;
        const literal = /\{(\d+)(\+?)\}$/.exec(pending.slice(at, end));
        if (literal === null) {
          at = end;
          break;
        }
        const after = end + 2 + Number(literal[1]);
        if (literal[2] === "" && pending.length === end + 2) {
          if (goesOn) say("+ go on\r\n");
          else {
            const tag = pending.slice(0, pending.indexOf(" "));
            pending = "";
            say(`${tag} NO no literals today\r\n`);
          }
          return;
        }
        if (pending.length < after) return;
        at = after;
      }
      const command = pending.slice(0, at);
      pending = pending.slice(at + 2);
      const blank = command.indexOf(" ");
      const tag = command.slice(0, blank);
      const answer = answers(blank < 0 ? command : command.slice(blank + 1), lines++);
      if (answer !== undefined && answer !== "") say(answer.replace(/^@/gm, tag));
    }
  };
  return {
    async read() {
      for (;;) {
        const next = coming.shift();
        if (next !== undefined) return next;
        if (ended) return undefined;
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
    },
    write(bytes) {
      written += latin1(bytes);
      pending += latin1(bytes);
      take();
      return Promise.resolve();
    },
    destroy() {
      ended = true;
      wake();
    },
    ended: () => Promise.resolve(),
    written: () => written,
    say,
    hangUp() {
      ended = true;
      wake();
    },
  };
}

/** A connection to a scripted server that was greeted and logged in. */
export function fakeConnection(
  answers: Answers,
  capabilities = "IMAP4REV1 LITERAL+",
  options: FakeOptions & { readonly timeout?: number } = {},
): { readonly connection: Connection; readonly wire: FakeWire } {
  const wire = fakeWire(answers, options);
  const connection = connectionOver(wire, readerOf(wire, "server"), {
    server: "server",
    timeout: options.timeout ?? 5_000,
  });
  connection.capabilities = new Set(capabilities.split(" "));
  return { connection, wire };
}

export interface FakeServer extends AsyncDisposable {
  /** The Unix socket it listens at. */
  readonly path: string;
  /** The commands it was given, of all connections. */
  readonly commands: readonly string[];
}

/**
 * A scripted server at a Unix socket.
 * @param greeting Without a line end.
 */
export async function fakeServer(
  answers: Answers,
  { greeting = "* PREAUTH [CAPABILITY IMAP4rev1 LITERAL+ UIDPLUS] hello", pieces }:
    & FakeOptions
    & { readonly greeting?: string } = {},
): Promise<FakeServer> {
  const folder = await Deno.makeTempDir({ prefix: "fake-imap-" });
  const path = `${folder}/s`;
  const listener = Deno.listen({ transport: "unix", path });
  const commands: string[] = [];
  const open = new Set<Deno.Conn>();
  const serve = async (conn: Deno.Conn) => {
    open.add(conn);
    const wire = fakeWire((command, line) => {
      commands.push(command);
      if (command === "LOGOUT") return "* BYE bye\r\n@ OK done\r\n";
      return answers(command, line);
    }, pieces === undefined ? {} : { pieces });
    wire.say(`${greeting}\r\n`);
    const sending = (async () => {
      for (let next = await wire.read(); next !== undefined; next = await wire.read()) {
        const text = latin1(next);
        for (let at = 0; at < next.length;) at += await conn.write(next.subarray(at));
        // The script's way to end a connection.
        if (text.includes("* BYE")) {
          if (open.delete(conn)) conn.close();
          break;
        }
      }
    })();
    try {
      const buffer = new Uint8Array(65_536);
      for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
        await wire.write(buffer.slice(0, count));
      }
    } finally {
      wire.hangUp();
      await sending.catch(() => {});
      if (open.delete(conn)) conn.close();
    }
  };
  const accepting = (async () => {
    const serving: Promise<void>[] = [];
    try {
      for await (const conn of listener) serving.push(serve(conn).catch(() => {}));
    } catch (thrown) {
      if (!(thrown instanceof Deno.errors.BadResource)) throw thrown;
    }
    await Promise.all(serving);
  })();
  return {
    path,
    commands,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const conn of open) if (open.delete(conn)) conn.close();
      await accepting;
      await Deno.remove(folder, { recursive: true });
    },
  };
}
