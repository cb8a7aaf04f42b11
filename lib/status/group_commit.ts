/**
 * Puts what is asked for at about the same time into one transaction: a durable transaction costs
 * an fsync however much is in it.
 */

export interface GroupCommit<Item> {
  /** Is written with others. Resolves once it is durable. */
  add(item: Item): Promise<void>;
  /** Done by itself, after everything that was asked for before it, and without delay. */
  alone(work: () => Promise<void>): Promise<void>;
}

/** The longest that anything is kept waiting for company, in milliseconds. */
const LONGEST_WAIT = 250;
/** How many times as long as the last group took the next one gathers. */
const PATIENCE = 8;

type Waiting<Item> =
  & { readonly resolve: () => void; readonly reject: (reason: unknown) => void }
  & ({ readonly item: Item } | { readonly work: () => Promise<void> });

/**
 * @param commit Writes a group. Resolves with the errors of those items that are at fault
 * themselves, by their place in the group: they are left out, and the others are durable. Throws
 * where none of them are.
 *
 * The database blocks: while it writes, nothing else runs. So a group is what the event loop
 * brings in one turn; and after one that had several in it the next one waits eight times as long as
 * that one took, so that about a ninth of the time goes into committing, unless the disk is very
 * slow. Whoever comes alone waits for no one.
 */
export function groupCommit<Item>(
  commit: (items: readonly Item[]) => Promise<ReadonlyMap<number, unknown>>,
): GroupCommit<Item> {
  const queue: Waiting<Item>[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let soon = false;
  let busy = false;
  let urgent = 0;
  let notBefore = 0;

  function arm(): void {
    if (busy || queue.length === 0) return;
    const wait = notBefore - performance.now();
    if (urgent > 0) {
      start();
    } else if (wait > 0) {
      timer ??= setTimeout(start, wait);
    } else if (timer === undefined && !soon) {
      soon = true;
      setImmediate(start);
    }
  }

  function start(): void {
    soon = false;
    clearTimeout(timer);
    timer = undefined;
    if (busy || queue.length === 0) return;
    busy = true;
    void turn();
  }

  async function turn(): Promise<void> {
    const [first] = queue;
    if (first !== undefined && "work" in first) {
      queue.shift();
      urgent -= 1;
      await first.work().then(first.resolve, first.reject);
    } else {
      await commitGroup();
    }
    busy = false;
    arm();
  }

  async function commitGroup(): Promise<void> {
    const end = queue.findIndex((it) => "work" in it);
    const group = queue.splice(0, end < 0 ? queue.length : end);
    const began = performance.now();
    try {
      const faults = await commit(group.flatMap((it) => "item" in it ? [it.item] : []));
      group.forEach((it, at) => faults.has(at) ? it.reject(faults.get(at)) : it.resolve());
    } catch (error) {
      for (const it of group) it.reject(error);
    }
    const ended = performance.now();
    const wait = Math.min((ended - began) * PATIENCE, LONGEST_WAIT);
    notBefore = group.length > 1 ? ended + wait : 0;
  }

  function ask(what: { readonly item: Item } | { readonly work: () => Promise<void> }) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    queue.push({ ...what, resolve, reject });
    if ("work" in what) urgent += 1;
    arm();
    return promise;
  }

  return {
    add: (item) => ask({ item }),
    alone: (work) => ask({ work }),
  };
}
