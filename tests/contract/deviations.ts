/** Where a real server does not keep a promise, and why that is not for us to mend. */

export interface Deviation {
  /** The name that the contract is run under. */
  readonly place: string;
  /** The name of the case. */
  readonly case: string;
  /** As a sentence. */
  readonly reason: string;
}

export const DEVIATIONS: readonly Deviation[] = [];
