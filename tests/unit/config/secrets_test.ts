import assert from "node:assert/strict";
import { SyncError } from "../../../lib/model/error.ts";
import { choosePairs } from "../../../lib/config/choose.ts";
import { ConfigError } from "../../../lib/config/problem.ts";
import { plainText, renderError } from "../../../lib/config/report.ts";
import type { Outcome, RunCommand } from "../../../lib/config/run_command.ts";
import {
  type Resolved,
  type ResolvedAuth,
  resolveInPart,
  resolveSecrets,
} from "../../../lib/config/secrets.ts";
import { HOME, load } from "./support.ts";

const CANARY = "hunter2Kanarie";
const signal = new AbortController().signal;

/** Commands that do not run: each has its outcome, by its words. */
function commands(outcomes: Readonly<Record<string, string | Outcome>>) {
  const ran: string[] = [];
  let running = 0;
  const run: RunCommand = async (argv) => {
    const key = argv.join(" ");
    ran.push(key);
    running++;
    assert.equal(running, 1, "two commands at a time");
    await new Promise((resolve) => setTimeout(resolve, 1));
    running--;
    const outcome = outcomes[key];
    assert.ok(outcome !== undefined, key);
    if (typeof outcome !== "string") return outcome;
    return { status: "done", output: new TextEncoder().encode(outcome) };
  };
  return { ran, run };
}

const CONFIG = `status_path {
  cmd where status
}
storage local {
  type vdir/icalendar
  path {
    cmd where calendars
  }
}
storage server {
  type caldav
  url {
    shell echo   https://dav.example.com/ "| cat"
  }
  username {
    cmd who
  }
  password {
    cmd pass show dav
  }
}
storage second {
  type caldav
  url https://u@dav.example.org/
  password {
    cmd pass show dav
  }
}
storage unused {
  type caldav
  url https://dav.example.net/
  password {
    cmd never
  }
}
pair main {
  storage_a local
  storage_b server
  collections all
}
pair other {
  storage_a server
  storage_b second
  collections all
}
pair third {
  storage_a unused
  storage_b local
  collections all
}
`;

const OUTCOMES = {
  "where status": "/var/status\n",
  "where calendars": "~/calendars\n",
  "sh -c echo https://dav.example.com/ | cat": "  https://dav.example.com/cal\n\n",
  "who": "hugo\r\n",
  "pass show dav": "p w\n",
};

async function resolve(
  text: string,
  outcomes: Readonly<Record<string, string | Outcome>>,
  ...pairs: readonly string[]
): Promise<Resolved & { readonly ran: readonly string[] }> {
  const { config, source } = await load(text);
  const { ran, run } = commands(outcomes);
  const chosen = choosePairs(config, pairs);
  return { ...await resolveSecrets(config, chosen, { env: HOME, signal, source, run }), ran };
}

function loginOf({ auth }: { readonly auth?: ResolvedAuth }): readonly unknown[] {
  assert.ok(auth?.method === "basic" || auth?.method === "digest");
  return [auth.method, auth.username, auth.password.reveal()];
}

Deno.test("secrets: only what the chosen pairs need is run, in order, one at a time, each once", async () => {
  const { ran, storages, statusPath, pairs } = await resolve(CONFIG, OUTCOMES, "main", "other");
  assert.deepEqual(ran, [
    "where status",
    "where calendars",
    "sh -c echo https://dav.example.com/ | cat",
    "who",
    "pass show dav",
  ]);
  assert.equal(statusPath, "/var/status");
  assert.deepEqual(pairs.map(({ name }): string => name), ["main", "other"]);
  assert.deepEqual([...storages.keys()].map(String), ["local", "server", "second"]);
  const [local, server, second] = [...storages.values()];
  assert.ok(local?.type === "vdir/icalendar");
  assert.equal(local.path, "/home/u/calendars");
  assert.equal(local.fileext, "ics");
  assert.ok(server?.type === "caldav" && second?.type === "caldav");
  assert.equal(server.url, "https://dav.example.com/cal");
  assert.deepEqual(loginOf(server), ["basic", "hugo", "p w"]);
  assert.equal(second.url, "https://dav.example.org/");
  assert.deepEqual(loginOf(second), ["basic", "u", "p w"]);
  assert.ok(!Deno.inspect(storages, { depth: 9 }).includes("p w"));
});

Deno.test("secrets: a configuration without commands runs none", async () => {
  const text = `storage a {
  type vdir/icalendar
  path /a
}
storage b {
  type caldav
  url https://dav.example.com/
}
pair p {
  storage_a a
  storage_b b
  collections all
}
`;
  const { ran, storages, statusPath } = await resolve(text, {});
  assert.deepEqual(ran, []);
  assert.equal(statusPath, "/home/u/.local/share/dovetail/status");
  const server = [...storages.values()].find(({ type }) => type === "caldav");
  assert.ok(server?.type === "caldav");
  assert.equal(server.auth, undefined);
});

