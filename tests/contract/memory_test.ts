import { createMemory, type MemoryOptions } from "../../adapters/memory/mod.ts";
import { contract } from "./contract.ts";
import type { Place } from "./context.ts";
import { calendarKit, contactsKit, type Kit, mailKit } from "./kit.ts";

function place(
  kit: Kit,
  options: Partial<MemoryOptions> = {},
  more: Partial<Place> = {},
): Promise<Place> {
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
    ...more,
  });
}

contract("memory", () => place(calendarKit));
contract("memory, as contacts", () => place(contactsKit));
contract("memory, as a Maildir", () => place(mailKit, {}, { ownIdents: true }));
contract("memory, as a Maildir, by digests", () => place(mailKit, { identBy: "digest" }));
contract("memory, as an mbox", () => place(mailKit, { keepsGuids: false, listsChanges: false }));
contract(
  "memory, as IMAP",
  () => place(mailKit, { keepsUids: false, crlf: true, modseq: true, batch: 7, separator: "." }),
);
contract(
  "memory, as IMAP without its extensions",
  () => place(mailKit, { keepsUids: false, crlf: true, listsChanges: false, etagOnWrite: false }),
);
contract(
  "memory, without cursors or etags on writing, in small batches",
  () => place(calendarKit, { listsChanges: false, etagOnWrite: false, batch: 7 }),
);
