/** Content lines as bytes, for tests: the product itself never writes an item anew. */

/**
 * Each line in CRLF and folded at 75 bytes (RFC 5545 3.1): between characters, or sharp, which may
 * be within one.
 */
export function serialise(lines: readonly string[], foldAnywhere = false): Uint8Array {
  return foldAnywhere
    ? foldSharp(lines)
    : new TextEncoder().encode(lines.map((line) => `${fold(line)}\r\n`).join(""));
}

const WIDTH = 75;

function fold(line: string): string {
  let folded = "";
  let start = 0;
  let width = 0;
  for (let at = 0; at < line.length;) {
    const code = line.codePointAt(at) ?? 0;
    const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (width + size > WIDTH) {
      folded += `${line.slice(start, at)}\r\n `;
      start = at;
      width = 1;
    }
    width += size;
    at += code < 0x10000 ? 1 : 2;
  }
  return folded + line.slice(start);
}

function foldSharp(lines: readonly string[]): Uint8Array {
  const bytes: number[] = [];
  for (const line of lines) {
    new TextEncoder().encode(line).forEach((byte, at) => {
      if (at > 0 && (at === WIDTH || at > WIDTH && (at - WIDTH) % (WIDTH - 1) === 0)) {
        bytes.push(0x0d, 0x0a, 0x20);
      }
      bytes.push(byte);
    });
    bytes.push(0x0d, 0x0a);
  }
  return Uint8Array.from(bytes);
}
