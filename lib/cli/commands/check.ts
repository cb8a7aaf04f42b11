/** `dovetail check`: is the configuration right, and can every storage be used? */

import { asSyncError, type SyncError } from "../../model/error.ts";
import { type Storage } from "../../model/storage.ts";
import { readConfiguration, requestLog, resolveChosen } from "../configuration.ts";
import type { Context } from "../context.ts";
import { combined, exitOfError, type ExitStatus } from "../exit.ts";
import { openStorages } from "../open.ts";
import type { InvocationOf } from "../parser.ts";
import { choose } from "../select.ts";
import { counted } from "../show/count.ts";
import { causesOf, messageOf } from "../show/errors.ts";
import { errorFields } from "../show/json.ts";
import type { Screen } from "../show/screen.ts";
import { faint, line, plain, type Style, styled } from "../show/text.ts";
import { wrapped } from "../show/wrap.ts";

type State = "ok" | "warning" | "failure";

interface Finding {
  readonly state: State;
  readonly subject: "configuration" | "storage";
  readonly name: string;
  readonly message: string;
  readonly error?: SyncError;
  readonly hint?: string;
}

export async function check(
  { pairs }: InvocationOf<"check">,
  context: Context,
): Promise<ExitStatus> {
  const { screen, signal } = context;
  const loaded = await readConfiguration(context);
  const chosen = choose(loaded.config, pairs);
  show(screen, configurationFinding(loaded.config.file, loaded.warnings.length, chosen.length));
  const resolved = await resolveChosen(loaded, chosen, context);
  const opened = await openStorages(resolved, requestLog(context));
  try {
    // All are asked at once; what they say is shown in their order, as soon as it can be.
    const findings = opened.all().map((storage) => checkStorage(storage, signal));
    const statuses: ExitStatus[] = [];
    for await (const finding of findings) {
      signal.throwIfAborted();
      show(screen, finding);
      screen.flush();
      if (finding.error !== undefined) statuses.push(exitOfError(finding.error));
    }
    return combined(statuses);
  } finally {
    await opened.close();
  }
}

function configurationFinding(file: string, warnings: number, pairs: number): Finding {
  return {
    state: warnings > 0 ? "warning" : "ok",
    subject: "configuration",
    name: file,
    message: [
      counted(pairs, "pair"),
      ...(warnings > 0 ? [`${counted(warnings, "warning")}, see above`] : []),
    ].join(", "),
  };
}

/** Throws nothing: whatever is thrown is what was found. */
async function checkStorage(storage: Storage, signal: AbortSignal): Promise<Finding> {
  const { name } = storage;
  try {
    await storage.check(signal);
    const found = await storage.collections(signal);
    const { readOnly } = storage.capabilities;
    return {
      state: "ok",
      subject: "storage",
      name,
      message: counted(found.length, "collection") + (readOnly ? ", read only" : ""),
    };
  } catch (thrown) {
    const error = asSyncError(thrown, "storage");
    return {
      state: "failure",
      subject: "storage",
      name,
      message: error.message,
      error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    };
  }
}

const STYLES: Readonly<Record<State, Style>> = {
  ok: "good",
  warning: "warning",
  failure: "failure",
};

const WIDEST_STATE = "warning".length;

function show(screen: Screen, { state, subject, name, message, error, hint }: Finding): void {
  const look = screen.outLook;
  const head = [
    styled(STYLES[state], state.padEnd(WIDEST_STATE)),
    plain(`  ${subject} `),
    styled("name", name),
    plain(": "),
  ];
  for (const it of wrapped(head, message, look)) screen.print(it);
  for (const cause of error === undefined ? [] : causesOf(error)) {
    screen.print(line`           ${faint("because:")} ${messageOf(cause)}`);
  }
  if (hint !== undefined) {
    for (const it of wrapped([faint("           help: ")], hint, look)) screen.print(it);
  }
  screen.object({
    type: "check",
    subject,
    name,
    state,
    message,
    hint,
    ...(error === undefined ? {} : { error: errorFields(error) }),
  });
}
