/** Bytes of HTTP/1 on a connection: as little as a proxy that must be able to misbehave needs. */

/** A connection, of either kind. */
export type Connection = Deno.TcpConn | Deno.TlsConn;

/** A head as it was sent, and its body whole. */
export interface Message {
  /** The request line or status line. */
  readonly first: string;
  /** By name in lower case; the last of several. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Reads one message after the other. */
export class Wire {
  readonly #connection: Connection;
  #left: Uint8Array<ArrayBuffer> = new Uint8Array();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The next request; undefined where there is none any more. */
  async request(): Promise<Message | undefined> {
    const head = await this.#head();
    return head === undefined ? undefined : { ...head, body: await this.#body(head, false) };
  }

  /** The answer to a request of that method. */
  async response(method: string): Promise<Message> {
    const head = await this.#head();
    if (head === undefined) throw new Error("the server closed the connection without an answer");
    const empty = method === "HEAD" || /^\S+ (?:1\d\d|204|304)\b/.test(head.first);
    return { ...head, body: empty ? new Uint8Array() : await this.#body(head, true) };
  }

  async #head(): Promise<Omit<Message, "body"> | undefined> {
    const lines: string[] = [];
    while (true) {
      const line = await this.#line();
      if (line === undefined) {
        if (lines.length === 0) return undefined;
        throw new Error("a head that was cut short");
      }
      if (line === "") break;
      lines.push(line);
    }
    const [first = "", ...fields] = lines;
    const headers = new Map(fields.map((field) => {
      const colon = field.indexOf(":");
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()] as const;
    }));
    return { first, headers };
  }

  async #body(head: Omit<Message, "body">, toTheEnd: boolean): Promise<Uint8Array<ArrayBuffer>> {
    if (head.headers.get("transfer-encoding")?.toLowerCase() === "chunked") {
      const chunks: Uint8Array[] = [];
      while (true) {
        const size = parseInt(await this.#line() ?? "0", 16);
        if (size > 0) chunks.push(await this.#exactly(size));
        await this.#line();
        if (size === 0) return join(chunks);
      }
    }
    const length = head.headers.get("content-length");
    if (length !== undefined) return await this.#exactly(Number(length));
    if (toTheEnd) {
      while (await this.#more());
      return this.#take(this.#left.length);
    }
    return new Uint8Array();
  }

  async #line(): Promise<string | undefined> {
    let end = this.#left.indexOf(0x0a);
    while (end < 0) {
      if (!await this.#more()) return undefined;
      end = this.#left.indexOf(0x0a);
    }
    return new TextDecoder().decode(this.#take(end + 1)).replace(/\r?\n$/, "");
  }

  async #exactly(size: number): Promise<Uint8Array<ArrayBuffer>> {
    while (this.#left.length < size) {
      if (!await this.#more()) throw new Error("a body that was cut short");
    }
    return this.#take(size);
  }

  #take(size: number): Uint8Array<ArrayBuffer> {
    const taken = this.#left.slice(0, size);
    this.#left = this.#left.slice(size);
    return taken;
  }

  async #more(): Promise<boolean> {
    const buffer = new Uint8Array(65_536);
    const read = await this.#connection.read(buffer);
    if (read === null) return false;
    this.#left = join([this.#left, buffer.subarray(0, read)]);
    return true;
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Sends all of it at once: bits and pieces would wait for each other's acknowledgement. */
export async function writeAll(
  connection: Connection,
  ...parts: readonly Uint8Array[]
): Promise<void> {
  const bytes = join(parts);
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

/** A head as bytes. */
export function headBytes(first: string, headers: Iterable<readonly [string, string]>): Uint8Array {
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return new TextEncoder().encode(`${first}\r\n${lines}\r\n`);
}
