/** Modified UTF-7, in which IMAP and Maildir++ spell the names of mailboxes (RFC 3501 5.1.3). */

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/** `text` in modified UTF-7. Half a surrogate pair, which no text has, is written as U+FFFD. */
export function encodeMutf7(text: string): string {
  return text.toWellFormed().replace(
    /&|[^\x20-\x7e]+/g,
    (run) => run === "&" ? "&-" : `&${base64(run)}-`,
  );
}

/** What a name in modified UTF-7 says, or nothing where it is not in its one proper spelling. */
export function decodeMutf7(name: string): string | undefined {
  if (!/^[\x20-\x7e]*$/.test(name)) return undefined;
  const text = name.replace(/&([^-]*)-/g, (_, run: string) => run === "" ? "&" : units(run));
  return text.isWellFormed() && encodeMutf7(text) === name ? text : undefined;
}

/** UTF-16, big end first, in base 64 without padding. */
function base64(text: string): string {
  let out = "";
  let bits = 0;
  let held = 0;
  for (let at = 0; at < text.length; at++) {
    held = ((held << 16) | text.charCodeAt(at)) >>> 0;
    bits += 16;
    while (bits >= 6) {
      bits -= 6;
      out += BASE64.charAt((held >>> bits) & 63);
    }
    held &= (1 << bits) - 1;
  }
  return bits === 0 ? out : out + BASE64.charAt((held << (6 - bits)) & 63);
}

/** The reverse. What is not proper base 64 gives text that is spelt otherwise, and so is noticed. */
function units(run: string): string {
  let text = "";
  let bits = 0;
  let held = 0;
  for (const char of run) {
    held = ((held << 6) | (BASE64.indexOf(char) & 63)) >>> 0;
    bits += 6;
    if (bits < 16) continue;
    bits -= 16;
    text += String.fromCharCode((held >>> bits) & 0xffff);
    held &= (1 << bits) - 1;
  }
  return text;
}
