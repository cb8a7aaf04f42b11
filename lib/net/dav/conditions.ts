/**
 * Preconditions: the elements by which a DAV server says why it refused something (RFC 4918 section
 * 16, RFC 4791 section 5.3, RFC 6352 section 6.3, RFC 3744 section 7), put in words.
 */

import type { ErrorKind, Scope } from "../../model/error.ts";
import type { HttpAnswer } from "../http/answer.ts";
import { HttpError } from "../http/error.ts";
import { type XmlElement, xmlReader } from "../xml/reader.ts";
import { hrefsIn } from "./multistatus.ts";
import { caldav, carddav, dav } from "./names.ts";

interface Meaning {
  readonly kind: ErrorKind;
  readonly words: string;
  readonly hint?: string;
}

const NO_UID_CONFLICT: Meaning = {
  kind: "refused",
  words: "it holds another item with the same UID",
  hint: "Delete one of the two.",
};
const TOO_LARGE: Meaning = { kind: "too large", words: "the item is larger than it takes" };
const INVALID: Meaning = { kind: "refused", words: "it finds the item invalid" };
const WRONG_FORMAT: Meaning = { kind: "refused", words: "it does not take this format" };

/** What each precondition means when it is named in a refusal. */
const MEANINGS: ReadonlyMap<string, Meaning> = new Map([
  [caldav("no-uid-conflict"), NO_UID_CONFLICT],
  [carddav("no-uid-conflict"), NO_UID_CONFLICT],
  [caldav("valid-calendar-data"), INVALID],
  [carddav("valid-address-data"), INVALID],
  [caldav("valid-calendar-object-resource"), {
    kind: "refused",
    words: "the item must be of one UID and one type, and have no METHOD",
  }],
  [caldav("supported-calendar-component"), {
    kind: "refused",
    words: "this calendar does not take that type of item",
    hint: "Many servers keep events and tasks in calendars of their own.",
  }],
  [caldav("supported-calendar-data"), WRONG_FORMAT],
  [carddav("supported-address-data"), WRONG_FORMAT],
  [caldav("max-resource-size"), TOO_LARGE],
  [carddav("max-resource-size"), TOO_LARGE],
  [caldav("max-instances"), { kind: "refused", words: "the event recurs too often for it" }],
  [caldav("max-attendees-per-instance"), {
    kind: "refused",
    words: "the event has more attendees than it takes",
  }],
  [caldav("min-date-time"), { kind: "refused", words: "the date is too early for it" }],
  [caldav("max-date-time"), { kind: "refused", words: "the date is too late for it" }],
  [caldav("calendar-collection-location-ok"), {
    kind: "forbidden",
    words: "there must be no calendar at this place",
  }],
  [carddav("addressbook-collection-location-ok"), {
    kind: "forbidden",
    words: "there must be no address book at this place",
  }],
  [dav("resource-must-be-null"), { kind: "exists", words: "there is something already" }],
  [dav("need-privileges"), {
    kind: "forbidden",
    words: "the account lacks the rights for it",
    hint: "Is it shared with you for reading only? Then write readonly in the storage.",
  }],
  [dav("quota-not-exceeded"), { kind: "quota", words: "the account's space is used up" }],
  [dav("sufficient-disk-space"), { kind: "quota", words: "its disk is full" }],
  [dav("lock-token-submitted"), { kind: "refused", words: "somebody has it locked" }],
  [dav("cannot-modify-protected-property"), {
    kind: "refused",
    words: "this property cannot be changed",
  }],
]);

/** The condition among these that says most, with what it means. */
export function meaningOf(
  conditions: readonly string[],
): { readonly condition: string; readonly meaning: Meaning } | undefined {
  for (const condition of conditions) {
    const meaning = MEANINGS.get(condition);
    if (meaning !== undefined) return { condition, meaning };
  }
  return undefined;
}

/** The children of a DAV:error document; none where `text` is none, or is cut short. */
export function readErrorDocument(text: string): readonly XmlElement[] {
  if (!/^\s*</.test(text)) return [];
  const reader = xmlReader({ children: 100, elements: 1_000 });
  try {
    const elements = reader.write(text);
    return reader.root === dav("error") ? elements : [];
  } catch {
    // An error's text may be HTML, or anything: then it is shown as it is.
    return [];
  }
}

/** The error that an answer without success stands for, its preconditions put in words. */
export async function davFailure(answer: HttpAnswer, scope: Scope): Promise<HttpError> {
  const text = await answer.beginning();
  const elements = readErrorDocument(text);
  const plain = await answer.failure(scope, text);
  const found = meaningOf(elements.map((element) => element.name));
  if (found === undefined) {
    const first = elements[0]?.name;
    return first === undefined ? plain : withCondition(plain, first, plain.message);
  }
  const { condition, meaning } = found;
  const others = hrefsIn(elements.find((element) => element.name === condition));
  const where = others[0] === undefined ? "" : ` (${others[0].slice(0, 200)})`;
  return withCondition(
    plain,
    condition,
    `${answer.url.host} refuses it: ${meaning.words}${where}`,
    meaning,
  );
}

function withCondition(
  plain: HttpError,
  condition: string,
  message: string,
  meaning?: Meaning,
): HttpError {
  const hint = meaning?.hint ?? plain.hint;
  return new HttpError(message, {
    scope: plain.scope,
    kind: meaning?.kind ?? plain.kind,
    retry: plain.retry,
    again: plain.again,
    condition,
    ...(plain.status === undefined ? {} : { status: plain.status }),
    ...(plain.retryAfter === undefined ? {} : { retryAfter: plain.retryAfter }),
    ...(hint === undefined ? {} : { hint }),
    cause: plain,
  });
}
