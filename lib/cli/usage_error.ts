/** A mistake on the command line. Exit status 3. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** What to do about it, a sentence each. */
  readonly help: readonly string[];

  constructor(message: string, help: readonly string[]) {
    super(message);
    this.help = help;
  }
}
