/** The questions of `init`, one after the other. What is wrong is asked again. */

import type { ItemKind } from "../../config/config.ts";
import { absolutePath, type Environment } from "../../config/paths.ts";
import { ConfigError } from "../../config/problem.ts";
import { SyncError } from "../../model/error.ts";
import type { CollectionId } from "../../model/names.ts";
import type { Collection } from "../../model/storage.ts";
import { messageOf } from "../show/errors.ts";
import { faint, line, name, strong, styled } from "../show/text.ts";
import { type Answers, COLLECTIONS, type Half, type Login, type Place, PLURAL } from "./answers.ts";
import { type Asker, askFor, askWhich, askYes, sayNumbered } from "./asker.ts";
import { askLogin, type HasProgram } from "./password.ts";
import { readPlace } from "./place.ts";
import type { Probe, Probed } from "./probe.ts";

/** What the questions need to know of the world. */
export interface Surroundings {
  readonly env: Environment;
  readonly hasProgram: HasProgram;
  /** What is at a path. */
  readonly lookAt: (path: string) => Promise<"nothing" | "folder" | "something else">;
  readonly probe: Probe;
}

/** Asks everything. Throws `cancelled` where there are no more answers. */
export async function interview(asker: Asker, surroundings: Surroundings): Promise<Answers> {
  const wanted = await askWhich(asker, "What is to be kept in step?", [
    { words: line`calendars and contacts`, value: ["calendar", "contacts"] as const },
    { words: line`calendars alone`, value: ["calendar"] as const },
    { words: line`contacts alone`, value: ["contacts"] as const },
  ]);
  const reached = await reachServer(asker, wanted, surroundings);
  const { place, login, found } = reached;
  const halves: Half[] = [];
  for (const [kind, collections] of found) {
    const chosen = await askCollections(asker, kind, collections);
    const path = await askFolder(asker, kind, halves, surroundings);
    halves.push({ kind, path, collections: chosen });
  }
  return { place, ...(login === undefined ? {} : { login }), halves };
}

interface Reached {
  readonly place: Place;
  readonly login: Login | undefined;
  /** None where they were not listed. */
  readonly found: ReadonlyMap<ItemKind, readonly Collection[] | undefined>;
}

/** Asks for the server and the login until both are right, or are to be left as they are. */
async function reachServer(
  asker: Asker,
  wanted: readonly ItemKind[],
  { hasProgram, probe }: Surroundings,
): Promise<Reached> {
  let place = await askPlace(asker);
  let login = await askLogin(asker, place, hasProgram);
  for (;;) {
    asker.say(line`${faint(`asking ${place.host} ...`)}`);
    const probed = await probe(draft(place, login, wanted));
    const found = listed(probed);
    if (found.size === wanted.length) return { place, login, found };
    sayFaults(asker, probed);
    const next = await askWhich(asker, "What now?", waysOn(probed, found));
    if (next === "some") return { place, login, found };
    if (next === "anyway") {
      return { place, login, found: new Map(wanted.map((kind) => [kind, found.get(kind)])) };
    }
    if (next === "place") {
      place = await askPlace(asker);
      login = await askLogin(asker, place, hasProgram, place.username ?? login?.username);
    } else login = await askLogin(asker, place, hasProgram, login?.username ?? place.username);
  }
}

/** As much of the answers as is needed to try them. */
const draft = (
  place: Place,
  login: Login | undefined,
  kinds: readonly ItemKind[],
): Answers => ({
  place,
  ...(login === undefined ? {} : { login }),
  halves: kinds.map((kind) => ({ kind, path: `/${PLURAL[kind]}`, collections: "all" })),
});

function listed(probed: Probed): ReadonlyMap<ItemKind, readonly Collection[]> {
  const found = new Map<ItemKind, readonly Collection[]>();
  if (probed instanceof ConfigError) return found;
  for (const [kind, it] of probed) if (!(it instanceof SyncError)) found.set(kind, it);
  return found;
}

/** Says why the answers did not work. */
export function sayFaults(asker: Pick<Asker, "say">, probed: Probed): void {
  const mark = styled("failure", "error:");
  if (probed instanceof ConfigError) {
    asker.say(line`${mark} ${messageOf(probed)}`);
    for (const { help } of probed.problems) if (help !== undefined) asker.say(line`  ${help}`);
    return;
  }
  const said = new Set<string>();
  for (const [kind, it] of probed) {
    if (!(it instanceof SyncError) || said.has(it.message)) continue;
    said.add(it.message);
    asker.say(line`${mark} ${PLURAL[kind]}: ${it.message}`);
    if (it.hint !== undefined) asker.say(line`  ${it.hint}`);
  }
}

