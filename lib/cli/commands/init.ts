/** `dovetail init`: asks what is to be kept in step, tries it, and writes the configuration. */

import { resolve } from "node:path";
import type { ItemKind } from "../../config/config.ts";
import { absolutePath, configCandidates } from "../../config/paths.ts";
import { ConfigError } from "../../config/problem.ts";
import { isWritable } from "../../import/write_scfg.ts";
import { SyncError } from "../../model/error.ts";
import type { Context } from "../context.ts";
import { combined, exitOfError, type ExitStatus } from "../exit.ts";
import type { InvocationOf } from "../parser.ts";
import type { Answers, PasswordWay } from "../init/answers.ts";
import { type Asker, askFor, askYes } from "../init/asker.ts";
import { configurationText } from "../init/configuration_text.ts";
import { defaultFolder, interview, sayFaults } from "../init/interview.ts";
import { writeNewFile } from "../init/new_file.ts";
import { commandOf } from "../init/password.ts";
import { readPlace } from "../init/place.ts";
import { probeWith } from "../init/probe.ts";
import { terminalAsker } from "../init/terminal_asker.ts";
import { shellWord } from "../shell_word.ts";
import { faint, line, name } from "../show/text.ts";
import { UsageError } from "../usage_error.ts";

export interface InitInvocation {
  /** Where it is written; without it, where a configuration is looked for. */
  readonly file?: string | undefined;
  /** The server: an address, a host or an URL. With it nothing is asked. */
  readonly url?: string | undefined;
  readonly type?: InvocationOf<"init">["type"] | undefined;
  readonly username?: string | undefined;
  /** The command that prints the password. */
  readonly passwordCmd?: string | undefined;
}

/** `asker`: who answers; without one, the person at the terminal. */
export async function init(
  invocation: InitInvocation,
  context: Context,
  asker: Asker | undefined = context.input.isAnswered() ? terminalAsker(context) : undefined,
): Promise<ExitStatus> {
  const { env, screen } = context;
  const usual = configCandidates(env)[0];
  const wanted = invocation.file ?? context.configFile ?? usual;
  if (wanted === undefined) {
    throw new UsageError("It is not known where to write: $HOME is not set.", ["Name a file."]);
  }
  const given = answersOf(invocation, context);
  const person = given === undefined ? asker : undefined;
  const path = await freePath(
    resolve(wanted),
    usual,
    context,
    person,
  );
  const answers = given ?? await askAll(person, context);
  await writeNewFile(path, configurationText(answers));
  screen.say(line`wrote ${name(path)}, for you alone to read and write`);
  await makeFolders(answers, context, person);
  // Who was asked has seen it work, or wanted it all the same.
  const exit = given === undefined ? 0 : await tried(given, context);
  const option = path === usual ? "" : ` -c ${shellWord(path)}`;
  screen.print(line`dovetail${option} check    ${faint("looks at all of it once more")}`);
  screen.print(line`dovetail${option} sync -n  ${faint("shows what the first run would do")}`);
  return exit;
}

/** Tries what the command line said, as far as that can be done without anybody to ask. */
async function tried(answers: Answers, context: Context): Promise<ExitStatus> {
  const { screen } = context;
  if (answers.login?.password.kind === "prompt") {
    screen.say(line`it was not tried: the password is asked for in each run`);
    return 0;
  }
  const probed = await probeWith(context)(answers);
  sayFaults(screen, probed);
  if (probed instanceof ConfigError) return 3;
  return combined([...probed.values()].map((it) => it instanceof SyncError ? exitOfError(it) : 0));
}

async function askAll(person: Asker | undefined, context: Context): Promise<Answers> {
  if (person === undefined) {
    throw new UsageError("init asks questions, and there is no terminal to ask them on.", [
      "Run it on a terminal; or say everything at once: dovetail init --url URL --username NAME " +
      "--password-cmd COMMAND",
    ]);
  }
  const { env } = context;
  return await interview(person, {
    env,
    hasProgram: (program) => isOnPath(program, env.get("PATH") ?? ""),
    lookAt,
    probe: probeWith(context),
  });
}

