/** What texts may not have in them. */

/** Why a text cannot be a collection's id, which may become the name of a directory. */
export function badId(text: string): string | undefined {
  if (text === "") return "it is empty";
  if (text === "." || text === "..") return "it means another directory";
  if (text.includes("/")) return 'it has a "/"';
  if (hasControl(text)) return "it has a control character";
  return new TextEncoder().encode(text).length > 255 ? "it is longer than 255 bytes" : undefined;
}

/** Whether there is a control character in it. */
// deno-lint-ignore no-control-regex -- these are what is looked for
export const hasControl = (text: string): boolean => /[\u0000-\u001f\u007f]/.test(text);
