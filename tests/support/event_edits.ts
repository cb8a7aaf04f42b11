/** Edits of items, as a client would make them. */

import { serialise } from "./event_lines.ts";

/**
 * The item after its `n`th edit: another SUMMARY and LAST-MODIFIED, a higher SEQUENCE, in the first
 * event or todo that is no override. Different `n` give different items.
 */
export function editEvent(bytes: Uint8Array, n: number): Uint8Array {
  const text = new TextDecoder().decode(bytes).replace(/\r?\n[ \t]/g, "");
  const lines = text.split(/\r?\n/).filter((line) => line !== "");
  const begin = masterBegin(lines);
  const end = lines.findIndex((line, at) => at > begin && line === `END:${lines[begin]?.slice(6)}`);
  if (begin === -1 || end === -1) throw new Error("there is nothing to edit");
  const edited: string[] = [];
  let summary = `SUMMARY:Without a title (edit ${n})`;
  let sequence = 0;
  let depth = 0;
  for (const line of lines.slice(begin + 1, end)) {
    if (line.startsWith("BEGIN:")) depth++;
    if (line.startsWith("END:")) depth--;
    const name = depth === 0 ? /^[A-Z-]+/i.exec(line)?.[0].toUpperCase() : undefined;
    if (name === "SUMMARY") summary = `${line.replace(/ \(edit \d+\)$/, "")} (edit ${n})`;
    else if (name === "SEQUENCE") sequence = Number(line.slice(line.indexOf(":") + 1));
    else if (name !== "LAST-MODIFIED") edited.push(line);
  }
  const stamp = new Date(Date.UTC(2026, 5, 1) + n * 1000).toISOString().replace(/[-:]|\.\d+/g, "");
  return serialise([
    ...lines.slice(0, begin + 1),
    summary,
    `SEQUENCE:${sequence + n}`,
    `LAST-MODIFIED:${stamp}`,
    ...edited,
    ...lines.slice(end),
  ]);
}

function masterBegin(lines: readonly string[]): number {
  const begins = lines.flatMap((line, at) => /^BEGIN:(VEVENT|VTODO)$/i.test(line) ? [at] : []);
  const isOverride = (begin: number) => {
    const end = lines.findIndex((line, at) => at > begin && /^END:(VEVENT|VTODO)$/i.test(line));
    return lines.slice(begin, end).some((line) => /^RECURRENCE-ID[;:]/i.test(line));
  };
  return begins.find((begin) => !isOverride(begin)) ?? begins[0] ?? -1;
}
