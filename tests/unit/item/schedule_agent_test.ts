import { equal } from "node:assert/strict";
import fc from "fast-check";
import {
  hasGuests,
  isScheduledByServer,
  withClientAgent,
  withoutClientAgent,
} from "../../../lib/item/schedule_agent.ts";
import { unfold } from "../../../lib/item/lines.ts";
import { alarm, bytesOf, event, textOf } from "./merge/kit.ts";

const ADDED = ";SCHEDULE-AGENT=CLIENT;X-DOVETAIL-SCHEDULE-AGENT=ADDED";
const added = (text: string) => textOf(withClientAgent(bytesOf(text)));
const takenOut = (text: string) => textOf(withoutClientAgent(bytesOf(text)));
const unfolded = (text: string) => unfold(text, Infinity)?.join("\r\n").concat("\r\n");

const GUESTS = ["ORGANIZER:mailto:a@b", 'ATTENDEE;CN="x;y:z":mailto:c@d'];

Deno.test("the organiser and each guest get the agent, and it is taken back out", () => {
  const text = event(...GUESTS, "SUMMARY:ATTENDEE:x", ...alarm("-PT5M", "ATTENDEE:mailto:e@f"));
  equal(
    unfolded(added(text)),
    event(
      `ORGANIZER${ADDED}:mailto:a@b`,
      `ATTENDEE${ADDED};CN="x;y:z":mailto:c@d`,
      "SUMMARY:ATTENDEE:x",
      ...alarm("-PT5M", "ATTENDEE:mailto:e@f"),
    ),
  );
  equal(takenOut(added(text)), text);
});

Deno.test("who has an agent already keeps it, also when it is read", () => {
  const text = event(
    "ORGANIZER;SCHEDULE-AGENT=NONE:mailto:a@b",
    "ATTENDEE;SCHEDULE-AGENT=CLIENT:mailto:c",
  );
  equal(added(text), text);
  equal(takenOut(text), text);
});

Deno.test("an item without guests keeps its bytes", () => {
  const bytes = bytesOf(event("SUMMARY:ATTENDEE"));
  equal(withClientAgent(bytes), bytes);
  equal(withoutClientAgent(bytes), bytes);
  equal(hasGuests(bytes), false);
  equal(hasGuests(bytesOf(event(...GUESTS))), true);
});

Deno.test("it is taken out too where a server wrote the line anew", () => {
  const text = event(
    `ATTENDEE;CN="x;y:z";X-DOVETAIL-SCHEDULE-AGENT=ADDED;PARTSTAT=ACCEPTED;SCHEDULE-AGENT`,
    " =client:mailto:c@d",
  );
  equal(takenOut(text), event(`ATTENDEE;CN="x;y:z";PARTSTAT=ACCEPTED:mailto:c@d`));
});

Deno.test("taking it out gives back every byte, however the lines are folded", () => {
  const line = fc.tuple(
    fc.constantFrom("ATTENDEE", "organizer", "ATT\r\n ENDEE", "ATTENDEE;CN=Bob"),
    fc.stringMatching(/^[a-z\u00e4]{0,80}$/),
    fc.constantFrom("", "\r\n ", "\n\t"),
  ).map(([name, text, fold]) => `${name};X-A=${text}${fold}b:mailto:${text}@b`);
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), fc.boolean(), (lines, lf) => {
      const text = event(...lines);
      const item = lf ? text.replaceAll("\r\n", "\n") : text;
      const back = takenOut(added(item));
      if (item.includes("ATT\r\n ENDEE") || item.includes("ATT\n ENDEE")) {
        equal(unfolded(back), unfolded(item));
      } else equal(back, item);
      equal(unfolded(added(item))?.split(ADDED).length, lines.length + 1);
    }),
    { numRuns: 500 },
  );
});

Deno.test("a server schedules what its organiser's line does not say otherwise", () => {
  const scheduled = (...lines: readonly string[]) => isScheduledByServer(bytesOf(event(...lines)));
  equal(scheduled(...GUESTS), true);
  equal(scheduled("ORGANIZER;SCHEDULE-AGENT=server:mailto:a"), true);
  equal(scheduled("ORGANIZER;SCHEDULE-AGENT=CLIENT:mailto:a", "ATTENDEE:mailto:b"), false);
  equal(scheduled("ATTENDEE;SCHEDULE-AGENT=NONE:mailto:b"), false);
  equal(scheduled("SUMMARY:x"), false);
  equal(isScheduledByServer(withClientAgent(bytesOf(event(...GUESTS)))), false);
});
