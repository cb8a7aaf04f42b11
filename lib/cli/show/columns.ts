/** Rows of a list, laid out so that what belongs together stands below each other. */

import type { SafeText } from "../../model/text.ts";
import { safeText } from "../../model/text.ts";
import { type Look, symbols } from "./look.ts";
import type { Line, Span, Style } from "./text.ts";
import { plain } from "./text.ts";
import { columns, cut, padded } from "./width.ts";

/** One row: what happens (a sign), where, to what, and more about it. */
export interface Row {
  readonly sign: string;
  readonly style: Style;
  readonly where: string;
  readonly what: string;
  readonly more: string;
}

const INDENT = 4;
const GAP = 2;
/** Where nothing is cut, a longer text than this does not push the others' last column away. */
const WIDEST_UNCUT = 40;
/** Where much must be cut, at least this much is left for what and more. */
const LEAST_ROOM = 12;
const MOST_WHERE = 16;

/** The rows as lines of at most the look's width, their columns in line with each other. */
export function layOut(rows: readonly Row[], look: Look): readonly Line[] {
  const cells = rows.map((row) => ({
    ...row,
    where: safeText(row.where),
    what: safeText(row.what),
    more: safeText(row.more),
  }));
  const widest = (of: (row: (typeof cells)[number]) => SafeText) =>
    cells.reduce((most, row) => Math.max(most, columns(of(row))), 0);
  const widths = shared(
    {
      where: widest((it) => it.where),
      what: widest((it) => it.what),
      more: widest((it) => it.more),
    },
    look.width,
  );
  const mark = symbols(look).cut;
  return cells.map(({ sign, style, where, what, more }) => {
    const head: Span = {
      text: safeText(`${" ".repeat(INDENT)}${sign} `),
      style,
    };
    const place: Span = { text: padded(cut(where, widths.where, mark), widths.where), style };
    if (more === "") {
      const rest = widths.what + (widths.more > 0 ? GAP + widths.more : 0);
      return [head, place, gap, { text: fit(what, rest, look, mark), style: "plain" }];
    }
    const shown = fit(what, widths.what, look, mark);
    return [
      head,
      place,
      gap,
      { text: padded(shown, widths.what), style: "plain" },
      gap,
      { text: fit(more, widths.more, look, mark), style: "faint" },
    ];
  });
}

const gap = plain(" ".repeat(GAP));

const fit = (text: SafeText, width: number, look: Look, mark: SafeText): SafeText =>
  look.width === undefined ? text : cut(text, width, mark);

interface Widths {
  readonly where: number;
  readonly what: number;
  readonly more: number;
}

/** Shares the width out: where both are too long, each of `what` and `more` has at least a half. */
function shared(wanted: Widths, width: number | undefined): Widths {
  if (width === undefined) {
    return { ...wanted, what: Math.min(wanted.what, WIDEST_UNCUT) };
  }
  const where = Math.min(wanted.where, MOST_WHERE);
  const gaps = INDENT + 2 + GAP + (wanted.more > 0 ? GAP : 0);
  const room = Math.max(width - gaps - where, LEAST_ROOM);
  if (wanted.what + wanted.more <= room) return { ...wanted, where };
  const more = Math.min(wanted.more, Math.max(room - wanted.what, Math.floor(room / 2)));
  return { where, what: Math.max(room - more, 0), more };
}
