import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import type { Host } from "../../../lib/cli/host.ts";
import { listenForInterrupts } from "../../../lib/cli/interrupt.ts";
import { Screen } from "../../../lib/cli/show/screen.ts";
import { SyncError } from "../../../lib/model/error.ts";

Deno.test("the first interrupt asks to stop, the second ends at once", () => {
  const said: string[] = [];
  const look = { color: false, unicode: true, live: false };
  const write = (text: string) => void said.push(text);
  const screen = new Screen({ out: { look, write }, err: { look, write } }, { json: false });
  let interrupt = () => {};
  let listening = true;
  const host: Host = {
    calledAs: "dovetail",
    env: { get: () => undefined },
    out: { look: () => look, write },
    err: { look: () => look, write },
    input: { isAnswered: () => false, line: () => Promise.resolve(undefined) },
    onStop(then) {
      interrupt = then;
      return () => {
        listening = false;
      };
    },
    onFault: () => () => {},
    exit: (status) => {
      throw new Error(`exit ${status}`);
    },
  };
  const { signal, end } = listenForInterrupts(host, screen);
  strictEqual(signal.aborted, false);
  interrupt();
  strictEqual(signal.aborted, true);
  strictEqual(signal.reason instanceof SyncError && signal.reason.kind, "cancelled");
  deepStrictEqual(said, ["stopping once what has begun is done; again to stop at once\n"]);
  throws(interrupt, /exit 130/);
  end();
  strictEqual(listening, false);
});
