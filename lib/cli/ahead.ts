/** Does things in order, and prepares the next ones meanwhile. */

export interface Ahead<T, P> {
  readonly values: readonly T[];
  /** How many are being prepared, are ready or are being finished at a time. */
  readonly width: number;
  /** Whether the later one can be prepared only after the earlier one is finished. */
  readonly waitsFor: (later: T, earlier: T) => boolean;
  /** Throws nothing. */
  readonly prepare: (value: T) => Promise<P>;
  /** One after another, in the order of the values. */
  readonly finish: (value: T, prepared: P) => Promise<void>;
}

export async function inOrderAhead<T, P>(options: Ahead<T, P>): Promise<void> {
  const { values, width, waitsFor, prepare, finish } = options;
  const ends = values.map(() => Promise.withResolvers<void>());
  const preparing: Promise<P>[] = [];
  const begin = () => {
    const index = preparing.length;
    const value = values[index];
    if (value === undefined) return;
    const before = ends.filter((_, earlier) => {
      const other = values[earlier];
      return earlier < index && other !== undefined && waitsFor(value, other);
    });
    preparing.push(Promise.all(before.map((end) => end.promise)).then(() => prepare(value)));
  };
  for (let started = 0; started < width; started++) begin();
  for (const [index, value] of values.entries()) {
    const prepared = await preparing[index];
    await finish(value, prepared as P);
    ends[index]?.resolve();
    begin();
  }
}
