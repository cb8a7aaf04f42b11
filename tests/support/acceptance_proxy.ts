/**
 * A reverse proxy before a real server: it notes every request, may take its time, and may spoil
 * answers in the ways that networks and servers do.
 */

import { type Connection, headBytes, type Message, Wire, writeAll } from "./acceptance_wire.ts";

/** A request as it went through, and its answer's size. */
export interface Passed {
  readonly method: string;
  readonly path: string;
  readonly depth: string | undefined;
  /** What the client sent, of a REPORT or PROPFIND for example. */
  readonly text: string;
  readonly requestBytes: number;
  /** 0 where no answer was given. */
  readonly status: number;
  readonly responseBytes: number;
}

/** How an answer's end is told to the client. */
export type Framing = "content-length" | "chunked" | "close";

/** What is done instead of passing the answer on. */
export type Fault =
  /** The server is not asked. */
  | {
    readonly kind: "answer";
    readonly status: number;
    readonly body?: string;
    readonly headers?: Readonly<Record<string, string>>;
  }
  /** The server's answer, up to the middle of its body; then the connection is closed. */
  | { readonly kind: "cut"; readonly framing: Framing }
  /** The server is asked, and its answer is lost. */
  | { readonly kind: "lose" }
  /** The server's answer with another body. */
  | { readonly kind: "replace"; readonly body: (text: string) => string };

/** What a fault is decided by. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly text: string;
}

export interface ProxyOptions {
  /** Where the real server is: `http://127.0.0.1:5232`. */
  readonly target: string;
  /** Serves TLS with this certificate instead of plain HTTP. */
  readonly certificate?: { readonly cert: string; readonly key: string };
}

export class Proxy implements AsyncDisposable {
  /** Everything that passed since the last {@linkcode Proxy.forget}, as it was answered. */
  readonly passed: Passed[] = [];
  /** The most requests that were on their way at the same time, by method. */
  readonly most = new Map<string, number>();
  /** The same, of all methods together. */
  mostTogether = 0;
  /** How long each request waits before it is passed on, in milliseconds. */
  latency = 0;
  /** The credentials that the server is shown, instead of those of the client. */
  authorization: string | undefined;
  /** Decides what goes wrong; nothing by default. */
  fault: (asked: Asked) => Fault | undefined = () => undefined;

  readonly #options: ProxyOptions;
  readonly #listener: Deno.TcpListener | Deno.TlsListener;
  readonly #open = new Set<Connection>();
  readonly #serving: Promise<void>;
  readonly #going = new Map<string, number>();

  constructor(options: ProxyOptions) {
    this.#options = options;
    const address = { hostname: "127.0.0.1", port: 0 };
    this.#listener = options.certificate === undefined
      ? Deno.listen(address)
      : Deno.listenTls({ ...address, ...options.certificate });
    this.#serving = this.#serve();
  }

  /** The port on 127.0.0.1. */
  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  /** Where the proxy is; the same paths as on the server behind it. */
  get origin(): string {
    return `${this.#options.certificate === undefined ? "http" : "https"}://127.0.0.1:${this.port}`;
  }

  /** How many requests are on their way. */
  get going(): number {
    return [...this.#going.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Begins a new account of what passes. */
  forget(): void {
    this.passed.length = 0;
    this.most.clear();
    this.mostTogether = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#open) close(connection);
    await this.#serving;
  }

  async #serve(): Promise<void> {
    const conversations: Promise<void>[] = [];
    while (true) {
      let client;
      try {
        client = await this.#listener.accept();
      } catch (thrown) {
        // A handshake that the client broke off is no end; a closed listener is.
        if (thrown instanceof Deno.errors.BadResource) break;
        if (thrown instanceof Deno.errors.Interrupted) break;
        continue;
      }
      this.#open.add(client);
      conversations.push(this.#converse(client));
    }
    await Promise.all(conversations);
  }

  /** A client that goes away in the middle, as one that is killed does, ends its conversation. */
  async #converse(client: Connection): Promise<void> {
    const wire = new Wire(client);
    try {
      for (let on = true; on;) {
        const request = await wire.request();
        if (request === undefined) break;
        on = await this.#pass(client, request);
      }
    } catch (thrown) {
      if (!isBroken(thrown)) throw thrown;
    } finally {
      this.#open.delete(client);
      close(client);
    }
  }

  /** Whether the conversation goes on. */
  async #pass(client: Connection, request: Message): Promise<boolean> {
    const [method = "", path = ""] = request.first.split(" ");
    const text = new TextDecoder().decode(request.body);
    this.#count(method, 1);
    let status = 0;
    let responseBytes = 0;
    try {
      if (this.latency > 0) await new Promise((resolve) => setTimeout(resolve, this.latency));
      const fault = this.fault({
        method,
        path,
        authorization: request.headers.get("authorization"),
        text,
      });
      const response = fault?.kind === "answer"
        ? answerOf(fault)
        : await this.#ask(method, request);
      if (fault?.kind === "lose") return false;
      const body = fault?.kind === "replace"
        ? new TextEncoder().encode(fault.body(new TextDecoder().decode(response.body)))
        : response.body;
      status = Number(response.first.split(" ")[1]);
      responseBytes = body.length;
      const framing = fault?.kind === "cut" ? fault.framing : "content-length";
      const sent = fault?.kind === "cut" ? Math.floor(body.length / 2) : body.length;
      await send(client, response, framing, body, sent, method);
      return fault?.kind !== "cut" && request.headers.get("connection") !== "close";
    } finally {
      this.#count(method, -1);
      this.passed.push({
        method,
        path,
        depth: request.headers.get("depth"),
        text,
        requestBytes: request.body.length,
        status,
        responseBytes,
      });
    }
  }

