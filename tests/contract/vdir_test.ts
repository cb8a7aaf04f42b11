import { openVdir } from "../../adapters/vdir/mod.ts";
import { contract } from "./contract.ts";
import { calendarKit, contactsKit, type Kit } from "./kit.ts";

async function place(kit: Kit, kind: "calendar" | "contacts") {
  const path = await Deno.makeTempDir({ prefix: "vdir-contract-" });
  const open = (readOnly: boolean) =>
    openVdir({ name: "vdir", path, kind, read: kit.read, readOnly });
  return {
    storage: open(false),
    kit,
    another: () => Promise.resolve(open(false)),
    readOnly: () => Promise.resolve(open(true)),
    dispose: () => Deno.remove(path, { recursive: true }),
    many: 500,
    keepsBytes: true,
  };
}

contract("vdir", () => place(calendarKit, "calendar"));
contract("vdir of contacts", () => place(contactsKit, "contacts"));
