import { readCalendarItem } from "../lib/item/icalendar.ts";
import {
  hasGuests,
  isScheduledByServer,
  withClientAgent,
  withoutClientAgent,
} from "../lib/item/schedule_agent.ts";
import type { Storage } from "../lib/model/storage.ts";
import { withTransform } from "./with_transform.ts";

/**
 * A calendar server that does not invite the guests of events that are copied to it, as they were
 * invited where these come from (RFC 6638, 7.1). What this adds to an event is taken out again when it is read.
 *
 * An event that the server itself schedules, as it was made there, is left to it: to change that
 * afterwards would be a cancellation for its guests (RFC 6638, 3.2.1). So whether it does is looked up
 * before an event with guests is updated, at the cost of a request.
 *
 * @param agent `server`: it may invite them. What was added before that is still taken out.
 */
export function withScheduleAgent(
  storage: Storage,
  agent: "client" | "server" = "client",
): Storage {
  const isClient = agent === "client";
  return withTransform(storage, {
    readItem: readCalendarItem,
    isExact: true,
    read: (bytes) => Promise.resolve(withoutClientAgent(bytes)),
    needsHeld: (given) => isClient && hasGuests(given),
    write: (given, held) =>
      Promise.resolve(
        !isClient || held !== undefined && isScheduledByServer(held)
          ? given
          : withClientAgent(given),
      ),
  });
}
