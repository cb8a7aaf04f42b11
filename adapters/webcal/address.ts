/** Where a feed is. */

import { hash } from "node:crypto";
import { SyncError } from "../../lib/model/error.ts";
import { Secret } from "../../lib/model/secret.ts";
import { isLoopback } from "../../lib/net/http/trust.ts";

export interface Address {
  /** http or https. */
  readonly url: URL;
  /** The url is written with http:, so that whoever wrote it knows that anybody can read along. */
  readonly clear: boolean;
  /** The login that stood in the url. */
  readonly login?: { readonly username: string; readonly password: Secret };
}

/**
 * Reads the url of a feed. `webcal:` and `webcals:` are read over TLS, but for `webcal:` on this
 * machine itself: `webcal:` only ever told a
 * browser to open a calendar program and says nothing of TLS, and a feed that is still without has
 * to be asked for by `http:`. Falling back to that by ourselves would let anybody on the way, by
 * refusing the connection, have us send a secret url in the clear. Throws `malformed`.
 */
export function readAddress(text: string): Address {
  const url = parsed(text.trim());
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw new SyncError("the url of the feed is none", {
      scope: "storage",
      kind: "malformed",
      hint: "A feed's url begins with https://, http:// or webcal://",
    });
  }
  const { username, password } = url;
  url.hash = "";
  url.username = "";
  url.password = "";
  return {
    url,
    clear: url.protocol === "http:",
    ...(username === "" ? {} : {
      login: {
        username: decoded(username),
        password: new Secret(decoded(password)),
      },
    }),
  };
}

function parsed(text: string): URL | null {
  const url = URL.parse(text.replace(/^webcals?:/i, "https:"));
  const local = url !== null && isLoopback(url) && /^webcal:/i.test(text);
  return local ? URL.parse(text.replace(/^webcal:/i, "http:")) : url;
}

/** Which feed this is, without what may be secret about its url. */
export function identityOf({ url }: Address, socket: string | undefined): string {
  const whole = socket === undefined ? url.href : `${url.href}\n${socket}`;
  return `${url.origin}/sha256:${hash("sha256", whole, "hex")}`;
}

/** A "%" that is no escape stands for itself, as people write it. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (thrown) {
    if (thrown instanceof URIError) return text;
    throw thrown;
  }
}