Deno.test("secrets: a login in an URL that a command prints is taken out of it", async () => {
  const outcomes = {
    ...OUTCOMES,
    "sh -c echo https://dav.example.com/ | cat": "https://v:q@dav.example.com/",
  };
  const text = CONFIG.replace("  password {\n    cmd pass show dav\n  }\n", "");
  const server = [...(await resolve(text, outcomes, "main")).storages.values()].at(-1);
  assert.ok(server?.type === "caldav");
  assert.equal(server.url, "https://dav.example.com/");
  assert.deepEqual(loginOf(server), ["basic", "hugo", "q"]);
});

Deno.test("secrets: a token's command can be run again, one that is written cannot change", async () => {
  const text = (token: string) =>
    CONFIG.replace(/ {2}username \{[^}]*\}\n {2}password \{[^}]*\}\n/, token);
  const { config } = await load(text("  token {\n    cmd print token\n  }\n"));
  let runs = 0;
  const run: RunCommand = ([program]) => {
    const output = program === "print" ? `token-${++runs}` : "https://x.example/";
    return Promise.resolve({ status: "done", output: new TextEncoder().encode(output) });
  };
  const where = { ...config, statusPath: { kind: "text", value: "/s" } as const };
  const pairs = choosePairs(config, ["other"]);
  const { storages } = await resolveSecrets(where, pairs, { env: HOME, signal, run });
  const [server] = storages.values();
  assert.ok(server?.type === "caldav" && server.auth?.method === "bearer");
  const { token, renew } = server.auth;
  assert.ok(renew !== undefined);
  const values = [token, await renew(signal), await renew(signal)].map((it) => it.reveal());
  assert.deepEqual(values, ["token-1", "token-2", "token-3"]);
  const written = await resolve(text("  token x\n"), OUTCOMES, "other");
  const [again] = written.storages.values();
  assert.ok(again?.type === "caldav" && again.auth?.method === "bearer");
  assert.equal(again.auth.renew, undefined);
});

Deno.test("secrets: an URL that a command prints may name a socket, or a feed only where one is meant", async () => {
  const key = "sh -c echo https://dav.example.com/ | cat";
  const of = (url: string) => resolve(CONFIG, { ...OUTCOMES, [key]: url }, "main");
  const [, server] = [...(await of("unix:///run/d.sock")).storages.values()];
  assert.ok(server?.type === "caldav");
  assert.deepEqual([server.url, server.socket], ["http://localhost/", "/run/d.sock"]);
  await assert.rejects(of("webcal://x/"), /webcal: is the URL of a feed/);
});

const bytes = (...values: readonly number[]): Outcome => ({
  status: "done",
  output: new Uint8Array(values),
});

/** Outcomes of the password's command, and what is said of them. */
const FAILURES: readonly (readonly [outcome: string | Outcome, said: string, help?: string])[] = [
  [{ status: "failed", code: 2 }, '"pass" ended with status 2'],
  [{ status: "killed", signal: "SIGKILL" }, '"pass" was ended by SIGKILL'],
  [
    { status: "missing" },
    '"pass" was not found',
    'only "shell" has a shell: "cmd" takes "~" and "|" as they are',
  ],
  [{ status: "not started", cause: new Error("no") }, '"pass" cannot be started'],
  [{ status: "too large" }, '"pass" printed more than 64 KiB'],
  [{ status: "timed out" }, '"pass" has not ended within 120 seconds'],
  ["", '"pass" printed nothing'],
  [" \n\t\n", '"pass" printed nothing'],
  [
    `${CANARY}\nuser: x\n`,
    '"pass" printed more than one line',
    "have it print the value alone; in a shell script, head -n 1 takes the first line",
  ],
  [bytes(0x68, 0xff), '"pass" printed something that is not UTF-8 text'],
];

for (const [outcome, said, help] of FAILURES) {
  Deno.test(`secrets: a command fails with its place and its name alone: ${said}`, async () => {
    const text = CONFIG.replaceAll("pass show dav", `pass show ${CANARY}`);
    const outcomes = { ...OUTCOMES, [`pass show ${CANARY}`]: outcome };
    await assert.rejects(resolve(text, outcomes, "main"), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(
        plainText(renderError(error)),
        `error: the password of the storage "server": ${said}
  --> /etc/d.conf:19:5
   |
19 |     cmd pass [redacted]
   |     ^^^
${help === undefined ? "" : `help: ${help}\n`}`,
      );
      assert.ok(!Deno.inspect(error, { depth: 9 }).includes(CANARY));
      if (typeof outcome === "object" && outcome.status === "not started") {
        assert.equal(error.cause, outcome.cause);
      }
      return true;
    });
  });
}

