import { createMemory } from "../../adapters/memory/mod.ts";
import { withFilter } from "../../adapters/with_filter.ts";
import { withScheduleAgent } from "../../adapters/with_schedule_agent.ts";
import { dropFrom } from "../../lib/item/filter.ts";
import { readCalendarItem } from "../../lib/item/icalendar.ts";
import { readContact } from "../../lib/item/vcard.ts";
import type { Storage } from "../../lib/model/storage.ts";
import { contract } from "./contract.ts";
import type { Place } from "./context.ts";
import { calendarKit, contactsKit, type Kit } from "./kit.ts";

function place(kit: Kit, decorate: (storage: Storage) => Storage): Promise<Place> {
  const memory = createMemory({
    name: "memory",
    kind: kit.kind,
    read: (bytes) => {
      const said = kit.read(bytes);
      if (said.state === "malformed") throw said.error;
      return said;
    },
  });
  return Promise.resolve({
    storage: decorate(memory.open()),
    kit,
    another: () => Promise.resolve(decorate(memory.open())),
    readOnly: () => Promise.resolve(decorate(memory.open({ readOnly: true }))),
    dispose: () => Promise.resolve(),
    many: 500,
    keepsBytes: true,
  });
}

const filtered = (readItem: typeof readContact) => (storage: Storage): Storage => {
  const drop = (bytes: Uint8Array) => Promise.resolve(dropFrom(bytes, ["X-NOBODY-HAS"]));
  return withFilter(storage, { readItem, read: drop, write: drop });
};

contract("a calendar that nobody schedules", () => place(calendarKit, withScheduleAgent));
contract("a filtered calendar", () => place(calendarKit, filtered(readCalendarItem)));
contract("filtered contacts", () => place(contactsKit, filtered(readContact)));
