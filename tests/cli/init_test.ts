import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { init, type InitInvocation } from "../../lib/cli/commands/init.ts";
import type { Context } from "../../lib/cli/context.ts";
import type { Asker } from "../../lib/cli/init/asker.ts";
import { Screen } from "../../lib/cli/show/screen.ts";
import { textOf } from "../../lib/cli/show/text.ts";
import { UsageError } from "../../lib/cli/usage_error.ts";
import { loadConfig } from "../../lib/config/load.ts";
import { SyncError } from "../../lib/model/error.ts";
import { Secret } from "../../lib/model/secret.ts";
import { type DavServer, startDavServer } from "../support/dav_server.ts";
import { never } from "../support/dav_world.ts";
import { startRadicale } from "../support/servers/radicale.ts";
import { isInstalled } from "../support/servers/server.ts";
import { golden } from "./golden.ts";
import { runInside, withFolder } from "./inside.ts";

const PASSWORD = 'it\'s "canary" \\ #4711';

/** A home without a configuration, and a server with two calendars and an address book. */
async function atHome(test: (home: string, server: DavServer) => Promise<void>): Promise<void> {
  const server = startDavServer({ credentials: { username: "hugo", password: PASSWORD } });
  server.addCalendar("work").properties.set("{DAV:}displayname", "Work");
  server.addCalendar("family");
  server.addAddressbook("friends");
  try {
    await withFolder((home) => test(home, server));
  } finally {
    await server.close();
  }
}

interface Played {
  /** Everything that was said, asked and typed; secrets as stars. */
  readonly transcript: string;
  readonly out: string;
  /** What it came to, or what it threw. */
  readonly end: unknown;
}

/** Types these answers one after the other; a Secret where a password is asked for. */
async function play(
  home: string,
  answers: readonly (string | Secret)[],
  invocation: InitInvocation = {},
  env: Readonly<Record<string, string>> = {},
): Promise<Played> {
  let transcript = "";
  let out = "";
  const look = { color: false, unicode: true, live: false };
  const waiting = [...answers];
  const asker: Asker = {
    say: (words) => void (transcript += `${textOf(words)}\n`),
    line(question) {
      const answer = waiting.shift();
      transcript += `${question} ${answer ?? "(end)"}\n`;
      ok(!(answer instanceof Secret), `a password is not asked for: ${question}`);
      return Promise.resolve(answer);
    },
    secret(question) {
      const answer = waiting.shift();
      ok(answer === undefined || answer instanceof Secret, `a password is asked for: ${question}`);
      transcript += `${question} ${answer === undefined ? "(end)" : "***"}\n`;
      return Promise.resolve(answer);
    },
  };
  const all: Readonly<Record<string, string>> = { HOME: home, ...env };
  const context: Context = {
    screen: new Screen({
      out: { look, write: (text) => void (out += text) },
      err: { look, write: (text) => void (transcript += text) },
    }, { json: false }),
    verbose: 0,
    configFile: undefined,
    env: { get: (name) => all[name] },
    input: { isAnswered: () => true, line: () => Promise.resolve(undefined) },
    signal: never,
  };
  let end: unknown;
  try {
    end = await init(invocation, context, asker);
  } catch (thrown) {
    end = thrown;
  }
  context.screen.flush();
  deepStrictEqual(waiting, [], `not everything was asked for:\n${transcript}`);
  return { transcript, out, end };
}

/** The url of a server that is not there. */
function closed(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `http://127.0.0.1:${listener.addr.port}/`;
}

const usual = (home: string) => `${home}/.config/dovetail/dovetail.conf`;

/** A file with the password, and the command that prints it. */
async function kept(home: string, password = PASSWORD): Promise<string> {
  const file = `${home}/kept`;
  await Deno.writeTextFile(file, `${password}\n`, { mode: 0o600 });
  return `cat ${file}`;
}

/** Fails unless the file loads without a warning; gives its text. */
async function loads(home: string, file = usual(home)): Promise<string> {
  const env = { get: (name: string) => name === "HOME" ? home : undefined };
  deepStrictEqual((await loadConfig({ file, env })).warnings, []);
  return await Deno.readTextFile(file);
}

