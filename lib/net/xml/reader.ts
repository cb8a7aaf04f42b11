/**
 * XML as it comes from a server: strict, with namespaces, in a stream, and with limits.
 *
 * A document that is cut short is an error wherever the cut is, so that half a listing is never
 * taken for a whole one. A DOCTYPE is an error, and with it every entity of the server's own: what
 * several parsers were attacked with (CVE-2026-26278 and others).
 */

import { SaxesParser, type SaxesTagNS } from "saxes";

/** An element with all that is in it. */
export interface XmlElement {
  /** In Clark notation: `{DAV:}href`. */
  readonly name: string;
  /** Those without a namespace. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Its own text, without that of its children. */
  readonly text: string;
}

/** The document is not XML, is cut short, or exceeds a limit. */
export class XmlError extends Error {
  override readonly name = "XmlError";
}

export interface XmlLimits {
  /** How deep elements may be nested. Default: 64. */
  readonly depth?: number;
  /** How many elements may stand below the root. Default: 1,000,000. */
  readonly children?: number;
  /** How many elements there may be in one child of the root. Default: 10,000. */
  readonly elements?: number;
}

export interface XmlReader {
  /** The name of the root, once it is known. */
  readonly root: string | undefined;
  /** Takes more of the document and gives back the children of the root that it completed. */
  write(text: string): readonly XmlElement[];
  /** Throws {@linkcode XmlError} unless the document is complete. */
  end(): void;
}

interface Growing {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Growing[];
  text: string;
}

const DEPTH = 64;
const CHILDREN = 1_000_000;
const ELEMENTS = 10_000;
const NOTHING: Readonly<Record<string, string>> = {};

// What XML 1.0 section 2.2 forbids and servers send all the same, in an event's text. vdirsyncer
// drops them too.
// deno-lint-ignore no-control-regex -- these are what is looked for
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

function attributesOf(tag: SaxesTagNS): Readonly<Record<string, string>> {
  let found: Record<string, string> | undefined;
  for (const key in tag.attributes) {
    const attribute = tag.attributes[key];
    if (attribute === undefined || attribute.uri !== "") continue;
    found ??= {};
    found[attribute.local] = attribute.value;
  }
  return found ?? NOTHING;
}

/** Opens a reader of one document. All its methods throw {@linkcode XmlError}. */
export function xmlReader(limits: XmlLimits = {}): XmlReader {
  const maxDepth = limits.depth ?? DEPTH;
  const maxChildren = limits.children ?? CHILDREN;
  const maxElements = limits.elements ?? ELEMENTS;
  const parser = new SaxesParser({ xmlns: true, position: false });
  const open: Growing[] = [];
  let root: string | undefined;
  let depth = 0;
  let children = 0;
  let elements = 0;
  let begun = false;
  let complete: XmlElement[] = [];

  parser.on("error", (error) => {
    throw new XmlError(error.message, { cause: error });
  });
  parser.on("doctype", () => {
    throw new XmlError("it holds a DOCTYPE");
  });
  parser.on("opentag", (tag) => {
    depth++;
    if (depth > maxDepth) throw new XmlError(`its elements are nested deeper than ${maxDepth}`);
    const name = `{${tag.uri}}${tag.local}`;
    if (depth === 1) {
      root = name;
      return;
    }
    if (depth === 2) {
      elements = 0;
      if (++children > maxChildren) throw new XmlError(`it holds more than ${maxChildren} answers`);
    }
    if (++elements > maxElements) {
      throw new XmlError(`one of its answers holds more than ${maxElements} elements`);
    }
    const element = { name, attributes: attributesOf(tag), children: [], text: "" };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  const onText = (text: string) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += text;
  };
  parser.on("text", onText);
  parser.on("cdata", onText);
  parser.on("closetag", () => {
    depth--;
    const element = open.pop();
    if (depth === 1 && element !== undefined) complete.push(element);
  });

  return {
    get root() {
      return root;
    },
    write(text) {
      let clean = text.replace(FORBIDDEN, "");
      // PHP servers sometimes send empty lines before the declaration.
      if (!begun) clean = clean.trimStart();
      if (clean === "") return [];
      begun = true;
      parser.write(clean);
      const given = complete;
      complete = [];
      return given;
    },
    end() {
      if (!begun) throw new XmlError("it is empty");
      parser.close();
    },
  };
}
