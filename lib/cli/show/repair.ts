/** What `repair` found and did, as lines and as objects. */

import type { Finding } from "../../item/repair.ts";
import type { CollectionId, StorageName } from "../../model/names.ts";
import type { Result } from "../../model/storage.ts";
import type { Mending } from "../repairs.ts";
import { errorFields } from "./json.ts";
import type { JsonObject } from "./screen.ts";
import { faint, type Line, line, plain, styled } from "./text.ts";

type Found = Exclude<Finding, { readonly state: "fine" }>;

/** One line of what was found. */
export function findingLine(finding: Found): Line {
  const { href } = finding;
  if (finding.state === "beyond repair") {
    return line`    ${styled("failure", "beyond repair")}  ${href}  ${faint(finding.reason)}`;
  }
  const { flaw, uid, keeper, mended } = finding;
  const head = line`    ${styled(mended === undefined ? "warning" : "changed", flaw)}  ${href}`;
  const is = flaw === "no UID" || uid === undefined ? plain("") : line`  ${uid}`;
  const whose = keeper === undefined ? plain("") : line` ${faint(`is that of ${keeper}`)}`;
  const gets = mended === undefined ? faint("  left") : line`  ${faint("gets")} ${mended.uid}`;
  return line`${head}${is}${whose}${gets}`;
}

export function findingObject(
  storage: StorageName,
  collection: CollectionId,
  finding: Found,
): JsonObject {
  const about = { type: "finding", storage, collection, href: finding.href };
  if (finding.state === "beyond repair") {
    return { ...about, finding: finding.state, reason: finding.reason };
  }
  const { flaw, uid, keeper, mended } = finding;
  return { ...about, finding: flaw, uid, keeper, newUid: mended?.uid };
}

/** What became of an item. */
export function mendedObject(
  storage: StorageName,
  collection: CollectionId,
  { item: { href }, uid }: Mending,
  result: Result,
): JsonObject {
  return {
    type: "mended",
    storage,
    collection,
    href,
    newUid: uid,
    outcome: result.outcome,
    ...(result.outcome === "failed" ? { error: errorFields(result.error) } : {}),
  };
}