const modeOf = async (path: string) => ((await Deno.stat(path)).mode ?? 0) & 0o777;

Deno.test("what was answered is written down, and check and sync can use it", () =>
  atHome(async (home, server) => {
    const command = await kept(home);
    const { transcript, out, end } = await play(home, [
      "1",
      server.origin,
      "hugo",
      "1",
      command,
      "all",
      "",
      "",
      "",
      "y",
      "y",
    ]);
    strictEqual(end, 0, transcript);
    const shown = (text: string) =>
      text.replaceAll(home, "HOME").replaceAll(/:\d{4,5}\b/g, ":PORT");
    golden("init", shown(`${transcript}\n${out}\n${await loads(home)}`));
    deepStrictEqual(
      await Promise.all([
        usual(home),
        `${home}/.local/share/calendars`,
        `${home}/.local/share/contacts`,
      ].map(modeOf)),
      [0o600, 0o700, 0o700],
    );
    const checked = await runInside(["check"], { env: { HOME: home } });
    deepStrictEqual([checked.code, checked.err], [0, ""], checked.out);
    ok(!/^(warning|failure)/m.test(checked.out), checked.out);
    strictEqual((await runInside(["sync", "-y"], { env: { HOME: home } })).code, 0);
    const made = [...Deno.readDirSync(`${home}/.local/share/calendars`)].map((it) => it.name);
    deepStrictEqual(made.sort(), ["family", "work"]);
  }));

Deno.test("a typed password is written where only its owner may read it, and not shown", () =>
  atHome(async (home, server) => {
    const { transcript, out, end } = await play(home, [
      "2",
      server.origin,
      "hugo",
      "2",
      new Secret(""),
      new Secret("two\nlines"),
      new Secret(PASSWORD),
      "1",
      "~/mine",
      "y",
    ]);
    strictEqual(end, 0, transcript);
    ok(!(transcript + out).includes("canary"));
    const text = await loads(home);
    ok(text.includes("canary"));
    match(text, /^ {2}collection family$/m);
    ok(!text.includes("collections all"));
    strictEqual(await modeOf(usual(home)), 0o600);
    const checked = await runInside(["check"], { env: { HOME: home } });
    strictEqual(checked.code, 0, checked.out);
    ok(!/^(warning|failure)/m.test(checked.out), checked.out);
  }));

Deno.test("a password that is typed each time is tried, and not written", () =>
  atHome(async (home, server) => {
    const answers = ["3", server.origin, "hugo", "3", new Secret(PASSWORD), "all", "", "n"];
    const { transcript, end } = await play(home, answers);
    strictEqual(end, 0, transcript);
    const text = await loads(home);
    match(text, /^ {2}password \{\n {4}prompt\n {2}\}$/m);
    ok(!text.includes("canary"));
    match(transcript, /^~\/\.local\/share\/contacts has to be there before the first run$/m);
    strictEqual(await Deno.stat(`${home}/.local/share`).catch(() => "nothing"), "nothing");
  }));

Deno.test({
  name: "the same on Radicale, whose new account has nothing yet",
  ignore: !isInstalled("radicale"),
  fn: () =>
    withFolder(async (home) => {
      const radicale = await startRadicale();
      try {
        const command = await kept(home, radicale.password);
        const { transcript, end } = await play(home, [
          "1",
          `${radicale.url}/`,
          radicale.username,
          "1",
          command,
          "",
          "",
          "y",
          "y",
        ]);
        strictEqual(end, 0, transcript);
        match(transcript, /^There are no calendars on the server yet\.$/m);
        await loads(home);
        const checked = await runInside(["check"], { env: { HOME: home } });
        deepStrictEqual([checked.code, checked.err], [0, ""], checked.out);
        ok(!/^(warning|failure)/m.test(checked.out), checked.out);
        await Deno.mkdir(`${home}/.local/share/calendars/work`);
        const synced = await runInside(["sync", "-y"], { env: { HOME: home } });
        strictEqual(synced.code, 0, synced.err);
        const again = await runInside(["check"], { env: { HOME: home } });
        match(again.out, /^ok {7}storage calendars-there: 1 collection$/m);
      } finally {
        await radicale.stop();
      }
    }),
});

