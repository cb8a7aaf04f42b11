/** The two ways in which mails end their lines: LF in files, CRLF in IMAP. All of it streams. */

const CR = 13;
const LF = 10;

/** Gives each LF that stands alone a CR before it. What is a CRLF stays one; so does a bare CR. */
export function lfToCrlf(): TransformStream<Uint8Array, Uint8Array> {
  let afterCr = false;
  return new TransformStream({
    transform(chunk, controller) {
      if (chunk.byteLength === 0) return;
      const bare = bareLfs(chunk, afterCr);
      const wasAfterCr = afterCr;
      afterCr = chunk.at(-1) === CR;
      controller.enqueue(bare === 0 ? chunk : withCrs(chunk, wasAfterCr, bare));
    },
  });
}

function withCrs(chunk: Uint8Array, afterCr: boolean, bare: number): Uint8Array {
  const out = new Uint8Array(chunk.byteLength + bare);
  let from = 0;
  let length = 0;
  for (let at = chunk.indexOf(LF); at !== -1; at = chunk.indexOf(LF, at + 1)) {
    if (at === 0 ? afterCr : chunk[at - 1] === CR) continue;
    out.set(chunk.subarray(from, at), length);
    length += at - from;
    out[length++] = CR;
    from = at;
  }
  out.set(chunk.subarray(from), length);
  return out;
}

/** Makes each CRLF an LF, and changes nothing else: a bare CR stays. */
export function crlfToLf(): TransformStream<Uint8Array, Uint8Array> {
  let held = false;
  return new TransformStream({
    transform(chunk, controller) {
      if (chunk.byteLength === 0) return;
      // A CR at the end of the chunk before, which is bare unless an LF comes now.
      if (held && chunk[0] !== LF) controller.enqueue(new Uint8Array([CR]));
      held = chunk.at(-1) === CR;
      const out = withoutCrs(held ? chunk.subarray(0, -1) : chunk);
      if (out.byteLength > 0) controller.enqueue(out);
    },
    flush(controller) {
      if (held) controller.enqueue(new Uint8Array([CR]));
    },
  });
}

function withoutCrs(chunk: Uint8Array): Uint8Array {
  if (!chunk.includes(CR)) return chunk;
  const out = new Uint8Array(chunk.byteLength);
  let from = 0;
  let length = 0;
  for (let at = chunk.indexOf(CR); at !== -1; at = chunk.indexOf(CR, at + 1)) {
    if (chunk[at + 1] !== LF) continue;
    out.set(chunk.subarray(from, at), length);
    length += at - from;
    from = at + 1;
  }
  out.set(chunk.subarray(from), length);
  return out.subarray(0, length + chunk.byteLength - from);
}

/** Counts bytes as IMAP does, with CRLF at the ends of lines, of chunks that come in order. */
export class CrlfCounter {
  #size = 0;
  #afterCr = false;

  add(chunk: Uint8Array): void {
    if (chunk.byteLength === 0) return;
    this.#size += chunk.byteLength + bareLfs(chunk, this.#afterCr);
    this.#afterCr = chunk.at(-1) === CR;
  }

  get size(): number {
    return this.#size;
  }
}

/** How many bytes a mail has with CRLF at the ends of its lines (RFC822.SIZE). Reads it all. */
export async function crlfSize(stream: ReadableStream<Uint8Array>): Promise<number> {
  const counter = new CrlfCounter();
  for await (const chunk of stream) counter.add(chunk);
  return counter.size;
}

function bareLfs(chunk: Uint8Array, afterCr: boolean): number {
  let count = 0;
  for (let at = chunk.indexOf(LF); at !== -1; at = chunk.indexOf(LF, at + 1)) {
    if (!(at === 0 ? afterCr : chunk[at - 1] === CR)) count++;
  }
  return count;
}
