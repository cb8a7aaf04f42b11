/** Where a real server does not keep a promise, and why that is not for us to mend. */

export interface Deviation {
  /** The name that the contract is run under. */
  readonly place: string;
  /** The name of the case. */
  readonly case: string;
  /** As a sentence. */
  readonly reason: string;
}

const XANDIKOS = "caldav on Xandikos";
const XANDIKOS_CARDS = "carddav on Xandikos";

const xandikosNames =
  "a collection without a name is called by the last segment of its path (0.2.8)";
const xandikosRemoves = "taking a property away is answered with 500, and not done (0.2.8)";
const xandikosKeeps = (what: string) => `${what} is not kept (0.2.8)`;

export const DEVIATIONS: readonly Deviation[] = [
  {
    place: XANDIKOS_CARDS,
    case: "displayname that was set to 工作 · 일 · عمل · Ärger is taken away",
    reason: xandikosRemoves,
  },
  {
    place: XANDIKOS_CARDS,
    case: "displayname that was set to Work is taken away",
    reason: xandikosRemoves,
  },
  {
    place: XANDIKOS_CARDS,
    case: "a property that is set to nothing is not set",
    reason: xandikosNames,
  },
  { place: XANDIKOS_CARDS, case: "a new collection has no properties", reason: xandikosNames },
  { place: XANDIKOS, case: "a new collection has no properties", reason: xandikosNames },
  {
    place: XANDIKOS,
    case: "displayname that was set to Work is taken away",
    reason: xandikosRemoves,
  },
  {
    place: XANDIKOS,
    case: "displayname that was set to 工作 · 일 · عمل · Ärger is taken away",
    reason: xandikosRemoves,
  },
  {
    place: XANDIKOS,
    case: "a property that is set to nothing is not set",
    reason: xandikosNames,
  },
  {
    place: XANDIKOS,
    case: "description is set to What is to be done and changed, and reads back each time",
    reason: xandikosKeeps("a description"),
  },
  {
    place: XANDIKOS,
    case: "description that was set to What is to be done is taken away",
    reason: xandikosKeeps("a description"),
  },
  {
    place: XANDIKOS,
    case: "order is set to 3 and changed, and reads back each time",
    reason: xandikosKeeps("an order"),
  },
  {
    place: XANDIKOS,
    case: "order that was set to 3 is taken away",
    reason: xandikosRemoves,
  },
];
