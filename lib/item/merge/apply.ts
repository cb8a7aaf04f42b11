/** Writes changes into a component: every line that no change is about stays byte for byte. */

import type { Change } from "./decide.ts";
import { type RawComponent, type RawLine, rawOf, saidBy } from "./raw.ts";
import type { Rules } from "./rules.ts";
import type { Thing } from "./things.ts";
import { rewrite, splitValues, withLineEnd } from "./values.ts";

/** What becomes of the components within one: text, or `undefined` to drop it. */
export type Replaced = ReadonlyMap<RawComponent, string | undefined>;

export interface Patch {
  readonly changes: readonly Change[];
  readonly replaced: Replaced;
  /** Components to put in, each with its name. */
  readonly inserted: readonly { readonly name: string; readonly raw: string }[];
}

/** The bytes of `component` with the patch. */
export function applyPatch(
  component: RawComponent,
  { changes, replaced, inserted }: Patch,
  rules: Rules,
  lineEnd: string,
): string {
  const lines = new Map<RawLine, string>();
  const added: Added[] = [];
  const groups = new GroupNames(component);
  const lists: Change[] = [];
  for (const { own, wanted } of changes) {
    if ((own ?? wanted)?.value !== undefined) lists.push({ own, wanted });
    else if (own === undefined) {
      if (wanted !== undefined) added.push(insertion(wanted, groups, lineEnd));
    } else {
      const [first, ...others] = own.lines;
      lines.set(first, wanted === undefined ? "" : replacement(own, wanted, rules, lineEnd));
      for (const line of others) lines.set(line, "");
    }
  }
  changeLists(component, lists, lines, added, lineEnd);
  return render(component, lines, replaced, added, inserted, lineEnd);
}

interface Added {
  readonly name: string;
  readonly raw: string;
}

function insertion({ name, lines, group }: Thing, groups: GroupNames, lineEnd: string): Added {
  const to = new Map([[group, groups.free(group)]]);
  const raw = lines.map((line) => {
    const { group } = line.line;
    const free = to.get(group) ?? groups.free(group);
    to.set(group, free);
    return withLineEnd(withGroup(line, free), lineEnd);
  }).join("");
  return { name, raw };
}

/** The wanted lines in place of one's own, of which those that say the same are kept. */
function replacement(own: Thing, wanted: Thing, rules: Rules, lineEnd: string): string {
  const left = [...own.lines];
  return wanted.lines.map((line) => {
    const said = saidBy(line).join("\n");
    const at = left.findIndex((other) => saidBy(other).join("\n") === said);
    const [kept] = at === -1 ? [] : left.splice(at, 1);
    if (kept !== undefined) return kept.raw;
    const grouped = rules.grouped && own.group !== "" && line.line.group === wanted.group
      ? withGroup(line, own.group)
      : line.raw;
    return withLineEnd(grouped, lineEnd);
  }).join("");
}

function withGroup({ raw, line }: RawLine, group: string): string {
  if (line.group === group) return raw;
  const bare = line.group === "" ? raw : raw.slice(raw.indexOf(".") + 1);
  return group === "" ? bare : `${group}.${bare}`;
}

/** Groups of a vCard, so that two that have nothing to do with each other do not get one name. */
class GroupNames {
  readonly #taken: Set<string>;

  constructor(component: RawComponent) {
    this.#taken = new Set(
      component.body.flatMap((node) => node.kind === "line" ? node.line.group.toLowerCase() : []),
    );
  }

  /** `group`, or one that nothing here belongs to yet. */
  free(group: string): string {
    if (group === "") return "";
    let name = group;
    for (let n = 1; this.#taken.has(name.toLowerCase()); n++) name = `item${n}`;
    this.#taken.add(name.toLowerCase());
    return name;
  }
}

/** Takes values out of lists and puts others in. */
function changeLists(
  component: RawComponent,
  changes: readonly Change[],
  lines: Map<RawLine, string>,
  added: Added[],
  lineEnd: string,
): void {
  const dropped = new Map<RawLine, string[]>();
  const wanted = new Map<RawLine, string[]>();
  for (const change of changes) {
    const thing = change.wanted ?? change.own;
    if (thing?.value === undefined) continue;
    push(change.wanted === undefined ? dropped : wanted, thing.lines[0], thing.value);
  }
  const extended = new Map<RawLine, string[]>();
  for (const [line, values] of wanted) {
    const home = line.line.name === "CATEGORIES" ? lastLike(component, line) : undefined;
    if (home !== undefined) values.forEach((value) => push(extended, home, value));
    else {
      const whole = values.length === splitValues(line.line).length;
      const raw = whole ? withLineEnd(line.raw, lineEnd) : rewrite(line, values, lineEnd);
      added.push({ name: line.line.name, raw });
    }
  }
  for (const line of new Set([...dropped.keys(), ...extended.keys()])) {
    const gone = new Map<string, number>();
    for (const value of dropped.get(line) ?? []) gone.set(value, (gone.get(value) ?? 0) + 1);
    const kept = splitValues(line.line).filter((value) => {
      const count = gone.get(value) ?? 0;
      gone.set(value, count - 1);
      return count <= 0;
    });
    const values = [...kept, ...extended.get(line) ?? []];
    lines.set(line, values.length === 0 ? "" : rewrite(line, values, lineEnd));
  }
}

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}

/** The last line of the same name with the same parameters. */
function lastLike(component: RawComponent, { line }: RawLine): RawLine | undefined {
  return component.body.findLast((node): node is RawLine =>
    node.kind === "line" && node.line.name === line.name &&
    node.line.params.toUpperCase() === line.params.toUpperCase()
  );
}

/** New lines come after the last of their name, or after all lines; components likewise. */
function render(
  { begin, body, end }: RawComponent,
  lines: ReadonlyMap<RawLine, string>,
  replaced: Replaced,
  added: readonly Added[],
  inserted: Patch["inserted"],
  lineEnd: string,
): string {
  const last = new Map<string, number>();
  let lastLine = -1;
  body.forEach((node, at) => {
    if (node.kind === "line") {
      last.set(node.line.name, at);
      lastLine = at;
    } else last.set(`BEGIN:${node.name}`, at);
  });
  const after = new Map<number, string[]>();
  for (const { name, raw } of added) push(after, last.get(name) ?? lastLine, raw);
  for (const { name, raw } of inserted) {
    // Definitions of time zones come first, as everybody writes them.
    const place = name === "VTIMEZONE" ? lastLine : body.length - 1;
    push(after, last.get(`BEGIN:${name}`) ?? place, withLineEnd(raw, lineEnd));
  }
  const texts = [begin, ...after.get(-1) ?? []];
  body.forEach((node, at) => {
    const text = node.kind === "line"
      ? lines.has(node) ? lines.get(node) : node.raw
      : replaced.has(node)
      ? replaced.get(node)
      : rawOf(node);
    texts.push(text ?? "", (after.get(at) ?? []).join(""));
  });
  return `${texts.join("")}${end}`;
}
