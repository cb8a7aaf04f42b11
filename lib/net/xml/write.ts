/** XML that we send: made of elements, so that no value is ever spliced in unescaped. */

/** A namespace and the prefix we write for it. */
export interface Namespace {
  readonly prefix: string;
  readonly uri: string;
}

/** An element to be sent. */
export interface XmlNode {
  /** In Clark notation. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly content: readonly (XmlNode | string)[];
}

/** An element named in Clark notation, with attributes if the first argument is none of content. */
export function element(name: string, ...content: readonly (XmlNode | string)[]): XmlNode {
  return { name, attributes: {}, content };
}

/** An element with attributes. */
export function elementWith(
  name: string,
  attributes: Readonly<Record<string, string>>,
  ...content: readonly (XmlNode | string)[]
): XmlNode {
  return { name, attributes, content };
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#13;",
  "\n": "&#10;",
  "\t": "&#9;",
};
// deno-lint-ignore no-control-regex -- XML 1.0 has no way to write these at all
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udfff]/gu;

/** `text` as it may stand in an element or an attribute. What XML cannot carry is left out. */
export function escapeXml(text: string): string {
  return text.replace(FORBIDDEN, "").replace(/[&<>"\r\n\t]/g, (char) => ESCAPES[char] ?? "");
}

const CLARK = /^\{([^}]*)\}(.+)$/;

/** The document with `root` as its root, its namespaces declared there under the given prefixes. */
export function document(root: XmlNode, namespaces: readonly Namespace[]): string {
  const prefixes = new Map(namespaces.map(({ prefix, uri }) => [uri, prefix]));
  const declarations = namespaces.map(({ prefix, uri }) => ` xmlns:${prefix}="${escapeXml(uri)}"`);

  function written(node: XmlNode, extra: string): string {
    const [, uri = "", local = ""] = CLARK.exec(node.name) ?? [];
    const prefix = prefixes.get(uri);
    if (prefix === undefined) throw new Error(`no prefix for the namespace of ${node.name}`);
    const attributes = Object.entries(node.attributes)
      .map(([name, value]) => ` ${name}="${escapeXml(value)}"`).join("");
    const content = node.content
      .map((part) => typeof part === "string" ? escapeXml(part) : written(part, "")).join("");
    const tag = `${prefix}:${local}`;
    return content === ""
      ? `<${tag}${extra}${attributes}/>`
      : `<${tag}${extra}${attributes}>${content}</${tag}>`;
  }
  return `<?xml version="1.0" encoding="utf-8"?>\n${written(root, declarations.join(""))}`;
}
