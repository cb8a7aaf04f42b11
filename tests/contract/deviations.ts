/** Where a real server does not keep a promise, and why that is not for us to mend. */

export interface Deviation {
  /** The name that the contract is run under. */
  readonly place: string;
  /** The name of the case. */
  readonly case: string;
  /** As a sentence. */
  readonly reason: string;
  /** It depends on chance: the case is not tried there. */
  readonly sometimes?: boolean;
}

interface Group extends Omit<Deviation, "place" | "case"> {
  readonly places: readonly string[];
  readonly cases: readonly string[];
}

/** Each server with the version that was tried, by the names that the contract is run under. */
const XANDIKOS = ["caldav on Xandikos", "carddav on Xandikos"];
const CYRUS = ["caldav on Cyrus", "carddav on Cyrus"];
const DAVICAL = ["caldav on DAViCal", "carddav on DAViCal"];

const UNSET = "a new collection has no properties";
const NAME_TAKEN = [
  "displayname that was set to Work is taken away",
  "displayname that was set to 工作 · 일 · عمل · Ärger is taken away",
  "a property that is set to nothing is not set",
];

const nameFor = (what: string) =>
  `a collection whose name has ${what} is made, found again and holds items`;

const GROUPS: readonly Group[] = [
  {
    places: ["imap on Dovecot", "imap on Dovecot without extensions"],
    cases: ["a mail keeps a date of after 2038"],
    reason: "Dovecot takes no date of the future, and gives a mail that of the moment instead",
  },
  {
    places: [...XANDIKOS, ...CYRUS, ...DAVICAL],
    cases: [UNSET],
    reason: "a collection that nobody has named is called by the last segment of its path",
  },
  {
    places: [...XANDIKOS, ...CYRUS],
    cases: NAME_TAKEN,
    reason: "without its name a collection is called by the last segment of its path again",
  },
  {
    places: ["caldav on Xandikos"],
    cases: [
      "description is set to What is to be done and changed, and reads back each time",
      "description that was set to What is to be done is taken away",
    ],
    reason: "the description of a calendar is not kept (0.2.8)",
  },
  {
    places: ["caldav on Xandikos"],
    cases: ["order is set to 3 and changed, and reads back each time"],
    reason: "an order is not kept (0.2.8)",
  },
  {
    places: ["caldav on Xandikos"],
    cases: ["order that was set to 3 is taken away"],
    reason: "taking a property away is answered with 500, and not done (0.2.8)",
  },
  {
    places: CYRUS,
    cases: [
      "umlauts and an at sign",
      "Cyrillic letters",
      "Chinese letters",
      "Korean letters",
      "Arabic letters",
      "a percent sign",
      "plus, ampersand and equals",
      "a dot within",
    ].map(nameFor),
    reason: "names become those of mailboxes, and other letters, %, & and dots are refused (3.6.1)",
  },
  {
    places: CYRUS,
    cases: ["the cursor of another collection does not hide what this one holds"],
    reason:
      "a token is the second in which its collection was made and a count: two that were made " +
      "in the same second take each other's (3.6.1)",
    sometimes: true,
  },
  {
    places: ["caldav on Cyrus"],
    cases: ["an item of a mebibyte is written and read back"],
    reason: "an event with a summary of a mebibyte is answered with 500 (3.6.1)",
  },
  {
    places: ["carddav on Cyrus"],
    cases: [
      "an item whose UID has a comma, a semicolon and a backslash is written, listed and read back",
    ],
    reason: "an update of a card whose UID has escapes is refused: another had that UID (3.6.1)",
  },
  {
    places: ["carddav on Cyrus"],
    cases: [
      "a card with a photo in vCard 4 says the same when it comes back",
      "a group with its members in vCard 4 says the same when it comes back",
    ],
    reason: "a card is given out in the version that is asked for, here 3.0 (3.6.1)",
  },
  {
    places: ["carddav on Radicale"],
    cases: ["a card with a photo in vCard 4 says the same when it comes back"],
    reason: "a value is cut at a comma that stands there without a backslash (3.1.8)",
  },
  {
    places: ["carddav on DAViCal"],
    cases: ["a card with a photo in vCard 4 says the same when it comes back"],
    reason: "commas and semicolons of a URI get a backslash each, where a card has no REV (1.1.12)",
  },
  {
    places: DAVICAL,
    cases: [nameFor("a percent sign")],
    reason: "an encoded percent sign is decoded twice (1.1.12)",
  },
  {
    places: DAVICAL,
    cases: [
      "of two who create under one href at once, one does and the other is told",
      "of two who update one etag at once, one does and the other is told",
    ],
    reason: "a precondition is checked before the write and not with it (1.1.12)",
    sometimes: true,
  },
  {
    places: DAVICAL,
    cases: [
      "a listing since a cursor has what was created, updated and deleted, and no more",
      "nothing has changed since the cursor of a listing just now",
      "each listing since a cursor gives a cursor to go on from",
    ],
    reason:
      "what was written shortly before a token is at times listed since it once more (1.1.12)",
    sometimes: true,
  },
];

export const DEVIATIONS: readonly Deviation[] = GROUPS.flatMap(({ places, cases, ...rest }) =>
  places.flatMap((place) => cases.map((name): Deviation => ({ place, case: name, ...rest })))
);
