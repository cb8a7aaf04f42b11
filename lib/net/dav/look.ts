/** A look at one resource: is it there, and in which version. */

import type { Href } from "../../model/names.ts";
import { SyncError } from "../../model/error.ts";
import { statusOf } from "../http/error.ts";
import type { DavContext, KnownCollection } from "./context.ts";
import { resolveHref } from "./href.ts";
import { etagIn } from "./multistatus.ts";
import { GETETAG } from "./names.ts";
import { propfind } from "./requests.ts";
import { isGone } from "./rows.ts";

/** What a look shows. */
export type Sight =
  | { readonly state: "gone" }
  | { readonly state: "there"; readonly etag: string | undefined };

/** Looks at `href`. Throws where that does not tell whether it is there. */
export async function lookAt(
  { http }: DavContext,
  known: KnownCollection,
  href: Href,
  signal: AbortSignal,
): Promise<Sight> {
  const url = resolveHref(href, known.url);
  if (url === undefined) return { state: "gone" };
  try {
    const props = [GETETAG];
    const { responses } = await propfind(http, { url, depth: 0, props, scope: "item", signal });
    const [response] = responses;
    if (isGone(response?.status)) return { state: "gone" };
    return { state: "there", etag: etagIn(response?.props.get(GETETAG)) };
  } catch (thrown) {
    if (thrown instanceof SyncError && isGone(statusOf(thrown))) return { state: "gone" };
    throw thrown;
  }
}
