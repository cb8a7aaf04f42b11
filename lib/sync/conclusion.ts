/** What a run leaves behind about one side: the cursor, and what was seen and not dealt with. */

import type { Href } from "../model/names.ts";
import type { Observation, SideConclusion } from "../model/status.ts";
import type { Moves } from "./moves.ts";
import type { Seen, SideSurvey } from "./survey.ts";

/** Everything seen stays on record until the base holds it, for each item that it concerns. */
export function conclusion(
  survey: SideSurvey,
  moved: Pick<Moves, "has">,
  written: ReadonlyMap<Href, unknown>,
): SideConclusion {
  const observations = survey.seen.filter((seen) => {
    // Whatever was seen there, what we wrote has taken its place.
    if (written.has(seen.href)) return false;
    const known = survey.known.get(seen.href);
    if (seen.state === "unreadable" || seen.state === "left out") return true;
    if (seen.state === "gone") return known === undefined || !moved.has(known.ident);
    const asKnown = known?.ident === seen.ident && known.etag === seen.etag &&
      known.digest === seen.digest;
    const others = known !== undefined && known.ident !== seen.ident && !moved.has(known.ident);
    return others || !(asKnown || moved.has(seen.ident));
  }).map(observationOf);
  const { cursor, view } = survey;
  return {
    observations,
    ...(cursor === undefined ? {} : { cursor }),
    ...(view === undefined ? {} : { view }),
  };
}

function observationOf(seen: Seen): Observation {
  if (seen.state === "gone" || seen.state === "left out") return seen;
  if (seen.state === "unreadable") {
    const { state, href, etag, reason } = seen;
    return { state, href, reason, ...(etag === undefined ? {} : { etag }) };
  }
  const { state, href, etag, ident, digest, flags, extent } = seen;
  return {
    state,
    href,
    etag,
    ident,
    digest,
    flags,
    ...(extent === undefined ? {} : { extent }),
  };
}