  #count(method: string, by: 1 | -1): void {
    const going = (this.#going.get(method) ?? 0) + by;
    this.#going.set(method, going);
    this.most.set(method, Math.max(this.most.get(method) ?? 0, going));
    this.mostTogether = Math.max(this.mostTogether, this.going);
  }

  async #ask(method: string, request: Message): Promise<Message> {
    const { hostname, port } = new URL(this.#options.target);
    const server = await Deno.connect({ hostname, port: Number(port) });
    try {
      const headers = new Map(request.headers);
      headers.delete("transfer-encoding");
      if (this.authorization !== undefined) headers.set("authorization", this.authorization);
      headers.set("connection", "close");
      headers.set("content-length", String(request.body.length));
      await writeAll(server, headBytes(request.first, headers), request.body);
      return await new Wire(server).response(method);
    } finally {
      server.close();
    }
  }
}

function answerOf(fault: Extract<Fault, { kind: "answer" }>): Message {
  return {
    first: `HTTP/1.1 ${fault.status} Spoilt`,
    headers: new Map(Object.entries(fault.headers ?? {})),
    body: new TextEncoder().encode(fault.body ?? ""),
  };
}

async function send(
  client: Connection,
  response: Message,
  framing: Framing,
  body: Uint8Array,
  sent: number,
  method: string,
): Promise<void> {
  const status = response.first.slice(response.first.indexOf(" ") + 1);
  const headers = new Map(response.headers);
  for (const name of ["transfer-encoding", "connection", "keep-alive"]) headers.delete(name);
  if (method !== "HEAD") {
    headers.delete("content-length");
    if (framing === "content-length" && !/^(?:1\d\d|204|304)/.test(status)) {
      headers.set("content-length", String(body.length));
    }
    if (framing === "chunked") headers.set("transfer-encoding", "chunked");
    if (framing === "close") headers.set("connection", "close");
  }
  const head = headBytes(`HTTP/1.1 ${status}`, headers);
  const part = body.subarray(0, sent);
  if (framing !== "chunked") return await writeAll(client, head, part);
  const encoder = new TextEncoder();
  const end = sent === body.length ? "\r\n0\r\n\r\n" : "\r\n";
  await writeAll(
    client,
    head,
    encoder.encode(`${part.length.toString(16)}\r\n`),
    part,
    encoder.encode(end),
  );
}

function isBroken(thrown: unknown): boolean {
  return thrown instanceof Deno.errors.ConnectionReset ||
    thrown instanceof Deno.errors.BrokenPipe || thrown instanceof Deno.errors.BadResource ||
    thrown instanceof Deno.errors.Interrupted || thrown instanceof Deno.errors.UnexpectedEof ||
    thrown instanceof Deno.errors.ConnectionAborted || thrown instanceof Deno.errors.InvalidData ||
    (thrown instanceof Error && /cut short|closed the connection/.test(thrown.message));
}

function close(connection: Connection): void {
  try {
    connection.close();
  } catch (thrown) {
    // It was closed already, by the other end of its conversation.
    if (!(thrown instanceof Deno.errors.BadResource)) throw thrown;
  }
}
