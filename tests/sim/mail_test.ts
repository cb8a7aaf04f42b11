import { explore } from "./check.ts";
import { mailPair } from "./mail/schedule.ts";
import { simulateMail } from "./mail/simulate.ts";

Deno.test("two storages of mail keep every rule, whatever goes wrong and whoever is there meanwhile", async () => {
  await explore({
    file: "mail_test.ts",
    schedules: mailPair,
    simulate: simulateMail,
    share: 1 / 2,
  });
});
