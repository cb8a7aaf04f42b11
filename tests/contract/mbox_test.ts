import { openMbox } from "../../adapters/mbox/mod.ts";
import { contract } from "./contract.ts";
import type { Place } from "./context.ts";
import { mailKit } from "./kit.ts";

async function place(): Promise<Place> {
  const path = await Deno.makeTempDir({ prefix: "mbox-contract-" });
  const open = (readOnly = false) => openMbox({ name: "mbox", path, readOnly, assign: "write" });
  return {
    storage: open(),
    kit: mailKit,
    another: () => Promise.resolve(open()),
    readOnly: () => Promise.resolve(open(true)),
    dispose: () => Deno.remove(path, { recursive: true }),
    many: 500,
    keepsBytes: true,
    isEitherOr: true,
  };
}

contract("mbox", place);
