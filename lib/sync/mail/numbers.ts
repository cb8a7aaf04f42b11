/** What a mailbox is to be numbered with: UIDVALIDITY and GUID as a whole, and UIDs of mails. Pure. */

import type { Mailbox, Numbers } from "../../model/mail.ts";
import type { Href, Side } from "../../model/names.ts";
import { otherSide } from "../../model/names.ts";
import type { UidsInput } from "./uids.ts";

/** None where nothing is to be changed on that side. */
export function numbersOf(
  side: Side,
  input: UidsInput,
  uids: ReadonlyMap<Href, number>,
): Numbers | undefined {
  const name = input.isKnown ? {} : calledBy(side, input);
  return uids.size === 0 && Object.keys(name).length === 0 ? undefined : { ...name, uids };
}

/** Before anything is agreed on, both come to have one UIDVALIDITY, and one GUID. */
function calledBy(side: Side, input: UidsInput): Pick<Numbers, "uidValidity" | "guid"> {
  const here = input.sides[side];
  const there = input.sides[otherSide(side)];
  if (there.mailbox === undefined) return {};
  const isB = side === "b";
  const follows = input.oneWay
    ? isB
    : there.keepsUids
    ? isOutnumbered(here.mailbox, there.mailbox, isB)
    // It can take those of a storage that cannot be told any, with the mails, as long as it has none.
    : here.mailbox === undefined || here.mailbox.messages === 0 && there.mailbox.messages > 0;
  const validity = there.mailbox.uidValidity;
  const { guid } = there.mailbox;
  const followsGuid = here.keepsGuids && guid !== undefined && guid !== here.mailbox?.guid &&
    (input.oneWay ? isB : there.keepsGuids && (here.mailbox?.guid ?? "") < guid);
  return {
    ...(follows && validity !== here.mailbox?.uidValidity ? { uidValidity: validity } : {}),
    ...(followsGuid ? { guid } : {}),
  };
}

/** The UIDVALIDITY of more messages stays; of as many, the higher one. */
function isOutnumbered(here: Mailbox | undefined, there: Mailbox, isB: boolean): boolean {
  if (here === undefined) return true;
  if (here.messages !== there.messages) return here.messages < there.messages;
  if (here.uidValidity !== there.uidValidity) return here.uidValidity < there.uidValidity;
  return isB;
}