Deno.test("what is wrong is asked again: the server, the login, the command, the folder", () =>
  atHome(async (home, server) => {
    const command = await kept(home);
    await Deno.writeTextFile(`${home}/file`, "");
    const { transcript, end } = await play(home, [
      "7",
      "2",
      "",
      "hugo@gmail.com",
      "webcal://feeds.example.com/x.ics",
      "http://dav.example.com/",
      "y",
      closed(),
      "",
      // Nobody answers there: another server is the likeliest way out.
      "1",
      server.origin.replace("http://", "http://someone:else@"),
      "",
      "1",
      "",
      "printf %s wrong",
      // The password was refused: the login is.
      "1",
      "hugo",
      "1",
      "false | true; exit 3",
      "1",
      "hugo",
      "1",
      command,
      "9",
      "work",
      "1, 2 1",
      "relative",
      "~/file",
      "~/calendars/",
      "y",
    ]);
    strictEqual(end, 0, transcript);
    match(transcript, /Google lets programs in by OAuth 2 alone/);
    match(transcript, /the address of a feed/);
    match(transcript, /error: calendars: .*127\.0\.0\.1:\d+.*\n(?: .*\n)?What now/);
    match(transcript, /User name \[someone\]/);
    match(transcript, /The command: *\n.*name a program\.\nThe command: printf/);
    match(transcript, /error: calendars: .*401/);
    match(transcript, /error: the password .* ended with status 3/);
    match(transcript, /this path is relative/);
    match(transcript, /There is something at ~\/file that is no folder/);
    const text = await loads(home);
    ok(text.includes(`  url ${server.origin}/\n`), text);
    deepStrictEqual(text.match(/^ {2}collection .*$/gm), [
      "  collection family",
      "  collection work",
    ]);
  }));

Deno.test("http to another machine is written down only where it was meant", () =>
  atHome(async (home, server) => {
    const command = await kept(home);
    // Another name of this machine, which is none of those that mean this machine for certain.
    const url = server.origin.replace("127.0.0.1", "0.0.0.0");
    const answers = ["2", url, "n", "hugo", "1", command, "all", "", "y"];
    const { transcript, end } = await play(home, answers);
    strictEqual(end, 0, transcript);
    match(await loads(home), /^ {2}insecure$/m);
  }));

Deno.test("a server with calendars alone is good for calendars", () =>
  atHome(async (home, server) => {
    server.quirks = {
      fault: ({ text }) =>
        text.includes("addressbook") ? new Response("no such thing", { status: 404 }) : undefined,
    };
    const command = await kept(home);
    const answers = ["1", server.origin, "hugo", "1", command, "1", "all", "", "y"];
    const { transcript, end } = await play(home, answers);
    strictEqual(end, 0, transcript);
    match(transcript, /error: contacts: .* has nothing there/);
    match(transcript, / 1 {2}go on with calendars alone/);
    ok(!(await loads(home)).includes("carddav"));
  }));

Deno.test("what cannot be reached now can be written down all the same", () =>
  withFolder(async (home) => {
    const answers = ["2", closed(), "hugo", "1", "pass show x", "3", "", "y"];
    const { transcript, end } = await play(home, answers);
    strictEqual(end, 0, transcript);
    match(await loads(home), /^ {4}cmd pass show x$/m);
  }));

Deno.test("programs that keep passwords are offered where they are there", () =>
  withFolder(async (home) => {
    await Deno.mkdir(`${home}/bin`);
    await Deno.writeTextFile(`${home}/bin/pass`, "#!/bin/sh\n", { mode: 0o755 });
    await Deno.writeTextFile(`${home}/bin/secret-tool`, "no program", { mode: 0o644 });
    const env = { PATH: `${home}/bin` };
    const { transcript, end } = await play(home, ["2", closed(), "hugo"], {}, env);
    ok(end instanceof SyncError && end.kind === "cancelled");
    match(
      transcript,
      / 1 {2}the command "pass show 127\.0\.0\.1:\d+" .*: pass insert 127\.0\.0\.1:\d+\)/,
    );
    ok(!transcript.includes("secret-tool"));
  }));

