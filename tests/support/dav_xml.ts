/** XML for the DAV server of the tests: read into a small tree, written as text. */

import { SaxesParser } from "saxes";

/** An element of a request. */
export interface Node {
  /** In Clark notation. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Node[];
  text: string;
  /** What stands between its tags, written again, for properties that are kept as they are. */
  inner: string;
}

/** The root of a document; undefined where there is none. Throws where it is not well-formed. */
export function parseXml(text: string): Node | undefined {
  if (text.trim() === "") return undefined;
  const parser = new SaxesParser({ xmlns: true });
  const open: Node[] = [];
  let root: Node | undefined;
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", (tag) => {
    const attributes: Record<string, string> = {};
    for (const { local, value, uri } of Object.values(tag.attributes)) {
      if (uri === "") attributes[local] = value;
    }
    const name = `{${tag.uri}}${tag.local}`;
    const node: Node = { name, attributes, children: [], text: "", inner: "" };
    open.at(-1)?.children.push(node);
    root ??= node;
    open.push(node);
  });
  const onText = (part: string) => {
    const node = open.at(-1);
    if (node === undefined) return;
    node.text += part;
    node.inner += escapeText(part);
  };
  parser.on("text", onText);
  parser.on("cdata", onText);
  parser.on("closetag", () => {
    const node = open.pop();
    const parent = open.at(-1);
    if (node !== undefined && parent !== undefined) parent.inner += writeNode(node);
  });
  parser.write(text).close();
  return root;
}

function writeNode(node: Node): string {
  const [, uri = "", local = ""] = /^\{(.*)\}(.*)$/.exec(node.name) ?? [];
  const attributes = Object.entries(node.attributes)
    .map(([name, value]) => ` ${name}="${escapeText(value)}"`).join("");
  return `<${local} xmlns="${escapeText(uri)}"${attributes}>${node.inner}</${local}>`;
}

/** The first element of that name below `node`, at any depth. */
export function find(node: Node | undefined, name: string): Node | undefined {
  if (node === undefined) return undefined;
  for (const child of node.children) {
    if (child.name === name) return child;
    const found = find(child, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}

const PREFIXES: Readonly<Record<string, string>> = {
  "DAV:": "D",
  "urn:ietf:params:xml:ns:caldav": "C",
  "urn:ietf:params:xml:ns:carddav": "R",
  "http://calendarserver.org/ns/": "S",
};
export const DECLARATIONS = Object.entries(PREFIXES)
  .map(([uri, prefix]) => ` xmlns:${prefix}="${uri}"`).join("");

/** An element of an answer, its content being XML already. */
export function tag(name: string, content = ""): string {
  const [, uri = "", local = ""] = /^\{(.*)\}(.*)$/.exec(name) ?? [];
  const prefix = PREFIXES[uri];
  const [open, close] = prefix === undefined
    ? [`${local} xmlns="${escapeText(uri)}"`, local]
    : [`${prefix}:${local}`, `${prefix}:${local}`];
  return content === "" ? `<${open}/>` : `<${open}>${content}</${close}>`;
}

/** A segment of a path, decoded; as it is where it cannot be. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // It stands for itself: a server has to make something of every path.
    return segment;
  }
}