type Next = "login" | "place" | "some" | "anyway";

/** What can be done about it, the likeliest first. */
function waysOn(probed: Probed, found: ReadonlyMap<ItemKind, unknown>) {
  const words = {
    login: line`another user name or password`,
    place: line`another server`,
    some: line`go on with ${[...found.keys()].map((kind) => PLURAL[kind]).join(" and ")} alone`,
    anyway: line`go on as it is, to put it right in the configuration later`,
  };
  const refused = probed instanceof ConfigError ||
    [...probed.values()].some((it) => it instanceof SyncError && it.kind === "unauthorised");
  const order: readonly Next[] = [
    ...found.size > 0 ? ["some"] as const : [],
    ...refused ? ["login", "place"] as const : ["place", "login"] as const,
    "anyway",
  ];
  return order.map((value) => ({ words: words[value], value }));
}

async function askPlace(asker: Asker): Promise<Place> {
  for (;;) {
    const text = await askFor(asker, "Your address there, or the server (a host or an URL)");
    const read = readPlace(text);
    if ("problem" in read) {
      asker.say(line`${read.problem}`);
      if (read.help !== undefined) asker.say(line`  ${read.help}`);
      continue;
    }
    const { place, exposed } = read;
    if (place.note !== undefined) asker.say(line`${place.note}`);
    if (!exposed) return place;
    asker.say(line`http:// sends everything, the password too, for anyone on the way to read.`);
    const secure = await askYes(asker, "Use another address, with https://?");
    if (!secure) return { ...place, insecure: true };
  }
}

/** Shows what there is, and asks which of it is meant. */
async function askCollections(
  asker: Asker,
  kind: ItemKind,
  collections: readonly Collection[] | undefined,
): Promise<"all" | readonly CollectionId[]> {
  if (collections === undefined) return "all";
  if (collections.length === 0) {
    asker.say(line`There are no ${COLLECTIONS[kind]} on the server yet.`);
    return "all";
  }
  asker.say(line`${strong(`The ${COLLECTIONS[kind]} on the server:`)}`);
  sayNumbered(
    asker,
    collections.map(({ id, properties: { displayname } }) =>
      displayname === undefined ? line`${name(id)}` : line`${name(id)}  "${displayname}"`
    ),
  );
  for (;;) {
    const answer = await askFor(
      asker,
      `Which ${COLLECTIONS[kind]}? "all" means those that are made later, too; or their numbers`,
      "all",
    );
    if (answer === "all") return "all";
    const chosen = answer.split(/[\s,]+/).filter((it) => it !== "").map((it) =>
      /^\d{1,5}$/.test(it) ? collections[Number(it) - 1]?.id : undefined
    );
    const ids = chosen.flatMap((id) => id ?? []);
    if (ids.length === chosen.length && ids.length > 0) return [...new Set(ids)];
  }
}

/** Asks where the folders of this kind are to lie. */
async function askFolder(
  asker: Asker,
  kind: ItemKind,
  others: readonly Half[],
  { env, lookAt }: Surroundings,
): Promise<string> {
  for (;;) {
    const path = await askFor(asker, `The folder for ${PLURAL[kind]}`, defaultFolder(kind, env));
    const read = absolutePath(path, env);
    if ("problem" in read) {
      asker.say(line`${read.problem}: ${read.help ?? ""}`);
      continue;
    }
    const taken = others.find((other) => {
      const theirs = absolutePath(other.path, env);
      return "path" in theirs && bare(theirs.path) === bare(read.path);
    });
    if (taken !== undefined) {
      asker.say(line`That is the folder for ${PLURAL[taken.kind]} already.`);
      continue;
    }
    const there = await lookAt(read.path);
    if (there === "something else") {
      asker.say(line`There is something at ${path} that is no folder.`);
      continue;
    }
    if (there === "folder") {
      asker.say(line`It is there already; what is in it will be brought in step as well.`);
    }
    return path;
  }
}

const bare = (path: string): string => path.replace(/\/+$/, "");

/** The folder that khal, khard and others are told of in their examples. */
export function defaultFolder(kind: ItemKind, env: Environment): string {
  const data = env.get("XDG_DATA_HOME");
  const folder = data?.startsWith("/") ? bare(data) : "~/.local/share";
  return `${folder}/${PLURAL[kind]}`;
}
