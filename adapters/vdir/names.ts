/** Which names in a vdir mean what. */

/** What makes a file's name that of an item. */
export interface ItemNames {
  /** What it ends in, without the dot. */
  readonly fileext: string;
  /** What it must not end in, whatever its extension. */
  readonly ignored: string;
}

/**
 * Whether a file of this name is an item: it has the extension, something before it, and no leading
 * dot. Also whether an href may become part of a path: it is the name of a file and nothing more.
 */
export function isItemName(name: string, { fileext, ignored }: ItemNames): boolean {
  return isOneComponent(name) && !name.startsWith(".") && name.endsWith(`.${fileext}`) &&
    name.length > fileext.length + 1 && (ignored === "" || !name.endsWith(ignored));
}

/** Whether a folder of this name is a collection. Those of version control, say, are not. */
export function isCollectionName(name: string): boolean {
  return isOneComponent(name) && name !== "" && !name.startsWith(".");
}

function isOneComponent(name: string): boolean {
  // deno-lint-ignore no-control-regex -- a NUL is what ends a path for the system
  return !/[/\u0000]/.test(name) && !(Deno.build.os === "windows" && /[\\:]/.test(name));
}
