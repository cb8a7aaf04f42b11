/** Values of one word. */

import { Secret } from "../model/secret.ts";
import { readDateBound } from "./date_bound.ts";
import { readLocation } from "./mail_location.ts";
import { readUrl } from "./imap_url.ts";
import { absolutePath, type Environment } from "./paths.ts";
import { quotedWord } from "./problem.ts";
import type { DirectiveSpec } from "./schema_types.ts";
import { type Word, wordValue } from "./tree.ts";
import { badId, hasControl } from "./value_text.ts";
import { readAge, readSize } from "./value_mail.ts";
import type { Given, Wrong } from "./value_types.ts";

/** Reads the one parameter of a directive. */
export function readOne(
  { name, params }: DirectiveSpec,
  word: Word,
  wrong: Wrong,
  env: Environment,
): Given | undefined {
  const text = wordValue(word);
  const at = word.span;
  switch (params.kind) {
    case "integer": {
      const number = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
      if (number >= params.min && number <= params.max) return { kind: "number", number };
      const range = `a whole number from ${params.min} to ${params.max}`;
      return wrong(`"${name}" takes ${range}, not ${quotedWord(word)}`, word);
    }
    case "date": {
      const bound = readDateBound(text);
      if (bound !== undefined) return { kind: "date", bound, word };
      return wrong(`${quotedWord(word)} is no day`, word, DATE_HELP);
    }
    case "path": {
      const result = absolutePath(text, env);
      if ("problem" in result) return wrong(result.problem, word, result.help);
      return { kind: "value", value: { kind: "text", value: result.path, at } };
    }
    case "url": {
      const url = readUrl(text);
      if ("problem" in url) return wrong(url.problem, word, url.help);
      return { kind: "url", value: { kind: "text", value: url.url, at }, url, word };
    }
    case "https": {
      const url = URL.parse(text);
      if (url?.protocol === "https:" && url.username === "" && !/\s/.test(text)) {
        return { kind: "word", text: url.href, word };
      }
      return wrong(`"${name}" takes an https URL`, word);
    }
    case "text":
      if (text === "") return wrong(`"${name}" must not be empty`, word);
      if (hasControl(text)) return wrong(`"${name}" has a control character`, word);
      return { kind: "value", value: { kind: "text", value: text, at } };
    case "secret":
      if (text === "") return wrong(`"${name}" must not be empty`, word);
      return { kind: "secret", value: { kind: "text", value: new Secret(text), at } };
    case "fingerprint": {
      const digits = text.replaceAll(":", "").toLowerCase();
      if (/^[0-9a-f]{64}$/.test(digits)) return { kind: "word", text: digits, word };
      const isShort = /^[0-9a-f]{32}$|^[0-9a-f]{40}$/.test(digits);
      return wrong(
        isShort ? "this is no SHA-256, but an older and weaker digest" : "this is no SHA-256",
        word,
        "it has 64 hexadecimal digits; openssl x509 -noout -fingerprint -sha256 -in FILE prints it",
      );
    }
    case "extension": {
      const extension = text.replace(/^\./, "");
      if (/^[A-Za-z0-9_-]{1,16}$/.test(extension)) {
        return { kind: "word", text: extension, word };
      }
      return wrong(`${quotedWord(word)} is no file extension`, word);
    }
    case "ending": {
      if (/^[A-Za-z0-9_.~-]{1,32}$/.test(text)) return { kind: "word", text, word };
      return wrong(`${quotedWord(word)} is no ending of a file's name`, word);
    }
    case "size": {
      const number = readSize(text);
      if (number !== undefined) return { kind: "number", number };
      return wrong(
        `${quotedWord(word)} is no size`,
        word,
        "write it like 1000000, 500k, 25m or 1g",
      );
    }
    case "age": {
      const bound = readAge(text);
      if (bound !== undefined) return { kind: "date", bound, word };
      return wrong(`${quotedWord(word)} is no age`, word, "write it like 30d, 8w, 6m or 1y");
    }
    case "character":
      if (/^[\x21-\x7e]$/.test(text) && !"/.~%*&\\\"'".includes(text)) {
        return { kind: "word", text, word };
      }
      return wrong(`"${name}" takes one character, like "_" or "-"`, word);
    case "location": {
      const read = readLocation(text);
      if ("problem" in read) return wrong(read.problem, word, read.help);
      return { kind: "word", text, word };
    }
    case "id": {
      const parts = params.nested ? text.split("/") : [text];
      const [problem] = parts.flatMap((part) => badId(part) ?? []);
      if (problem === undefined) return { kind: "word", text, word };
      return wrong(`${quotedWord(word)} cannot be the id of a collection: ${problem}`, word);
    }
    case "name":
      if (isName(text)) return { kind: "word", text, word };
      return wrong(`${quotedWord(word)} cannot be a name`, word, NAME_HELP);
    case "storage":
    case "auth":
    case "type":
      return { kind: "word", text, word };
    default:
      // A flag has none, the others may have more than one, and some stand only in a value's block.
      throw new Error(`"${name}" has no single parameter to be read`);
  }
}

const DATE_HELP = "write it like 2026-01-31, today, -365d, -2w, +6m or -1y";

/** The longest name of a storage or a pair. */
const MOST_NAME = 64;

/** A pair's name becomes the name of a file. */
const isName = (text: string) =>
  text.length <= MOST_NAME && /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(text);

const NAME_HELP =
  `a name has 1 to ${MOST_NAME} letters (a to z), digits, "_", "." and "-", the last two not first`;
