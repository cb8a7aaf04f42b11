/** Asks who to log in as, and how the password is had. */

import { isWritable } from "../../import/write_scfg.ts";
import { cancelled } from "../../model/error.ts";
import type { Secret } from "../../model/secret.ts";
import { line } from "../show/text.ts";
import type { Login, PasswordWay, Place } from "./answers.ts";
import { type Asker, askFor, askWhich, type Choice } from "./asker.ts";

/** Whether there is a program of that name. */
export type HasProgram = (name: string) => Promise<boolean>;

/** Asks for all of a login; undefined where nobody is to be logged in. */
export async function askLogin(
  asker: Asker,
  place: Place,
  hasProgram: HasProgram,
  preset = place.username,
): Promise<Login | undefined> {
  const question = preset === undefined ? "User name (Enter alone for none)" : "User name";
  const username = await writable(asker, () => askFor(asker, question, preset));
  if (username === "") return undefined;
  const way = await askWhich(
    asker,
    "How is the password had?",
    await waysFor(place.host, username, hasProgram),
  );
  switch (way) {
    case "own": {
      const text = await askCommand(asker);
      return { username, password: commandOf(text) };
    }
    case "text": {
      const password = await askPassword(asker);
      return { username, password: { kind: "text", password }, typed: password };
    }
    case "prompt":
      asker.say(line`It is asked for now too, to try it.`);
      return { username, password: { kind: "prompt" }, typed: await askPassword(asker) };
    default:
      return { username, password: way.password };
  }
}

type Way = "own" | "text" | "prompt" | { readonly password: PasswordWay };

/** The best first: programs that keep passwords, as far as they are there. */
async function waysFor(
  host: string,
  username: string,
  hasProgram: HasProgram,
): Promise<readonly Choice<Way>[]> {
  const keepers = KEEPERS.map(({ show, store }) => ({
    show: show(host, username),
    store: store(host, username),
  }));
  const there = await Promise.all(keepers.map(({ show: [program = ""] }) => hasProgram(program)));
  return [
    ...keepers.filter((_, index) => there[index]).map(({ show, store }): Choice<Way> => ({
      words: line`the command "${show.join(" ")}" (if it is not kept there yet: ${store})`,
      value: { password: { kind: "cmd", argv: show } },
    })),
    { words: line`another command that prints it`, value: "own" },
    {
      words: line`typed now, and kept in the configuration, which only you may read`,
      value: "text",
    },
    {
      words: line`typed each time; a run without a terminal is not possible then`,
      value: "prompt",
    },
  ];
}

interface Keeper {
  readonly show: (host: string, username: string) => readonly string[];
  /** The command line that puts a password there, which asks for it. */
  readonly store: (host: string, username: string) => string;
}

const KEEPERS: readonly Keeper[] = [
  {
    show: (host) => ["pass", "show", host],
    store: (host) => `pass insert ${host}`,
  },
  {
    show: (host, username) => ["secret-tool", "lookup", "service", host, "username", username],
    store: (host, username) =>
      `secret-tool store --label=dovetail service ${host} username ${username}`,
  },
  {
    show: (
      host,
      username,
    ) => ["security", "find-generic-password", "-s", host, "-a", username, "-w"],
    store: (host, username) => `security add-generic-password -s ${host} -a ${username} -w`,
  },
];

/** A command line as it was typed. What only a shell understands is given to one. */
export function commandOf(text: string): PasswordWay {
  if (/[|&;<>$`"'\\*?()[\]{}~#]/.test(text)) return { kind: "shell", script: text };
  return { kind: "cmd", argv: text.split(/\s+/).filter((word) => word !== "") };
}

/** An end of all input looks like nothing typed: so many times it is taken for that. */
const TRIES = 5;

async function askPassword(asker: Asker): Promise<Secret> {
  for (let tries = 0; tries < TRIES; tries++) {
    const password = await asker.secret("Password:");
    if (password === undefined) break;
    const text = password.reveal();
    if (text !== "" && isWritable(text)) return password;
    if (text !== "") asker.say(UNWRITABLE);
  }
  throw cancelled();
}

const UNWRITABLE = line`It has characters in it that cannot be written into a configuration.`;

async function askCommand(asker: Asker): Promise<string> {
  for (;;) {
    const text = await writable(asker, () => askFor(asker, "The command"));
    if (text !== "") return text;
    asker.say(line`It is run, and has to print the password: name a program.`);
  }
}

async function writable(asker: Asker, ask: () => Promise<string>): Promise<string> {
  for (;;) {
    const text = await ask();
    if (isWritable(text)) return text;
    asker.say(UNWRITABLE);
  }
}
