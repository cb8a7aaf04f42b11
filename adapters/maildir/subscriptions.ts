/** `subscriptions`: the mailboxes that mail programs are to show. */

import { dirname, join } from "node:path";
import { fileError } from "../../lib/files/file_error.ts";
import { type Disk, makeFolders, readWhole, replaceFile } from "./disk.ts";
import { withDotlock } from "./dotlock.ts";
import type { LayoutName } from "./layout.ts";

const MOST_BYTES = 16 * 1024 * 1024;
const HEADER = "V\t2\n\n";

export const subscriptionsPath = (control: string): string => join(control, "subscriptions");

/**
 * The names that are subscribed to, as hrefs of mailboxes (INBOX, `.A.B`, or `A/B` with
 * `LAYOUT=fs`), whether there are such mailboxes or not.
 */
export function readSubscriptions(
  disk: Disk,
  path: string,
  layout: LayoutName,
): ReadonlySet<string> {
  try {
    return new Set(linesOf(disk, path).names.map((line) => hrefOf(line, layout)));
  } catch (thrown) {
    throw fileError(thrown, "storage", path);
  }
}

/** Subscribes or unsubscribes; says whether that changed anything. Lines of others stay. */
export async function setSubscription(
  disk: Disk,
  path: string,
  layout: LayoutName,
  href: string,
  subscribed: boolean,
  mode: number,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    makeFolders(disk, dirname(path), mode);
    const fileMode = (mode & 0o666) | 0o600;
    return await withDotlock(disk, `${path}.lock`, fileMode, signal, async (lock) => {
      const { version, names } = linesOf(disk, path);
      if (names.some((line) => hrefOf(line, layout) === href) === subscribed) return false;
      const kept = names.filter((line) => hrefOf(line, layout) !== href);
      const lines = subscribed ? [...kept, lineOf(href, layout, version)] : kept;
      const text = (version === 2 ? HEADER : "") + lines.map((line) => `${line.raw}\n`).join("");
      lock.look();
      // Dovecot writes into the lock itself; a file beside it is as good, as only its holder may.
      await replaceFile(disk, `${path}.tmp`, path, new TextEncoder().encode(text), fileMode);
      await disk.syncFolder(dirname(path));
      return true;
    });
  } catch (thrown) {
    throw fileError(thrown, "storage", path);
  }
}

interface Line {
  readonly raw: string;
  /** The parts of the name as its folders are spelt. */
  readonly parts: readonly string[] | undefined;
}

function linesOf(
  disk: Disk,
  path: string,
): { readonly version: 1 | 2; readonly names: readonly Line[] } {
  const bytes = readWhole(disk, path, MOST_BYTES);
  if (bytes === undefined) return { version: 2, names: [] };
  const text = new TextDecoder().decode(bytes);
  const lines = text.split("\n").filter((line) => line !== "");
  if (!/^V\t2(?:\n|$)/.test(text)) {
    return { version: 1, names: lines.map((raw) => ({ raw, parts: undefined })) };
  }
  return {
    version: 2,
    names: lines.slice(1).map((raw) => ({ raw, parts: raw.split("\t").map(unescaped) })),
  };
}

/** In a file of the older kind the separator is the layout's. */
function hrefOf({ raw, parts }: Line, layout: LayoutName): string {
  const name = parts ?? raw.split(layout === "fs" ? "/" : ".");
  if (name.length === 1 && name[0]?.toUpperCase() === "INBOX") return "INBOX";
  return layout === "fs" ? name.join("/") : `.${name.join(".")}`;
}

function lineOf(href: string, layout: LayoutName, version: 1 | 2): Line {
  const separator = layout === "fs" ? "/" : ".";
  const name = layout === "fs" || href === "INBOX" ? href : href.slice(1);
  if (version === 1) return { raw: name, parts: undefined };
  const parts = name.split(separator);
  return { raw: parts.map(escaped).join("\t"), parts };
}

const ESCAPES: readonly (readonly [string, string])[] = [
  ["\x01", "1"],
  ["\0", "0"],
  ["\t", "t"],
  ["\r", "r"],
  ["\n", "n"],
];

const escaped = (part: string): string =>
  Array.from(part, (char) => {
    const escape = ESCAPES.find(([plain]) => plain === char)?.[1];
    return escape === undefined ? char : `\x01${escape}`;
  }).join("");

/** An escape is the character 1 and a letter. */
// deno-lint-ignore no-control-regex -- it is what Dovecot escapes with
const ESCAPE = new RegExp("\\u0001(.)", "gs");

const unescaped = (part: string): string =>
  part.replace(
    ESCAPE,
    (_, letter: string) => ESCAPES.find(([, escape]) => escape === letter)?.[0] ?? letter,
  );
