/**
 * The canonical form of a vCard's property: what it says, in one spelling.
 *
 * As in `canonical.ts`, two spellings are one here if they mean the same by RFC 2426 or RFC 6350
 * *and* some server was seen to write one for the other: Radicale 3.1.8 (with vobject 0.9.6), Cyrus
 * 3.6.1, or DAViCal 1.1.12, which writes anew what comes without a REV. Xandikos 0.2.8 keeps the bytes.
 *
 * | spellings that are one | who turns one into the other |
 * |---|---|
 * | names of properties and parameters in any case | Radicale, DAViCal |
 * | names of groups in any case | DAViCal |
 * | order of properties and of parameters | Radicale |
 * | line ends, folding, empty lines | all |
 * | parameter values with and without quotes, where they may be without | all |
 * | `;TYPE=a;TYPE=b`, `;TYPE=a,b` and `;TYPE="a,b"` (RFC 6350 spells it so in its examples) | Radicale, Cyrus, DAViCal |
 * | other parameters given twice, and once with two values | Radicale |
 * | in a LABEL parameter, `\n` and the `^n` of RFC 6868 | Cyrus |
 * | TEXT: `\N` and `\n` | Radicale, Cyrus, DAViCal |
 * | TEXT: a comma or semicolon with and without its backslash, where one value is expected | Radicale, Cyrus, DAViCal |
 * | the same in X- properties, and in the GEO of version 3.0 | Radicale, DAViCal |
 * | TEXT: a backslash before any other character, and two of them | Radicale, DAViCal |
 * | an ORG's comma with and without its backslash | Cyrus, DAViCal |
 * | N and ADR with and without empty parts at their end | Radicale |
 * | white space within base64 | Radicale |
 *
 * On purpose not one, though a server does this: the values of a list and one value with commas
 * (NICKNAME, CATEGORIES, the parts of N and ADR: Cyrus, DAViCal), a semicolon that parts N, ADR, ORG,
 * GENDER or CLIENTPIDMAP and one that belongs to a part (all), a comma or semicolon in a URI with and
 * without a backslash (Radicale, DAViCal; Cyrus the other way): it is another address then, and no photo
 * that is embedded can be shown. Nor `\:` and `:`, `\"` and `"`, an empty parameter and none (Radicale),
 * the nameless parameters of vCard 2.1 and those with a name (Cyrus), one version of vCard and another
 * (Cyrus), and whatever is cut off or dropped.
 *
 * The form is not meant to be read back. A change to it changes every digest that a status holds.
 */

import { type ContentLine, parseParams } from "./lines.ts";
import { canonicalText } from "./spellings.ts";

/** What is left out altogether (rule 2): a server sets these on its own. */
const IGNORED: ReadonlySet<string> = new Set(["PRODID", "REV", "X-RADICALE-NAME"]);

/** Whether the digest of a card knows nothing of this property. */
export function isIgnoredInCards(name: string): boolean {
  return IGNORED.has(name);
}

/** How the values of properties that are more than one TEXT are spelt. */
const SPELLINGS: ReadonlyMap<string, (value: string) => string> = new Map([
  ["N", parts],
  ["ADR", parts],
  ["ORG", (value: string) => structured(value, ";")],
  ["GENDER", (value: string) => structured(value, ";")],
  ["CLIENTPIDMAP", (value: string) => structured(value, ";")],
  ["NICKNAME", (value: string) => structured(value, ",")],
  ["CATEGORIES", (value: string) => structured(value, ",")],
]);

/** Properties whose value is a URI, if it looks like one. */
const URIS: ReadonlySet<string> = new Set([
  "CALADRURI",
  "CALURI",
  "FBURL",
  "GEO",
  "IMPP",
  "KEY",
  "LOGO",
  "MEMBER",
  "PHOTO",
  "RELATED",
  "SOUND",
  "SOURCE",
  "URL",
]);
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;

/** Values whose `separators` part them: escaped, those belong to a part. */
function structured(value: string, separators: ";" | "," | ";,"): string {
  if (!value.includes("\\")) return value;
  return value.replace(/\\([^])/g, (escape, char: string) => {
    if (separators.includes(char)) return `\r${escape}`;
    return canonicalText(escape);
  });
}

/** N and ADR: parts that may be lists, and none that are empty at the end. */
function parts(value: string): string {
  return structured(value, ";,").replace(/(?<!\r\\);+$/, "");
}

/** The canonical form of a property. Never throws. */
export function canonicalCardLines(line: ContentLine): readonly string[] {
  const head = line.group === "" ? line.name : `${line.group.toLowerCase()}\r.${line.name}`;
  const params = readParams(line.params);
  const value = canonicalValue(line, params);
  const left = [...params].map(([name, values]) =>
    `\r;${name}${values.map((text) => `\r,${text}`).join("")}`
  ).sort().join("");
  return [`${head}${left}\r:${value}`];
}

function canonicalValue({ name, value }: ContentLine, params: Params): string {
  const is = (param: string, values: RegExp) => values.test(params.get(param)?.[0] ?? "");
  if (is("ENCODING", /^(?:b|base64)$/i)) return value.replaceAll(/[ \t]+/g, "");
  if ((URIS.has(name) || is("VALUE", /^uri$/i)) && SCHEME.test(value)) return value;
  return (SPELLINGS.get(name) ?? canonicalText)(value);
}

type Params = ReadonlyMap<string, readonly string[]>;

/** By name, those of the same name joined. */
function readParams(text: string): Params {
  const params = new Map<string, string[]>();
  for (const { name, values } of parseParams(text)) {
    const all = params.get(name) ?? [];
    all.push(...values.flatMap((value) => paramValues(name, value)));
    params.set(name, all);
  }
  return params;
}

function paramValues(name: string, value: string): readonly string[] {
  if (name === "TYPE") return value.split(",");
  if (name === "LABEL") return [value.replaceAll(/\\[nN]/g, "^n")];
  return [value];
}
