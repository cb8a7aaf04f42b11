/** How to log in: in a storage, and in an `auth` block that storages share. */

import { at, type Given } from "./define.ts";

/** What a storage has of a login, and a shared login as well. */
export const LOGIN: readonly Given[] = [
  {
    name: "username",
    params: { kind: "text" },
    dynamic: true,
    help: "Who to log in as; without it, the name in the URL if there is one.",
    example: "username hugo@example.com",
  },
  {
    name: "password",
    params: { kind: "secret" },
    dynamic: true,
    help: "The password; better the command that prints it than the password itself.",
    example: "password {\n  cmd pass show caldav\n}",
  },
  {
    name: "auth_method",
    params: { kind: "choice", choices: ["basic", "digest", "bearer", "oauth2"] },
    block: { after: "word", word: "oauth2", place: "oauth2" },
    default: "basic, or bearer where there is a token",
    help: "How to log in. Bearer sends the token; oauth2 has a block that says where to get one.",
    example: "auth_method digest",
  },
  {
    name: "token",
    params: { kind: "secret" },
    dynamic: true,
    help: "What auth_method bearer sends. A command is run again when its token has run out.",
    example: "token {\n  cmd oama access hugo@example.com\n}",
  },
];

export const AUTH = at("auth", ...LOGIN);

export const OAUTH2 = at(
  "oauth2",
  {
    name: "provider",
    params: { kind: "choice", choices: ["google"] },
    help: "Whose URLs and scope are known and need not be written.",
    example: "provider google",
  },
  {
    name: "authorization_url",
    params: { kind: "https" },
    help: "Where a person allows it, with a browser on this machine.",
    example: "authorization_url https://login.example.com/authorize",
  },
  {
    name: "token_url",
    params: { kind: "https" },
    help: "Where tokens come from. Needed unless there is a provider.",
    example: "token_url https://login.example.com/token",
  },
  {
    name: "device_url",
    params: { kind: "https" },
    help: "Where a person allows it with a browser on another machine.",
    example: "device_url https://login.example.com/device",
  },
  {
    name: "client_id",
    params: { kind: "text" },
    dynamic: true,
    required: true,
    help: "The id of the application that you registered there.",
    example: "client_id 1234.apps.example.com",
  },
  {
    name: "client_secret",
    params: { kind: "secret" },
    dynamic: true,
    help: "The secret of that application, if it has one.",
    example: "client_secret {\n  cmd pass show oauth\n}",
  },
  {
    name: "scope",
    params: { kind: "words", title: "SCOPE" },
    help: "What is asked to be allowed.",
    example: "scope calendar offline_access",
  },
  {
    name: "token_file",
    params: { kind: "path" },
    default: "a file in $XDG_DATA_HOME/dovetail/tokens",
    help: "Where the tokens are kept, for this user alone to read.",
    example: "token_file ~/.local/share/dovetail/tokens/google.json",
  },
);
