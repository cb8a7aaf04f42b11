import { type LayoutName, openMaildir } from "../../adapters/maildir/mod.ts";
import { contract } from "./contract.ts";
import type { Place } from "./context.ts";
import { mailKit } from "./kit.ts";

async function place(layout: LayoutName, identBy: "guid" | "digest"): Promise<Place> {
  const path = await Deno.makeTempDir({ prefix: "maildir-contract-" });
  const open = (readOnly = false) =>
    openMaildir({ name: "maildir", path, layout, readOnly, identBy, assign: "write" });
  return {
    storage: open(),
    kit: mailKit,
    another: () => Promise.resolve(open()),
    readOnly: () => Promise.resolve(open(true)),
    dispose: () => Deno.remove(path, { recursive: true }),
    many: 500,
    keepsBytes: true,
    ownIdents: identBy === "guid",
  };
}

contract("maildir", () => place("maildir++", "guid"));
contract("maildir, by digests", () => place("maildir++", "digest"));
contract("maildir in folders", () => place("fs", "guid"));
