/** The examples of `help`, by the command. */

import type { CommandName } from "../parser.ts";

/** Something to type, and what it does. */
export interface Entry {
  readonly term: string;
  readonly text: string;
}

export const EXAMPLES: Readonly<Record<CommandName, readonly Entry[]>> = {
  sync: [
    { term: "dovetail sync -n", text: "Show what would be done, and do nothing." },
    { term: "dovetail sync", text: "Bring every pair in step." },
    { term: "dovetail sync calendars/work", text: "One collection of one pair." },
  ],
  daemon: [
    { term: "dovetail daemon", text: "Every pair, from now on." },
    { term: "dovetail daemon -v calendars", text: "One pair; tell of every run." },
    { term: "dovetail daemon -r 3", text: "For a service manager that wants to know." },
  ],
  "resolve-conflicts": [
    { term: "dovetail resolve-conflicts -n", text: "Show what was changed on which side." },
    { term: "dovetail resolve-conflicts", text: "Ask about each of them." },
    { term: "dovetail resolve-conflicts --keep newest", text: "Settle all of them alike." },
  ],
  mirror: [
    { term: "dovetail mirror -n maildir:/backup/Maildir", text: "Show what would be done." },
    { term: "dovetail mirror imaps://hugo@example.com", text: "Your mail and a server's." },
    {
      term: "dovetail mirror -o mail_location=maildir:~/Maildir mbox:~/mail",
      text: "Any two places.",
    },
  ],
  backup: [
    { term: "dovetail backup maildir:/backup/Maildir", text: "Your mail, copied there." },
    { term: "dovetail backup -R maildir:/backup/Maildir", text: "And back from there." },
    { term: "dovetail backup -m INBOX maildir:/backup/Maildir", text: "One mailbox." },
  ],
  status: [
    { term: "dovetail status", text: "Every pair, as the last run left it." },
    { term: "dovetail status --json", text: "For a program." },
  ],
  repair: [
    { term: "dovetail repair -n laptop", text: "What is wrong with the items of a storage?" },
    { term: "dovetail repair laptop", text: "Mend it, and then sync." },
  ],
  init: [{ term: "dovetail init", text: "From the first question to a configuration." }],
  import: [
    { term: "dovetail import vdirsyncer", text: "Move over from vdirsyncer." },
    { term: "dovetail import mbsync", text: "Move over from mbsync." },
    { term: "dovetail import -n pimsync ~/pimsync.conf", text: "Show what it comes to." },
  ],
  login: [
    { term: "dovetail login google", text: "With the browser of this machine." },
    { term: "dovetail login --device google", text: "On a server without one." },
  ],
  check: [
    { term: "dovetail check", text: "Everything." },
    { term: "dovetail check calendars", text: "The storages of one pair." },
  ],
  discover: [
    { term: "dovetail discover", text: "Every pair." },
    { term: "dovetail discover --json | jq", text: "For a program." },
  ],
  list: [
    { term: "dovetail list pairs", text: "The names, one a line." },
    { term: "dovetail list storages", text: "Likewise." },
  ],
  help: [
    { term: "dovetail help sync", text: "How to use a command." },
    { term: "dovetail help config", text: "Every directive of the configuration." },
  ],
  version: [{ term: "dovetail version", text: "Print the version." }],
  complete: [
    {
      term: "dovetail complete bash > ~/.local/share/bash-completion/completions/dovetail",
      text: "For bash.",
    },
    {
      term: "dovetail complete fish > ~/.config/fish/completions/dovetail.fish",
      text: "For fish.",
    },
    {
      term: "dovetail complete zsh > ~/.zfunc/_dovetail",
      text: "For zsh, with ~/.zfunc in fpath.",
    },
  ],
};
