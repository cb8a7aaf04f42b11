/** The status of two collections, kept in the database. */

import type { BaseItem } from "../model/plan.ts";
import type { Ident } from "../model/names.ts";
import type { CollectionStatus, Intent } from "../model/status.ts";
import { itemOf, readKnown, readRows } from "./base.ts";
import { bytesOf } from "./bodies.ts";
import { checkConclusion, checkIntents, checkSettlements, fault } from "./checks.ts";
import { conclude, readConclusion } from "./conclude.ts";
import type { Database } from "./database.ts";
import { forget } from "./forget.ts";
import type { GroupCommit } from "./group_commit.ts";
import type { Journal } from "./journal.ts";
import { begin, nextIntent, readJournal } from "./journal.ts";
import { readProperties, writeProperties } from "./property_base.ts";
import type { Settling } from "./settle.ts";
import type { CollectionRow, Writer } from "./transaction.ts";
import { integerOf } from "./values.ts";

/** What all collections of a status that is written to have in common. */
export interface Writing {
  readonly writer: Writer;
  readonly commits: GroupCommit<Settling>;
  /** Ids of bodies that may not be needed any more. */
  readonly loose: Set<number>;
  /** Whether an earlier run was stopped before it could clean up after itself. */
  sweepAll: boolean;
}

/** Without `writing`, whatever would write throws. */
export function collectionStatus(
  database: Database,
  row: CollectionRow,
  writing: Writing | undefined,
): CollectionStatus {
  let read: Promise<Journal> | undefined;
  const journal = (): Promise<Journal> => read ??= readJournal(database, row.id);

  /** Refusals come as rejections, never while the call is made. */
  async function written(
    check: () => void,
    write: (writing: Writing) => Promise<void>,
  ): Promise<void> {
    if (writing === undefined) throw fault("write what was opened to be read only");
    check();
    await write(writing);
  }

  return {
    cursor: async (side) => (await readConclusion(database, row.id, side)).cursor,
    view: async (side) => (await readConclusion(database, row.id, side)).view,
    observations: async (side) => (await readConclusion(database, row.id, side)).observations,
    async size() {
      if (row.id === undefined) return 0;
      const [[items] = []] = await database.rows({
        columns: ["items"],
        rest: "FROM collection WHERE id = ?",
        args: [row.id],
      });
      return integerOf(items, "the number of items", database.damaged);
    },
    async known(side, hrefs) {
      if (row.id === undefined || hrefs?.length === 0) return new Map();
      return await readKnown(database, row.id, side, hrefs);
    },
    async base(idents) {
      const items = new Map<Ident, BaseItem>();
      if (row.id === undefined || idents.length === 0) return items;
      for (const it of (await readRows(database, row.id, idents)).values()) {
        items.set(it.ident, itemOf(it));
      }
      return items;
    },
    async baseBody(ident, side) {
      if (row.id === undefined) return undefined;
      const found = (await readRows(database, row.id, [ident])).get(ident)?.sides[side].body;
      return found === undefined ? undefined : await bytesOf(database, found);
    },
    openIntents: async () => [...(await journal()).open.values()].sort(byId),
    nextIntent: async () => nextIntent(await journal()),

    begin: (intents) =>
      written(() => checkIntents(intents), async ({ writer, commits }) => {
        if (intents.length === 0) return;
        await commits.alone(async () => begin(writer, row, await journal(), intents));
      }),
    settle: (settlements) =>
      written(() => checkSettlements(settlements), async ({ commits, loose }) => {
        if (settlements.length === 0) return;
        await commits.add({ row, journal, loose, settlements });
      }),
    conclude: (sides) =>
      written(() => {
        if (sides.a !== undefined) checkConclusion(sides.a);
        if (sides.b !== undefined) checkConclusion(sides.b);
      }, async (writing) => {
        const { writer, commits, loose } = writing;
        await commits.alone(async () => {
          const swept = await conclude(writer, row, sides, writing.sweepAll ? undefined : loose);
          if (!swept) return;
          writing.sweepAll = false;
          loose.clear();
        });
      }),

    properties: () => readProperties(database, row.id),
    setProperties: (values) =>
      written(() => {}, async ({ writer, commits }) => {
        if (values.size === 0) return;
        await commits.alone(() => writeProperties(writer, row, values));
      }),
    forget: () =>
      written(() => {}, async (writing) => {
        await writing.commits.alone(async () => forget(writing.writer, row, await journal()));
        writing.sweepAll = true;
      }),
  };
}

const byId = (one: Intent, other: Intent): number => one.id - other.id;
