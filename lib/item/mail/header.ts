/** The header of a mail, read without its body. */

/** How much of a header is looked at, in bytes with LF alone at the ends of lines. */
export const MAX_HEADER = 256 * 1024;

const CR = 13;
const LF = 10;

/**
 * The header with the empty line that ends it, each CRLF made an LF, so that it is the same wherever
 * the mail lies. A mail without an empty line is all header. No more than {@linkcode MAX_HEADER}
 * bytes are given, and the stream is let go of as soon as the header is there.
 */
export async function readHeader(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const collector = headerCollector();
  for await (const chunk of stream) {
    if (collector.add(chunk)) break;
  }
  return collector.header();
}

/** The same of bytes that are at hand: a whole mail, its beginning, or its header. */
export function headerOf(bytes: Uint8Array): Uint8Array {
  const collector = headerCollector();
  collector.add(bytes);
  return collector.header();
}

export interface HeaderCollector {
  /** Takes the next bytes of a mail, and says whether the header is all there. */
  add(chunk: Uint8Array): boolean;
  header(): Uint8Array;
}

/** Collects the header of a mail of which the chunks are read for something else as well. */
export function headerCollector(): HeaderCollector {
  let out = new Uint8Array(4096);
  let length = 0;
  let complete = false;
  const put = (byte: number) => {
    if (length === out.byteLength) {
      const larger = new Uint8Array(out.byteLength * 2);
      larger.set(out);
      out = larger;
    }
    out[length++] = byte;
  };
  return {
    add: (chunk) => {
      for (const byte of chunk) {
        if (complete) break;
        // The CR of a CRLF was put already, as it might have been a bare one.
        if (byte === LF && length > 0 && out[length - 1] === CR) length--;
        put(byte);
        const isEmptyLine = byte === LF && (length === 1 || out[length - 2] === LF);
        complete = isEmptyLine || length > MAX_HEADER;
      }
      return complete;
    },
    header: () => out.slice(0, Math.min(length, MAX_HEADER)),
  };
}
