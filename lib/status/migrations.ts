/** Brings the tables of a status from the version that is there to the one that we write. */

import { SyncError } from "../model/error.ts";
import type { Database, InStatement } from "./database.ts";
import { openDatabase } from "./database.ts";
import type { Driver } from "./driver.ts";
import type { PairRow } from "./pair_row.ts";
import { SCHEMA, schemaSum, writePairRow } from "./pair_row.ts";
import { APPLICATION_ID } from "./schema.ts";
import type { Step } from "./schema.ts";

/**
 * Carries out the steps that are missing, all of them or none, and writes down what the schema is
 * then.
 * @param from How many steps the tables have behind them: 0 for an empty database.
 */
export async function migrate(
  driver: Driver,
  database: Database,
  pair: Omit<PairRow, "schema">,
  steps: readonly Step[],
  from: number,
): Promise<PairRow> {
  const migrated: PairRow = { ...pair, schema: await expectedSchema(driver, steps) };
  const statements: InStatement[] = [
    ...steps.slice(from).flat().map((sql) => ({ sql })),
    { sql: `PRAGMA application_id = ${APPLICATION_ID}` },
    { sql: `PRAGMA user_version = ${steps.length}` },
    writePairRow(migrated),
  ];
  await database.write(statements);
  return migrated;
}

/** The sum of the schema that these steps lead to, tried out in memory. */
async function expectedSchema(driver: Driver, steps: readonly Step[]): Promise<number> {
  const trial = await openDatabase(driver, ":memory:", "read-write");
  try {
    await trial.write(steps.flat().map((sql) => ({ sql })));
    return schemaSum(steps.length, await trial.rows(SCHEMA));
  } finally {
    await trial.close();
  }
}

/** The error of a status that a later version of the program has written. */
export function tooNew(path: string, version: number, ours: number): SyncError {
  return new SyncError(
    `the status in "${path}" has version ${version}, and this program knows versions up to ${ours}`,
    {
      scope: "run",
      kind: "refused",
      hint: "Use the newer program that has written it.",
    },
  );
}
