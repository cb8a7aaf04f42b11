/** Names of files and folders that are ours to make. */

/** What stands for no item and may lie about for a moment; among mboxes, it ends as locks do. */
const OURS = /^\.[0-9a-f]{16}\.dovetail\.tmp(?:\.lock)?$/;

/** A name for a file that is being written. Never a second time the same. */
export function temporaryName(): string {
  const random = crypto.getRandomValues(new Uint8Array(8));
  const hex = Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `.${hex}.dovetail.tmp`;
}

/** Whether a file of this name was left over from {@linkcode temporaryName}. */
export function isTemporaryName(name: string): boolean {
  return OURS.test(name);
}

const MOST_BYTES = 120;
const FORBIDDEN = /[/\\:*?"<>|]/;
// Joiners belong to the spelling of Persian, Indic scripts and emoji; no other invisible character.
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} \u200c\u200d]+$/u;
const DEVICE = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;

/**
 * Why no folder is made for a collection of this id, or nothing where one may be. The folder's name
 * is the id itself, as the two must be the same for the collection to be found again; so an id that
 * is not fit to be one is refused instead of being changed. It is never decoded.
 */
export function unfitForFolder(id: string): string | undefined {
  if (id === "") return "it is empty";
  if (new TextEncoder().encode(id).byteLength > MOST_BYTES) {
    return `it is longer than ${MOST_BYTES} bytes`;
  }
  if (FORBIDDEN.test(id)) return 'it has one of / \\ : * ? " < > |';
  if (!PRINTABLE.test(id)) return "it has characters that cannot be seen";
  if (/^[.-]/.test(id)) return "it begins with a dot or a dash";
  if (/^ |[. ]$/.test(id)) return "it begins with a space, or ends with a space or a dot";
  if (DEVICE.test(id)) return "it is the name of a device on Windows";
  if (id !== id.normalize("NFC")) return "it is not in Unicode's composed form (NFC)";
  return undefined;
}
