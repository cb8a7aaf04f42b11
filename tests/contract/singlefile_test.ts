import { openSinglefile } from "../../adapters/singlefile/mod.ts";
import { contract } from "./contract.ts";
import type { Place } from "./context.ts";
import { calendarKit, contactsKit, type Kit } from "./kit.ts";

async function place(kit: Kit, kind: "calendar" | "contacts", name: string): Promise<Place> {
  const folder = await Deno.makeTempDir({ prefix: "singlefile-contract-" });
  const open = (readOnly: boolean) =>
    openSinglefile({ name: "file", path: `${folder}/${name}`, kind, read: kit.read, readOnly });
  return {
    storage: open(false),
    kit,
    another: () => Promise.resolve(open(false)),
    readOnly: () => Promise.resolve(open(true)),
    dispose: () => Deno.remove(folder, { recursive: true }),
    many: 500,
    // An item has the wrapper of the file, whose PRODID is another.
    keepsBytes: kind === "contacts",
  };
}

contract("singlefile", () => place(calendarKit, "calendar", "%s.ics"));
contract("singlefile of contacts", () => place(contactsKit, "contacts", "people-%s"));
