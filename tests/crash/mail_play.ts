/** Two storages of mail and a status on which a scenario is played, from the same start each time. */

import { createMemory, type Memory, type MemoryOptions } from "../../adapters/memory/mod.ts";
import { uidOf } from "../../lib/model/mail.ts";
import { pairName, type Side, SIDES } from "../../lib/model/names.ts";
import { PLAIN_POLICY, type Policy, type Run } from "../../lib/model/run.ts";
import { carryOut, prepare } from "../../lib/sync/mod.ts";
import { dumpOf, memoryKeeper, type StatusKeeper } from "../sim/keeper.ts";
import { read } from "../sim/mail/world.ts";
import type { Happening } from "../sim/schedule.ts";
import { newStage } from "../sim/stage.ts";
import { type Clerk, stagedStatus, stagedStorage, type Witness } from "../sim/staged.ts";
import type { MailScenario } from "./mail_scenarios.ts";
import { courseOf, type Play, type Start } from "./play.ts";

export interface MailManners {
  readonly name: string;
  readonly pace: number;
  readonly width?: number;
  readonly a?: Partial<MemoryOptions>;
  readonly b?: Partial<MemoryOptions>;
  /** What the pair says, in the run that is looked at and all after it. */
  readonly policy?: Partial<Policy>;
  /** The side that may not be written then. */
  readonly closed?: Side;
}

type Memories = Readonly<Record<Side, Memory>>;

/** Brings both sides to the point where the run begins. */
export async function startMail(
  scenario: MailScenario,
  manners: MailManners,
  keeper: StatusKeeper = memoryKeeper(),
): Promise<Start> {
  const byDigest = SIDES.some((side) =>
    manners[side]?.keepsUids === false || manners[side]?.keepsGuids === false
  );
  const open = (name: Side): Memory =>
    createMemory({
      name,
      kind: "mail",
      read,
      identBy: byDigest ? "digest" : "guid",
      ...manners[name],
    });
  const memories: Memories = { a: open("a"), b: open("b") };
  for (const side of SIDES) fill(memories[side], scenario.base);
  const { policy: _, closed: __, ...before } = manners;
  if (scenario.base !== "") await played(memories, keeper, before).run();
  for (const side of SIDES) if (scenario[side] !== "=") fill(memories[side], scenario[side]);
  await keeper.settled();
  return {
    play: async () =>
      played({ a: memories.a.copy(), b: memories.b.copy() }, await keeper.copy(), manners),
    end: () => keeper.end(),
  };
}

interface WantedBox {
  readonly id: string;
  readonly was: string | undefined;
  readonly isNew: boolean;
  readonly isSubscribed: boolean;
  readonly mails: readonly {
    readonly uid: string;
    readonly name: string;
    readonly flags: string[];
  }[];
}

const FLAGS: Readonly<Record<string, string>> = {
  S: "\\Seen",
  F: "\\Flagged",
  A: "\\Answered",
  D: "\\Draft",
  T: "\\Deleted",
  w: "work",
};
const LETTERS = new Map(Object.entries(FLAGS).map(([letter, flag]) => [flag, letter] as const));

function boxesOf(text: string): readonly WantedBox[] {
  return text.split(";").filter((it) => it.trim() !== "").map((box): WantedBox => {
    const [, id = "", mark = "", was, mails = ""] =
      /^\s*([^:<!*\s]+)([!*]?)(?:<([^:\s]+))?:\s*(.*?)\s*$/.exec(box) ?? [];
    if (id === "") throw new RangeError(`"${box}" is no mailbox`);
    return {
      id,
      was,
      isNew: mark === "!",
      isSubscribed: mark === "*",
      mails: mails.split(" ").filter((it) => it !== "").map((word) => {
        const [, uid = "", name = "", letters = ""] = /^(\d+):(\w+)(?:\+(\w+))?$/.exec(word) ?? [];
        if (uid === "") throw new RangeError(`"${word}" is no mail`);
        return { uid, name, flags: [...letters].map((letter) => FLAGS[letter] ?? letter) };
      }),
    };
  });
}

/** Makes the storage hold these mailboxes and nothing else, as its user would. */
function fill(memory: Memory, text: string): void {
  const wanted = boxesOf(text);
  const ids = () => memory.collections().map((it) => it.id as string);
  for (const { was } of wanted) if (was !== undefined) memory.rename(was, `${was}-was`);
  for (const { id, was } of wanted) if (was !== undefined) memory.rename(`${was}-was`, id);
  for (const id of ids()) if (wanted.every((it) => it.id !== id)) memory.drop(id);
  for (const { id, isNew, isSubscribed, mails } of wanted) {
    if (isNew) memory.drop(id);
    if (!ids().includes(id)) memory.add(id);
    if (isSubscribed) memory.setProperty(id, "subscribed", "yes");
    for (const { href } of memory.items(id).values()) {
      const same = mails.some(({ uid, name }) =>
        uid === href && memory.text(id, href)?.startsWith(`ID:${name}\n`)
      );
      if (!same) memory.remove(id, href);
    }
    for (const { uid, name, flags } of mails) {
      const there = [...memory.items(id).values()].find(({ href }) => href === uid);
      if (there === undefined) memory.put(id, uid, `ID:${name}\n\ntext of ${name}\n`, { flags });
      else if (String(there.flags) !== String([...flags].sort())) memory.setFlags(id, uid, flags);
    }
  }
}

