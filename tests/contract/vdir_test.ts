import { openVdir } from "../../adapters/vdir/mod.ts";
import { contract } from "./contract.ts";
import { calendarKit } from "./kit.ts";

contract("vdir", async () => {
  const path = await Deno.makeTempDir({ prefix: "vdir-contract-" });
  const open = (readOnly: boolean) =>
    openVdir({ name: "vdir", path, kind: "calendar", read: calendarKit.read, readOnly });
  return {
    storage: open(false),
    kit: calendarKit,
    another: () => Promise.resolve(open(false)),
    readOnly: () => Promise.resolve(open(true)),
    dispose: () => Deno.remove(path, { recursive: true }),
    many: 500,
    keepsBytes: true,
  };
});