Deno.test("a file that is there stays as it is, and another name is asked for", () =>
  atHome(async (home, server) => {
    await Deno.mkdir(`${home}/.config/dovetail`, { recursive: true });
    const other = `${home}/.config/dovetail/dovetail.toml`;
    await Deno.writeTextFile(other, "mine");
    const command = await kept(home);
    const { transcript, out, end } = await play(home, [
      "",
      "~/new.toml",
      "~/new.conf",
      "2",
      server.origin,
      "hugo",
      "1",
      command,
      "all",
      "~/calendars",
      "y",
    ]);
    strictEqual(end, 0, transcript);
    match(transcript, /dovetail\.toml is there already, and stays as it is/);
    match(transcript, /new\.toml would be read as TOML/);
    strictEqual(await Deno.readTextFile(other), "mine");
    await loads(home, `${home}/new.conf`);
    match(out, /^dovetail -c \S+\/new\.conf check /);
  }));

Deno.test("where nobody answers nothing is written", () =>
  withFolder(async (home) => {
    for (const answers of [[], ["2"], ["2", "dav.example.com", "hugo", "2"]]) {
      const { end } = await play(home, answers);
      ok(end instanceof SyncError && end.kind === "cancelled");
    }
    deepStrictEqual([...Deno.readDirSync(home)], []);
    const { code, err } = await runInside(["init"], { env: { HOME: home } });
    strictEqual(code, 3);
    match(err, /^error: init asks questions, and there is no terminal to ask them on\.\nhelp: /);
  }));

Deno.test("with the server on the command line nothing is asked", () =>
  atHome(async (home, server) => {
    const passwordCmd = await kept(home);
    const said = { url: server.origin, username: "hugo", passwordCmd } as const;
    const { out, end } = await play(home, [], said);
    strictEqual(end, 0);
    strictEqual(out.split("\n").length, 3);
    const text = await loads(home);
    match(text, /type caldav/);
    match(text, /type carddav/);
    strictEqual((await runInside(["check"], { env: { HOME: home } })).code, 0);
    const again = await play(home, [], said);
    ok(again.end instanceof UsageError);
    match(again.end.message, /dovetail\.conf is there already, and stays as it is/);
    strictEqual(await Deno.readTextFile(usual(home)), text);
  }));

Deno.test("what the command line says is tried, and why it does not work is said", () =>
  atHome(async (home, server) => {
    const passwordCmd = await kept(home);
    const wrong: readonly (readonly [said: RegExp, number, InitInvocation])[] = [
      [/error: calendars: .*401/, 4, { url: server.origin, passwordCmd: "printf %s wrong" }],
      [/error: calendars: /, 4, { url: closed(), passwordCmd }],
      [/error: the password .* ended with status 3/, 3, {
        url: server.origin,
        passwordCmd: "false | true; exit 3",
      }],
    ];
    for (const [at, [said, status, invocation]] of wrong.entries()) {
      const { transcript, end } = await play(home, [], {
        ...invocation,
        username: "hugo",
        file: `${home}/${at}.conf`,
      });
      strictEqual(end, status);
      match(transcript, said);
      ok((await Deno.stat(`${home}/${at}.conf`)).isFile, "it is written all the same");
    }
  }));

Deno.test("mistakes in what is said on the command line are refused", () =>
  withFolder(async (home) => {
    const mistakes: readonly InitInvocation[] = [
      { username: "hugo" },
      { url: "not an url" },
      { url: "https://hugo:secret@dav.example.com/" },
      { url: "http://dav.example.com/" },
      { url: "hugo@gmail.com" },
      { url: "dav.example.com", username: "a\u0007b" },
      { url: "dav.example.com", file: `${home}/x.toml` },
    ];
    for (const mistake of mistakes) {
      ok((await play(home, [], mistake)).end instanceof UsageError, JSON.stringify(mistake));
    }
    deepStrictEqual([...Deno.readDirSync(home)], []);
    const { end } = await play(home, [], { url: "hugo@example.com", type: "contacts" });
    strictEqual(end, 0);
    const text = await loads(home);
    match(text, /url https:\/\/example\.com\/\n {2}username hugo@example\.com\n/);
    await rejects(Deno.stat(`${home}/.local/share/calendars`), Deno.errors.NotFound);
  }));