/** What the command line says, if it says where the server is. */
function answersOf(
  { url, type = "both", username, passwordCmd }: InitInvocation,
  { env }: Context,
): Answers | undefined {
  if (url === undefined) {
    if (username === undefined && passwordCmd === undefined) return undefined;
    throw new UsageError("There is no server to log in to.", ["Say which with --url."]);
  }
  const read = readPlace(url);
  if ("problem" in read) {
    throw new UsageError(`--url: ${read.problem}.`, read.help === undefined ? [] : [read.help]);
  }
  if (URL.canParse(url) && new URL(url).password !== "") {
    throw new UsageError("--url: a password in it could be read by everybody on this machine.", [
      "--password-cmd names a command that prints it.",
    ]);
  }
  if (read.exposed) {
    throw new UsageError("--url: http:// sends the password for anyone on the way to read.", [
      "Use https://.",
    ]);
  }
  const { place } = read;
  const user = username ?? place.username;
  const password: PasswordWay = passwordCmd === undefined
    ? { kind: "prompt" }
    : commandOf(passwordCmd);
  if (![user ?? "", passwordCmd ?? ""].every(isWritable)) {
    throw new UsageError("There are characters that cannot be written into a configuration.", []);
  }
  const kinds: readonly ItemKind[] = type === "both"
    ? ["calendar", "contacts"]
    : [type === "calendars" ? "calendar" : "contacts"];
  return {
    place,
    ...(user === undefined ? {} : { login: { username: user, password } }),
    halves: kinds.map((kind) => ({ kind, path: defaultFolder(kind, env), collections: "all" })),
  };
}

/** A path where there is nothing yet: the wanted one, or another that is asked for. */
async function freePath(
  wanted: string,
  usual: string | undefined,
  { env }: Context,
  asker: Asker | undefined,
): Promise<string> {
  for (let path = wanted;;) {
    const taken = await inTheWay(path, usual, env);
    if (taken === undefined) return path;
    if (asker === undefined) throw new UsageError(`${taken}.`, ["Name another file."]);
    asker.say(line`${taken}.`);
    const answer = await askFor(asker, "Another file to write to");
    const read = absolutePath(answer, env);
    path = "path" in read ? read.path : answer === "" ? path : resolve(answer);
  }
}

/** Why nothing can be written to that path. */
async function inTheWay(
  path: string,
  usual: string | undefined,
  env: Context["env"],
): Promise<string | undefined> {
  if (path.toLowerCase().endsWith(".toml")) {
    return `${path} would be read as TOML, and init writes scfg`;
  }
  // The other file that is looked for would no longer be read.
  const others = path === usual ? configCandidates(env) : [path];
  for (const other of others) {
    if (await lookAt(other) !== "nothing") return `${other} is there already, and stays as it is`;
  }
  return undefined;
}

async function lookAt(path: string): Promise<"nothing" | "folder" | "something else"> {
  try {
    return (await Deno.stat(path)).isDirectory ? "folder" : "something else";
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) return "something else";
    return await isDeadLink(path) ? "something else" : "nothing";
  }
}

const isDeadLink = (path: string): Promise<boolean> =>
  Deno.lstat(path).then(() => true, () => false);

async function makeFolders(
  { halves }: Answers,
  { env, screen }: Context,
  asker: Asker | undefined,
): Promise<void> {
  for (const { path: written } of halves) {
    const read = absolutePath(written, env);
    if ("problem" in read || await lookAt(read.path) !== "nothing") continue;
    if (asker !== undefined && !await askYes(asker, `Make the folder ${written}?`)) {
      screen.say(line`${written} has to be there before the first run`);
      continue;
    }
    await Deno.mkdir(read.path, { recursive: true, mode: 0o700 });
    screen.say(line`made ${name(read.path)}`);
  }
}

async function isOnPath(program: string, path: string): Promise<boolean> {
  for (const folder of path.split(":")) {
    if (!folder.startsWith("/")) continue;
    try {
      const { isFile, mode } = await Deno.stat(`${folder}/${program}`);
      if (isFile && ((mode ?? 0) & 0o111) !== 0) return true;
    } catch {
      // It is not in this folder, or nobody may look.
    }
  }
  return false;
}
