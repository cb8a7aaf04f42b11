/** The answers as a configuration. */

import type { ItemKind } from "../../config/config.ts";
import { quote } from "../../import/write_scfg.ts";
import type { Answers, Half, Login, Place } from "./answers.ts";
import { PLURAL } from "./answers.ts";

/** What the storages of a kind are called. */
export const storageNames = (
  kind: ItemKind,
): { readonly here: string; readonly there: string } => ({
  here: `${PLURAL[kind]}-here`,
  there: `${PLURAL[kind]}-there`,
});

/** The text, in scfg, with the password in it if that is where it is kept. */
export function configurationText({ place, login, halves }: Answers): string {
  const shared = login !== undefined && halves.length > 1;
  return [
    ...remark('Made by "dovetail init". "dovetail help config" tells of all that may stand here.'),
    "",
    ...shared
      ? [...remark("The login that both storages on the server use."), ...authBlock(login), ""]
      : [],
    ...halves.flatMap((half) => [...halfLines(half, place, shared ? "shared" : login), ""]),
  ].slice(0, -1).map((line) => `${line}\n`).join("");
}

const remark = (text: string): readonly string[] => [`# ${text}`];

const words = (...all: readonly string[]): string => all.map(quote).join(" ");

const block = (head: string, lines: readonly string[]): readonly string[] => [
  `${head} {`,
  ...lines.map((line) => `  ${line}`),
  "}",
];

const SHARED = "server";

const authBlock = (login: Login): readonly string[] =>
  block(words("auth", SHARED), loginLines(login));

function loginLines({ username, password }: Login): readonly string[] {
  const name = words("username", username);
  switch (password.kind) {
    case "text":
      return [name, words("password", password.password.reveal())];
    case "cmd":
      return [name, ...block("password", [words("cmd", ...password.argv)])];
    case "shell":
      return [name, ...block("password", [words("shell", password.script)])];
    case "prompt":
      return [name, ...block("password", ["prompt"])];
  }
}

const TYPES: Readonly<Record<ItemKind, { readonly here: string; readonly there: string }>> = {
  calendar: { here: "vdir/icalendar", there: "caldav" },
  contacts: { here: "vdir/vcard", there: "carddav" },
};

const FOLDERS: Readonly<Record<ItemKind, string>> = {
  calendar: "Calendars on this machine: a folder with one folder for each calendar.",
  contacts: "Contacts on this machine: a folder with one folder for each address book.",
};

function halfLines(
  { kind, path, collections }: Half,
  { urls, insecure }: Place,
  login: Login | "shared" | undefined,
): readonly string[] {
  const { here, there } = storageNames(kind);
  const loginOf = login === undefined
    ? []
    : login === "shared"
    ? [words("auth", SHARED)]
    : loginLines(login);
  return [
    ...remark(FOLDERS[kind]),
    ...block(words("storage", here), [words("type", TYPES[kind].here), words("path", path)]),
    "",
    ...block(words("storage", there), [
      words("type", TYPES[kind].there),
      words("url", urls[kind]),
      ...(insecure ? ["insecure"] : []),
      ...loginOf,
    ]),
    "",
    ...block(words("pair", PLURAL[kind]), [
      words("storage_a", here),
      words("storage_b", there),
      ...collections === "all"
        ? [...remark("Those of both sides, also the ones that are made later."), "collections all"]
        : collections.map((id) => words("collection", id)),
      ...remark("What was changed on both sides is merged; what cannot be merged is left, and"),
      ...remark('listed by "dovetail status". Other ways are: keep a, keep b, newest, both, none.'),
      "conflict_resolution merge",
    ]),
  ];
}
