import { explore } from "./check.ts";
import { manyPairs } from "./schedule.ts";
import { simulate } from "./simulate.ts";

Deno.test("pairs that share a storage keep every rule, also where they run at once", async () => {
  await explore({ file: "many_pairs_test.ts", schedules: manyPairs, simulate, share: 1 / 6 });
});
