/** `dovetail mirror LOCATION`, `dovetail backup LOCATION`: dsync's two commands. */

import { withFullListing } from "../../../adapters/with_full_listing.ts";
import type { Loaded } from "../../config/load.ts";
import { defaultStatusPath } from "../../config/paths.ts";
import { resolveSecrets } from "../../config/secrets.ts";
import { openBoard } from "../board.ts";
import { talkOf } from "../configuration.ts";
import type { Context } from "../context.ts";
import { configFiles, loadedConfig } from "../dsync/config_files.ts";
import { destinationOf, locationOf } from "../dsync/destination.ts";
import { configuredLocation, type FirstLocation } from "../dsync/first_location.ts";
import { withPlaces } from "../dsync/first_time.ts";
import { mailboxNamed } from "../dsync/mailbox.ts";
import { configOf } from "../dsync/places.ts";
import { readSettings, type Settings } from "../dsync/settings.ts";
import { storageOf } from "../dsync/storages.ts";
import { become, findUser, ownName, type User } from "../dsync/user.ts";
import type { ExitStatus } from "../exit.ts";
import { sayStopped } from "../interrupt.ts";
import { type Opened, openStorages } from "../open.ts";
import type { InvocationOf } from "../parser.ts";
import { NO_ALLOWANCES } from "../policy.ts";
import { finishPair, type PairReady, type PairRun, preparePair } from "../run_pair.ts";
import { line, styled } from "../show/text.ts";
import { UsageError } from "../usage_error.ts";

type Options = InvocationOf<"mirror"> | InvocationOf<"backup">;

export async function mirror(options: Options, given: Context): Promise<ExitStatus> {
  const { command, dryRun, full, mailbox, reverse } = options;
  const settings = readSettings(options.settings);
  const location = destinationOf(options.location);
  const { dovecotConfig, ...files } = await configFiles(given);
  const user = options.user === undefined
    ? undefined
    : await findUser(options.user, dovecotConfig, given.signal);
  if (user !== undefined) become(user);
  const context = contextOf({ ...given, ...files }, options, user);
  const { screen, signal, env } = context;
  warnOfIgnored(settings, context);
  const loaded = await loadedConfig(context);
  const first = await firstLocation(settings, user, loaded, dovecotConfig, signal);
  const common = {
    owner: ownerOf(settings, user, context),
    config: loaded?.config,
    altChar: altCharOf(options.altChar ?? settings.altChar),
    passwordCommand: settings.passwordCommand,
  };
  const firstStorage = storageOf({
    ...common,
    ...first,
    location: locationOf(first.text, first.what),
  });
  const config = configOf({
    command,
    reverse,
    first: firstStorage,
    second: storageOf({ ...common, location, text: options.location.join(" "), what: "LOCATION" }),
  }, loaded?.config.statusPath ?? { kind: "text", value: statusPathOf(context) });
  const [pair] = config.pairs;
  const resolved = await resolveSecrets(config, config.pairs, { env, signal });
  // A copy has the numbers of what it is a copy of, and so these have to be there for good.
  const assign = dryRun ? "pretend" : "always";
  const opened = await openStorages(resolved, talkOf(context), { assign });
  const board = openBoard(screen, context.verbose > 0);
  try {
    const run: PairRun = {
      context,
      resolved,
      opened: await withPlaces(full ? withoutCursors(opened) : opened, resolved, pair),
      board,
      dryRun,
      allow: { ...NO_ALLOWANCES, empty: options.allowEmpty },
      mustAsk: () => false,
    };
    const only = mailbox === undefined ? {} : { only: [mailboxNamed(mailbox, firstStorage)] };
    const chosen = { pair, ...only };
    const ready = withoutMailbox(await preparePair(run, chosen), mailbox);
    const { exit } = await finishPair(run, chosen, ready);
    screen.object({ type: "total", pairs: 1, dryRun, exit });
    if (signal.aborted && exit === 130) sayStopped(screen);
    return exit;
  } finally {
    board.close();
    await opened.close();
  }
}

/** With `-D` as much is said as can be; another user has another home. */
function contextOf(context: Context, { debug }: Options, user: User | undefined): Context {
  const { env } = context;
  const own: Readonly<Record<string, string | undefined>> = user === undefined ? {} : {
    HOME: user.home,
    USER: user.name,
    // Those of whoever started this.
    XDG_CONFIG_HOME: undefined,
    XDG_DATA_HOME: undefined,
  };
  return {
    ...context,
    verbose: debug ? Math.max(2, context.verbose) : context.verbose,
    env: { get: (name) => name in own ? own[name] : env.get(name) },
  };
}

async function firstLocation(
  { mailLocation }: Settings,
  user: User | undefined,
  loaded: Loaded | undefined,
  dovecotConfig: string | undefined,
  signal: AbortSignal,
): Promise<FirstLocation> {
  if (mailLocation !== undefined) return { text: mailLocation, what: "mail_location" };
  if (user?.mailLocation !== undefined) {
    return { text: user.mailLocation, what: `mail of ${user.name}` };
  }
  return await configuredLocation(loaded, dovecotConfig, signal);
}

function ownerOf({ mailHome }: Settings, user: User | undefined, { env }: Context) {
  const home = mailHome ?? env.get("HOME");
  const name = user?.name ?? env.get("USER") ?? env.get("LOGNAME") ?? ownName();
  return { ...(home !== undefined && { home }), ...(name !== undefined && { user: name }) };
}

function altCharOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (/^[\x21-\x7e]$/.test(text) && !"/.~%*&\\\"'".includes(text)) return text;
  throw new UsageError(`-C takes one character, like "_" or "-", not "${text}".`, []);
}

function statusPathOf({ env }: Context): string {
  const path = defaultStatusPath(env);
  if (path !== undefined) return path;
  throw new UsageError("There is no place for the status: $HOME is not set.", []);
}

function warnOfIgnored({ ignored }: Settings, { screen }: Context): void {
  for (const name of ignored) {
    screen.say(line`${styled("warning", "warning:")} the setting ${name} has no effect here`);
  }
}

const withoutCursors = (opened: Opened): Opened => ({
  ...opened,
  sides(pair) {
    const { a, b } = opened.sides(pair);
    return { a: withFullListing(a), b: withFullListing(b) };
  },
});

/** Whoever names a mailbox here knows of no pair. */
function withoutMailbox(ready: PairReady, mailbox: string | undefined): PairReady {
  if (ready.state !== "failed" || !(ready.error instanceof UsageError)) return ready;
  const error = new UsageError(`Neither place has a mailbox "${mailbox ?? ""}".`, [
    "Its name is written with slashes between its parts: Archive/2026",
  ]);
  return { state: "failed", error };
}
