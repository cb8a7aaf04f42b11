import { explore } from "./check.ts";
import { databaseKeeper } from "./database_keeper.ts";
import { onePair } from "./schedule.ts";
import { simulate } from "./simulate.ts";

Deno.test("one pair keeps every rule with its status in the real database", async () => {
  await explore({
    file: "database_test.ts",
    schedules: onePair,
    simulate,
    share: 1 / 250,
    keeper: databaseKeeper,
  });
});
