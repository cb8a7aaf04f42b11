/** A storage and a status whose every step is one of a stage. */

import type { Memory } from "../../adapters/memory/mod.ts";
import { withFaults } from "../../adapters/with_faults.ts";
import { applyEach } from "../../lib/model/apply_each.ts";
import type { Numbers } from "../../lib/model/mail.ts";
import type { CollectionId } from "../../lib/model/names.ts";
import type { CollectionKey, CollectionStatus, Intent, Status } from "../../lib/model/status.ts";
import type { Action, Result, Storage } from "../../lib/model/storage.ts";
import type { Stage } from "./stage.ts";

/** Told of what really happens on a storage, whatever the engine hears of it. */
export interface Witness {
  listed(id: CollectionId): void;
  /** Whatever is there now has been seen. */
  looks(): void;
  fetched(id: CollectionId, hrefs: readonly string[]): void;
  made(id: CollectionId): void;
  /** Just before a mailbox is numbered anew. */
  numbers?(id: CollectionId, numbers: Numbers): void;
  /** Just before a mailbox is called otherwise. */
  renames?(id: CollectionId): void;
  /** Just before, and just after. */
  acts(id: CollectionId, action: Action): void;
  acted(id: CollectionId, action: Action, result: Result): void;
}

/** Told of what is written into a status. */
export interface Clerk {
  writes(what: keyof CollectionStatus | "rename"): void;
  /** Before it is written. */
  intends(key: CollectionKey, intent: Intent): void;
  /** Once it is durable. `bytes` are those for the attic. */
  begun(key: CollectionKey, intent: Intent, bytes: Uint8Array | undefined): void;
}

const never = new AbortController().signal;

async function* alone(action: Action): AsyncGenerator<Action> {
  yield await Promise.resolve(action);
}

/** The storage as one process sees it. `at` is its number on the stage. */
export function stagedStorage(
  store: { readonly at: number; readonly memory: Memory; readonly width: number },
  stage: Stage,
  witness: Witness,
  readOnly?: boolean,
): Storage {
  const inner = store.memory.open(readOnly === undefined ? undefined : { readOnly });
  const watched: Storage = {
    ...inner,
    async createCollection(id, properties, signal) {
      const made = await inner.createCollection(id, properties, signal);
      witness.made(id);
      return made;
    },
    async deleteCollection(collection, signal) {
      await inner.deleteCollection(collection, signal);
      stage.step(`${store.at} done delete ${collection.id}`);
    },
    ...ofMail(inner, store.at, stage, witness),
    async *changes(collection, cursor, signal) {
      await stage.linger();
      const endless = stage.endless(store.at);
      witness.listed(collection.id);
      for await (const part of inner.changes(collection, cursor, signal)) {
        if (endless && part.type === "end") return;
        // A listing alone may give new etags.
        witness.looks();
        yield part;
        await stage.linger();
      }
    },
    async *fetch(collection, hrefs, options) {
      await stage.linger();
      witness.fetched(collection.id, hrefs);
      witness.looks();
      for await (const batch of inner.fetch(collection, hrefs, options)) {
        yield batch;
        await stage.linger();
      }
    },
    apply: (collection, actions, signal) =>
      applyEach(actions, store.width, signal, async (action) => {
        await stage.linger();
        witness.acts(collection.id, action);
        // What has come this far is done, whatever becomes of the one who asked for it.
        let result: Result | undefined;
        for await (const it of inner.apply(collection, alone(action), never)) result = it;
        if (result === undefined) throw new Error("a storage in memory gave no result");
        witness.acted(collection.id, action, result);
        stage.step(`${store.at} done ${action.kind} ${action.href} ${result.outcome}`);
        await stage.linger();
        return result;
      }),
  };
  return withFaults(watched, (point) => stage.decide(store.at, point), stage.process);
}

/** What can be done to mailboxes alone. */
function ofMail(
  { renameCollection, renumber }: Storage,
  at: number,
  stage: Stage,
  witness: Witness,
): Partial<Storage> {
  if (renameCollection === undefined) return {};
  return {
    async renameCollection(collection, id, signal) {
      witness.renames?.(collection.id);
      const renamed = await renameCollection(collection, id, signal);
      stage.step(`${at} done rename ${collection.id}`);
      return renamed;
    },
    ...(renumber === undefined ? {} : {
      async renumber(collection, numbers, signal) {
        witness.numbers?.(collection.id, numbers);
        const numbered = await renumber(collection, numbers, signal);
        stage.step(`${at} done renumber ${collection.id}`);
        return numbered;
      },
    }),
  };
}

/** The status as one process sees it. */
export function stagedStatus(status: Status, stage: Stage, clerk: Clerk): Status {
  const write = async (
    what: keyof CollectionStatus | "rename",
    run: () => Promise<void>,
  ): Promise<void> => {
    stage.step(`status ${what}`);
    clerk.writes(what);
    const failure = stage.statusFails();
    if (failure !== undefined) throw failure;
    const written = run();
    // The process may die while it is being written.
    written.catch(() => {});
    stage.step(`status ${what} under way`);
    await written;
  };
  const read = async <T>(what: string, run: () => Promise<T>): Promise<T> => {
    stage.step(`status ${what}`);
    return await run();
  };
  return {
    collections: () => read("collections", () => status.collections()),
    close: () => status.close(),
    rename: (from, to) => write("rename", () => status.rename(from, to)),
    collection(key) {
      const inner = status.collection(key);
      return {
        cursor: (side) => read("cursor", () => inner.cursor(side)),
        view: (side) => inner.view(side),
        size: () => read("size", () => inner.size()),
        known: (side, hrefs) => read("known", () => inner.known(side, hrefs)),
        observations: (side) => read("observations", () => inner.observations(side)),
        base: (idents) => read("base", () => inner.base(idents)),
        baseBody: (ident, side) => read("baseBody", () => inner.baseBody(ident, side)),
        openIntents: () => read("openIntents", () => inner.openIntents()),
        nextIntent: () => read("nextIntent", () => inner.nextIntent()),
        async begin(intents) {
          const bytes = await Promise.all(
            intents.map(({ ident, on, attic }) =>
              attic === "base" ? inner.baseBody(ident, on) : attic
            ),
          );
          for (const intent of intents) clerk.intends(key, intent);
          await write("begin", () => inner.begin(intents));
          for (const [at, intent] of intents.entries()) clerk.begun(key, intent, bytes[at]);
          stage.step("status begin done");
        },
        async settle(settlements) {
          await write("settle", () => inner.settle(settlements));
          stage.step("status settle done");
        },
        async conclude(sides) {
          await write("conclude", () => inner.conclude(sides));
          stage.step("status conclude done");
        },
        properties: () => inner.properties(),
        setProperties: (values) => write("properties", () => inner.setProperties(values)),
        forget: () => write("forget", () => inner.forget()),
      };
    },
  };
}
