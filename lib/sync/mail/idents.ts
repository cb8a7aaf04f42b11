/**
 * Which mails of two mailboxes are the same. Pure. A mailbox may hold a mail more than once, so what
 * a storage tells of it, a GUID or a digest, is only its *key*: instances with the same key are
 * linked one by one, and each link has an ident of its own.
 */

import type { Href, Ident, Sides } from "../../model/names.ts";
import { ident, otherSide, SIDES } from "../../model/names.ts";
import { uidOf } from "../../model/mail.ts";
import type { Seen, SideSurvey } from "../survey.ts";

/** What instances of one mail have in common. There is no blank in a GUID, nor in a digest. */
type Key = string;
export const keyOf = (of: Ident): Key => {
  const at = of.indexOf(" ");
  return at < 0 ? of : of.slice(0, at);
};

type Present = Extract<Seen, { readonly state: "present" }>;

/** The keys of mails that the base does not know where they were seen. */
export function newKeys(surveys: Sides<SideSurvey>): ReadonlySet<Ident> {
  return new Set(
    SIDES.flatMap((side) => unknownIn(surveys[side]).map((it) => ident(keyOf(it.ident)))),
  );
}

export interface IdentsInput {
  readonly surveys: Sides<SideSurvey>;
  /** Which of {@linkcode newKeys} the base has as idents. */
  readonly taken: ReadonlySet<Ident>;
  /** Mails that we were about to delete, when a run was interrupted: that they are gone was us. */
  readonly deleting: Sides<ReadonlySet<Ident>>;
  /** Mails with the same UID are linked first: both sides keep UIDs, and have the same UIDVALIDITY. */
  readonly sameUids: boolean;
}

/** The surveys, with an ident for each mail that is unique on its side. */
export function identified(input: IdentsInput): Sides<SideSurvey> {
  const { surveys, taken, sameUids } = input;
  const fresh: Sides<Map<Key, Present[]>> = {
    a: byKey(unknownIn(surveys.a)),
    b: byKey(unknownIn(surveys.b)),
  };
  const idents: Sides<Map<Href, Ident>> = { a: new Map(), b: new Map() };
  for (const side of SIDES) {
    // Gone from both, it is gone: what is there under another UID is a copy that somebody made.
    const over = goneIn(surveys[otherSide(side)]).union(input.deleting[side]);
    putBack(surveys[side], over, fresh[side], idents[side]);
  }
  for (const key of new Set([...fresh.a.keys(), ...fresh.b.keys()])) {
    let isTaken = taken.has(ident(key));
    const links = linked(fresh.a.get(key) ?? [], fresh.b.get(key) ?? [], sameUids);
    for (const link of links) {
      const first = link.a === undefined ? `b${link.b?.href}` : `a${link.a.href}`;
      const name = ident(isTaken ? `${key} ${first}` : key);
      isTaken = true;
      for (const side of SIDES) {
        const mail = link[side];
        if (mail !== undefined) idents[side].set(mail.href, name);
      }
    }
  }
  return { a: named(surveys.a, idents.a), b: named(surveys.b, idents.b) };
}

const unknownIn = ({ seen, known }: SideSurvey): readonly Present[] =>
  seen.filter((it): it is Present => it.state === "present" && !known.has(it.href));

/** In the order of the UIDs. */
function byKey(mails: readonly Present[]): Map<Key, Present[]> {
  const sorted = [...mails].sort((one, other) => uidOf(one.href) - uidOf(other.href));
  return Map.groupBy(sorted, (it) => keyOf(it.ident));
}

/** A mail that was known and is there under another UID is still that mail. */
function putBack(
  { seen, known }: SideSurvey,
  over: ReadonlySet<Ident>,
  fresh: Map<Key, Present[]>,
  idents: Map<Href, Ident>,
): void {
  const gone = seen.flatMap((it) => it.state === "gone" ? known.get(it.href) ?? [] : [])
    .sort((one, other) => uidOf(one.href) - uidOf(other.href));
  for (const { ident } of gone) {
    if (over.has(ident)) continue;
    const key = keyOf(ident);
    const [mail, ...rest] = fresh.get(key) ?? [];
    if (mail === undefined) continue;
    idents.set(mail.href, ident);
    if (rest.length > 0) fresh.set(key, rest);
    else fresh.delete(key);
  }
}

const goneIn = ({ seen, known }: SideSurvey): ReadonlySet<Ident> =>
  new Set(seen.flatMap((it) => it.state === "gone" ? known.get(it.href)?.ident ?? [] : []));

interface Link {
  readonly a: Present | undefined;
  readonly b: Present | undefined;
}

function linked(a: readonly Present[], b: readonly Present[], sameUids: boolean): readonly Link[] {
  const inB = new Map(b.map((it) => [it.href, it] as const));
  const same: Link[] = [];
  if (sameUids) {
    for (const mail of a) {
      const other = inB.get(mail.href);
      if (other === undefined) continue;
      same.push({ a: mail, b: other });
      inB.delete(mail.href);
    }
  }
  const done = new Set(same.map((it) => it.a));
  const restA = a.filter((it) => !done.has(it));
  const restB = [...inB.values()];
  const rest = Array.from(
    { length: Math.max(restA.length, restB.length) },
    (_, at): Link => ({ a: restA[at], b: restB[at] }),
  );
  return [...same, ...rest];
}

/** A mail that the base knows is the one that it knows, whatever it was fetched as. */
function named(survey: SideSurvey, idents: ReadonlyMap<Href, Ident>): SideSurvey {
  return {
    ...survey,
    seen: survey.seen.map((it): Seen => {
      if (it.state !== "present") return it;
      const known = survey.known.get(it.href);
      if (known !== undefined) return { ...it, ident: known.ident, digest: known.digest };
      return { ...it, ident: idents.get(it.href) ?? it.ident };
    }),
  };
}
