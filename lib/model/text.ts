/**
 * Text that came from elsewhere, made fit for a terminal and a log.
 *
 * A calendar's name, an event's summary or a server's error may hold escape sequences that move the
 * cursor, write to the clipboard or turn a line around (CVE-2023-30844 is such a fault in a sync
 * tool). They are shown as escapes instead of being sent.
 */

declare const safe: unique symbol;
/** Text that may be printed. Made by {@linkcode safeText} alone. */
export type SafeText = string & { readonly [safe]: true };

// C0, DEL, C1; soft hyphen; zero-width and directional marks and overrides; line and paragraph
// separators; invisible operators; the byte order mark; interlinear marks; tag characters. The two
// joiners belong to Persian and Indic words and to emoji, and stay behind what is not ASCII.
const UNSAFE =
  // deno-lint-ignore no-control-regex -- these are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|(?<![^\u0000-\u007f])[\u200c\u200d]|[\u{e0000}-\u{e007f}]|[\ud800-\udfff]/gu;

const escaped = (char: string): string => {
  const code = char.codePointAt(0) ?? 0;
  if (code === 0x0a) return "\\n";
  if (code === 0x0d) return "\\r";
  if (code === 0x09) return "\\t";
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
};

/** `text` with every character that a terminal would obey, or not show, written as an escape. */
export function safeText(text: string): SafeText {
  return text.replace(UNSAFE, escaped) as SafeText;
}
