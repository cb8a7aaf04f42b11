import assert from "node:assert/strict";
import { askOn, type Terminal } from "../../../lib/config/prompt.ts";
import { ConfigError } from "../../../lib/config/problem.ts";
import { resolveSecrets } from "../../../lib/config/secrets.ts";
import { SyncError } from "../../../lib/model/error.ts";
import { HOME, load } from "./support.ts";

const signal = new AbortController().signal;

/** A terminal at which these are typed, and what happened at it. */
function terminal(typed: readonly (string | Uint8Array)[], isTerminal = true) {
  const seen: string[] = [];
  const left = [...typed];
  const fake: Terminal = {
    isTerminal: () => isTerminal,
    hide: (hidden) => seen.push(hidden ? "<hidden>" : "<shown>"),
    write: (text) => seen.push(text),
    read(signal) {
      if (signal.aborted) {
        return Promise.reject(new SyncError("x", { scope: "run", kind: "cancelled" }));
      }
      const next = left.shift();
      return Promise.resolve(typeof next === "string" ? new TextEncoder().encode(next) : next);
    },
  };
  return { seen, fake };
}

Deno.test("a person types a line that is not shown, and may correct it", async () => {
  const cases: readonly (readonly [typed: readonly (string | Uint8Array)[], text: string])[] = [
    [["secret\r"], "secret"],
    [["s", "e", "x\u007f", "c\n"], "sec"],
    [["wrong\u0015", "right\n"], "right"],
    [["\u007f\ba\u001b\n"], "a"],
    [[new Uint8Array([0xc3]), new Uint8Array([0xa4, 0x0a])], "ä"],
    [["a\u0004b"], "a"],
    [["no end"], "no end"],
    [["\n"], ""],
  ];
  for (const [typed, text] of cases) {
    const { fake, seen } = terminal(typed);
    assert.deepEqual(await askOn(fake, "Password:", signal), { status: "answered", text });
    assert.deepEqual(seen, ["Password: ", "<hidden>", "<shown>", "\n"]);
  }
});

Deno.test("the terminal is as it was when a question is stopped, and nobody is asked without one", async () => {
  const abort = new AbortController();
  const { fake, seen } = terminal([]);
  const stopping = { ...fake, read: () => (abort.abort(), fake.read(abort.signal)) };
  await assert.rejects(askOn(stopping, "x", abort.signal), SyncError);
  assert.deepEqual(seen, ["x ", "<hidden>", "<shown>", "\n"]);
  const none = terminal(["x\n"], false);
  assert.deepEqual(await askOn(none.fake, "x", signal), { status: "no terminal" });
  assert.deepEqual(none.seen, []);
});

const CONFIG = `storage a {
  type vdir/icalendar
  path /a
}
storage b {
  type caldav
  url https://x/
  username {
    prompt
  }
  password {
    prompt Password of b
  }
}
pair p {
  storage_a a
  storage_b b
  collections all
}
`;

Deno.test("secrets: what is typed is the value, and each question is asked once", async () => {
  const { config } = await load(CONFIG);
  const asked: string[] = [];
  const prompt = (question: string) => {
    asked.push(question);
    return Promise.resolve({ status: "answered", text: question.length.toString() } as const);
  };
  const options = { env: HOME, signal, prompt };
  const { storages } = await resolveSecrets(config, [...config.pairs, ...config.pairs], options);
  assert.deepEqual(asked, ['The username of the storage "b":', "Password of b:"]);
  const b = [...storages.values()].at(-1);
  assert.ok(b?.type === "caldav" && b.auth?.method === "basic");
  assert.deepEqual([b.auth.username, b.auth.password.reveal()], ["32", "14"]);
});

Deno.test("secrets: without a terminal, or an answer, there is no value", async () => {
  const { config, source } = await load(CONFIG);
  const said = async (answer: Awaited<ReturnType<typeof askOn>>) => {
    const prompt = () => Promise.resolve(answer);
    try {
      await resolveSecrets(config, config.pairs, { env: HOME, signal, source, prompt });
    } catch (error) {
      if (error instanceof ConfigError) return error.problems.map((each) => each.message);
      throw error;
    }
    return [];
  };
  assert.deepEqual(await said({ status: "no terminal" }), [
    'the username of the storage "b" is asked for on a terminal, and there is none',
  ]);
  assert.deepEqual(await said({ status: "answered", text: "" }), [
    'the username of the storage "b": nothing was typed',
  ]);
});
