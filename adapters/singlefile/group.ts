/** Several actions at once, for those who come while others are being carried out. */

import type { Action, Result } from "../../lib/model/storage.ts";

interface Waiting {
  readonly action: Action;
  readonly resolve: (result: Result) => void;
  readonly reject: (thrown: unknown) => void;
}

/**
 * Hands all actions that have come to `applyAll` together, one group at a time; those that come in
 * the meantime are the next group. No two of a group are about one item: the later one waits for the
 * next. What `applyAll` throws is the answer to each action of its group.
 */
export function grouped(
  applyAll: (actions: readonly Action[]) => Promise<readonly Result[]>,
): (action: Action) => Promise<Result> {
  let waiting: readonly Waiting[] = [];
  let running = false;

  async function run(): Promise<void> {
    running = true;
    while (waiting.length > 0) {
      // Others that are about to come take part.
      await new Promise((resolve) => setTimeout(resolve, 0));
      const { group, rest } = firstOfEach(waiting);
      waiting = rest;
      try {
        const results = await applyAll(group.map(({ action }) => action));
        const byId = new Map(results.map((result) => [result.id, result] as const));
        for (const { action, resolve, reject } of group) {
          const result = byId.get(action.id);
          if (result === undefined) reject(new Error(`action ${action.id} has no result`));
          else resolve(result);
        }
      } catch (thrown) {
        for (const { reject } of group) reject(thrown);
      }
    }
    running = false;
  }

  return (action) =>
    new Promise((resolve, reject) => {
      waiting = [...waiting, { action, resolve, reject }];
      if (!running) run().catch(reject);
    });
}

function firstOfEach(
  waiting: readonly Waiting[],
): { readonly group: readonly Waiting[]; readonly rest: readonly Waiting[] } {
  const taken = new Set<string>();
  const group: Waiting[] = [];
  const rest: Waiting[] = [];
  for (const it of waiting) {
    const { href, ident } = it.action;
    const free = !taken.has(`href ${href}`) && !taken.has(`ident ${ident}`);
    (free ? group : rest).push(it);
    taken.add(`href ${href}`).add(`ident ${ident}`);
  }
  return { group, rest };
}
