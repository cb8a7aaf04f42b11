/** What a simulation of mail is given: as the one of calendars, with mailboxes and what is done in them. */

import fc from "fast-check";
import { type Happening, happenings, often, oneIn } from "../schedule.ts";

/** How one storage of mail behaves. */
export interface MailShape {
  /** GUIDs and UIDs, as a Maildir; UIDs, as an mbox; neither, as IMAP. */
  readonly keeps: "guids" | "uids" | "nothing";
  readonly cursors: boolean;
  readonly modseq: boolean;
  readonly etags: boolean;
  readonly batch: number;
  readonly width: number;
  /** Whether it can have but some of the flags. */
  readonly fewFlags: boolean;
  /** Whether a keyword is spelt there as it was when it came first. */
  readonly oneSpelling: boolean;
  /** Whether what lies within a mailbox stays where it is when that is renamed. */
  readonly renamesAlone: boolean;
}

export interface MailSetting {
  readonly stores: readonly [MailShape, MailShape];
  readonly onEmpty: "skip" | "sync";
  readonly onDelete: "skip" | "sync";
  /** Whether the second is made as the first is, and what it has besides as well (`exact`). */
  readonly oneWay: "no" | "yes" | "exact";
  /** The storage that may not be written, by its number; none in most schedules. */
  readonly closed?: number;
}

export const MAIL_EDITS = [
  "deliver",
  "deliver to all",
  "copy",
  "flag",
  "expunge",
  "expunge all",
  "move",
  "make",
  "drop",
  "rename",
  "make anew",
  "number anew",
  "subscribe",
  "hide",
  "show",
  "expire",
] as const;

/** Something that somebody does: in which storage and mailbox, to which mail, and how. */
export interface MailEdit {
  readonly do: typeof MAIL_EDITS[number];
  readonly s: number;
  readonly c: number;
  readonly i: number;
  readonly j: number;
  readonly v: number;
}

export interface MailRound {
  readonly edits: readonly MailEdit[];
  readonly happens: readonly Happening<MailEdit>[];
}

export interface MailSchedule {
  readonly setting: MailSetting;
  readonly base: readonly MailEdit[];
  readonly agreed: boolean;
  readonly rounds: readonly MailRound[];
  readonly pace: number;
}

const shape: fc.Arbitrary<MailShape> = fc.record({
  keeps: often({ guids: 2, uids: 1, nothing: 2 }),
  cursors: fc.boolean(),
  modseq: oneIn(3),
  etags: oneIn(4).map((not) => !not),
  batch: fc.constantFrom(0, 0, 0, 1, 2),
  width: fc.constantFrom(1, 1, 2, 4),
  fewFlags: oneIn(8),
  oneSpelling: fc.boolean(),
  renamesAlone: oneIn(3),
});

const plain: fc.Arbitrary<MailSetting> = fc.record({
  stores: fc.tuple(shape, shape),
  onEmpty: often({ sync: 2, skip: 1 }),
  onDelete: often({ sync: 3, skip: 1 }),
  oneWay: often({ no: 6, yes: 1, exact: 1 }),
});
const setting: fc.Arbitrary<MailSetting> = fc.tuple(plain, fc.nat(23)).map(([setting, closed]) =>
  closed < 2 ? { ...setting, closed } : setting
);

const where = { s: fc.nat(1), c: fc.nat(3), i: fc.nat(5), j: fc.nat(5), v: fc.nat(15) };

const edit: fc.Arbitrary<MailEdit> = fc.record({
  do: often<MailEdit["do"]>({
    "deliver": 24,
    "deliver to all": 3,
    "copy": 4,
    "flag": 16,
    "expunge": 12,
    "expunge all": 1,
    "move": 5,
    "make": 3,
    "drop": 2,
    "rename": 4,
    "make anew": 2,
    "number anew": 1,
    "subscribe": 2,
    "hide": 2,
    "show": 2,
    "expire": 2,
  }),
  ...where,
});

const meanwhile: fc.Arbitrary<MailEdit> = fc.record({
  do: often<MailEdit["do"]>({
    "deliver": 20,
    "deliver to all": 2,
    "copy": 3,
    "flag": 16,
    "expunge": 12,
    "expunge all": 1,
    "move": 3,
    "make": 2,
    "drop": 2,
    "rename": 3,
    "make anew": 2,
    "number anew": 1,
    "subscribe": 1,
    "hide": 1,
    "show": 1,
    "expire": 1,
  }),
  ...where,
});

const round: fc.Arbitrary<MailRound> = fc.record({
  edits: fc.array(edit, { maxLength: 7 }),
  happens: fc.array(happenings(meanwhile), { maxLength: 4 }),
});

/** Two storages of mail that are kept in step. */
export const mailPair: fc.Arbitrary<MailSchedule> = fc.record({
  setting,
  base: fc.array(
    fc.record({
      do: often({ "deliver": 6, "deliver to all": 2, "copy": 1, "make": 2 }),
      ...where,
    }),
    { maxLength: 7 },
  ),
  agreed: fc.constantFrom(true, true, true, false),
  rounds: fc.array(round, { minLength: 1, maxLength: 3 }),
  pace: fc.nat(255),
});
