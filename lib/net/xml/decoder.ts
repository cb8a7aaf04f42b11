/** From the bytes of an XML document to its text, in the encoding that it claims. */

import { XmlError } from "./reader.ts";

export interface XmlDecoder {
  /** The text of these bytes, as far as they make up whole characters. */
  decode(bytes: Uint8Array): string;
  /** What is left. */
  end(): string;
}

const DECLARED = /^<\?xml[^>]{0,100}?\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/;
const CHARSET = /;\s*charset\s*=\s*"?([A-Za-z0-9._-]{1,40})"?/i;

function labelOf(bytes: Uint8Array, contentType: string | null): string {
  const marked = bytes[0] === 0xfe && bytes[1] === 0xff
    ? "utf-16be"
    : bytes[0] === 0xff && bytes[1] === 0xfe
    ? "utf-16le"
    : undefined;
  if (marked !== undefined) return marked;
  const beginning = new TextDecoder("latin1").decode(bytes.subarray(0, 200)).trimStart();
  return DECLARED.exec(beginning)?.[1] ?? CHARSET.exec(contentType ?? "")?.[1] ?? "utf-8";
}

/**
 * A decoder for one document. What the document itself declares counts more than what the header
 * says, as servers add the header for all kinds of files alike; without either it is UTF-8. Where
 * `strict` is set, bytes that are no characters are an {@linkcode XmlError}: in an item they would
 * otherwise be replaced without a word, and the replacement carried to the other side.
 */
export function xmlDecoder(contentType: string | null, strict: boolean): XmlDecoder {
  let decoder: TextDecoder | undefined;
  function run(work: () => string): string {
    try {
      return work();
    } catch (thrown) {
      throw new XmlError("its bytes do not fit its encoding", { cause: thrown });
    }
  }
  return {
    decode: (bytes) =>
      run(() => {
        decoder ??= new TextDecoder(labelOf(bytes, contentType), { fatal: strict });
        return decoder.decode(bytes, { stream: true });
      }),
    end: () => run(() => decoder?.decode() ?? ""),
  };
}
