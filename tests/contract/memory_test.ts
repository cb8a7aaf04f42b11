import { createMemory, type MemoryOptions } from "../../adapters/memory/mod.ts";
import { contract } from "./contract.ts";
import type { Place } from "./context.ts";
import { calendarKit, contactsKit, type Kit, plainMailKit } from "./kit.ts";

function place(kit: Kit, options: Partial<MemoryOptions> = {}): Promise<Place> {
  const memory = createMemory({
    name: "memory",
    kind: kit.kind,
    read: (bytes) => {
      const said = kit.read(bytes);
      if (said.state === "malformed") throw said.error;
      return said;
    },
    ...options,
  });
  return Promise.resolve({
    storage: memory.open(),
    kit,
    another: () => Promise.resolve(memory.open()),
    readOnly: () => Promise.resolve(memory.open({ readOnly: true })),
    dispose: () => Promise.resolve(),
    many: 500,
    keepsBytes: true,
  });
}

contract("memory", () => place(calendarKit));
contract("memory, as contacts", () => place(contactsKit));
contract("memory, as mail", () => place(plainMailKit));
contract("memory, giving its own hrefs", () => place(plainMailKit, { assignsHrefs: true }));
contract(
  "memory, without cursors or etags on writing, in small batches",
  () => place(calendarKit, { listsChanges: false, etagOnWrite: false, batch: 7 }),
);
