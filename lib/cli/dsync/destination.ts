/** What dsync's last words mean: a location, or somebody who would have to be spoken to. */

import { isLocation, type MailLocation, readLocation } from "../../config/mail_location.ts";
import { UsageError } from "../usage_error.ts";

/**
 * The location that the words are. Decided in dsync's own order: more than one word is a command;
 * `letters:` is a location; a word with a blank or a slash is a command or a script; any other is a
 * host. Throws {@linkcode UsageError} for all but a location that this version reads.
 */
export function destinationOf(words: readonly string[]): MailLocation {
  const [word, second] = words;
  if (word === undefined || word === "") {
    throw new UsageError("There is no LOCATION.", [EXAMPLE]);
  }
  if (second !== undefined) {
    const isSplit = isLocation(word);
    throw refused(`the command "${words.join(" ")}"`, isSplit ? [QUOTE] : []);
  }
  if (isLocation(word)) return locationOf(word, "LOCATION");
  if (/[ /]/.test(word)) {
    const isPath = /^(?:~|\.{0,2})\//.test(word) && !word.includes(" ");
    throw refused(
      word.includes(" ") ? `the command "${word}"` : `the script "${word}"`,
      isPath ? [`A folder of mail is written maildir:${word} or mbox:${word}.`] : [],
    );
  }
  const at = word.lastIndexOf("@");
  const host = word.slice(at + 1);
  throw refused(`the host "${host}"`, [`Its IMAP server may do: imaps://${word}`]);
}

/** The location that a text is. Throws {@linkcode UsageError}; `what` is where it was written. */
export function locationOf(text: string, what: string): MailLocation {
  const read = readLocation(text);
  if ("problem" in read) throw new UsageError(`${what}: ${read.problem}.`, [`${read.help}.`]);
  return read;
}

const EXAMPLE = "Write it like this: dovetail mirror maildir:/backup/Maildir";
const QUOTE = "A location with blanks in it is written in quotes.";

function refused(who: string, help: readonly string[]): UsageError {
  return new UsageError(
    `LOCATION is ${who}, which would have to be spoken to in Dovecot's own protocol. This version ` +
      "does not speak it yet.",
    [...help, "Places that it knows: maildir:PATH, mbox:PATH, imaps://USER@HOST, storage:NAME."],
  );
}