Deno.test("secrets: a failing script is named without its words", async () => {
  const text = CONFIG.replace("echo   https://dav.example.com/", `echo ${CANARY}`);
  const outcomes = {
    ...OUTCOMES,
    [`sh -c echo ${CANARY} | cat`]: { status: "failed", code: 1 } as const,
  };
  await assert.rejects(resolve(text, outcomes, "main"), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.equal(
      plainText(renderError(error)),
      `error: the url of the storage "server": the shell script ended with status 1
  --> /etc/d.conf:13:5
   |
13 |     shell [redacted]
   |     ^^^^^
`,
    );
    return true;
  });
});

Deno.test("secrets: nothing is run after the first failure", async () => {
  const { config, source } = await load(CONFIG);
  const { ran, run } = commands({ ...OUTCOMES, "where calendars": { status: "failed", code: 1 } });
  await assert.rejects(resolveSecrets(config, config.pairs, { env: HOME, signal, source, run }));
  assert.deepEqual(ran, ["where status", "where calendars"]);
});

Deno.test("secrets: what a command prints is checked like what is written", async () => {
  const cases: readonly (readonly [command: string, printed: string, said: string])[] = [
    [
      "where status",
      "status",
      'the status_path: this path is relative (begin it with "/" or "~/")',
    ],
    [
      "where calendars",
      "~bob/x",
      'the path of the storage "local": only "~/" is replaced in a path (write the whole path)',
    ],
    [
      "sh -c echo https://dav.example.com/ | cat",
      `ftp://u:${CANARY}@x/`,
      'the url of the storage "server": this is no http or https URL (begin it with "https://" or "http://")',
    ],
    [
      "sh -c echo https://dav.example.com/ | cat",
      `http://u:${CANARY}@x.example/`,
      'the url of the storage "server": http:// sends everything, the password too, for anyone on the way to read (use https://, or add "insecure" to this storage if that is meant)',
    ],
  ];
  for (const [command, printed, said] of cases) {
    await assert.rejects(resolve(CONFIG, { ...OUTCOMES, [command]: printed }, "main"), (error) => {
      assert.ok(error instanceof ConfigError);
      const [problem] = error.problems;
      assert.equal(`${problem?.message} (${problem?.help})`, said);
      assert.ok(problem?.at !== undefined);
      assert.ok(!plainText(renderError(error)).includes(CANARY));
      return true;
    });
  }
});

Deno.test("secrets: the time limit and the signal reach the command", async () => {
  const { config } = await load(CONFIG);
  const abort = new AbortController();
  const given: unknown[] = [];
  const run: RunCommand = (_, { timeout, limit, signal }) => {
    given.push([timeout, limit, signal === abort.signal]);
    return Promise.reject(new SyncError("stopped", { scope: "run", kind: "cancelled" }));
  };
  const options = { env: HOME, signal: abort.signal, run };
  await assert.rejects(resolveSecrets(config, config.pairs, { ...options, timeout: 5 }), SyncError);
  await assert.rejects(resolveSecrets(config, config.pairs, options), SyncError);
  assert.deepEqual(given, [[5, 65_536, true], [120_000, 65_536, true]]);
});

Deno.test("secrets: in part, a command that fails is run once, and stops its storages alone", async () => {
  const storage = (name: string, path: string) =>
    `storage ${name} {\n  type vdir/icalendar\n  path ${path}\n}\n`;
  const { config, source } = await load(
    storage("a", "{\n    cmd locked x\n  }") + storage("b", "/b") +
      storage("c", "{\n    cmd locked x\n  }") + storage("d", "/d") +
      "pair p {\n  storage_a a\n  storage_b b\n  collections all\n}\n" +
      "pair q {\n  storage_a c\n  storage_b d\n  collections all\n}\n",
  );
  const { ran, run } = commands({ "locked x": { status: "failed", code: 1 } });
  const found = await resolveInPart(config, config.pairs, { env: HOME, signal, source, run });
  assert.deepEqual(ran, ["locked x"]);
  assert.deepEqual([...found.storages.keys()], ["b", "d"]);
  assert.deepEqual([...found.failed].map(([name, error]) => `${name}: ${error.message}`), [
    'a: the path of the storage "a": "locked" ended with status 1',
    'c: the path of the storage "c": "locked" ended with status 1',
  ]);
});
