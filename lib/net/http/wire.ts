/** HTTP/1.1 as it stands on the wire (RFC 9112): what is written, and how an answer is read. */

/** More of an answer's head is not taken, in bytes. */
const MAX_HEAD = 65_536;
/** A line with the size of a chunk is not longer, in bytes. */
const MAX_SIZE_LINE = 1_024;
/** How many interim answers (1xx) are passed over. */
const MAX_INTERIM = 8;

/** Where bytes come from. */
export interface Source {
  /** The next bytes, or undefined at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** Puts back what was too much. */
  unread(bytes: Uint8Array): void;
}

export interface Head {
  readonly status: number;
  readonly headers: Headers;
  /** How the body ends. */
  readonly framing:
    | { readonly type: "none" }
    | { readonly type: "length"; readonly length: number }
    | { readonly type: "chunked" }
    | { readonly type: "until end" };
  /** Whether another request may follow on the same connection. */
  readonly keepsAlive: boolean;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// deno-lint-ignore no-control-regex -- these would end the line, or hide in it
const UNSENDABLE = /[\u0000-\u0008\u000a-\u001f\u007f\u0100-\uffff]/;

/** The head of a request. Throws `TypeError` where something in it would break out of its line. */
export function requestHead(
  method: string,
  target: string,
  headers: Iterable<readonly [string, string]>,
): Uint8Array {
  if (!TOKEN.test(method)) throw new TypeError(`no method: ${method}`);
  const lines = [`${method} ${target} HTTP/1.1`];
  for (const [name, value] of headers) {
    if (!TOKEN.test(name) || UNSENDABLE.test(value)) throw new TypeError(`no header: ${name}`);
    lines.push(`${name}: ${value}`);
  }
  const text = lines.join("\r\n") + "\r\n\r\n";
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

const notHttp = (what: string) => new TypeError(`invalid HTTP version parsed: ${what}`);
const cutShort = () => new TypeError("connection closed before the answer was complete");

/** A line without its end. An answer's bytes beyond ASCII are taken for ISO 8859-1. */
async function line(source: Source, limit: number): Promise<string | undefined> {
  let text = "";
  for (;;) {
    const bytes = await source.read();
    if (bytes === undefined) {
      if (text === "") return undefined;
      throw cutShort();
    }
    const end = bytes.indexOf(10);
    const part = end < 0 ? bytes : bytes.subarray(0, end);
    if (text.length + part.length > limit) throw notHttp("a line without an end");
    for (const byte of part) text += String.fromCharCode(byte);
    if (end < 0) continue;
    if (end + 1 < bytes.length) source.unread(bytes.subarray(end + 1));
    return text.endsWith("\r") ? text.slice(0, -1) : text;
  }
}

/** Reads the head of the answer to a request with that method. */
export async function readHead(source: Source, method: string): Promise<Head> {
  for (let interim = 0;; interim++) {
    const head = await readOneHead(source, method);
    if (head.status >= 200) return head;
    if (head.status === 101 || interim >= MAX_INTERIM) throw notHttp(`status ${head.status}`);
  }
}

async function readOneHead(source: Source, method: string): Promise<Head> {
  const first = await line(source, MAX_HEAD);
  if (first === undefined) throw cutShort();
  const [, minor, code] = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: .*)?$/.exec(first) ?? [];
  if (minor === undefined) throw notHttp(first.slice(0, 40));
  const status = Number(code);
  const headers = await readFields(source);
  const connection = (headers.get("connection") ?? "").toLowerCase();
  const keepsAlive = minor === "1"
    ? !/\bclose\b/.test(connection)
    : /\bkeep-alive\b/.test(connection);
  const framing = framingOf(method, status, headers);
  return { status, headers, framing, keepsAlive: keepsAlive && framing.type !== "until end" };
}

/** Fields up to the empty line: those of the head, or the trailers after the last chunk. */
async function readFields(source: Source): Promise<Headers> {
  const headers = new Headers();
  let left = MAX_HEAD;
  for (;;) {
    const field = await line(source, left);
    if (field === undefined) throw cutShort();
    if (field === "") return headers;
    left -= field.length;
    const colon = field.indexOf(":");
    // A folded line begins with a space and so has no name.
    const name = field.slice(0, Math.max(colon, 0));
    if (!TOKEN.test(name)) throw notHttp("a header without a name");
    headers.append(name, field.slice(colon + 1).trim());
  }
}

/** RFC 9112 section 6.3, and strict about it: two opinions about an end are none. */
function framingOf(method: string, status: number, headers: Headers): Head["framing"] {
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) {
    return { type: "none" };
  }
  const coding = headers.get("transfer-encoding");
  const length = headers.get("content-length");
  if (coding !== null) {
    if (coding.toLowerCase() !== "chunked" || length !== null) throw notHttp("an unclear length");
    return { type: "chunked" };
  }
  if (length === null) return { type: "until end" };
  if (!/^\d{1,15}$/.test(length)) throw notHttp("an unclear length");
  return { type: "length", length: Number(length) };
}

/** The body of an answer. Throws where it ends too early. */
export async function* readBody(
  source: Source,
  framing: Head["framing"],
): AsyncGenerator<Uint8Array, void, undefined> {
  switch (framing.type) {
    case "none":
      return;
    case "length":
      return yield* exactly(source, framing.length);
    case "chunked":
      for (;;) {
        const size = /^([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?$/
          .exec(await line(source, MAX_SIZE_LINE) ?? "")?.[1];
        if (size === undefined) throw cutShort();
        const length = parseInt(size, 16);
        if (length === 0) break;
        yield* exactly(source, length);
        if (await line(source, MAX_SIZE_LINE) !== "") throw cutShort();
      }
      await readFields(source);
      return;
    case "until end":
      for (;;) {
        const bytes = await source.read();
        if (bytes === undefined) return;
        yield bytes;
      }
  }
}

async function* exactly(source: Source, length: number): AsyncGenerator<Uint8Array> {
  for (let left = length; left > 0;) {
    const bytes = await source.read();
    if (bytes === undefined) throw cutShort();
    if (bytes.length > left) source.unread(bytes.subarray(left));
    const part = bytes.subarray(0, left);
    left -= part.length;
    yield part;
  }
}
