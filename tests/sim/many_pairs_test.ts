import { explore } from "./check.ts";
import { manyPairs } from "./schedule.ts";

Deno.test("pairs that share a storage keep every rule, also where they run at once", async () => {
  await explore({ file: "many_pairs_test.ts", schedules: manyPairs, share: 1 / 6 });
});
