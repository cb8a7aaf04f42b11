/** Setting the properties of a collection (PROPPATCH, RFC 4918 section 9.2). */

import { SyncError } from "../../model/error.ts";
import type { PropertyName } from "../../model/storage.ts";
import { statusError } from "../http/status.ts";
import { element } from "../xml/write.ts";
import { meaningOf } from "./conditions.ts";
import type { DavContext } from "./context.ts";
import { wholeMultistatus } from "./multistatus.ts";
import { dav } from "./names.ts";
import { requireSuccess, XML_TYPE, xmlBody } from "./requests.ts";

/**
 * Sets a property of the collection at `url`, or takes it away. Throws `refused` or `forbidden` where
 * the server does not do that: it answers 207 all the same, and says so only inside.
 */
export async function patchProperty(
  { http, service }: DavContext,
  url: URL,
  name: PropertyName,
  value: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const clark = service.properties[name];
  if (clark === undefined) {
    throw new SyncError(`${service.noun}s have no ${name} here`, {
      scope: "collection",
      kind: "refused",
    });
  }
  const change = value === undefined
    ? element(dav("remove"), element(dav("prop"), element(clark)))
    : element(dav("set"), element(dav("prop"), element(clark, value)));
  await http.exchange({
    method: "PROPPATCH",
    url,
    headers: { "content-type": XML_TYPE },
    body: xmlBody(element(dav("propertyupdate"), change)),
    // To set it twice does no harm: the second time it has that value already.
    repeat: "safe",
    signal,
  }, async (answer) => {
    await requireSuccess(answer, "collection");
    if (answer.status !== 207) return;
    const { responses } = await wholeMultistatus(answer);
    for (const { status = 200, failed, conditions } of responses) {
      const code = failed.get(clark) ?? [...failed.values()][0] ?? status;
      // To take away what is not there is no failure.
      if (code < 300 || (value === undefined && code === 404)) continue;
      const words = meaningOf(conditions)?.meaning.words;
      throw statusError(
        { status: code, url, text: `the ${name} was not set${words ? `: ${words}` : ""}` },
        "collection",
      );
    }
  });
}