/** What a storage holds, as the table writes it, without UIDs. */
function wordsOf(memory: Memory): string {
  return memory.collections().toSorted((one, other) => one.id < other.id ? -1 : 1)
    .map(({ id, properties }) => {
      const mails = [...memory.items(id).values()].map(({ bytes, flags }) => {
        const letters = flags.map((flag) => LETTERS.get(flag) ?? flag).sort().join("");
        return `${read(bytes).ident}${letters === "" ? "" : `+${letters}`}`;
      });
      const mark = properties.subscribed === undefined ? "" : "*";
      return `${id}${mark}:${mails.sort().map((it) => ` ${it}`).join("")}`;
    })
    .join("; ");
}

/**
 * What is numbered otherwise on the two sides, where both keep UIDs: the mails that both have, in
 * mailboxes that both have. UIDNEXT is told apart where they have the same mails.
 */
function differences({ a, b }: Memories): readonly string[] {
  const wrong: string[] = [];
  for (const { id, mailbox } of a.collections()) {
    const other = b.collections().find((it) => it.id === id)?.mailbox;
    if (mailbox === undefined || other === undefined) continue;
    const [inA, inB] = [uidsIn(a, id), uidsIn(b, id)];
    const tell = (what: string, ofA: unknown, ofB: unknown) => {
      if (String(ofA) !== String(ofB)) wrong.push(`${what} of ${id}: ${ofA} and ${ofB}`);
    };
    tell("UIDVALIDITY", mailbox.uidValidity, other.uidValidity);
    for (const [name, uids] of inA) {
      const others = inB.get(name) ?? [];
      if (others.length === uids.length) tell(`UIDs of ${name} in`, uids, others);
    }
    if (String([...inA]) === String([...inB])) tell("UIDNEXT", mailbox.uidNext, other.uidNext);
  }
  return wrong;
}

function uidsIn(memory: Memory, id: string): ReadonlyMap<string, readonly number[]> {
  const sorted = [...memory.items(id).values()]
    .sort((one, other) => uidOf(one.href) - uidOf(other.href));
  const byName = Map.groupBy(sorted, ({ bytes }) => read(bytes).ident as string);
  return new Map([...byName].map(([name, all]) => [name, all.map(({ href }) => uidOf(href))]));
}

const SILENT: Omit<Witness, "fetched"> = {
  listed: () => {},
  looks: () => {},
  made: () => {},
  acts: () => {},
  acted: () => {},
};
const UNWRITTEN: Clerk = { writes: () => {}, intends: () => {}, begun: () => {} };

function played(memories: Memories, keeper: StatusKeeper, manners: MailManners): Play {
  let fetches = 0;
  const witness: Witness = { ...SILENT, fetched: (_, hrefs) => void (fetches += hrefs.length) };
  const keepUids = SIDES.every((side) => memories[side].open().capabilities.keepsUids);
  return {
    async run(happens: readonly Happening[] = []) {
      const stage = newStage({
        happens,
        stores: 2,
        pace: manners.pace,
        edit: () => {},
        die: (kept) => keeper.die(kept),
      });
      const storage = (side: Side, at: number) =>
        stagedStorage(
          { at, memory: memories[side], width: manners.width ?? 1 },
          stage,
          witness,
          manners.closed === side,
        );
      const run: Run = {
        pair: pairName("pair"),
        storages: { a: storage("a", 0), b: storage("b", 1) },
        status: stagedStatus(await keeper.open("pair"), stage, UNWRITTEN),
        policy: {
          ...PLAIN_POLICY,
          maxDelete: undefined,
          onEmpty: "sync",
          properties: ["subscribed"],
          collections: { fromA: true, fromB: true, ids: [] },
          ...manners.policy,
        },
        signal: stage.signal,
        onEvent: () => {},
      };
      try {
        await carryOut(await prepare(run));
      } catch (thrown) {
        if (stage.process.alive) throw thrown;
      }
      // What had come as far as a storage is still done there.
      for (let left = 60; left > 0; left--) await undefined;
      await keeper.settled();
      return courseOf(stage);
    },
    sides() {
      const said = SIDES.map((side) => wordsOf(memories[side]));
      const mayDiffer = !keepUids || manners.closed !== undefined ||
        manners.policy?.oneWay === true;
      return mayDiffer ? said : [...said, ...differences(memories)];
    },
    effects: () => memories.a.effects() + memories.b.effects(),
    fetches: () => fetches,
    end: () => keeper.end(),
    dump: async () => (await dumpOf(await keeper.open("pair"))).replace(/"cursor":"[^"]*",/g, ""),
  };
}
